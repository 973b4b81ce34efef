//! What can be typed about the audit.

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};

use super::Remote;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Shows what happened, the newest first
    List {
        #[command(flatten)]
        events: Events,
        /// At most so many
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows all of one event
    Show {
        /// Its number
        id: u64,
        /// The node that it is looked for at: `/`, PROJECT or PROJECT/REPOSITORY
        #[arg(long, value_name = "NODE", default_value = "/")]
        on: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Writes each new event as a line of JSON, until it is interrupted
    Follow {
        #[command(flatten)]
        events: Events,
        #[command(flatten)]
        remote: Remote,
    },
    /// Writes events as lines of JSON, the oldest first
    Export {
        #[command(flatten)]
        events: Events,
        /// As they are, or in the Open Cybersecurity Schema Framework
        #[arg(long, value_enum, default_value_t = EventFormat::Json)]
        format: EventFormat,
        #[command(flatten)]
        remote: Remote,
    },
    /// Computes the chain of administrative events anew; exits with 10 if it is broken
    Verify {
        /// A hash that was noted before, which has to be in the chain still; any number of them
        #[arg(long, value_name = "[NUMBER:]HASH")]
        noted: Vec<NotedHead>,
        #[command(flatten)]
        remote: Remote,
    },
}

/// Where the chain stood once: the number of its last event, if that is known, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotedHead {
    pub(super) sequence: Option<u64>,
    pub(super) hash: String,
}

impl FromStr for NotedHead {
    type Err = &'static str;

    /// As `audit verify` prints it, or as the log of the gateway has it, with its number.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is 64 hexadecimal digits, after a number and `:` if you have that";
        let (number, hash) =
            text.rsplit_once(':').map_or((None, text), |(number, hash)| (Some(number), hash));
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(WRONG);
        }
        let sequence = number.map(str::parse).transpose().map_err(|_| WRONG)?;
        Ok(Self { sequence, hash: hash.to_ascii_lowercase() })
    }
}

/// Which events.
#[derive(Debug, Args)]
pub(super) struct Events {
    /// At this node and in it: `/`, PROJECT or PROJECT/REPOSITORY
    #[arg(long, value_name = "NODE", default_value = "/")]
    pub(super) on: String,
    /// What you did yourself, wherever
    #[arg(long, conflicts_with = "on")]
    pub(super) mine: bool,
    /// Those of this class
    #[arg(long, value_enum)]
    pub(super) class: Option<ClassWord>,
    /// What this person or application did, such as member:alice
    #[arg(long, value_name = "KIND:NAME")]
    pub(super) actor: Option<String>,
    /// What was done with this token
    #[arg(long, value_name = "ID")]
    pub(super) token: Option<String>,
    /// Those of this kind, such as grant.put
    #[arg(long)]
    pub(super) action: Option<String>,
    /// Those about an object of this name
    #[arg(long, value_name = "NAME")]
    pub(super) object: Option<String>,
    /// Those with this outcome
    #[arg(long, value_enum)]
    pub(super) outcome: Option<OutcomeWord>,
    /// Not before this moment, such as 2030-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Before this moment
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ClassWord {
    Admin,
    Access,
    Transfer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutcomeWord {
    Done,
    Refused,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EventFormat {
    Json,
    Ocsf,
}
