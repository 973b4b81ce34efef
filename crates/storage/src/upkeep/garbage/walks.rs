//! The walks over every link and every blob: garbage without a candidate, as that of earlier versions, gets one.

use std::time::Duration;

use domain::{RepositoryId, Timestamp};
use tokio::time::Instant;

use super::super::{Lease, STEP_ROWS_MAX, Worked};
use crate::error::Error;
use crate::limits::StorageLimits;
use crate::sql::garbage::is_needed;
use crate::sql::walks;
use crate::sql::{Tx, reviews};
use crate::store::Storage;

/// How often everything is walked over, in seconds.
const WALK_EVERY_SECS: i64 = 7 * 24 * 3600;
/// How long one step looks around. Nobody who writes waits for it.
const LOOK_MAX: Duration = Duration::from_millis(50);

/// What a step of a walk over links saw.
#[derive(Default)]
struct LinksSeen {
    /// Links that nobody seems to need, and when that may have begun.
    notes: Vec<(RepositoryId, i64, Timestamp)>,
    /// The last one looked at; `None` at the end.
    upto: Option<(i64, i64)>,
    looked: u64,
}

/// What a step of a walk over blobs saw.
#[derive(Default)]
struct BlobsSeen {
    notes: Vec<i64>,
    upto: Option<i64>,
    looked: u64,
}

impl Storage {
    /// A step of the walk over links, once a week from the first to the last.
    pub(super) async fn walk_links(&self, lease: &Lease) -> Result<Worked, Error> {
        let (limits, now) = (self.shared.limits, self.now());
        let state = self.shared.database.read(walks::state).await?;
        let after = (state.links_repository, state.links_blob);
        if !is_due(after == (0, 0), state.links_walked_at, now) {
            return Ok(Worked::default());
        }
        let seen = self.shared.database.read(move |tx| look_at_links(tx, after, (&limits, now))).await?;
        let looked = seen.looked;
        let note = move |tx: &mut dyn Tx| {
            for (repository, blob, due_at) in &seen.notes {
                if !walks::is_link_noted(tx, *repository, *blob)? {
                    reviews::note_link(tx, *repository, *blob, *due_at)?;
                }
            }
            let ended = if seen.upto.is_some() { state.links_walked_at } else { now };
            walks::note_links_passed(tx, seen.upto.unwrap_or_default(), ended)
        };
        self.fenced(lease, looked.max(1), note).await?;
        Ok(Worked { items: looked, failed: 0 })
    }

    /// A step of the walk over blobs, likewise.
    pub(super) async fn walk_blobs(&self, lease: &Lease) -> Result<Worked, Error> {
        let now = self.now();
        let state = self.shared.database.read(walks::state).await?;
        let after = state.blobs_blob;
        if !is_due(after == 0, state.blobs_walked_at, now) {
            return Ok(Worked::default());
        }
        let seen = self.shared.database.read(move |tx| look_at_blobs(tx, after)).await?;
        let looked = seen.looked;
        let note = move |tx: &mut dyn Tx| {
            for blob in &seen.notes {
                if !walks::is_blob_noted(tx, *blob)? {
                    reviews::note_blob(tx, *blob, (None, false), now)?;
                }
            }
            let ended = if seen.upto.is_some() { state.blobs_walked_at } else { now };
            walks::note_blobs_passed(tx, seen.upto.unwrap_or_default(), ended)
        };
        self.fenced(lease, looked.max(1), note).await?;
        Ok(Worked { items: looked, failed: 0 })
    }
}

/// Whether there is something to walk: in the middle there is, and so there is a week after the last one ended.
fn is_due(at_start: bool, walked_at: Timestamp, now: Timestamp) -> bool {
    !at_start || walked_at > now || walked_at.plus_secs(WALK_EVERY_SECS) <= now
}

fn look_at_links(
    tx: &mut dyn Tx,
    after: (i64, i64),
    (limits, now): (&StorageLimits, Timestamp),
) -> Result<LinksSeen, Error> {
    let began = Instant::now();
    let mut seen = LinksSeen::default();
    let passed = walks::links(tx, after, STEP_ROWS_MAX)?;
    let is_last = passed.len() < STEP_ROWS_MAX as usize;
    for link in &passed {
        if seen.looked > 0 && began.elapsed() >= LOOK_MAX {
            return Ok(seen);
        }
        if !is_needed(tx, link.repository, link.blob)? {
            let due_at = limits.review_at(link.touched_at).max(now);
            seen.notes.push((link.repository, link.blob, due_at));
        }
        seen.upto = Some((link.repository.get().into(), link.blob));
        seen.looked = seen.looked.saturating_add(1);
    }
    if is_last {
        seen.upto = None;
    }
    Ok(seen)
}

fn look_at_blobs(tx: &mut dyn Tx, after: i64) -> Result<BlobsSeen, Error> {
    let passed = walks::blobs(tx, after, STEP_ROWS_MAX)?;
    let is_last = passed.len() < STEP_ROWS_MAX as usize;
    Ok(BlobsSeen {
        notes: passed.iter().filter(|blob| !blob.is_used).map(|blob| blob.blob).collect(),
        upto: passed.last().map(|blob| blob.blob).filter(|_| !is_last),
        looked: passed.len() as u64,
    })
}
