//! The only SQL: one set of texts for SQLite and PostgreSQL behind one small glue layer (docs/design.md 7).
//!
//! A write is a synchronous `FnOnce(&mut dyn Tx) -> Result<T>`. SQLite runs it on the writer thread: queued jobs, a savepoint
//! each, one durable commit for all that wait. PostgreSQL runs it in a transaction on one of a few blocking connections.
//! Parameters are written `$1`, `$2` … in order of first appearance, because SQLite numbers them so.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::halt::Halt;

mod among;
pub(crate) mod audit;
pub(crate) mod audited;
pub(crate) mod backups;
pub(crate) mod blobs;
pub(crate) mod bulk;
pub(crate) mod collected;
pub(crate) mod content;
pub(crate) mod credentials;
pub(crate) mod declared;
pub(crate) mod deliveries;
pub(crate) mod directory;
mod entry_row;
pub(crate) mod expected;
pub(crate) mod facts;
pub(crate) mod garbage;
pub(crate) mod gateways;
pub(crate) mod hidden;
pub(crate) mod invitations;
pub(crate) mod issuers;
pub(crate) mod jobs;
mod lane;
pub(crate) mod leases;
pub(crate) mod linked_identities;
pub(crate) mod login_providers;
pub(crate) mod migrate;
pub(crate) mod names;
pub(crate) mod needs;
pub(crate) mod newest;
pub(crate) mod nodes;
pub(crate) mod once;
pub(crate) mod organisation;
pub(crate) mod packages;
pub(crate) mod participants;
pub(crate) mod parts;
pub(crate) mod pins;
mod policy_columns;
mod postgres;
pub(crate) mod publishers;
mod queue;
pub(crate) mod records;
pub(crate) mod references;
pub(crate) mod remarks;
pub(crate) mod removal;
pub(crate) mod repositories;
pub(crate) mod reviews;
mod row;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod slots;
mod sqlite;
pub(crate) mod subjects;
#[cfg(test)]
mod tests;
pub(crate) mod tombstones;
mod tx;
pub(crate) mod uploads;
pub(crate) mod usage;
pub(crate) mod version_changes;
pub(crate) mod versions;
pub(crate) mod walks;
pub(crate) mod webhooks;
pub(crate) mod whole;
mod workers;

use lane::Lane;
pub(crate) use lane::{Administration, Content, Database, Load};
pub(crate) use tx::{Columns, Dialect, Tx, Value, maybe, one, rows, rows_while};

/// Connections for searches, where the database gives so many.
pub(crate) const SEARCHERS: u32 = 2;

/// Where the rows are.
#[derive(Debug, Clone)]
pub enum DatabaseConfig {
    /// SQLite in this process's memory, gone with it; for development and tests.
    Memory,
    /// A SQLite file; one process at a time.
    Sqlite {
        /// The file; its directory must exist and be on a local disk.
        path: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://…` or `key=value …`; may hold a password, so it is never logged.
        url: Box<str>,
        /// Connections this process may hold, at least [`DatabaseConfig::CONNECTIONS_MIN`]: three are for administration, two for searches.
        connections_max: u32,
    },
}

impl DatabaseConfig {
    /// Fewest connections that serve administration and content apart from each other.
    pub const CONNECTIONS_MIN: u32 = postgres::ADMINISTRATION + SEARCHERS + 2;
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Engine {
    async fn open(config: DatabaseConfig, halt: &Arc<Halt>) -> Result<Self, Error> {
        let halt = Arc::clone(halt);
        Ok(match config {
            DatabaseConfig::Memory => {
                Self::Sqlite(blocking(move || sqlite::Sqlite::open_in_memory(&halt)).await?)
            }
            DatabaseConfig::Sqlite { path } => {
                Self::Sqlite(blocking(move || sqlite::Sqlite::open_private(&path, &halt)).await?)
            }
            DatabaseConfig::Postgres { url, connections_max } => {
                Self::Postgres(postgres::Postgres::open(&url, connections_max).await?)
            }
        })
    }

    async fn point<T, F>(&self, lane: Lane, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.point(lane, job),
            Self::Postgres(postgres) => postgres.point(lane, job).await,
        }
    }

    async fn read<T, F>(&self, lane: Lane, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(lane, job).await,
            Self::Postgres(postgres) => postgres.read(lane, job).await,
        }
    }
}

/// Fills a database that is not there yet, or is empty, in one transaction.
///
/// # Errors
/// `Exists` if there is something in it; `Refused` for one in memory. Those of the job; failures of the database.
pub(crate) async fn fill<T, F>(config: DatabaseConfig, job: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
{
    match config {
        DatabaseConfig::Memory => Err(Error::refused("a database in memory is gone before anybody reads it")),
        DatabaseConfig::Sqlite { path } => blocking(move || sqlite::filling::fill(&path, job)).await,
        DatabaseConfig::Postgres { url, .. } => blocking(move || postgres::Postgres::fill(&url, job)).await,
    }
}

/// Runs blocking work on the runtime's blocking pool.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Error> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| Error::unavailable("running work off the runtime", stopped))?
}
