//! A connection as jobs use it.

use rusqlite::Connection;

use super::super::{Columns, Dialect, Tx, Value};
use super::parameters::is_numbered_in_order;
use crate::error::Error;
use crate::halt::Halt;

pub(in crate::sql) struct SqliteTx<'c> {
    pub(super) connection: &'c Connection,
    /// The failure that took the whole transaction along, as that of a full disk does.
    pub(super) ended: Option<Error>,
    /// Who is told of a disk that refuses, by who writes.
    pub(super) halt: Option<&'c Halt>,
}

impl<'c> SqliteTx<'c> {
    pub(in crate::sql) const fn new(connection: &'c Connection) -> Self {
        Self { connection, ended: None, halt: None }
    }

    pub(super) fn failed(&self, doing: &'static str, error: rusqlite::Error) -> Error {
        if let Some(halt) = self.halt {
            halt.failed(doing, &error);
        }
        unavailable(doing, error)
    }

    fn watched<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &outcome
            && self.ended.is_none()
            && self.connection.is_autocommit()
        {
            self.ended = Some(error.shared("keeping a transaction open"));
        }
        outcome
    }
}

impl Tx for SqliteTx<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, Error> {
        debug_assert!(is_numbered_in_order(sql), "{sql}");
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute(rusqlite::params_from_iter(values))
        };
        let changed = run().map_err(|error| self.failed("running a statement", error));
        Ok(u64::try_from(self.watched(changed)?).unwrap_or(u64::MAX))
    }

    fn each(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error> {
        debug_assert!(is_numbered_in_order(sql), "{sql}");
        let doing = |error| self.failed("running a query", error);
        let mut statement = self.connection.prepare_cached(sql).map_err(doing)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(doing)?;
        while let Some(found) = rows.next().map_err(doing)? {
            row(found)?;
        }
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<(), Error> {
        self.connection.execute_batch(sql).map_err(|error| unavailable("running a migration", error))
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
}

pub(super) fn unavailable(doing: &'static str, error: rusqlite::Error) -> Error {
    Error::unavailable(doing, error)
}
