//! Statements about who does the work that nobody asks for.

use domain::{PolicyVersion, Timestamp};

use super::row::{row, select};
use super::{Tx, Value, maybe, records, rows};
use crate::error::Error;

/// What the sweep of uploads is called, in rows, metrics and logs.
pub const UPLOADS: &str = "uploads";
/// What the three works of the collection of garbage are called.
pub const LINKS: &str = "links";
/// Likewise.
pub const BLOBS: &str = "blobs";
/// Likewise.
pub const PURGE: &str = "purge";

/// How some work stands, as its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkRow {
    pub(crate) holder: i64,
    pub(crate) fence: i64,
    pub(crate) lease_until: Timestamp,
    pub(crate) next_at: Timestamp,
    pub(crate) last_ok_at: Option<Timestamp>,
    pub(crate) failures: u32,
}

row! { WorkRow { holder, fence, lease_until, next_at, last_ok_at, failures } }

/// The row of a work; `None` before anybody did it.
pub(crate) fn find(tx: &mut dyn Tx, name: &str) -> Result<Option<WorkRow>, Error> {
    maybe(tx, select!(WorkRow, "FROM worker WHERE name = $1"), &[name.into()], Ok)
}

/// A work and its name.
struct NamedRow {
    name: Box<str>,
    row: WorkRow,
}

row! { NamedRow { name: "name", row: WorkRow::COLUMNS } }

/// The rows of all work by name, after one of them.
pub(crate) fn after(tx: &mut dyn Tx, name: &str, limit: u32) -> Result<Vec<(Box<str>, WorkRow)>, Error> {
    let sql = select!(NamedRow, "FROM worker WHERE name > $1 ORDER BY name LIMIT $2");
    rows(tx, sql, &[name.into(), limit.into()], |found| Ok((found.name, found.row)))
}

/// Makes the row of a work that nobody has done before.
pub(crate) fn make(tx: &mut dyn Tx, name: &str) -> Result<(), Error> {
    let sql = "INSERT INTO worker (name, holder, fence, lease_until, next_at, last_ok_at, failures) \
               VALUES ($1, 0, 0, 0, 0, NULL, 0) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[name.into()]).map(drop)
}

/// Takes the work over from whoever had it at this fence; `None` if somebody was quicker.
pub(crate) fn take(
    tx: &mut dyn Tx,
    name: &str,
    (holder, until): (i64, Timestamp),
    fence: i64,
) -> Result<Option<i64>, Error> {
    let sql = "UPDATE worker SET holder = $1, lease_until = $2, fence = fence + 1 WHERE name = $3 AND fence = $4 RETURNING fence";
    let values = [holder.into(), until.millis().into(), name.into(), fence.into()];
    maybe(tx, sql, &values, |row| row.int(0))
}

/// Goes on with the work until then; false if somebody else has taken it over.
pub(crate) fn renew(tx: &mut dyn Tx, name: &str, fence: i64, until: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE worker SET lease_until = $1 WHERE name = $2 AND fence = $3";
    Ok(tx.execute(sql, &[until.millis().into(), name.into(), fence.into()])? == 1)
}

/// Gives the work back until it is due again.
pub(crate) fn give_back(
    tx: &mut dyn Tx,
    name: &str,
    fence: i64,
    (next_at, last_ok_at, failures): (Timestamp, Option<Timestamp>, u32),
) -> Result<(), Error> {
    let sql = "UPDATE worker SET lease_until = 0, next_at = $1, last_ok_at = $2, failures = $3 WHERE name = $4 AND fence = $5";
    let last_ok_at = last_ok_at.map(Timestamp::millis);
    tx.execute(sql, &[next_at.millis().into(), last_ok_at.into(), failures.into(), name.into(), fence.into()])
        .map(drop)
}

/// Gives the work back, at whatever fence this holder has it.
pub(crate) fn leave(tx: &mut dyn Tx, name: &str, holder: i64) -> Result<(), Error> {
    let sql = "UPDATE worker SET lease_until = 0 WHERE name = $1 AND holder = $2";
    tx.execute(sql, &[name.into(), holder.into()]).map(drop)
}

/// Forgets records of access changes from before, some versions of the oldest at a time, each with all its changes. The last
/// version stays, however old: whoever has followed up to it is told what comes next. Gives how many records.
pub(crate) fn trim_changes(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "SELECT version, changed_at FROM policy_change ORDER BY version LIMIT $1";
    let oldest = rows(tx, sql, &[limit.into()], |row| Ok((PolicyVersion::new(row.count(0)?), row.int(1)?)))?;
    let present = records::point(tx)?.version;
    let is_old =
        |(version, changed_at): &&(PolicyVersion, i64)| *changed_at < before.millis() && *version < present;
    let old = oldest.iter().take_while(is_old);
    let Some((last, _)) = old.last() else { return Ok(0) };
    tx.execute("DELETE FROM policy_change WHERE version <= $1", &[Value::count(last.get())])
}

/// Forgets some package events from before. Gives how many.
pub(crate) fn trim_outbox(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE at < $1 ORDER BY at LIMIT $2)";
    tx.execute(sql, &[before.millis().into(), limit.into()])
}
