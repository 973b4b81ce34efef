use domain::{AuditView, Granted, Limit, Organisation, Timestamp};

use super::Directory;
use crate::error::{DirectoryError, Error};
use crate::sql::uploads::{self, StuckRow};
use crate::sql::{Tx, garbage, leases};

/// Something that one node does for all without being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerRow {
    /// What it is called.
    pub name: Box<str>,
    /// Whether some node is at it.
    pub working: bool,
    /// When it last ended well.
    pub last_ok_at: Option<Timestamp>,
    /// When it is due again.
    pub next_at: Timestamp,
    /// For how long it has been due and nobody is at it, in seconds.
    pub lag_secs: u64,
    /// How often it failed since it last ended well.
    pub failures: u32,
    /// Things that it could not deal with and tries again.
    pub failing: u64,
    /// Things that it has given up, until a gateway is started.
    pub given_up: u64,
    /// Why, of the last of them.
    pub failure: Option<Box<str>>,
}

impl Directory {
    /// What one node does for all, by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn workers(
        &self,
        _may: &Granted<AuditView, Organisation>,
        after: String,
        limit: Limit,
    ) -> Result<Vec<WorkerRow>, DirectoryError> {
        let now = self.clock.now();
        let read = move |tx: &mut dyn Tx| {
            let rows = leases::after(tx, &after, limit.rows())?.into_iter();
            let with_stuck = rows.map(|(name, row)| {
                let stuck =
                    if &*name == leases::UPLOADS { uploads::stuck(tx)? } else { garbage::stuck(tx, &name)? };
                Ok((name, row, stuck))
            });
            with_stuck.collect::<Result<Vec<_>, Error>>()
        };
        let rows = self.database.read(read).await?;
        let shown = rows.into_iter().map(|(name, row, stuck)| {
            let working = row.lease_until > now;
            let late = now.millis().saturating_sub(row.next_at.millis()).max(0);
            let lag_secs = if working { 0 } else { late.unsigned_abs() / 1000 };
            let leases::WorkRow { last_ok_at, next_at, failures, .. } = row;
            let StuckRow { failing, given_up, failure } = stuck;
            WorkerRow { name, working, last_ok_at, next_at, lag_secs, failures, failing, given_up, failure }
        });
        Ok(shown.collect())
    }
}
