//! Contents found damaged, as far as their rows do not say so yet, and those of which it is to be seen whether they still are.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::Digest;
use tokio::time::Instant;

use crate::model::BlobRef;

/// Contents of which something is remembered at a time; of more, the rows say what there is to say.
const REMEMBERED_MAX: usize = 1024;
/// How long it is believed that bytes are gone, without another look, and that they are other ones, which takes reading all of them.
const GONE_BELIEVED: Duration = Duration::from_secs(60);
const ALTERED_BELIEVED: Duration = Duration::from_secs(3600);

/// What was found and mended since the gateway started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamageCounts {
    /// Contents whose bytes were gone, cut short or altered when they were read.
    pub found: u64,
    /// Of damaged contents, those that have the right bytes again.
    pub healed: u64,
}

#[derive(Default)]
pub(crate) struct Damages {
    lists: Mutex<Lists>,
    /// How many wait to be written.
    unwritten: AtomicUsize,
    found: AtomicU64,
    healed: AtomicU64,
}

#[derive(Default)]
struct Lists {
    /// By object key.
    unwritten: HashMap<Arc<str>, BlobRef>,
    /// To be looked at again.
    doubted: HashMap<Arc<str>, (BlobRef, Digest)>,
    /// Until when it is believed what was seen.
    believed: HashMap<Arc<str>, Instant>,
}

/// What a look at a damaged content showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The bytes are right.
    Right,
    /// They are gone or cut short, or could not be read.
    Gone,
    /// They are other ones.
    Altered,
}

impl Damages {
    pub(crate) fn counts(&self) -> DamageCounts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DamageCounts { found: count(&self.found), healed: count(&self.healed) }
    }

    pub(crate) fn healed(&self, contents: u64) {
        self.healed.fetch_add(contents, Ordering::Relaxed);
    }

    /// Whether all that was found is written.
    pub(crate) fn is_empty(&self) -> bool {
        self.unwritten.load(Ordering::Relaxed) == 0
    }

    /// Whether it was found damaged a moment ago.
    pub(crate) fn is_found(&self, object_key: &str) -> bool {
        !self.is_empty() && self.lists().unwritten.contains_key(object_key)
    }

    /// Remembers what was found; whether it is news.
    pub(crate) fn find(&self, blob: &BlobRef) -> bool {
        let lists = &mut *self.lists();
        let news = !lists.unwritten.contains_key(&blob.object_key);
        if news {
            self.found.fetch_add(1, Ordering::Relaxed);
            if lists.unwritten.len() < REMEMBERED_MAX {
                lists.unwritten.insert(Arc::clone(&blob.object_key), blob.clone());
                self.unwritten.store(lists.unwritten.len(), Ordering::Relaxed);
            }
        }
        news
    }

    /// Somebody asks for a content whose row says that it is damaged: it is to be seen whether it still is.
    pub(crate) fn doubt(&self, blob: &BlobRef, digest: &Digest, now: Instant) {
        let lists = &mut *self.lists();
        let believed = lists.believed.get(&blob.object_key).is_some_and(|until| *until > now);
        if !believed && lists.doubted.len() < REMEMBERED_MAX {
            lists.doubted.insert(Arc::clone(&blob.object_key), (blob.clone(), *digest));
        }
    }

    /// What waits to be written.
    pub(crate) fn unwritten(&self) -> Vec<BlobRef> {
        self.lists().unwritten.values().cloned().collect()
    }

    /// Rows say so now.
    pub(crate) fn written(&self, blobs: &[BlobRef]) {
        let lists = &mut *self.lists();
        for blob in blobs {
            lists.unwritten.remove(&blob.object_key);
        }
        self.unwritten.store(lists.unwritten.len(), Ordering::Relaxed);
    }

    /// One that is to be looked at.
    pub(crate) fn doubted(&self) -> Option<(BlobRef, Digest)> {
        self.lists().doubted.values().next().cloned()
    }

    /// It was looked at.
    pub(crate) fn looked(&self, blob: &BlobRef, seen: Seen, now: Instant) {
        let lists = &mut *self.lists();
        lists.doubted.remove(&blob.object_key);
        let believed = match seen {
            Seen::Right => {
                lists.believed.remove(&blob.object_key);
                return;
            }
            Seen::Gone => GONE_BELIEVED,
            Seen::Altered => ALTERED_BELIEVED,
        };
        if lists.believed.len() >= REMEMBERED_MAX {
            lists.believed.retain(|_, until| *until > now);
        }
        if lists.believed.len() < REMEMBERED_MAX {
            lists.believed.insert(Arc::clone(&blob.object_key), now + believed);
        }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        // Nothing that panics happens under the lock.
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
