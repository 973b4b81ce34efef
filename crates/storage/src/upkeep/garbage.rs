//! Collection of garbage in steps (docs/operations.md 2.3): links that no name needs are taken away, blobs that nobody links are
//! condemned, bytes whose time has come are removed. Each asks again, under the lock of what it takes, whatever the candidate said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{RepositoryId, Timestamp};
use tokio::time::Instant;

use super::tries::{causes, cut, wait_secs};
use super::{Lease, STEP_MAX, STEP_ROWS_MAX, Worked};
use crate::error::{Error, Fault};
use crate::limits::StorageLimits;
use crate::name_cache::NamesChanged;
use crate::sql::garbage::{self, BlobCandidate, CondemnedRow, LinkCandidate, Looked, NEVER, TRIES_MAX};
use crate::sql::{Tx, content, repositories, reviews};
use crate::store::Storage;

mod walks;

/// How long one transaction of a step goes on to the next row: nobody who writes waits longer for it.
const HOLD_MAX: Duration = Duration::from_millis(15);

/// How many candidates a worker looks at in one transaction: fewer after a failure, so that the one that fails is found, and waits
/// for its next try without the others.
#[derive(Debug, Clone, Copy)]
pub struct CollectCursor {
    many: u32,
}

/// Between two looks for garbage that is due, at most.
const LOOK_EVERY_SECS: u64 = 300;

/// What one transaction looked at.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    looked: u64,
    taken: u64,
}

impl Default for CollectCursor {
    fn default() -> Self {
        Self { many: STEP_ROWS_MAX }
    }
}

impl CollectCursor {
    fn succeeded(&mut self) {
        self.many = self.many.saturating_mul(2).min(STEP_ROWS_MAX);
    }

    /// Whether fewer are tried the next time; false for one that failed alone.
    fn failed(&mut self, looked: usize) -> bool {
        self.many = u32::try_from(looked / 2).unwrap_or(u32::MAX).max(1);
        looked > 1
    }
}

impl Storage {
    /// A step of taking links away that no name of their repository needs, and that nobody relied on for a while. Nothing is left when
    /// nothing was done.
    ///
    /// # Errors
    /// Failures of the database; what was not looked at is found again.
    pub async fn collect_links(&self, lease: &Lease, cursor: &mut CollectCursor) -> Result<Worked, Fault> {
        let (limits, now, many) = (self.shared.limits, self.now(), cursor.many);
        let settled = limits.settled(now);
        let mut due = self.shared.database.read(move |tx| garbage::due_links(tx, settled, many)).await?;
        if due.len() < many as usize {
            let walked = self.walk_links(lease).await?;
            if due.is_empty() {
                return Ok(walked);
            }
        }
        // In one order, so that repositories are locked in it.
        due.sort_unstable();
        let (asked, changed) = (due.clone(), Arc::new(Mutex::new(BTreeSet::new())));
        let changing = Arc::clone(&changed);
        let collect = move |tx: &mut dyn Tx| {
            let mut changed = changing.lock().unwrap_or_else(PoisonError::into_inner);
            changed.clear();
            collect_links(tx, &asked, &mut changed, (&limits, now))
        };
        let shared = Arc::clone(&self.shared);
        let after = move || {
            for repository in changed.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                shared.name_cache.move_on(*repository, NamesChanged::Unknown);
            }
        };
        let collected = self.fenced_then(lease, due.len() as u64, collect, after).await;
        let first = due.first().copied();
        let put_off = move |tx: &mut dyn Tx| match first {
            Some(one) => garbage::put_link_off(tx, one, again(one.tries, now)),
            None => Ok(()),
        };
        self.settle_step(lease, cursor, (due.len(), "links"), collected, put_off).await
    }

    /// A step of condemning the bytes of what no repository has any more. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database; what was not looked at is found again.
    pub async fn collect_blobs(&self, lease: &Lease, cursor: &mut CollectCursor) -> Result<Worked, Fault> {
        let (limits, now, many) = (self.shared.limits, self.now(), cursor.many);
        let settled = limits.settled(now);
        let due = self.shared.database.read(move |tx| garbage::due_blobs(tx, settled, many)).await?;
        if due.len() < many as usize {
            let walked = self.walk_blobs(lease).await?;
            if due.is_empty() {
                return Ok(walked);
            }
        }
        let asked = due.clone();
        let collect = move |tx: &mut dyn Tx| collect_blobs(tx, &asked, (&limits, now));
        let collected = self.fenced(lease, due.len() as u64, collect).await;
        let first = due.first().copied();
        let put_off = move |tx: &mut dyn Tx| match first {
            Some(one) => garbage::put_blob_off(tx, one.blob, again(one.tries, now)),
            None => Ok(()),
        };
        self.settle_step(lease, cursor, (due.len(), "blobs"), collected, put_off).await
    }

    /// A step of removing bytes whose time has come. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database; what was removed and could not be noted is removed again, which changes nothing.
    pub async fn purge(&self, lease: &Lease) -> Result<Worked, Fault> {
        let now = self.now();
        let due = self.fenced(lease, 1, move |tx| garbage::due_bytes(tx, now, STEP_ROWS_MAX)).await?;
        let due = due.unwrap_or_default();
        if due.is_empty() {
            return Ok(Worked::default());
        }
        let keys = due.iter().map(|row| row.object_key.clone()).collect();
        let (gone, failed) = self.shared.blobs.remove_all(keys, Instant::now() + STEP_MAX).await;
        let freed: Arc<[CondemnedRow]> =
            due.iter().filter(|row| gone.contains(&row.object_key)).cloned().collect();
        let (mut from, mut worked) = (0, Worked { items: 0, failed: failed.len() as u64 });
        while from < freed.len() {
            let rows = Arc::clone(&freed);
            let forget = move |tx: &mut dyn Tx| forget(tx, rows.get(from..).unwrap_or_default());
            match self.fenced(lease, freed.len() as u64, forget).await? {
                Some(some) => from = from.saturating_add(some),
                None => return Ok(worked),
            }
            worked.items = from as u64;
        }
        for row in due {
            let Some(error) = failed.get(&row.object_key) else { continue };
            let ((purge_at, tries), why) = (again(row.tries, now), cut(&causes(error)));
            tracing::warn!(%error, object = &*row.object_key, tries, "bytes that nobody needs cannot be removed");
            let put_off =
                move |tx: &mut dyn Tx| garbage::put_bytes_off(tx, &row.object_key, (purge_at, tries, &why));
            self.fenced(lease, 1, put_off).await?;
        }
        Ok(worked)
    }

    /// How long after a look that found nothing the next one for garbage is.
    #[must_use]
    pub fn garbage_every(&self) -> Duration {
        Duration::from_secs(self.shared.limits.garbage_window_secs.min(LOOK_EVERY_SECS))
    }

    /// Tries again what was given up. To be done by a gateway that has just started.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn retry_garbage(&self, lease: &Lease) -> Result<(), Fault> {
        let now = self.now();
        self.fenced(lease, 1, move |tx| garbage::retry(tx, now, STEP_ROWS_MAX)).await?;
        Ok(())
    }

    /// What a step comes to: of several that failed together fewer are tried the next time, one that failed alone is put off.
    async fn settle_step(
        &self,
        lease: &Lease,
        cursor: &mut CollectCursor,
        (looked, what): (usize, &'static str),
        collected: Result<Option<Passed>, Error>,
        put_off: impl Fn(&mut dyn Tx) -> Result<(), Error> + Send + 'static,
    ) -> Result<Worked, Fault> {
        match collected {
            Ok(passed) => {
                cursor.succeeded();
                let passed = passed.unwrap_or_default();
                if passed.taken > 0 {
                    tracing::debug!(what, taken = passed.taken, "what nobody needs was taken away");
                }
                Ok(Worked { items: passed.looked, failed: 0 })
            }
            Err(error) => {
                if !cursor.failed(looked) {
                    tracing::warn!(%error, what, "a candidate could not be looked at");
                    self.fenced(lease, 1, put_off).await?;
                }
                Ok(Worked { items: 0, failed: 1 })
            }
        }
    }
}

/// When something is tried again after one more failure, and how often it has failed then.
fn again(tries: u32, now: Timestamp) -> (Timestamp, u32) {
    let failed = tries.saturating_add(1);
    (if failed >= TRIES_MAX { NEVER } else { now.plus_secs(wait_secs(tries)) }, failed)
}

/// Looks at links, in the order of their repositories, until it has held the writer long enough.
fn collect_links(
    tx: &mut dyn Tx,
    candidates: &[LinkCandidate],
    changed: &mut BTreeSet<RepositoryId>,
    (limits, now): (&StorageLimits, Timestamp),
) -> Result<Passed, Error> {
    let (began, mut passed, mut here) = (Instant::now(), Passed::default(), None);
    for candidate in candidates {
        if passed.looked > 0 && began.elapsed() >= HOLD_MAX {
            break;
        }
        if here != Some(candidate.repository) {
            here = Some(candidate.repository);
            // In line with everybody who gives or takes names there, of whom the answer depends.
            garbage::take_turn(tx, candidate.repository)?;
        }
        passed.looked = passed.looked.saturating_add(1);
        if look_at_link(tx, *candidate, (limits, now))? == Looked::Taken {
            passed.taken = passed.taken.saturating_add(1);
            if changed.insert(candidate.repository) {
                content::take_turn(tx, candidate.repository)?;
                repositories::count_removal(tx, candidate.repository)?;
            }
        }
    }
    Ok(passed)
}

fn look_at_link(
    tx: &mut dyn Tx,
    candidate: LinkCandidate,
    (limits, now): (&StorageLimits, Timestamp),
) -> Result<Looked, Error> {
    let LinkCandidate { repository, blob, .. } = candidate;
    if !garbage::drop_link_candidate(tx, candidate, limits.settled(now))? {
        return Ok(Looked::Kept);
    }
    let Some(touched_at) = garbage::touched_at(tx, repository, blob)? else { return Ok(Looked::Kept) };
    if garbage::is_needed(tx, repository, blob)? {
        return Ok(Looked::Kept);
    }
    if garbage::delete_link(tx, (repository, blob), limits.unrelied(now))? {
        reviews::count_removed(tx, repository, blob)?;
        reviews::note_blob(tx, blob, (Some(repository), false), now)?;
        return Ok(Looked::Taken);
    }
    // Somebody relied on it, perhaps at this moment: looked at again once that is long ago.
    let touched_at = garbage::touched_at(tx, repository, blob)?.unwrap_or(touched_at);
    reviews::note_link(tx, repository, blob, limits.review_at(touched_at))?;
    Ok(Looked::Kept)
}

/// Looks at blobs until it has held the writer long enough.
fn collect_blobs(
    tx: &mut dyn Tx,
    candidates: &[BlobCandidate],
    (limits, now): (&StorageLimits, Timestamp),
) -> Result<Passed, Error> {
    let (began, mut passed) = (Instant::now(), Passed::default());
    for candidate in candidates {
        if passed.looked > 0 && began.elapsed() >= HOLD_MAX {
            break;
        }
        passed.looked = passed.looked.saturating_add(1);
        let times = (limits.settled(now), now, limits.purge_at(now, candidate.hurried));
        if garbage::look_at_blob(tx, *candidate, times)? == Looked::Taken {
            passed.taken = passed.taken.saturating_add(1);
        }
    }
    Ok(passed)
}

/// Forgets bytes that are gone and counts them as freed, until it has held the writer long enough; gives how many.
fn forget(tx: &mut dyn Tx, rows: &[CondemnedRow]) -> Result<usize, Error> {
    let (began, mut forgotten) = (Instant::now(), 0_usize);
    let mut freed: BTreeMap<Option<RepositoryId>, (u64, u64)> = BTreeMap::new();
    for row in rows {
        if forgotten > 0 && began.elapsed() >= HOLD_MAX {
            break;
        }
        forgotten = forgotten.saturating_add(1);
        if garbage::forget_bytes(tx, &row.object_key)? {
            let (contents, bytes) = freed.entry(row.repository).or_default();
            (*contents, *bytes) = (contents.saturating_add(1), bytes.saturating_add(row.size_bytes));
        }
    }
    for (repository, sum) in freed {
        reviews::count_freed(tx, repository, sum)?;
    }
    Ok(forgotten)
}
