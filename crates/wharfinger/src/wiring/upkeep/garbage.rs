//! Collection of garbage (docs/operations.md 2): links, then blobs, then bytes, each by a worker of its own.

use std::time::Duration;

use storage::{BLOBS, BoxError, CollectCursor, LINKS, Lease, PURGE, Storage, Worked};

use super::{Step, Worker};

/// Takes links away that no name needs.
pub(in crate::wiring) struct Links {
    storage: Storage,
    cursor: CollectCursor,
    /// Whether what was given up before the start has been tried again.
    begun: bool,
}

/// Condemns the bytes of what no repository has any more.
pub(in crate::wiring) struct Blobs {
    storage: Storage,
    cursor: CollectCursor,
}

/// Removes bytes whose time has come.
pub(in crate::wiring) struct Purge {
    storage: Storage,
}

impl Links {
    pub(in crate::wiring) fn new(storage: &Storage) -> Self {
        Self { storage: storage.clone(), cursor: CollectCursor::default(), begun: false }
    }
}

impl Blobs {
    pub(in crate::wiring) fn new(storage: &Storage) -> Self {
        Self { storage: storage.clone(), cursor: CollectCursor::default() }
    }
}

impl Purge {
    pub(in crate::wiring) fn new(storage: &Storage) -> Self {
        Self { storage: storage.clone() }
    }
}

/// On until nothing is left that is due.
fn step(storage: &Storage, worked: Worked) -> Step {
    let every: Duration = storage.garbage_every();
    if worked.is_nothing() { Step::idle(every) } else { Step::busy(worked.items, worked.failed) }
}

impl Worker<Lease> for Links {
    const NAME: &'static str = LINKS;
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        if !self.begun {
            self.storage.retry_garbage(lease).await?;
            self.begun = true;
        }
        Ok(step(&self.storage, self.storage.collect_links(lease, &mut self.cursor).await?))
    }
}

impl Worker<Lease> for Blobs {
    const NAME: &'static str = BLOBS;
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        Ok(step(&self.storage, self.storage.collect_blobs(lease, &mut self.cursor).await?))
    }
}

impl Worker<Lease> for Purge {
    const NAME: &'static str = PURGE;
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        let worked = self.storage.purge(lease).await?;
        if worked.items > 0 {
            tracing::info!(contents = worked.items, "bytes that nobody needs were removed");
        }
        Ok(step(&self.storage, worked))
    }
}
