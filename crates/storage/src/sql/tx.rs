//! What a job may do with the database, whichever it is: statements, their parameters, and the columns of rows.

use crate::error::Error;

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

/// Which engine, where they differ: in migrations and in the search for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement that gives rows, and what each of them is read as: its text alone gives columns by number, which is for one or two.
pub(crate) trait Query: Copy {
    type Row<'r>;

    fn text(self) -> &'static str;

    fn read<'r>(row: &'r dyn Columns) -> Result<Self::Row<'r>, Error>;
}

impl Query for &'static str {
    type Row<'r> = &'r dyn Columns;

    fn text(self) -> &'static str {
        self
    }

    fn read<'r>(row: &'r dyn Columns) -> Result<Self::Row<'r>, Error> {
        Ok(row)
    }
}

/// All rows, mapped.
pub(crate) fn rows<T, Q: Query>(
    tx: &mut dyn Tx,
    query: Q,
    values: &[Value<'_>],
    mut map: impl FnMut(Q::Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    tx.each(query.text(), values, &mut |row| {
        all.push(map(Q::read(row)?)?);
        Ok(())
    })?;
    Ok(all)
}

/// Hands rows over as long as it is said to go on; true if that left any out.
pub(crate) fn rows_while<Q: Query>(
    tx: &mut dyn Tx,
    query: Q,
    values: &[Value<'_>],
    mut go_on: impl FnMut(Q::Row<'_>) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let (mut going_on, mut left_out) = (true, false);
    tx.each(query.text(), values, &mut |row| {
        if going_on {
            going_on = go_on(Q::read(row)?)?;
        } else {
            left_out = true;
        }
        Ok(())
    })?;
    Ok(left_out)
}

/// The first row, mapped, if there is one.
pub(crate) fn maybe<T, Q: Query>(
    tx: &mut dyn Tx,
    query: Q,
    values: &[Value<'_>],
    mut map: impl FnMut(Q::Row<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut first = None;
    rows_while(tx, query, values, |row| {
        first = Some(map(row)?);
        Ok(false)
    })?;
    Ok(first)
}

/// The only row, mapped; its absence is a fault of the database.
pub(crate) fn one<T, Q: Query>(
    tx: &mut dyn Tx,
    query: Q,
    values: &[Value<'_>],
    map: impl FnMut(Q::Row<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    maybe(tx, query, values, map)?.ok_or_else(|| Error::corrupt("a statement returned no row"))
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
