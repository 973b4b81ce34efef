use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use domain::{
    BoxFuture, Caller, Clock, Decision, FactSource, NodeId, NodeName, Permissions, Policy, PolicyChange,
    PolicyFacts, PolicyFeed, PolicyPoint, PolicyVersion, Project, RepositoryId, RightKind, SourceError,
};
use follower::{Follower, Target};

use crate::cell::Cell;
use crate::compare::Differences;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

mod holdings;
mod maintain;

pub use maintain::next_night;

/// The permission matrix in force, and what keeps it so.
///
/// Deciding takes no lock and never waits: the writer's lock is for writers among themselves.
pub struct PermissionCache {
    matrix: Arc<Matrix>,
    follower: Follower<dyn FactSource<PolicyFacts>, Matrix>,
}

/// The snapshot in force and its one writer.
struct Matrix {
    cell: Cell<Snapshot>,
    writer: Mutex<Writer>,
    /// Whether the writer's model is as the snapshot in force says: not if a change broke off in the middle.
    sound: AtomicBool,
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
    pub async fn open(
        source: Arc<dyn FactSource<PolicyFacts>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, SourceError> {
        let follower = Follower::open(source, move |facts| Matrix::new(facts, clock)).await?;
        Ok(Arc::new(Self { matrix: Arc::clone(follower.target()), follower }))
    }

    /// Everything the caller may do at a node known by id, through the credential presented; nothing if there is no such
    /// node. The same check as [`Policy::decide`] without the look-up of the name.
    #[must_use]
    pub fn effective(&self, caller: &Caller, node: NodeId) -> Permissions {
        self.matrix.cell.load().effective(caller, node)
    }

    /// Memory of the snapshot in force.
    #[must_use]
    pub fn size(&self) -> CacheSize {
        let (matrix_bytes, names_bytes) = self.matrix.cell.load().bytes();
        CacheSize { matrix_bytes, names_bytes }
    }
}

impl Matrix {
    fn new(facts: PolicyFacts, clock: Arc<dyn Clock>) -> Self {
        let writer = Writer::new(facts, clock.now());
        let cell = Cell::new(Arc::clone(writer.current()));
        Self { cell, writer: Mutex::new(writer), sound: AtomicBool::new(true), clock }
    }

    /// Lets the writer change what is in force. Where that broke off before, only `replace` helps.
    fn write<R>(&self, write: impl FnOnce(&mut Writer) -> R) -> R {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.sound.store(false, Ordering::Release);
        let done = write(&mut writer);
        self.sound.store(true, Ordering::Release);
        done
    }

    /// The writer, if nobody else has it at the moment.
    fn idle_writer(&self) -> Option<MutexGuard<'_, Writer>> {
        match self.writer.try_lock() {
            Ok(writer) => Some(writer),
            Err(TryLockError::Poisoned(writer)) => Some(writer.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether a grant has begun or ceased to hold since the last compilation. Who compiles at the moment takes that in.
    fn is_due(&self) -> bool {
        let now = self.clock.now();
        self.is_sound() && self.idle_writer().is_some_and(|writer| writer.is_due(now))
    }

    /// Takes in nothing but the time.
    fn end_grants(&self) {
        self.write(|writer| writer.follow(Vec::new(), writer.version(), self.clock.now(), &self.cell));
    }

    /// Brings changes into force and compares the result with what was compiled from all facts, which is in force if they differ.
    fn compare(&self, fresh: Writer, changes: Vec<PolicyChange>, version: PolicyVersion) -> Differences {
        let now = self.clock.now();
        self.write(|writer| writer.compare(fresh, changes, version, now, &self.cell))
    }
}

impl Target for Matrix {
    type Facts = PolicyFacts;

    const NAME: &'static str = "access";

    /// Compiling may take a while.
    fn is_quick(_: usize) -> bool {
        false
    }

    fn apply(&self, changes: Vec<PolicyChange>, version: PolicyVersion) {
        let now = self.clock.now();
        self.write(|writer| writer.follow(changes, version, now, &self.cell));
    }

    fn replace(&self, facts: PolicyFacts, _: PolicyVersion) {
        let fresh = Writer::new(facts, self.clock.now());
        self.write(|writer| writer.replace(fresh, &self.cell));
    }

    fn is_sound(&self) -> bool {
        self.sound.load(Ordering::Acquire)
    }
}

impl Policy for PermissionCache {
    fn decide(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Decision {
        self.matrix.cell.load().decide(caller, node, right)
    }

    fn readable(&self, caller: &Caller) -> (Vec<RepositoryId>, PolicyVersion) {
        let snapshot = self.matrix.cell.load();
        (snapshot.readable(caller), snapshot.version)
    }

    fn known_projects(&self, caller: &Caller) -> (Vec<(Project, Permissions)>, PolicyVersion) {
        let snapshot = self.matrix.cell.load();
        (snapshot.known_projects(caller), snapshot.version)
    }
}

impl PolicyFeed for PermissionCache {
    fn point(&self) -> PolicyPoint {
        self.follower.point()
    }

    fn refresh_to(&self, point: PolicyPoint) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(self.follower.refresh_to(point))
    }

    fn refresh_now(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async { self.follower.refresh().await.map(drop) })
    }
}
