//! What is fetched and made, counted in memory, within bounds, until a worker writes it (docs/guide/usage.md). No request waits for it, and
//! none writes a row for it.

use std::collections::BTreeMap;
use std::mem::size_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Clock, EntryKey, EntryKind, RepositoryId, time};
use tokio::sync::Notify;

/// Memory for what waits to be written, in bytes, and how much of it is for repositories alone.
const BYTES_MAX: usize = 8 << 20;
const UNNAMED_BYTES: usize = 1 << 20;
/// What a count takes besides its texts, in bytes.
const COUNT_BYTES: usize = size_of::<(UsageKey, UsageSums)>() * 2;

/// A version that something was fetched of, by the keys of its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchedVersion {
    /// Its package.
    pub package: Box<str>,
    /// Which kind of name it is.
    pub kind: EntryKind,
    /// Its name.
    pub name: Box<str>,
}

/// What is counted by itself: in the order in which it is written, which is the same on every node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsageKey {
    pub(crate) repository: RepositoryId,
    /// Days since 1970, in UTC.
    pub(crate) day: i64,
    /// `None` for what is of no version, or found no room for one.
    pub(crate) version: Option<FetchedVersion>,
}

/// How much of it there was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct UsageSums {
    pub(crate) downloads: u64,
    pub(crate) bytes: u64,
    pub(crate) published: u64,
}

/// How much was counted, for those who watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageCounted {
    /// Counts that wait to be written.
    pub waiting: u64,
    /// Downloads for whose version there was no room since this process began: their repository has them.
    pub unnamed: u64,
    /// Downloads for which there was no room at all.
    pub lost: u64,
}

/// Counts on their way. Cheap to add to; one worker takes them out.
pub struct UsageCounts {
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
    unnamed: AtomicU64,
    lost: AtomicU64,
    half_full: Notify,
    /// Held while some are being written.
    pub(crate) writing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Waiting {
    counts: BTreeMap<UsageKey, UsageSums>,
    bytes: usize,
}

impl FetchedVersion {
    /// The version of this name.
    #[must_use]
    pub fn of(key: &EntryKey) -> Self {
        Self { package: key.package.key().into(), kind: key.kind, name: key.name.key().into() }
    }
}

impl UsageSums {
    pub(crate) const fn and(self, more: Self) -> Self {
        Self {
            downloads: self.downloads.saturating_add(more.downloads),
            bytes: self.bytes.saturating_add(more.bytes),
            published: self.published.saturating_add(more.published),
        }
    }
}

impl UsageKey {
    fn bytes(&self) -> usize {
        let texts = self.version.as_ref().map_or(0, |of| of.package.len().saturating_add(of.name.len()));
        texts.saturating_add(COUNT_BYTES)
    }
}

impl Waiting {
    /// Adds to a count; gives the key of one that is new and has no room.
    fn add(&mut self, key: UsageKey, sums: UsageSums) -> Result<(), UsageKey> {
        if let Some(known) = self.counts.get_mut(&key) {
            *known = known.and(sums);
            return Ok(());
        }
        let bytes = self.bytes.saturating_add(key.bytes());
        if bytes > if key.version.is_some() { BYTES_MAX - UNNAMED_BYTES } else { BYTES_MAX } {
            return Err(key);
        }
        self.bytes = bytes;
        self.counts.insert(key, sums);
        Ok(())
    }
}

impl UsageCounts {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            waiting: Mutex::default(),
            unnamed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            half_full: Notify::new(),
            writing: Arc::default(),
        })
    }

    /// Counts what was handed out: so many bytes, and whether that was a download. Never waits.
    pub fn fetched(
        &self,
        repository: RepositoryId,
        version: Option<FetchedVersion>,
        (bytes, is_download): (u64, bool),
    ) {
        let sums = UsageSums { downloads: is_download.into(), bytes, published: 0 };
        self.add(repository, version, sums);
    }

    /// Counts versions that were made.
    pub(crate) fn published(&self, repository: RepositoryId, versions: u64) {
        if versions > 0 {
            self.add(repository, None, UsageSums { published: versions, ..UsageSums::default() });
        }
    }

    /// How much was counted.
    #[must_use]
    pub fn counted(&self) -> UsageCounted {
        UsageCounted {
            waiting: self.waiting().counts.len() as u64,
            unnamed: self.unnamed.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
        }
    }

    /// Waits until there is so much that it should be written before its time.
    pub async fn half_full(&self) {
        self.half_full.notified().await;
    }

    fn add(&self, repository: RepositoryId, version: Option<FetchedVersion>, sums: UsageSums) {
        let key = UsageKey { repository, day: time::day_of(self.clock.now()), version };
        let mut waiting = self.waiting();
        if let Err(key) = waiting.add(key, sums) {
            let named = key.version.is_some();
            match waiting.add(UsageKey { version: None, ..key }, sums) {
                Ok(()) if named => self.unnamed.fetch_add(sums.downloads, Ordering::Relaxed),
                Ok(()) => 0,
                Err(_) => self.lost.fetch_add(sums.downloads, Ordering::Relaxed),
            };
        }
        if waiting.bytes > BYTES_MAX / 2 {
            self.half_full.notify_one();
        }
    }

    /// Takes the first counts out.
    pub(crate) fn take(&self, most: usize) -> Vec<(UsageKey, UsageSums)> {
        let mut waiting = self.waiting();
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some((key, sums)) = waiting.counts.pop_first()
        {
            waiting.bytes = waiting.bytes.saturating_sub(key.bytes());
            taken.push((key, sums));
        }
        taken
    }

    /// Puts what could not be written back; what finds no room any more is lost.
    pub(crate) fn put_back(&self, taken: Vec<(UsageKey, UsageSums)>) {
        let mut waiting = self.waiting();
        for (key, sums) in taken {
            if waiting.add(key, sums).is_err() {
                self.lost.fetch_add(sums.downloads, Ordering::Relaxed);
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
