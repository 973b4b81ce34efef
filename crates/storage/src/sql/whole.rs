//! All rows of all tables, as a backup takes them out of one database and a restore brings them into another, of whichever engine
//! (docs/operations.md 6).
//!
//! What differs between the two is how their catalogues tell columns, and how they keep the next number of an id.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::search::refresh_all;
use super::{Columns, Dialect, Tx, Value, maybe, migrate, one, rows};
use crate::error::Error;

/// What goes on at the moment and is of no use to another process, or is made of other rows: uploads, log-ins of browsers, who has which
/// work, jobs, what was asked at most once, processes, bytes that wait to be removed where they are, what packages are found by.
const NOT_KEPT: [&str; 8] =
    ["upload", "session", "worker", "job", "once", "gateway", "condemned", "findable"];
/// Rows that one statement brings.
pub(crate) const MANY: usize = 64;
/// Values that one statement of PostgreSQL takes.
const VALUES_MAX: usize = 32_000;

/// How a column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A value that outlives its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A table, its columns, and the statements about all of it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<(Box<str>, Kind)>,
    select: &'static str,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Int, Self::Text, Self::Bytes].into_iter().find(|kind| kind.as_str() == word)
    }

    fn declared(word: &str) -> Result<Self, Error> {
        match word {
            "INTEGER" | "bigint" => Ok(Self::Int),
            "TEXT" | "text" => Ok(Self::Text),
            "BLOB" | "bytea" => Ok(Self::Bytes),
            other => Err(Error::corrupt(format!("a column is kept as {other}"))),
        }
    }

    /// One column of a row.
    pub(crate) fn of(self, row: &dyn Columns, column: usize) -> Result<Value<'_>, Error> {
        Ok(match self {
            Self::Int => row.opt_int(column)?.into(),
            Self::Text => row.opt_text(column)?.into(),
            Self::Bytes => row.opt_bytes(column)?.into(),
        })
    }
}

impl Kept {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(int) => (*int).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
        }
    }
}

/// The tables that are kept, in an order in which each names only those before it: that in which migrations make them.
pub(crate) fn tables(tx: &mut dyn Tx) -> Result<Vec<Table>, Error> {
    let kept = migrate::tables().into_iter().filter(|name| !NOT_KEPT.contains(&name.trim_matches('"')));
    let mut tables = Vec::new();
    for name in kept {
        let columns = columns(tx, name.trim_matches('"'))?;
        // One that the schema does not have yet, which is older.
        if !columns.is_empty() {
            tables.push(Table::new(name, columns));
        }
    }
    Ok(tables)
}

fn columns(tx: &mut dyn Tx, table: &str) -> Result<Vec<(Box<str>, Kind)>, Error> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
        Dialect::Postgres => {
            "SELECT column_name::text, data_type::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name::text = $1 ORDER BY ordinal_position"
        }
    };
    rows(tx, sql, &[table.into()], |row| Ok((row.text(0)?.into(), Kind::declared(row.text(1)?)?)))
}

impl Table {
    pub(crate) fn new(name: &'static str, columns: Vec<(Box<str>, Kind)>) -> Self {
        let names = listed(&columns);
        Self { name, select: statement(format!("SELECT {names} FROM {name}")), columns }
    }

    /// The name, without what it is quoted by.
    pub(crate) fn plain_name(&self) -> &'static str {
        self.name.trim_matches('"')
    }

    /// Hands all its rows over.
    pub(crate) fn each(
        &self,
        tx: &mut dyn Tx,
        row: &mut dyn FnMut(&dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error> {
        tx.each(self.select, &[], row)
    }

    /// How many rows it has.
    pub(crate) fn count(&self, tx: &mut dyn Tx) -> Result<u64, Error> {
        one(tx, statement(format!("SELECT count(*) FROM {}", self.name)), &[], |row| row.count(0))
    }

    /// Takes all its rows away.
    pub(crate) fn clear(&self, tx: &mut dyn Tx) -> Result<(), Error> {
        tx.execute(statement(format!("DELETE FROM {}", self.name)), &[]).map(drop)
    }

    /// Rows that one statement may bring.
    pub(crate) fn rows_max(&self) -> usize {
        VALUES_MAX.checked_div(self.columns.len()).unwrap_or(MANY).clamp(1, MANY)
    }

    /// Brings rows.
    pub(crate) fn insert(&self, tx: &mut dyn Tx, rows: &[Vec<Kept>]) -> Result<(), Error> {
        let wide = self.columns.len();
        let places_of = |row: usize| {
            let places =
                (1..=wide).map(|column| format!("${}", row.saturating_mul(wide).saturating_add(column)));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        };
        let all: Vec<String> = (0..rows.len()).map(places_of).collect();
        let (name, names) = (self.name, listed(&self.columns));
        let text = statement(format!("INSERT INTO {name} ({names}) VALUES {}", all.join(", ")));
        let values: Vec<Value<'_>> = rows.iter().flatten().map(Kept::value).collect();
        tx.execute(text, &values).map(drop)
    }

    /// The last id that was given to a row of it, whether that is still there or not; `None` if it gives none.
    pub(crate) fn last_id(&self, tx: &mut dyn Tx) -> Result<Option<i64>, Error> {
        let sql = match tx.dialect() {
            Dialect::Sqlite => "SELECT seq FROM sqlite_sequence WHERE name = $1",
            Dialect::Postgres => {
                "SELECT pg_sequence_last_value(pg_get_serial_sequence('\"' || $1 || '\"', 'id')::regclass)"
            }
        };
        if !self.columns.iter().any(|(name, kind)| &**name == "id" && *kind == Kind::Int) {
            return Ok(None);
        }
        Ok(maybe(tx, sql, &[self.plain_name().into()], |row| row.opt_int(0))?.flatten())
    }

    /// Gives no id again up to this one.
    pub(crate) fn go_on_behind(&self, tx: &mut dyn Tx, last: i64) -> Result<(), Error> {
        let name = self.plain_name();
        match tx.dialect() {
            Dialect::Sqlite => {
                tx.execute("DELETE FROM sqlite_sequence WHERE name = $1", &[name.into()])?;
                let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
                tx.execute(sql, &[name.into(), last.into()]).map(drop)
            }
            Dialect::Postgres => {
                let sql = "SELECT setval(pg_get_serial_sequence('\"' || $1 || '\"', 'id'), $2)";
                tx.each(sql, &[name.into(), last.into()], &mut |_| Ok(()))
            }
        }
    }
}

/// Makes anew what is made of other rows.
pub(crate) fn derive(tx: &mut dyn Tx) -> Result<(), Error> {
    refresh_all(tx)
}

fn listed(columns: &[(Box<str>, Kind)]) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// A text that statements are kept by: there are a few for each table, however often they are asked for.
fn statement(text: String) -> &'static str {
    static ALL: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(text.as_str()) {
        return known;
    }
    let kept: &'static str = Box::leak(text.into_boxed_str());
    all.insert(kept);
    kept
}
