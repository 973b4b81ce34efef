//! The only SQL: one set of texts for SQLite and PostgreSQL behind one small glue layer (docs/design.md 7).
//!
//! A write is a synchronous `FnOnce(&mut dyn Tx) -> Result<T>`. SQLite runs it on the writer thread: queued jobs, a savepoint
//! each, one durable commit for all that wait. PostgreSQL runs it in a transaction on one of a few blocking connections.
//! Parameters are written `$1`, `$2` … in order of first appearance, because SQLite numbers them so.

use std::path::PathBuf;

use crate::error::Error;

pub(crate) mod bulk;
pub(crate) mod catalog;
pub(crate) mod content;
pub(crate) mod credentials;
pub(crate) mod directory;
pub(crate) mod expected;
pub(crate) mod facts;
pub(crate) mod held;
pub(crate) mod hidden;
mod lane;
pub(crate) mod leases;
pub(crate) mod listings;
pub(crate) mod lists;
pub(crate) mod migrate;
pub(crate) mod names;
pub(crate) mod nodes;
pub(crate) mod parts;
mod postgres;
mod queue;
pub(crate) mod records;
pub(crate) mod remarks;
pub(crate) mod repositories;
pub(crate) mod search;
pub(crate) mod slots;
mod sqlite;
#[cfg(test)]
mod tests;
pub(crate) mod tombstones;
pub(crate) mod uploads;
mod workers;

use lane::Lane;
pub(crate) use lane::{Administration, Content, Database, Load};

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

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// The columns of one row, read in place.
pub(crate) trait Columns {
    fn opt_int(&self, column: usize) -> Result<Option<i64>, Error>;
    fn opt_text(&self, column: usize) -> Result<Option<&str>, Error>;
    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error>;
}

/// What a write or read job may do.
pub(crate) trait Tx {
    /// Runs a statement and returns how many rows it changed.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Error>;

    /// Runs a statement and hands each row to `row`.
    fn each(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Runs a script of several statements without parameters; migrations only.
    fn script(&mut self, sql: &str) -> Result<(), Error>;

    /// Which engine it is, for the few statements that each has its own text of.
    fn dialect(&self) -> Dialect;
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Which engine, where they differ: in migrations and in the search for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Engine {
    async fn open(config: DatabaseConfig) -> Result<Self, Error> {
        Ok(match config {
            DatabaseConfig::Memory => Self::Sqlite(blocking(sqlite::Sqlite::open_in_memory).await?),
            DatabaseConfig::Sqlite { path } => {
                Self::Sqlite(blocking(move || sqlite::Sqlite::open_private(&path)).await?)
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

/// All rows, mapped.
pub(crate) fn rows<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    values: &[Value<'_>],
    mut map: impl FnMut(&dyn Columns) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    tx.each(sql, values, &mut |row| {
        all.push(map(row)?);
        Ok(())
    })?;
    Ok(all)
}

/// The first row, mapped, if there is one.
pub(crate) fn maybe<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    values: &[Value<'_>],
    mut map: impl FnMut(&dyn Columns) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut first = None;
    tx.each(sql, values, &mut |row| {
        if first.is_none() {
            first = Some(map(row)?);
        }
        Ok(())
    })?;
    Ok(first)
}

/// The only row, mapped; its absence is a fault of the database.
pub(crate) fn one<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    values: &[Value<'_>],
    map: impl FnMut(&dyn Columns) -> Result<T, Error>,
) -> Result<T, Error> {
    maybe(tx, sql, values, map)?.ok_or_else(|| Error::corrupt("a statement returned no row"))
}

impl dyn Columns + '_ {
    /// A column declared `NOT NULL`.
    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        self.opt_int(column)?.ok_or_else(|| Error::corrupt("an integer column is null"))
    }

    /// An id: an integer from 1 to 2³².
    pub(crate) fn id(&self, column: usize) -> Result<u32, Error> {
        u32::try_from(self.int(column)?).map_err(|_| Error::corrupt("an id is out of range"))
    }

    /// An id that may be absent.
    pub(crate) fn opt_id(&self, column: usize) -> Result<Option<u32>, Error> {
        self.opt_int(column)?
            .map(|id| u32::try_from(id).map_err(|_| Error::corrupt("an id is out of range")))
            .transpose()
    }

    /// A size, count or offset: never negative.
    pub(crate) fn count(&self, column: usize) -> Result<u64, Error> {
        u64::try_from(self.int(column)?).map_err(|_| Error::corrupt("a count is negative"))
    }

    /// A text declared `NOT NULL`.
    pub(crate) fn text(&self, column: usize) -> Result<&str, Error> {
        self.opt_text(column)?.ok_or_else(|| Error::corrupt("a text column is null"))
    }

    /// Bytes declared `NOT NULL`.
    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        self.opt_bytes(column)?.ok_or_else(|| Error::corrupt("a bytes column is null"))
    }

    /// A flag, stored as 0 or 1.
    pub(crate) fn flag(&self, column: usize) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }
}

impl Value<'_> {
    /// A size, count or offset; saturates far above anything that is stored.
    pub(crate) fn count(count: u64) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// An id.
    pub(crate) const fn id(id: u32) -> Self {
        Self::Int(id as i64)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, V: Into<Self>> From<Option<V>> for Value<'a> {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
