//! What each node does for itself.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use auth::Authenticator;
use domain::{Clock, System, Timestamp};
use permission_cache::PermissionCache;
use storage::{AuditHead, BoxError, Directory, Storage, Written};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::{END_MAX, Step, Worker};
use crate::error::with_causes;
use crate::wiring::names::NamesFollower;

/// How late a change is in force that nobody told us of, a grant is over, or what waits for room is stored (docs/design.md 6).
const POLL: Duration = Duration::from_secs(1);
/// Between two writes of when tokens were last used.
const LAST_USED_EVERY: Duration = Duration::from_secs(60);
/// Between two writes of what was noted for the audit: what is alike meanwhile is one event.
const AUDIT_EVERY: Duration = Duration::from_secs(1);
/// Between two lines of the log that say where the chain of the audit stands (docs/api.md 6).
const HEAD_EVERY: Duration = Duration::from_secs(3600);
/// Between two writes of what was found damaged.
const DAMAGED_EVERY: Duration = Duration::from_secs(1);
/// Between two writes of what was fetched: what is fetched again meanwhile is one row.
const USAGE_EVERY: Duration = Duration::from_secs(5);
/// Between two looks at whether it is night.
const NIGHT_LOOK: Duration = Duration::from_secs(60);
/// Between two moments at which the allocator gives memory back.
const MEMORY_EVERY: Duration = Duration::from_secs(3);
/// After how many allocations that leave its fast path mimalloc looks through the pages of a thread, and what leaves it, in bytes.
const LOOK_ALLOCATIONS: usize = 10_000;
const SLOW_BYTES: usize = 2 << 10;

/// Follows who logs in.
pub(in crate::wiring) struct LogInFollower(pub(in crate::wiring) Arc<Authenticator>);

/// Follows what one may do.
pub(in crate::wiring) struct AccessFollower(pub(in crate::wiring) Arc<PermissionCache>);

/// Follows what the organisation is called.
pub(in crate::wiring) struct Names(pub(in crate::wiring) Arc<NamesFollower>);

/// Ends grants at their time. It waits for no source: one that hangs does not prolong a grant.
pub(in crate::wiring) struct GrantEnds(pub(in crate::wiring) Arc<PermissionCache>);

/// Compiles the matrix anew once a night and compares.
pub(in crate::wiring) struct Comparison {
    permissions: Arc<PermissionCache>,
    clock: Arc<dyn Clock>,
    next: Timestamp,
}

/// Notes when tokens were last used, and a last time at the end.
pub(in crate::wiring) struct LastUsed {
    pub(in crate::wiring) authenticator: Arc<Authenticator>,
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
}

/// Stores what was taken away while the disk was full.
pub(in crate::wiring) struct Unstored {
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
}

/// Writes log-ins, refusals and transfers to the audit.
pub(in crate::wiring) struct AuditWriter {
    pub(in crate::wiring) storage: Storage,
    pub(in crate::wiring) system: System,
}

/// Says in the log where the chain of the audit stands: whoever changes the database afterwards does not change the log.
pub(in crate::wiring) struct AuditHeads {
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
}

/// Writes what was fetched and made.
pub(in crate::wiring) struct UsageWriter {
    pub(in crate::wiring) storage: Storage,
    pub(in crate::wiring) system: System,
}

/// Notes which contents were found damaged, and finds those again that came back.
pub(in crate::wiring) struct Damaged {
    pub(in crate::wiring) storage: Storage,
    pub(in crate::wiring) system: System,
}

/// Lets the allocator give memory back.
pub(in crate::wiring) struct Memory;

/// Writes all that was noted for the audit.
async fn write_audit(storage: &Storage, system: &System) {
    loop {
        match storage.write_audit(system).await {
            Ok(Written { items: 0, .. }) => return,
            Ok(_) => {}
            Err(error) => {
                let error = with_causes(&error);
                tracing::error!(error, "what was noted for the audit is lost with this process");
                return;
            }
        }
    }
}

/// Writes what requests had to say that ended after the workers had: they are let to their end.
pub(in crate::wiring) async fn write_the_rest(storage: &Storage, system: &System) {
    let writing = async {
        write_audit(storage, system).await;
        loop {
            match storage.write_usage(system).await {
                Ok(Written { items: 0, .. }) => return,
                Ok(_) => {}
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::error!(error, "what was fetched lately is counted no more");
                    return;
                }
            }
        }
    };
    if timeout(END_MAX, writing).await.is_err() {
        tracing::warn!("what the last requests had to say could not be written");
    }
}

/// An outage is in the log, and it is asked again as soon as ever: the rest of a worker that fails would grow.
fn polled<T, E>(polled: &Result<T, E>) -> Step {
    Step { failed: polled.is_err().into(), ..Step::idle(POLL) }
}

impl Worker<()> for LogInFollower {
    const NAME: &'static str = "log_ins";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        Ok(polled(&self.0.poll().await))
    }
}

impl Worker<()> for AccessFollower {
    const NAME: &'static str = "access";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        Ok(polled(&self.0.poll().await))
    }
}

impl Worker<()> for Names {
    const NAME: &'static str = "names";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        Ok(polled(&self.0.poll().await))
    }
}

impl Worker<()> for GrantEnds {
    const NAME: &'static str = "grant_ends";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let until_next = self.0.end_grants().await?;
        // Also without a known end: the clock may be set, and a change may bring one.
        Ok(Step::idle(until_next.unwrap_or(POLL).clamp(Duration::from_millis(1), POLL)))
    }
}

impl Comparison {
    pub(in crate::wiring) fn new(permissions: &Arc<PermissionCache>, clock: &Arc<dyn Clock>) -> Self {
        let next = permission_cache::next_night(clock.now());
        Self { permissions: Arc::clone(permissions), clock: Arc::clone(clock), next }
    }
}

impl Worker<()> for Comparison {
    const NAME: &'static str = "access_comparison";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let now = self.clock.now();
        if now < self.next {
            return Ok(Step::idle(NIGHT_LOOK));
        }
        self.next = permission_cache::next_night(now);
        if self.permissions.verify().await? {
            tracing::info!("the access matrix equals a full build");
        }
        Ok(Step { items: 1, ..Step::idle(NIGHT_LOOK) })
    }
}

impl LastUsed {
    async fn note(&self) -> Result<u64, storage::DirectoryError> {
        let (used, seen) = (self.authenticator.last_used(), self.authenticator.last_seen());
        self.directory.touch_tokens(&self.system, &used).await?;
        self.directory.touch_sessions(&self.system, &seen).await?;
        let passwords = self.authenticator.passwords_used();
        self.directory.touch_passwords(&self.system, &passwords).await?;
        Ok([used.len(), seen.len(), passwords.len()].into_iter().map(|count| count as u64).sum())
    }
}

impl Worker<()> for LastUsed {
    const NAME: &'static str = "last_used";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        Ok(Step { items: self.note().await?, ..Step::idle(LAST_USED_EVERY) })
    }

    async fn stop(&mut self) {
        if let Err(error) = self.note().await {
            tracing::error!(
                error = with_causes(&error),
                "when tokens and sessions were last used could not be noted at the end"
            );
        }
    }
}

impl Worker<()> for AuditWriter {
    const NAME: &'static str = "audit";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let Written { items, is_all } = self.storage.write_audit(&self.system).await?;
        Ok(Step { items, failed: 0, rest: is_all.then_some(AUDIT_EVERY) })
    }

    async fn stop(&mut self) {
        write_audit(&self.storage, &self.system).await;
    }
}

impl Worker<()> for UsageWriter {
    const NAME: &'static str = "usage";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let Written { items, is_all } = self.storage.write_usage(&self.system).await?;
        Ok(Step { items, failed: 0, rest: is_all.then_some(USAGE_EVERY) })
    }

    async fn woken(&mut self) {
        self.storage.usage().half_full().await;
    }
}

/// No more often than that: whoever reads what is damaged must not make the gateway write.
impl Worker<()> for Damaged {
    const NAME: &'static str = "damaged";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let items = self.storage.tend_damaged(&self.system).await?;
        Ok(Step { items, ..Step::idle(DAMAGED_EVERY) })
    }
}

impl AuditHeads {
    async fn say(&self) -> Result<(), storage::DirectoryError> {
        let AuditHead { sequence, chain, .. } = self.directory.audit_head_to_note(&self.system).await?;
        tracing::info!(target: "audit", head = %format_args!("{sequence}:{chain}"), "the chain stands here");
        Ok(())
    }
}

/// At the start, every hour and at the end.
impl Worker<()> for AuditHeads {
    const NAME: &'static str = "audit_heads";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        self.say().await?;
        Ok(Step { items: 1, ..Step::idle(HEAD_EVERY) })
    }

    async fn stop(&mut self) {
        if let Err(error) = self.say().await {
            tracing::warn!(
                error = with_causes(&error),
                "where the chain of the audit stands at the end is not known"
            );
        }
    }
}

impl Worker<()> for Unstored {
    const NAME: &'static str = "unstored";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let stored = self.directory.store_unstored(&self.system).await;
        if let Err(error) = &stored {
            tracing::debug!(error = with_causes(error), "what was taken away still waits for room");
        }
        let failed = stored.is_err().into();
        Ok(Step { items: stored.unwrap_or_default(), failed, rest: Some(POLL) })
    }

    async fn stop(&mut self) {
        if let Err(error) = self.directory.store_unstored(&self.system).await {
            tracing::error!(
                error = with_causes(&error),
                "what was taken away is not stored and ends with this process"
            );
        }
    }
}

/// mimalloc gives memory back to the system while it is asked for more: each thread looks through its own pages after so many
/// allocations, and only then are those found that other threads have emptied. A gateway that a storm has left behind, or two passwords
/// at the start, would keep all of it for as long as nobody comes. So each thread that serves is made to look, which takes it less than
/// a millisecond; which thread runs which task is left to the runtime, and over a few rounds each has its turn.
impl Worker<()> for Memory {
    const NAME: &'static str = "memory";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        for _ in 0..Handle::current().metrics().num_workers() {
            tokio::spawn(async {
                for _ in 0..LOOK_ALLOCATIONS {
                    drop(black_box(Vec::<u8>::with_capacity(SLOW_BYTES)));
                }
            });
        }
        Ok(Step::idle(MEMORY_EVERY))
    }
}
