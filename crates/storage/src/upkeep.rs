//! Work that nobody asks for and one node does for all (docs/operations.md 1): who does it, and the steps of it.
//!
//! A row for each work says who has it and until when. Whoever takes it draws the next fence, and every write of a step begins by
//! insisting on that: a node that was paused or whose clock is wrong costs work done twice, never a write by two.

use std::time::Duration;

use domain::{System, Timestamp};
use tokio::time::Instant;

use crate::entries;
use crate::error::{Error, Fault};
use crate::sql::{Load, Tx, leases, once, publishers, removal, uploads};
use crate::store::Storage;
use crate::upload::discard;

mod audit_expiry;
mod audit_writer;
mod damage_keeper;
mod delivering;
mod garbage;
mod needs;
mod telling;
mod tries;
mod usage_writer;

pub use audit_expiry::ExpiryCursor;
pub use delivering::{Claimed, Delivered};
pub use garbage::CollectCursor;
pub use needs::NeedsCursor;
pub use telling::Told;

/// How long a work is had without a sign of life, in seconds.
const LEASE_SECS: i64 = 30;
/// After so long, by a clock that nobody sets, it is taken anew before another step.
const LEASE_SAFE: Duration = Duration::from_secs(10);
/// When a work is next due lies no further away than this, in seconds, or the clock was set.
const DUE_SECS_MAX: i64 = 24 * 3600;
/// Rows that a transaction of a step deletes.
const STEP_ROWS_MAX: u32 = 500;
/// How long it is known what was asked with an `Idempotency-Key` (docs/api.md 1).
const ASKED_KEPT_SECS: u64 = 24 * 3600;
/// How long a step goes on to the next item.
const STEP_MAX: Duration = Duration::from_secs(2);

/// The right to do some work for all nodes, for a while. Whoever has it is not sure to be alone, but its writes are.
#[derive(Debug)]
pub struct Lease {
    name: &'static str,
    fence: i64,
    taken: Instant,
    /// When a step last ended well, whoever made it.
    pub last_ok_at: Option<Timestamp>,
    /// How many steps have failed since, whoever made them.
    pub failures: u32,
}

/// What comes of asking for work.
#[derive(Debug)]
pub enum Taken {
    /// It is to be done now, by who asked.
    Here(Lease),
    /// It is done by another node at the moment, or was done by one; look again after so long.
    Elsewhere(Duration),
}

/// What a step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worked {
    /// Things that were dealt with.
    pub items: u64,
    /// Things that could not be: they are tried again once all others had their turn.
    pub failed: u64,
}

/// What a step of writing down did of what requests leave in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How much was written.
    pub items: u64,
    /// Whether that was all that there was when it was looked: what came meanwhile waits for the next time, so that a busy gateway
    /// writes no more often than an idle one.
    pub is_all: bool,
}

/// Where a sweep of uploads goes on: behind the last one it looked at, by the time it was touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepCursor(Option<(Timestamp, String)>);

impl Lease {
    /// Whether it may begin another step.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.taken.elapsed() < LEASE_SAFE
    }

    /// First in every transaction of a step; if it is false, somebody else has the work by now and nothing may be written.
    fn holds(name: &str, fence: i64, now: Timestamp, tx: &mut dyn Tx) -> Result<bool, Error> {
        leases::renew(tx, name, fence, now.plus_secs(LEASE_SECS))
    }
}

impl Default for Written {
    fn default() -> Self {
        Self { items: 0, is_all: true }
    }
}

impl Worked {
    /// Whether there was nothing to do.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.items == 0 && self.failed == 0
    }
}

impl Storage {
    /// Takes some work, if it is due and nobody else has it. `holder` is a random number of this process. A process that has
    /// just started (`at_once`) does not wait until it is due.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn take_work(
        &self,
        _system: &System,
        name: &'static str,
        holder: i64,
        at_once: bool,
    ) -> Result<Taken, Fault> {
        let now = self.shared.clock.now();
        let Some(row) = self.shared.database.point(move |tx| leases::find(tx, name)).await? else {
            self.shared.database.write(Load::upkeep(1), move |tx| leases::make(tx, name)).await?;
            return Ok(Taken::Elsewhere(Duration::ZERO));
        };
        let far = now.plus_secs(DUE_SECS_MAX);
        if row.holder != holder && row.lease_until > now && row.lease_until <= now.plus_secs(LEASE_SECS) {
            return Ok(Taken::Elsewhere(Duration::from_millis(row.lease_until.millis_since(now))));
        }
        if !at_once && row.next_at > now && row.next_at <= far {
            return Ok(Taken::Elsewhere(Duration::from_millis(row.next_at.millis_since(now))));
        }
        let taken = Instant::now();
        let (until, fence) = (now.plus_secs(LEASE_SECS), row.fence);
        let take = move |tx: &mut dyn Tx| leases::take(tx, name, (holder, until), fence);
        Ok(match self.shared.database.write(Load::upkeep(1), take).await? {
            Some(fence) => {
                Taken::Here(Lease { name, fence, taken, last_ok_at: row.last_ok_at, failures: row.failures })
            }
            None => Taken::Elsewhere(Duration::from_secs(1)),
        })
    }

    /// Gives work back until it is due again after `rest`; `well` if nothing failed since it was taken.
    ///
    /// # Errors
    /// Only failures of the database; others may take it then after half a minute.
    pub async fn give_work_back(&self, lease: Lease, rest: Duration, well: bool) -> Result<(), Fault> {
        let now = self.shared.clock.now();
        let rest = i64::try_from(rest.as_millis()).unwrap_or(i64::MAX);
        let next_at = Timestamp::from_millis(now.millis().saturating_add(rest));
        let (last_ok_at, failures) =
            if well { (Some(now), 0) } else { (lease.last_ok_at, lease.failures.saturating_add(1)) };
        let (name, fence) = (lease.name, lease.fence);
        let give = move |tx: &mut dyn Tx| leases::give_back(tx, name, fence, (next_at, last_ok_at, failures));
        Ok(self.shared.database.write(Load::upkeep(1), give).await?)
    }

    /// Gives work back for good, in the middle of it or of taking it: whoever comes next goes on at once.
    ///
    /// # Errors
    /// Only failures of the database; others may take it then after half a minute.
    pub async fn leave_work(&self, _system: &System, name: &'static str, holder: i64) -> Result<(), Fault> {
        Ok(self.shared.database.write(Load::upkeep(1), move |tx| leases::leave(tx, name, holder)).await?)
    }

    /// A step of throwing away what nobody goes on with: sessions untouched since `before` and their bytes. One that cannot be
    /// thrown away does not keep the others: it is tried again later and later, and given up in the end. Nothing is left when nothing
    /// was done.
    ///
    /// # Errors
    /// Failures of the database; what was not removed is found again.
    pub async fn sweep_uploads(
        &self,
        lease: &Lease,
        before: Timestamp,
        cursor: &mut SweepCursor,
    ) -> Result<Worked, Fault> {
        let (after, now) = (cursor.0.clone(), self.now());
        let find =
            move |tx: &mut dyn Tx| uploads::abandoned(tx, (before, now), after.as_ref(), STEP_ROWS_MAX);
        let (began, mut worked) = (Instant::now(), Worked::default());
        for row in self.fenced(lease, 1, find).await?.unwrap_or_default() {
            if began.elapsed() >= STEP_MAX {
                return Ok(worked);
            }
            cursor.0 = Some((row.touched_at, row.upload.id.to_string()));
            if self.shared.claims.is_held(row.upload.id) {
                continue;
            }
            match discard(&self.shared, &row.upload).await {
                Ok(()) => worked.items = worked.items.saturating_add(1),
                Err(error) => {
                    worked.failed = worked.failed.saturating_add(1);
                    self.note_failure(lease, &row, &error).await?;
                }
            }
        }
        if worked.is_nothing() {
            *cursor = SweepCursor::default();
        }
        Ok(worked)
    }

    /// A step of clearing away rows that no name leads to: those of pushes that ended in the middle, untouched since `before`, and
    /// what is left of names and of whole repositories that are gone. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database; what was not cleared away is found again.
    pub async fn sweep_rows(&self, lease: &Lease, before: Timestamp) -> Result<Worked, Fault> {
        let now = self.now();
        let swept = self
            .fenced(lease, entries::SWEEP_ROWS.into(), move |tx| {
                Ok(entries::sweep(tx, (before, now))? || removal::sweep_removed(tx, now)?)
            })
            .await?;
        Ok(Worked { items: swept.unwrap_or(false).into(), failed: 0 })
    }

    /// A step of forgetting what is kept no longer than the limits say: records of access changes, package events that
    /// nobody was told of, messages of webhooks, keys of what was asked at most once, identity tokens that are over, and days of
    /// what was fetched. Nothing is left when nothing was
    /// done.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn trim(&self, lease: &Lease) -> Result<Worked, Fault> {
        let now = self.shared.clock.now();
        let before = |secs: u64| now.plus_secs(i64::try_from(secs).unwrap_or(i64::MAX).saturating_neg());
        let limits = &self.shared.limits;
        let (changes, events) = (before(limits.access_changes_kept_secs), before(limits.events_kept_secs));
        let asked = before(ASKED_KEPT_SECS);
        let trim = move |tx: &mut dyn Tx| {
            let changes = leases::trim_changes(tx, changes, STEP_ROWS_MAX)?;
            let untold = leases::trim_outbox(tx, events, STEP_ROWS_MAX)?;
            let messages = delivering::trim(tx, events, STEP_ROWS_MAX)?;
            let asked = once::trim(tx, asked, STEP_ROWS_MAX)?;
            let exchanged = publishers::trim_exchanged(tx, now, STEP_ROWS_MAX)?;
            let usage = usage_writer::trim(tx, now, STEP_ROWS_MAX)?;
            let rows = [changes, untold, messages, asked, exchanged, usage].into_iter();
            let rows = rows.fold(0_u64, u64::saturating_add);
            Ok((rows, untold))
        };
        let (items, untold) = self.fenced(lease, STEP_ROWS_MAX.into(), trim).await?.unwrap_or_default();
        if untold > 0 {
            tracing::warn!(
                events = untold,
                "events of packages were given up before any webhook was told of them"
            );
        }
        Ok(Worked { items, failed: 0 })
    }

    /// Writes as the one that has the work; `None` and nothing is written if somebody else has it by now.
    async fn fenced<T: Send + 'static>(
        &self,
        lease: &Lease,
        rows: u64,
        write: impl Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        self.fenced_then(lease, rows, write, || {}).await
    }

    /// As [`Self::fenced`]; `after` runs once it is durable, even if nobody waits for it any more.
    async fn fenced_then<T: Send + 'static>(
        &self,
        lease: &Lease,
        rows: u64,
        write: impl Fn(&mut dyn Tx) -> Result<T, Error> + Send + 'static,
        after: impl FnOnce() + Send + 'static,
    ) -> Result<Option<T>, Error> {
        let (name, fence, now) = (lease.name, lease.fence, self.shared.clock.now());
        let write = move |tx: &mut dyn Tx| {
            if Lease::holds(name, fence, now, tx)? { write(tx).map(Some) } else { Ok(None) }
        };
        self.shared.database.write_then(Load::upkeep(rows), write, after).await
    }
}
