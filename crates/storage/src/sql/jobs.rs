//! Statements about long work that was asked for.

use domain::Timestamp;

use super::row::{returning, row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// A job, as its row says.
#[derive(Debug, Clone)]
pub(crate) struct JobRecord {
    pub(crate) id: i64,
    pub(crate) kind: Box<str>,
    pub(crate) state: Box<str>,
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
    pub(crate) result: Option<Box<str>>,
    pub(crate) problem: Option<Box<str>>,
    /// Where it goes on, once it began.
    pub(crate) sequence: Option<u64>,
    pub(crate) chain: Box<str>,
    pub(crate) holder: i64,
    pub(crate) fence: i64,
    pub(crate) lease_until: Timestamp,
    pub(crate) created_by: Box<str>,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
}

row! {
    JobRecord {
        id,
        kind,
        state,
        done,
        total,
        result,
        problem,
        sequence,
        chain,
        holder,
        fence,
        lease_until,
        created_by,
        created_at,
        started_at,
        finished_at,
    }
}

/// How far a job is.
pub(crate) struct Reached<'a> {
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) sequence: u64,
    pub(crate) chain: &'a str,
}

/// How a job ended.
pub(crate) struct Ended<'a> {
    pub(crate) state: &'static str,
    pub(crate) result: Option<&'a str>,
    pub(crate) problem: Option<&'a str>,
}

/// Puts a job in line.
pub(crate) fn insert(tx: &mut dyn Tx, kind: &str, by: &str, now: Timestamp) -> Result<JobRecord, Error> {
    let sql = returning!(
        JobRecord,
        "INSERT INTO job (kind, state, done, chain, holder, fence, lease_until, created_by, created_at) \
         VALUES ($1, 'queued', 0, '', 0, 0, 0, $2, $3)"
    );
    one(tx, sql, &[kind.into(), by.into(), now.millis().into()], Ok)
}

pub(crate) fn find(tx: &mut dyn Tx, id: i64) -> Result<Option<JobRecord>, Error> {
    maybe(tx, select!(JobRecord, "FROM job WHERE id = $1"), &[id.into()], Ok)
}

/// Jobs before one of them, the newest first.
pub(crate) fn before(tx: &mut dyn Tx, id: i64, limit: u32) -> Result<Vec<JobRecord>, Error> {
    let sql = select!(JobRecord, "FROM job WHERE id < $1 ORDER BY id DESC LIMIT $2");
    rows(tx, sql, &[id.into(), limit.into()], Ok)
}

/// The one that is next in line, or that somebody is at.
pub(crate) fn first_open(tx: &mut dyn Tx) -> Result<Option<JobRecord>, Error> {
    let sql = select!(JobRecord, "FROM job WHERE finished_at IS NULL ORDER BY id LIMIT 1");
    maybe(tx, sql, &[], Ok)
}

/// How many have not ended.
pub(crate) fn open(tx: &mut dyn Tx) -> Result<u64, Error> {
    one(tx, "SELECT count(*) FROM job WHERE finished_at IS NULL", &[], |row| row.count(0))
}

/// Forgets those that have ended, but for so many of the last.
pub(crate) fn forget_but(tx: &mut dyn Tx, kept: u32) -> Result<(), Error> {
    let sql = "DELETE FROM job WHERE finished_at IS NOT NULL AND id <= COALESCE(\
               (SELECT id FROM job WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET $1), 0)";
    tx.execute(sql, &[kept.into()]).map(drop)
}

/// A process takes a job that nobody is at; none if another was quicker.
pub(crate) fn take(
    tx: &mut dyn Tx,
    (id, fence): (i64, i64),
    (holder, until): (i64, Timestamp),
    now: Timestamp,
) -> Result<Option<JobRecord>, Error> {
    let sql = returning!(
        JobRecord,
        "UPDATE job SET state = 'running', holder = $1, lease_until = $2, fence = fence + 1, \
         started_at = COALESCE(started_at, $3) WHERE id = $4 AND fence = $5 AND finished_at IS NULL"
    );
    let values = [holder.into(), until.millis().into(), now.millis().into(), id.into(), fence.into()];
    maybe(tx, sql, &values, Ok)
}

/// A process works on jobs no longer.
pub(crate) fn leave(tx: &mut dyn Tx, holder: i64) -> Result<(), Error> {
    let sql = "UPDATE job SET holder = 0, lease_until = 0 WHERE holder = $1 AND finished_at IS NULL";
    tx.execute(sql, &[holder.into()]).map(drop)
}

/// The job is so far; false if somebody else has it by now, or it was cancelled.
pub(crate) fn reach(
    tx: &mut dyn Tx,
    (id, fence): (i64, i64),
    reached: &Reached<'_>,
    until: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE job SET done = $1, total = $2, sequence = $3, chain = $4, lease_until = $5 \
               WHERE id = $6 AND fence = $7 AND finished_at IS NULL";
    let values = [
        Value::count(reached.done),
        Value::count(reached.total),
        Value::count(reached.sequence),
        reached.chain.into(),
        until.millis().into(),
        id.into(),
        fence.into(),
    ];
    Ok(tx.execute(sql, &values)? == 1)
}

/// The job has ended, unless it had before; false if it had, or somebody else has it by now.
pub(crate) fn end(
    tx: &mut dyn Tx,
    (id, fence): (i64, i64),
    ended: &Ended<'_>,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE job SET state = $1, result = $2, problem = $3, finished_at = $4 \
               WHERE id = $5 AND fence = $6 AND finished_at IS NULL";
    let values = [
        ended.state.into(),
        ended.result.into(),
        ended.problem.into(),
        now.millis().into(),
        id.into(),
        fence.into(),
    ];
    Ok(tx.execute(sql, &values)? == 1)
}
