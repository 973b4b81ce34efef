//! What has been collected and what waits to be removed, for who wants to know (docs/operations.md 2.5).

use domain::Timestamp;

use super::garbage::NEVER;
use super::row::{Select, row, select};
use super::{Tx, one, rows};
use crate::error::Error;

/// What became of garbage, in a repository or in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GarbageRow {
    /// What its repository is called in lists that go on; empty for all of them together.
    pub(crate) id: i64,
    /// The project.
    pub project: Option<Box<str>>,
    /// The repository; `None` for all of them together, those that are gone among them.
    pub repository: Option<Box<str>>,
    /// Contents that are not to be read there any more.
    pub removed: u64,
    /// Their bytes: what is shared with other repositories stays on the disk.
    pub removed_bytes: u64,
    /// Contents that no repository has any more, and whose bytes wait to be removed.
    pub waiting: u64,
    /// How many bytes that are.
    pub waiting_bytes: u64,
    /// When the first of them go.
    pub first_goes_at: Option<Timestamp>,
    /// When the last of them go.
    pub last_goes_at: Option<Timestamp>,
    /// Contents whose bytes were removed.
    pub freed: u64,
    /// How many bytes that were.
    pub freed_bytes: u64,
}

row! {
    GarbageRow {
        id,
        project,
        repository,
        removed,
        removed_bytes,
        waiting,
        waiting_bytes,
        first_goes_at,
        last_goes_at,
        freed,
        freed_bytes,
    }
}

/// By repository, in the order of their ids.
pub(crate) const BY_REPOSITORY: Select<GarbageRow> = select!(
    GarbageRow,
    "FROM (SELECT c.repository AS id, p.key AS project, r.name AS repository, c.removed, c.removed_bytes, \
     (SELECT count(*) FROM condemned d WHERE d.repository = c.repository) AS waiting, \
     (SELECT CAST(coalesce(sum(d.size_bytes), 0) AS BIGINT) FROM condemned d WHERE d.repository = c.repository) \
     AS waiting_bytes, \
     (SELECT min(d.purge_at) FROM condemned d WHERE d.repository = c.repository AND d.purge_at < $1) AS first_goes_at, \
     (SELECT max(d.purge_at) FROM condemned d WHERE d.repository = c.repository AND d.purge_at < $1) AS last_goes_at, \
     c.freed, c.freed_bytes FROM collected c JOIN repository r ON r.node = c.repository \
     JOIN project p ON p.node = r.project WHERE c.repository > $2 AND r.project <> 2 \
     ORDER BY c.repository LIMIT $3) AS each_one"
);

/// All of them together.
pub(crate) const TOGETHER: Select<GarbageRow> = select!(
    GarbageRow,
    "FROM (SELECT CAST(0 AS BIGINT) AS id, CAST(NULL AS TEXT) AS project, CAST(NULL AS TEXT) AS repository, \
     (SELECT CAST(coalesce(sum(removed), 0) AS BIGINT) FROM collected) AS removed, \
     (SELECT CAST(coalesce(sum(removed_bytes), 0) AS BIGINT) FROM collected) AS removed_bytes, \
     (SELECT count(*) FROM condemned) AS waiting, \
     (SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM condemned) AS waiting_bytes, \
     (SELECT min(purge_at) FROM condemned WHERE purge_at < $1) AS first_goes_at, \
     (SELECT max(purge_at) FROM condemned WHERE purge_at < $1) AS last_goes_at, \
     (SELECT CAST(coalesce(sum(freed), 0) AS BIGINT) FROM collected) AS freed, \
     (SELECT CAST(coalesce(sum(freed_bytes), 0) AS BIGINT) FROM collected) AS freed_bytes) AS together"
);

/// First what is true of all repositories together, then of each where something was collected, after one of them.
pub(crate) fn told(tx: &mut dyn Tx, after: Option<i64>, limit: u32) -> Result<Vec<GarbageRow>, Error> {
    let mut told = Vec::new();
    if after.is_none() {
        told.push(one(tx, TOGETHER, &[NEVER.millis().into()], Ok)?);
    }
    let room = limit.saturating_sub(u32::try_from(told.len()).unwrap_or(u32::MAX));
    let values = [NEVER.millis().into(), after.unwrap_or(0).into(), room.into()];
    let mut each = rows(tx, BY_REPOSITORY, &values, Ok)?;
    each.sort_unstable_by_key(|row| row.id);
    told.append(&mut each);
    Ok(told)
}

impl GarbageRow {
    /// What a list says that goes on behind it.
    #[must_use]
    pub fn cursor(&self) -> String {
        self.id.to_string()
    }
}
