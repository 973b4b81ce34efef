//! Documents in the making and made: one rendering for all who ask at the same time, bounded in number and bytes. A document is
//! counted as long as anybody holds its bytes, however slowly they are sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use budget::{Bounds, Budget, Common};
use bytes::Bytes;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use domain::Client;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::{Notify, OnceCell};

use super::{DocumentAt, OVERHEAD_BYTES};
use crate::error::Error;
use crate::limits::StorageLimits;

/// Documents that somebody holds or waits for. Each has at most one slot.
type Live = DashMap<DocumentAt, Weak<Slot>>;

/// Rendered documents and those being rendered.
pub(crate) struct Renders {
    kept: Cache<DocumentAt, Arc<Slot>, Size>,
    live: Arc<Live>,
    /// Renderings at a time.
    turns: Arc<Budget>,
    /// Bytes of all documents, kept or still held by who was given them.
    memory: Arc<Budget>,
}

/// A document, as soon as there is one.
struct Slot {
    at: DocumentAt,
    live: Arc<Live>,
    document: OnceCell<Held>,
    /// Requests that have a turn for it or stand in line for one.
    wanting: AtomicUsize,
    /// There is a document, or nobody is left who is going to render it.
    changed: Notify,
}

struct Held {
    bytes: Bytes,
    _counted: Common,
}

/// Bytes of a document on their way to somebody.
struct Lent(Arc<Slot>);

/// One of [`Slot::wanting`].
struct Wanting<'s>(&'s Slot);

#[derive(Clone)]
struct Size;

impl Renders {
    pub(crate) fn new(limits: &StorageLimits) -> Self {
        let cache_bytes = limits.documents_cache_bytes_max.min(limits.documents_bytes_max);
        // The cache makes shards of 32 expected documents or more, and keeps none that is larger than a shard: 8 MiB.
        let documents = usize::try_from(cache_bytes / 262_144).unwrap_or(usize::MAX).max(16);
        let all = limits.documents_bytes_max;
        Self {
            kept: Cache::with_weighter(documents, cache_bytes, Size),
            live: Arc::default(),
            turns: Budget::new(limits.renders),
            memory: Budget::new(Bounds::new(all, all, all)),
        }
    }

    /// Renderings at a time, and bytes of all documents.
    pub(crate) const fn budgets(&self) -> [&Arc<Budget>; 2] {
        [&self.turns, &self.memory]
    }

    /// A document that is there.
    pub(crate) fn find(&self, at: &DocumentAt) -> Option<Bytes> {
        let slot = self.kept.get(at).or_else(|| self.live.get(at)?.upgrade())?;
        slot.lend()
    }

    /// A document that is there, or is rendered now by whoever of those that ask is first to get a turn.
    pub(crate) async fn get<E, F>(
        &self,
        client: Client,
        at: DocumentAt,
        render: impl FnOnce() -> F,
    ) -> Result<Bytes, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        match self.find(&at) {
            Some(document) => Ok(document),
            None => Box::pin(self.make(client, at, render)).await,
        }
    }

    async fn make<E, F>(&self, client: Client, at: DocumentAt, render: impl FnOnce() -> F) -> Result<Bytes, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let slot = self.slot(at);
        loop {
            let mut changed = std::pin::pin!(slot.changed.notified());
            changed.as_mut().enable();
            if let Some(document) = slot.lend() {
                return Ok(document);
            }
            let wanting = Wanting::new(&slot);
            let turn = tokio::select! {
                biased;
                () = &mut changed => continue,
                turn = self.turns.wait(client, 1) => turn,
            };
            let exceeded = match turn {
                Ok(_turn) => return self.fill(&slot, render).await,
                Err(exceeded) => exceeded,
            };
            // Who finds no place in the line shares what those bring who have one.
            drop(wanting);
            if slot.wanting.load(Ordering::SeqCst) == 0 && slot.document.get().is_none() {
                return Err(Error::from(exceeded).into());
            }
            changed.await;
        }
    }

    async fn fill<E, F>(&self, slot: &Arc<Slot>, render: impl FnOnce() -> F) -> Result<Bytes, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Bytes, E>>,
    {
        let mut made = false;
        let fill = async || {
            let held = self.hold(render().await?)?;
            made = true;
            Ok::<_, E>(held)
        };
        slot.document.get_or_try_init(fill).await?;
        if made {
            slot.changed.notify_waiters();
            self.kept.insert(slot.at.clone(), Arc::clone(slot));
        }
        Ok(slot.lend().unwrap_or_default())
    }

    /// Counts a document. What is kept without need gives way to it.
    fn hold(&self, bytes: Bytes) -> Result<Held, Error> {
        let amount = (bytes.len() as u64).saturating_add(OVERHEAD_BYTES);
        let counted = self.memory.take_common(amount).or_else(|_| {
            self.kept.clear();
            self.memory.take_common(amount)
        });
        Ok(Held { bytes, _counted: counted? })
    }

    /// Bytes of all documents that anybody holds.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> u64 {
        self.memory.held()
    }

    fn slot(&self, at: DocumentAt) -> Arc<Slot> {
        let make = |at: &DocumentAt| {
            Arc::new(Slot {
                at: at.clone(),
                live: Arc::clone(&self.live),
                document: OnceCell::new(),
                wanting: AtomicUsize::new(0),
                changed: Notify::new(),
            })
        };
        match self.live.entry(at) {
            Entry::Occupied(mut known) => known.get().upgrade().unwrap_or_else(|| {
                let slot = make(known.key());
                known.insert(Arc::downgrade(&slot));
                slot
            }),
            Entry::Vacant(free) => {
                let slot = make(free.key());
                free.insert(Arc::downgrade(&slot));
                slot
            }
        }
    }
}

impl Slot {
    fn lend(self: &Arc<Self>) -> Option<Bytes> {
        self.document.get().map(|_| Bytes::from_owner(Lent(Arc::clone(self))))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.live.remove_if(&self.at, |_, slot| slot.strong_count() == 0);
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.document.get().map_or(&[], |held| &held.bytes)
    }
}

impl<'s> Wanting<'s> {
    fn new(slot: &'s Slot) -> Self {
        slot.wanting.fetch_add(1, Ordering::SeqCst);
        Self(slot)
    }
}

impl Drop for Wanting<'_> {
    fn drop(&mut self) {
        if self.0.wanting.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.changed.notify_waiters();
        }
    }
}

impl Weighter<DocumentAt, Arc<Slot>> for Size {
    fn weight(&self, at: &DocumentAt, slot: &Arc<Slot>) -> u64 {
        let bytes = slot.document.get().map_or(0, |held| held.bytes.len());
        (bytes.saturating_add(at.name.len()) as u64).saturating_add(OVERHEAD_BYTES)
    }
}
