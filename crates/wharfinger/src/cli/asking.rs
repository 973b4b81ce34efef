//! What can be typed to ask about rights.

use clap::{Args, Subcommand, ValueEnum};

use super::Remote;

/// May somebody do something somewhere?
#[derive(Debug, Args)]
pub(super) struct Question {
    /// A permission, such as publish
    #[arg(long, value_name = "PERMISSION")]
    pub(super) may: String,
    /// Where: `/`, PROJECT or PROJECT/REPOSITORY
    #[arg(long, value_name = "NODE")]
    pub(super) on: String,
    /// About whom, such as member:alice; without it about you
    #[arg(long, value_name = "KIND:NAME")]
    pub(super) who: Option<String>,
    /// With which of their tokens: the eight characters behind `whfp_` or `whfa_`
    #[arg(long, value_name = "ID")]
    pub(super) token: Option<String>,
    /// From which address, for a token that is not good from everywhere; without it from here
    #[arg(long, value_name = "ADDRESS")]
    pub(super) address: Option<String>,
    #[command(flatten)]
    pub(super) remote: Remote,
}

#[derive(Debug, Subcommand)]
pub(super) enum RightsCommand {
    /// Shows what somebody may do, wherever they may do anything
    Of {
        /// Such as member:alice or application:build-server
        principal: String,
        #[command(flatten)]
        within: Within,
    },
    /// Shows who may do what at a node, by whatever way
    On {
        /// `/`, PROJECT or PROJECT/REPOSITORY
        node: String,
        /// Only those who may do this
        #[arg(long, value_name = "PERMISSION")]
        may: Option<String>,
        /// Only those of this kind
        #[arg(long, value_enum)]
        kind: Option<KindWord>,
        #[command(flatten)]
        remote: Remote,
    },
}

/// Where rights are looked for.
#[derive(Debug, Args)]
pub(super) struct Within {
    /// At this node and in it: `/`, PROJECT or PROJECT/REPOSITORY; without it everywhere
    #[arg(long, value_name = "NODE")]
    pub(super) on: Option<String>,
    /// Only at that node, not in it
    #[arg(long)]
    pub(super) here: bool,
    #[command(flatten)]
    pub(super) remote: Remote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindWord {
    Member,
    Collaborator,
    Guest,
    Application,
}
