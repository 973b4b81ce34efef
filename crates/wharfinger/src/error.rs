use std::net::SocketAddr;
use std::path::PathBuf;

use auth::AuthSetupError;
use domain::SourceError;

use crate::config::Problems;

/// Why the gateway does not start. Each text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration contradicts itself or is not safe.
    #[error("{0}")]
    Config(Problems),
    /// The bootstrap file cannot be applied; nothing of it was.
    #[error("{0}")]
    Bootstrap(Problems),
    /// A directory or file of ours cannot be used.
    #[error("{path}: {doing}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was to be done with it.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// Another gateway works on the same data.
    #[error("{path} is in use by another gateway; give this one its own --data", path = path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The key file is damaged.
    #[error("{path}: {reason}; restore it, or remove it to make new keys (which ends all log-ins in progress)", path = path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The data cannot be opened: too new, damaged, unreachable.
    #[error("the data in {path} cannot be used: {}", with_causes(&**source), path = path.display())]
    Storage {
        /// The data directory.
        path: PathBuf,
        /// Why not.
        source: storage::BoxError,
    },
    /// The rows were moved to another database.
    #[error("the rows of this directory were moved to another database: set storage.database_url to that, or remove {path} to go on with those that were left", path = path.display())]
    Moved {
        /// The file that says so.
        path: PathBuf,
    },
    /// There is nothing on a disk.
    #[error("server.mode is memory: there is nothing to back up, and nowhere to restore to")]
    InMemory,
    /// A backup, restore or move failed; nothing half is left under its name.
    #[error("{}", with_causes(.0))]
    Carrying(#[from] storage::BackupError),
    /// The access data cannot be read.
    #[error("the access data cannot be read: {}", with_causes(.0))]
    Access(#[source] SourceError),
    /// The settings of log-in make no sense, or its data cannot be read.
    #[error("{}", with_causes(.0))]
    Auth(#[source] AuthSetupError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
    /// Certificate or key cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
}

/// An error and what caused it, in one line: start errors are shown to a person and nowhere else.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
