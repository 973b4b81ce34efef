//! What can be typed about long work.

use clap::{Args, Subcommand, ValueEnum};

use super::Remote;
use super::flags::Trying;

#[derive(Debug, Subcommand)]
pub(super) enum JobCommand {
    /// Shows long work that was asked for, the newest first
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Shows how long work stands
    Show {
        /// Its number
        job: String,
        #[command(flatten)]
        following: Following,
        #[command(flatten)]
        remote: Remote,
    },
    /// Asks for long work
    Start {
        /// Which work
        #[arg(value_enum)]
        kind: KindWord,
        #[command(flatten)]
        following: Following,
        #[command(flatten)]
        trying: Trying,
    },
    /// Takes long work back that has not ended
    Cancel {
        /// Its number
        job: String,
        #[command(flatten)]
        trying: Trying,
    },
}

/// Whether the end is waited for.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Following {
    /// Wait until it has ended; exits with 10 if it found a difference
    #[arg(long)]
    pub(super) follow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindWord {
    /// Computes the chain of administrative events anew
    AuditVerify,
}
