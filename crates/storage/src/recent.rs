//! Names and links looked up a moment ago, on the one node that also writes them (docs/design.md 7: names are cached in process and
//! invalidated at commit; with several nodes a request reads SQL).
//!
//! Every repository has a turn, part of each key here. A change of names moves the turn on after it is durable and before
//! anybody is told; what was read before it is then out of reach, whoever puts it here however late.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Digest, EntryKey, RepositoryId};
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::batch::{BlobRef, Entry};

mod changes;

pub(crate) use changes::Changed;
use changes::Changes;

/// Turns; repositories may share one, which costs them a look-up.
const TURNS: usize = 1024;
/// What a row costs besides its texts.
const ROW_BYTES: u64 = 512;

pub(crate) struct Recent {
    /// `None` where others write too.
    rows: Option<Rows>,
    turns: Box<[AtomicU64]>,
    changes: Mutex<Changes>,
}

struct Rows {
    entries: Cache<EntryAt, Entry, Size>,
    links: Cache<LinkAt, BlobRef, Size>,
    digests: Cache<BlobAt, Arc<[Digest]>, Size>,
}

/// A repository at one of its turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Moment {
    repository: RepositoryId,
    turn: u64,
}

#[derive(PartialEq, Eq, Hash)]
struct EntryAt {
    moment: Moment,
    key: EntryKey,
}

/// As [`EntryAt`], without owning the name; hashes alike.
#[derive(Hash)]
struct EntryAsked<'k> {
    moment: Moment,
    key: &'k EntryKey,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct LinkAt {
    moment: Moment,
    digest: Digest,
}

/// Digests are added to a blob only with a change of names in the repository that asks for them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct BlobAt {
    moment: Moment,
    blob: i64,
}

#[derive(Clone)]
struct Size;

impl Moment {
    /// Whether names changed between the other and this one.
    pub(crate) const fn is_after(self, other: Self) -> bool {
        self.turn > other.turn
    }
}

impl Recent {
    /// For a process that alone writes the database, or one that does not.
    pub(crate) fn new(alone: bool, bytes_max: u64) -> Self {
        let rows = usize::try_from(bytes_max / ROW_BYTES).unwrap_or(usize::MAX).max(16);
        let third = bytes_max / 3;
        let rows = alone.then(|| Rows {
            entries: Cache::with_weighter(rows, third, Size),
            links: Cache::with_weighter(rows, third, Size),
            digests: Cache::with_weighter(rows, third, Size),
        });
        let turns = (0..TURNS).map(|_| AtomicU64::new(0)).collect();
        Self { rows, turns, changes: Mutex::new(Changes::new(TURNS)) }
    }

    /// The present turn of a repository. Taken before the database is asked, never after.
    pub(crate) fn moment(&self, repository: RepositoryId) -> Moment {
        let turn = self.turn(repository).map_or(0, |turn| turn.load(Ordering::Acquire));
        Moment { repository, turn }
    }

    /// What was read of this repository before is void.
    pub(crate) fn move_on(&self, repository: RepositoryId, changed: Changed) {
        let Some((place, turn)) = place(repository).zip(self.turn(repository)) else { return };
        // Under the lock, so that whoever sees the new turn finds what it changed.
        let mut changes = self.changes();
        let now = turn.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        changes.add(place, now, repository, changed);
    }

    /// What was read of any repository before is void.
    pub(crate) fn forget(&self) {
        let mut changes = self.changes();
        for (place, turn) in self.turns.iter().enumerate() {
            let now = turn.fetch_add(1, Ordering::AcqRel).saturating_add(1);
            changes.forget(place, now);
        }
    }

    /// Names of the versions of a package that may have changed since that moment; `None` if any may have.
    pub(crate) fn changed_since(&self, moment: Moment, package: &str) -> Option<Vec<Box<str>>> {
        let Moment { repository, turn } = moment;
        self.changes().since(place(repository)?, turn, repository, package)
    }

    pub(crate) fn entry(&self, moment: Moment, key: &EntryKey) -> Option<Entry> {
        self.rows.as_ref()?.entries.get(&EntryAsked { moment, key })
    }

    pub(crate) fn keep_entry(&self, moment: Moment, key: EntryKey, entry: &Entry) {
        if let Some(rows) = &self.rows {
            rows.entries.insert(EntryAt { moment, key }, entry.clone());
        }
    }

    pub(crate) fn link(&self, moment: Moment, digest: &Digest) -> Option<BlobRef> {
        self.rows.as_ref()?.links.get(&LinkAt { moment, digest: *digest })
    }

    pub(crate) fn keep_link(&self, moment: Moment, digest: &Digest, blob: &BlobRef) {
        if let Some(rows) = &self.rows {
            rows.links.insert(LinkAt { moment, digest: *digest }, blob.clone());
        }
    }

    pub(crate) fn digests(&self, moment: Moment, blob: i64) -> Option<Arc<[Digest]>> {
        self.rows.as_ref()?.digests.get(&BlobAt { moment, blob })
    }

    pub(crate) fn keep_digests(&self, moment: Moment, blob: i64, digests: &Arc<[Digest]>) {
        if let Some(rows) = &self.rows {
            rows.digests.insert(BlobAt { moment, blob }, Arc::clone(digests));
        }
    }

    /// Whether what was read at a moment may be kept: not where others write too.
    pub(crate) const fn is_kept(&self) -> bool {
        self.rows.is_some()
    }

    fn turn(&self, repository: RepositoryId) -> Option<&AtomicU64> {
        self.turns.get(place(repository)?)
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        // Nothing that panics happens under the lock.
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the turn of a repository is.
fn place(repository: RepositoryId) -> Option<usize> {
    usize::try_from(repository.get()).ok()?.checked_rem(TURNS)
}

impl Equivalent<EntryAt> for EntryAsked<'_> {
    fn equivalent(&self, at: &EntryAt) -> bool {
        self.moment == at.moment && *self.key == at.key
    }
}

impl Weighter<EntryAt, Entry> for Size {
    fn weight(&self, at: &EntryAt, entry: &Entry) -> u64 {
        let names =
            at.key.package.display().len().saturating_add(at.key.name.display().len()).saturating_mul(2);
        let texts = entry.attributes.len().saturating_add(names) as u64;
        texts.saturating_add(ROW_BYTES)
    }
}

impl Weighter<LinkAt, BlobRef> for Size {
    fn weight(&self, _: &LinkAt, _: &BlobRef) -> u64 {
        ROW_BYTES
    }
}

impl Weighter<BlobAt, Arc<[Digest]>> for Size {
    fn weight(&self, _: &BlobAt, _: &Arc<[Digest]>) -> u64 {
        ROW_BYTES
    }
}
