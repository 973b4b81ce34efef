//! Numbered migrations: they run at start, are checked by checksum afterwards, and a newer schema is refused (docs/design.md 7).
//!
//! **Expand, migrate, contract**, each in a release of its own; `docs/migrations.md` has the checklist:
//!
//! 1. *Expand*: a migration only adds (a table, an index, a column with a default), so that programs of the release before, which
//!    still run beside it on other nodes, go on reading and writing. The new program writes the old form and the new one.
//! 2. *Migrate*: rows are brought into the new form, in the migration itself where that takes seconds at the largest installation,
//!    else in pieces by a worker. From then on the new form is read.
//! 3. *Contract*: a later release takes the old form away, when no supported program reads it any more.
//!
//! A migration that was shipped is never edited: its checksum stands in every database and in this crate's tests.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

#[cfg(test)]
mod tests;
mod words;

use super::{Dialect, Tx, Value, maybe, policy_columns, records, rows};
use crate::error::Error;

struct Migration {
    number: i64,
    name: &'static str,
    text: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            text: include_str!(concat!("migrations/", $name, ".sql")),
        }),*]
    };
}

/// All of them, in order. One that was released is never edited: a change is a new one.
const MIGRATIONS: &[Migration] = migrations! {
    1 "0001_directory"
    2 "0002_content"
    3 "0003_records"
    4 "0004_builtin"
    5 "0005_words"
    6 "0006_uploads"
    7 "0007_search"
    8 "0008_tombstones"
    9 "0009_ahead"
    10 "0010_hidden"
    11 "0011_nuget_remarks"
    12 "0012_nuget_catalog"
    13 "0013_maven_expected"
    14 "0014_epoch"
    15 "0015_workers"
    16 "0016_programs"
    17 "0017_policies"
    19 "0019_declared"
    20 "0020_removed"
    21 "0021_audit"
    25 "0025_organisation"
    26 "0026_invitations"
    27 "0027_webhooks"
    31 "0031_once"
    37 "0037_transfers"
    38 "0038_tokens"
    40 "0040_pins"
    43 "0043_identities"
    44 "0044_last_seen"
    45 "0045_project_created"
    46 "0046_gateways"
    47 "0047_jobs"
    48 "0048_direct"
    50 "0050_sessions"
    51 "0051_usage"
    52 "0052_login_providers"
    54 "0054_newest"
    55 "0055_audit_filters"
    56 "0056_dependents"
    58 "0058_damaged"
    59 "0059_tails"
    60 "0060_tries"
    61 "0061_people_listed"
    62 "0062_garbage"
};

/// The number of the schema that this program has.
pub(crate) const LAST: i64 = {
    let [.., last] = MIGRATIONS else { panic!("there are migrations") };
    last.number
};

/// This program, which a migration says that it was run by.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// After this one, what versions were found by before it is read again.
const SEARCH: &str = "0007_search";
/// After this one, the history gets its random number.
const EPOCH: &str = "0014_epoch";
/// After this one, policies are documents.
const POLICIES: &str = "0017_policies";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    number {int} PRIMARY KEY,
    name {text} NOT NULL,
    sha256 {bytes} NOT NULL
) {strict};";

/// The number of the schema of a database that is older than this program's; `None` if it is the same, or there is none yet.
///
/// # Errors
/// As [`migrate`].
pub(crate) fn outdated(tx: &mut dyn Tx, dialect: Dialect) -> Result<Option<i64>, Error> {
    let applied = applied(tx, dialect)?;
    let last = applied.iter().copied().max();
    Ok(last.filter(|_| MIGRATIONS.iter().any(|migration| !applied.contains(&migration.number))))
}

/// Brings the schema up to date inside the given transaction, so that a failed migration leaves nothing behind.
///
/// # Errors
/// `Error::Schema` if the database knows a migration that this program does not, or one with another text.
pub(crate) fn migrate(tx: &mut dyn Tx, dialect: Dialect) -> Result<(), Error> {
    migrate_up_to(tx, dialect, LAST)
}

/// As [`migrate`], no further than the schema of this number.
///
/// # Errors
/// As [`migrate`].
pub(crate) fn migrate_up_to(tx: &mut dyn Tx, dialect: Dialect, schema: i64) -> Result<(), Error> {
    let applied = applied(tx, dialect)?;
    let missing = MIGRATIONS.iter().filter(|migration| migration.number <= schema);
    let mut missing = missing.filter(|migration| !applied.contains(&migration.number)).peekable();
    let Some(first) = missing.peek().map(|migration| migration.number) else { return Ok(()) };
    missing.try_for_each(|migration| apply(tx, dialect, migration))?;
    let sql = "UPDATE migration SET program = $1 WHERE number >= $2";
    tx.execute(sql, &[PROGRAM.into(), first.into()]).map(drop)
}

/// All tables, in the order in which they are made: each names only those before it.
pub(crate) fn tables() -> Vec<&'static str> {
    let lines = MIGRATIONS.iter().flat_map(|migration| migration.text.lines());
    lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split_whitespace().next()).collect()
}

/// Whether any migration has run.
///
/// # Errors
/// As [`migrate`].
pub(crate) fn has_begun(tx: &mut dyn Tx, dialect: Dialect) -> Result<bool, Error> {
    Ok(!applied(tx, dialect)?.is_empty())
}

/// The numbers of what has run; nothing in a fresh database.
fn applied(tx: &mut dyn Tx, dialect: Dialect) -> Result<Vec<i64>, Error> {
    tx.script(&adapted(TABLE, dialect))?;
    let applied = rows(tx, "SELECT number, sha256 FROM migration ORDER BY number", &[], |row| {
        Ok((row.int(0)?, row.bytes(1)?.to_vec()))
    })?;
    for (number, sha256) in &applied {
        let Some(known) = MIGRATIONS.iter().find(|known| known.number == *number) else {
            let (last, _) = applied.last().unwrap_or(&(*number, Vec::new())).clone();
            return Err(Error::Schema(newer(tx, last)?));
        };
        if checksum(known) != sha256.as_slice() {
            let why = format!("migration {} ran with another text than this program has", known.name);
            return Err(Error::Schema(why.into()));
        }
    }
    Ok(applied.into_iter().map(|(number, _)| number).collect())
}

/// Which program a newer schema needs, as far as it says so.
fn newer(tx: &mut dyn Tx, last: i64) -> Result<Cow<'static, str>, Error> {
    let program = maybe(tx, "SELECT program FROM migration WHERE number = $1", &[last.into()], |row| {
        Ok(row.text(0)?.to_owned())
    })?;
    let needed = program.filter(|program| !program.is_empty());
    let needed =
        needed.map_or_else(|| "the newer version".into(), |program| format!("version {program} or later"));
    Ok(format!("its schema {last} is newer than this program, version {PROGRAM}; start {needed}").into())
}

fn apply(tx: &mut dyn Tx, dialect: Dialect, migration: &Migration) -> Result<(), Error> {
    tx.script(&adapted(migration.text, dialect))?;
    match migration.name {
        SEARCH => words::adopt(tx)?,
        EPOCH => records::draw_epoch(tx, 0)?,
        POLICIES => policy_columns::adopt(tx)?,
        _ => {}
    }
    let sum = checksum(migration);
    tx.execute(
        "INSERT INTO migration (number, name, sha256) VALUES ($1, $2, $3)",
        &[migration.number.into(), migration.name.into(), Value::Bytes(&sum)],
    )?;
    Ok(())
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.text).into()
}

/// The few words in which the engines differ. STRICT tables of SQLite know `INTEGER` only; PostgreSQL's is too small.
fn adapted(text: &str, dialect: Dialect) -> String {
    let [id, int, plain, bytes, strict] = match dialect {
        Dialect::Sqlite => ["INTEGER PRIMARY KEY AUTOINCREMENT", "INTEGER", "TEXT", "BLOB", "STRICT"],
        Dialect::Postgres => [
            "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
            "BIGINT",
            "TEXT COLLATE \"C\"",
            "BYTEA",
            "",
        ],
    };
    let text = text
        .replace("{id}", id)
        .replace("{int}", int)
        .replace("{text}", plain)
        .replace("{bytes}", bytes)
        .replace("{strict}", strict);
    match dialect {
        Dialect::Sqlite => text.replace("--sqlite: ", ""),
        Dialect::Postgres => text.replace("--postgres: ", ""),
    }
}
