//! Flags that many verbs have: where to ask, as what to show the answer, how to change.

use std::path::PathBuf;

use api::Wait;
use clap::{Args, ValueEnum};

use crate::config::ServerUrl;

/// Which gateway, and whose certificates are believed there.
#[derive(Debug, Clone, Args)]
pub(super) struct At {
    /// The gateway [env: WHARFINGER_SERVER; default: where `login` was, else http://127.0.0.1:8080]; a token may be in
    /// WHARFINGER_TOKEN
    #[arg(long, value_name = "URL", value_parser = super::server_url)]
    pub(super) server: Option<ServerUrl>,
    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
}

/// As what an answer is shown.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Form {
    /// A table for people, JSON for programs, or JSON with one item a line
    #[arg(short, long, value_enum, default_value = "table")]
    pub(super) output: Output,
    /// Names only, one a line
    #[arg(short, long, conflicts_with = "output")]
    pub(super) quiet: bool,
}

impl Form {
    /// Whether people read it.
    pub(super) fn is_table(self) -> bool {
        !self.quiet && self.output == Output::Table
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Table,
    Json,
    Jsonl,
}

/// Where to, and what of the answer.
#[derive(Debug, Clone, Args)]
pub(super) struct Remote {
    #[command(flatten)]
    pub(super) form: Form,
    #[command(flatten)]
    pub(super) at: At,
}

/// Where something is in force before it is said to be done.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Waiting {
    /// Until it is in force at the node that answers, or at every one that lives; exits with 8 if not all of them have confirmed it
    /// within six seconds
    #[arg(long = "wait", value_name = "NODES", value_enum, default_value = "node")]
    until: WaitWord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WaitWord {
    Node,
    All,
}

impl From<Waiting> for Wait {
    fn from(waiting: Waiting) -> Self {
        match waiting.until {
            WaitWord::Node => Self::Node,
            WaitWord::All => Self::All,
        }
    }
}

/// A change, done or only tried.
#[derive(Debug, Clone, Args)]
pub(super) struct Trying {
    /// Say what would be, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) waiting: Waiting,
    #[command(flatten)]
    pub(super) remote: Remote,
}

/// A change that is answered at once.
#[derive(Debug, Clone, Args)]
pub(super) struct Doing {
    #[command(flatten)]
    pub(super) waiting: Waiting,
    #[command(flatten)]
    pub(super) remote: Remote,
}

/// How something is changed.
#[derive(Debug, Clone, Args)]
pub(super) struct Changing {
    /// Say what would be, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) waiting: Waiting,
    /// Only if it is still in the state that this ETag is of; `show` tells it
    #[arg(long, value_name = "ETAG")]
    pub(super) if_match: Option<String>,
    #[command(flatten)]
    pub(super) remote: Remote,
}
