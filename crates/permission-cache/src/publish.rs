use std::sync::Arc;
use std::time::Duration;

use domain::{
    BoxFuture, Caller, Clock, Decision, GrantSource, NodeId, NodeName, Permissions, Policy, PolicyChanges,
    PolicyFeed, PolicyVersion, ProjectId, RepositoryId, RightKind, SourceError, Timestamp,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::cell::Cell;
use crate::error::Error;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

mod holdings;
mod maintain;

/// The permission matrix in force, and the one writer that keeps it so.
///
/// Deciding takes no lock and never waits: the writer's lock is for writers among themselves.
pub struct PermissionCache {
    cell: Arc<Cell<Snapshot>>,
    writer: Arc<Mutex<Writer>>,
    source: Arc<dyn GrantSource>,
    clock: Arc<dyn Clock>,
}

/// Memory of one snapshot, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSize {
    /// Subject lists, grants and the tables that lead to them.
    pub matrix_bytes: usize,
    /// The names of projects and repositories with their index.
    pub names_bytes: usize,
}

impl PermissionCache {
    /// Loads all facts and compiles them.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub async fn open(source: Arc<dyn GrantSource>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, SourceError> {
        let facts = source.load().await?;
        let now = clock.now();
        let writer = blocking(move || Writer::new(facts, now)).await?;
        let cell = Arc::new(Cell::new(Arc::clone(writer.current())));
        Ok(Arc::new(Self { cell, writer: Arc::new(Mutex::new(writer)), source, clock }))
    }

    /// Everything the caller may do at a node known by id, through the credential presented; nothing if there is no such
    /// node. The same check as [`Policy::decide`] without the look-up of the name.
    #[must_use]
    pub fn effective(&self, caller: &Caller, node: NodeId) -> Permissions {
        self.cell.load().effective(caller, node)
    }

    /// The projects the caller takes part in, or may read something in, ascending by id (access.md 2.7), with the
    /// version that says so. Walks all nodes: for lists, not for every request.
    #[must_use]
    pub fn visible_projects(&self, caller: &Caller) -> (Vec<ProjectId>, PolicyVersion) {
        let snapshot = self.cell.load();
        (snapshot.visible_projects(caller), snapshot.version)
    }

    /// Memory of the snapshot in force.
    #[must_use]
    pub fn size(&self) -> CacheSize {
        let (matrix_bytes, names_bytes) = self.cell.load().bytes();
        CacheSize { matrix_bytes, names_bytes }
    }

    /// Asks the source what changed and brings it into force.
    ///
    /// The source is asked without the writer's lock, so a source that hangs holds up nobody else.
    async fn refresh(&self) -> Result<(), SourceError> {
        let base = self.version();
        let changes = self.source.changes_since(base).await?;
        self.take_in(base, changes).await
    }

    /// Brings what changed after `base` into force, unless a later answer of the source was quicker.
    pub(crate) async fn take_in(
        &self,
        base: PolicyVersion,
        changes: PolicyChanges,
    ) -> Result<(), SourceError> {
        // A database restored from its backup has a lower version than what is in force.
        let set_back = changes.version < base;
        let writer = self.lock().await;
        if set_back || writer.must_reload(&changes.changes) {
            drop(writer);
            return self.reload(set_back).await;
        }
        let now = self.clock.now();
        let stale = changes.version < writer.version();
        let nothing =
            changes.version == writer.version() && changes.changes.is_empty() && !writer.is_due(now);
        if stale || nothing {
            return Ok(());
        }
        self.follow(writer, changes, now).await
    }

    /// Loads everything again. What is in force is never replaced by something older, unless the source was set back.
    async fn reload(&self, set_back: bool) -> Result<(), SourceError> {
        let facts = self.source.load().await?;
        let version = facts.version;
        let now = self.clock.now();
        let fresh = blocking(move || Writer::new(facts, now)).await?;
        let mut writer = self.lock().await;
        if version >= writer.version() || set_back {
            tracing::info!(version = version.get(), set_back, "all access data was loaded again");
            writer.replace(fresh, &self.cell);
        }
        Ok(())
    }

    async fn follow(
        &self,
        mut writer: OwnedMutexGuard<Writer>,
        changes: PolicyChanges,
        now: Timestamp,
    ) -> Result<(), SourceError> {
        let cell = Arc::clone(&self.cell);
        // The lock moves along: if the caller stops waiting, the work still ends before the next writer begins.
        blocking(move || writer.follow(changes, now, &cell)).await
    }

    async fn lock(&self) -> OwnedMutexGuard<Writer> {
        Arc::clone(&self.writer).lock_owned().await
    }
}

impl Policy for PermissionCache {
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        self.cell.load().decide(caller, node, right)
    }

    fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        let snapshot = self.cell.load();
        (snapshot.readable(caller), snapshot.version)
    }
}

impl PolicyFeed for PermissionCache {
    fn version(&self) -> PolicyVersion {
        self.cell.load().version
    }

    fn refresh_to(&self, version: PolicyVersion) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async move {
            if self.version() >= version {
                return Ok(());
            }
            self.refresh().await?;
            let reached = self.version();
            if reached < version { Err(Error::Behind { wanted: version, reached }.into()) } else { Ok(()) }
        })
    }

    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(self.refresh())
    }
}

/// Compiling may take a while and must not hold up a thread that serves requests, nor wait for one that traffic keeps. Callers
/// are one per writer's lock or one maintenance task, so it takes few threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SourceError> {
    budget::apart("access", work).await.map_err(|error| Error::Compile(Box::new(error)).into())
}

/// How long anything that has to be in force may take to be noticed (design §6).
const POLL: Duration = Duration::from_secs(1);
