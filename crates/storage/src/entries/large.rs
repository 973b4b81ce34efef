//! Batches with more than a writer may do at once beside others. What they need is looked for on a reader's snapshot, their
//! edges are written in pieces to rows that no name leads to yet, and one small transaction gives these rows their names: between
//! the pieces everybody else has a turn, and nobody ever sees half of a batch.

use std::sync::Arc;

use domain::{Client, Digest, Timestamp};

use super::{CommittedBatch, ENTRY_ROWS, Publication, moving_on};
use crate::error::Error;
use crate::layout;
use crate::model::{NewEdge, NewEntry};
use crate::shared::Shared;
use crate::sql::hidden::{self, PIECE_ROWS};
use crate::sql::{Load, Tx, bulk, content, repositories};

/// How often everything is looked for anew because something was taken away meanwhile; then the transaction does so.
const ATTEMPTS_MAX: usize = 3;

/// What was done for a batch before its transaction.
#[derive(Default)]
pub(super) struct Ahead {
    /// All links and names that it needs were there.
    pub(super) seen: Option<Seen>,
    /// The rows that have the edges, by place of their entries.
    pub(super) staged: Vec<(usize, i64)>,
    /// The transaction may take long.
    pub(super) at_once: bool,
}

/// When something was there, as a transaction can find out whether it still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// How often something had been taken away from the repository.
    pub(super) removals: u64,
    /// What had to be there depends on it.
    pub(super) sparse: bool,
}

/// What a snapshot shows of a batch.
struct Looked {
    seen: Seen,
    stale: Vec<Digest>,
    /// Places of the entries whose edges are to be staged.
    missing: Vec<usize>,
}

impl Ahead {
    /// For what is small enough.
    pub(super) fn nothing() -> Self {
        Self { at_once: true, ..Self::default() }
    }

    pub(super) fn staged(&self, place: usize) -> Option<i64> {
        self.staged.iter().find(|(staged, _)| *staged == place).map(|(_, id)| *id)
    }
}

/// Whether the edges are too many for the transaction that makes the name.
pub(super) const fn has_many_edges(entry: &NewEntry) -> bool {
    entry.edges.len() > PIECE_ROWS as usize
}

/// Rows that no name leads to yet. What is left of them when this is dropped is cleared away: nobody waits for the batch any more.
struct Staged<'s> {
    rows: Vec<(usize, i64)>,
    shared: &'s Arc<Shared>,
    client: Client,
}

impl Staged<'_> {
    fn ids(&self) -> Vec<i64> {
        self.rows.iter().map(|(_, id)| *id).collect()
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        let left = self.ids();
        if left.is_empty() {
            return;
        }
        let (shared, client) = (Arc::clone(self.shared), self.client);
        // In the client's own line, where its next batch waits behind it.
        tokio::spawn(async move { clear(&shared, client, &left).await });
    }
}

/// Runs a batch in pieces.
pub(super) async fn commit(shared: &Arc<Shared>, change: &Arc<Publication>) -> Result<CommittedBatch, Error> {
    let mut staged = Staged { rows: Vec::new(), shared, client: change.by.client };
    let mut done = Err(Error::Stale);
    for _ in 0..ATTEMPTS_MAX {
        done = attempt(shared, change, &mut staged.rows).await;
        // Something was taken away in between, and it may be what the batch needs. What is written by now stands.
        if !matches!(done, Err(Error::Stale)) {
            break;
        }
    }
    if matches!(done, Err(Error::Stale)) {
        let ahead = Ahead { seen: None, staged: staged.rows.clone(), at_once: true };
        done = finish(shared, change, ahead).await;
    }
    if done.is_err() {
        clear(shared, staged.client, &staged.ids()).await;
    }
    // Names lead to them, or they are gone.
    staged.rows.clear();
    done
}

/// Clears away, in pieces, what no name leads to. What cannot be now is left to the sweep.
pub(crate) async fn clear(shared: &Shared, client: Client, ids: &[i64]) {
    let now = shared.clock.now();
    for id in ids.iter().copied() {
        loop {
            let load = Load::of(client, PIECE_ROWS.into());
            match shared.database.write_piece(load, move |tx| hidden::clear(tx, id, now)).await {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "what is left of a name is left to the sweep");
                    return;
                }
            }
        }
    }
}

async fn attempt(
    shared: &Arc<Shared>,
    change: &Arc<Publication>,
    staged: &mut Vec<(usize, i64)>,
) -> Result<CommittedBatch, Error> {
    let (asked, written) = (Arc::clone(change), staged.clone());
    let load = Load::of(change.by.client, PIECE_ROWS.into());
    let looked = shared.database.look(load, move |tx| asked.look(tx, &written)).await?;
    staged.retain(|(place, _)| !looked.missing.contains(place));
    for stale in looked.stale.chunks(PIECE_ROWS as usize) {
        let (asked, stale) = (Arc::clone(change), stale.to_vec());
        let renew = move |tx: &mut dyn Tx| bulk::renew_links(tx, asked.at.repository, &stale, asked.lease);
        shared.database.write(load, renew).await?;
    }
    for place in looked.missing {
        stage(shared, change, place, staged).await?;
    }
    let ahead = Ahead { seen: Some(looked.seen), staged: staged.clone(), at_once: false };
    finish(shared, change, ahead).await
}

/// Writes the edges of one entry, piece by piece. The row is noted as soon as there is one.
async fn stage(
    shared: &Arc<Shared>,
    change: &Arc<Publication>,
    place: usize,
    staged: &mut Vec<(usize, i64)>,
) -> Result<(), Error> {
    let load = Load::of(change.by.client, PIECE_ROWS.into());
    let edges = change.entries.get(place).map_or(0, |entry| entry.edges.len());
    let token = layout::upload_id()?.to_string();
    let asked = Arc::clone(change);
    let id = shared.database.write_piece(load, move |tx| asked.stage(tx, &token)).await?;
    staged.push((place, id));
    for first in (0..edges).step_by(PIECE_ROWS as usize) {
        let asked = Arc::clone(change);
        shared.database.write_piece(load, move |tx| asked.stage_piece(tx, id, (place, first))).await?;
    }
    Ok(())
}

/// The transaction that makes everything visible.
async fn finish(
    shared: &Arc<Shared>,
    change: &Arc<Publication>,
    ahead: Ahead,
) -> Result<CommittedBatch, Error> {
    let load = Load::of(change.by.client, change.rows_after(&ahead));
    let (asked, after) = (Arc::clone(change), moving_on(shared, change));
    shared.database.write_then(load, move |tx| asked.run(tx, &ahead), after).await
}

impl Publication {
    /// Whether it is more than its transaction should do beside others.
    pub(super) fn is_large(&self) -> bool {
        let checked = self.preconditions.len().saturating_add(self.links.len());
        checked > PIECE_ROWS as usize || self.entries.iter().any(has_many_edges)
    }

    /// What the transaction weighs after what was done before it.
    fn rows_after(&self, ahead: &Ahead) -> u64 {
        if ahead.at_once && ahead.staged.is_empty() {
            return self.rows();
        }
        let small = self.entries.iter().filter(|entry| !has_many_edges(entry));
        let edges = small.map(|entry| entry.edges.len() as u64).fold(0, u64::saturating_add);
        let names = self.entries.len().saturating_add(self.uploads.len()) as u64;
        let checked = if ahead.seen.is_some() { 0 } else { self.checked_rows() };
        names.saturating_mul(ENTRY_ROWS).saturating_add(edges).saturating_add(checked)
    }

    /// What a snapshot shows: fails as the transaction would.
    fn look(&self, tx: &mut dyn Tx, staged: &[(usize, i64)]) -> Result<Looked, Error> {
        self.by.may.recheck()?;
        // First: on PostgreSQL too all of it is of one snapshot.
        let removals = repositories::removal_count(tx, self.at.repository)?.ok_or(Error::Absent)?;
        let rules = repositories::rules_of_hosted(tx, &self.policies, self.at.repository)?;
        let stale = self.require(tx, &*rules, false)?;
        let mut missing = Vec::new();
        for (place, entry) in self.entries.iter().enumerate().filter(|(_, entry)| has_many_edges(entry)) {
            if let Some((_, id)) = staged.iter().find(|(staged, _)| *staged == place)
                && hidden::is_staged(tx, *id)?
            {
                continue;
            }
            let there = content::entry(tx, self.at.repository, &entry.key)?;
            let same = there
                .is_some_and(|there| there.digest == entry.content && there.media_type == entry.media_type);
            if !same {
                missing.push(place);
            }
        }
        Ok(Looked { seen: Seen { removals, sparse: rules.is_sparse() }, stale, missing })
    }

    fn stage(&self, tx: &mut dyn Tx, token: &str) -> Result<i64, Error> {
        self.by.may.recheck()?;
        repositories::require_hosted(tx, self.at.repository)?;
        hidden::stage(tx, self.at, token)
    }

    fn stage_piece(&self, tx: &mut dyn Tx, id: i64, (place, first): (usize, usize)) -> Result<(), Error> {
        // Withdrawn rights end it in the middle.
        self.by.may.recheck()?;
        if !hidden::is_staged(tx, id)? {
            return Err(Error::Stale);
        }
        let edges = self.entries.get(place).map_or(&[][..], |entry| &entry.edges);
        let piece: &[NewEdge] = edges.get(first..).unwrap_or_default();
        let piece = piece.get(..PIECE_ROWS as usize).unwrap_or(piece);
        bulk::insert_edges(tx, self.at.repository, id, piece)
    }

    /// Whether what was seen before the transaction is so still.
    pub(super) fn is_as_seen(&self, tx: &mut dyn Tx, seen: Seen, sparse: bool) -> Result<bool, Error> {
        let removals = repositories::removal_count(tx, self.at.repository)?.ok_or(Error::Absent)?;
        Ok(seen == Seen { removals, sparse })
    }
}

/// Rows that [`sweep`] deletes at most.
pub(crate) const SWEEP_ROWS: u32 = PIECE_ROWS;

/// Clears one piece away of what was left over by those who could not; false if there is nothing more.
pub(crate) fn sweep(tx: &mut dyn Tx, (before, now): (Timestamp, Timestamp)) -> Result<bool, Error> {
    match hidden::left_over(tx, before, 1)?.first() {
        Some(id) => hidden::clear(tx, *id, now).map(|_| true),
        None => Ok(false),
    }
}
