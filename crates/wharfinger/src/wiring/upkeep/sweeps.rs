//! What one node does for all: throwing away what nobody needs any more.

use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, System, Timestamp};
use storage::{BoxError, ExpiryCursor, Lease, NeedsCursor, Storage, SweepCursor, UPLOADS, Worked};

use super::{Step, Worker};
use crate::config::Config;

/// Between two looks for what is abandoned.
const SWEEP_EVERY: Duration = Duration::from_secs(300);
/// Between two looks for what is kept no longer.
const TRIM_EVERY: Duration = Duration::from_secs(3600);
/// Between two looks for versions of which it is not known what they need.
const READ_NEEDS_EVERY: Duration = Duration::from_secs(600);
/// Between two looks for events that are kept no longer.
const EXPIRE_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How old rows are that a push made before it ended in the middle: none takes so long, in seconds.
const ROWS_ABANDONED_SECS: u64 = 900;

/// Ends uploads that nobody goes on with.
pub(in crate::wiring) struct Uploads {
    storage: Storage,
    clock: Arc<dyn Clock>,
    abandoned_secs: u64,
    cursor: SweepCursor,
    /// Whether what was given up before the start has been tried again.
    begun: bool,
}

/// Clears away rows that no name leads to.
pub(in crate::wiring) struct LeftOverRows {
    storage: Storage,
    clock: Arc<dyn Clock>,
}

/// Forgets what is kept no longer.
pub(in crate::wiring) struct Trim(pub(in crate::wiring) Storage);

/// Reads what versions need that were made before that was kept.
pub(in crate::wiring) struct ReadNeeds {
    storage: Storage,
    cursor: NeedsCursor,
}

impl ReadNeeds {
    pub(in crate::wiring) fn new(storage: &Storage) -> Self {
        Self { storage: storage.clone(), cursor: NeedsCursor::default() }
    }
}

/// Takes events of the audit away once they are as old as the organisation says.
pub(in crate::wiring) struct AuditExpiry {
    storage: Storage,
    system: System,
    cursor: ExpiryCursor,
}

impl AuditExpiry {
    pub(in crate::wiring) fn new(storage: &Storage, system: System) -> Self {
        Self { storage: storage.clone(), system, cursor: ExpiryCursor::default() }
    }
}

impl Uploads {
    pub(in crate::wiring) fn new(storage: &Storage, clock: &Arc<dyn Clock>, config: &Config) -> Self {
        Self {
            storage: storage.clone(),
            clock: Arc::clone(clock),
            abandoned_secs: config.timeouts.upload_abandoned_secs,
            cursor: SweepCursor::default(),
            begun: false,
        }
    }
}

impl LeftOverRows {
    pub(in crate::wiring) fn new(storage: &Storage, clock: &Arc<dyn Clock>) -> Self {
        Self { storage: storage.clone(), clock: Arc::clone(clock) }
    }
}

/// What was touched before this moment is older than that.
fn before(clock: &Arc<dyn Clock>, secs: u64) -> Timestamp {
    clock.now().plus_secs(i64::try_from(secs).unwrap_or(i64::MAX).saturating_neg())
}

/// On until nothing is left: whoever makes it faster than it goes would fill the disk.
const fn step(worked: Worked, every: Duration) -> Step {
    if worked.is_nothing() { Step::idle(every) } else { Step::busy(worked.items, worked.failed) }
}

impl Worker<Lease> for Uploads {
    const NAME: &'static str = UPLOADS;
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        let before = before(&self.clock, self.abandoned_secs);
        if !self.begun {
            self.storage.retry_uploads(lease).await?;
            self.begun = true;
        }
        let worked = self.storage.sweep_uploads(lease, before, &mut self.cursor).await?;
        if worked.items > 0 {
            tracing::info!(uploads = worked.items, "abandoned uploads were thrown away");
        }
        Ok(step(worked, SWEEP_EVERY))
    }
}

impl Worker<Lease> for LeftOverRows {
    const NAME: &'static str = "rows";
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        let before = before(&self.clock, ROWS_ABANDONED_SECS);
        Ok(step(self.storage.sweep_rows(lease, before).await?, SWEEP_EVERY))
    }
}

impl Worker<Lease> for Trim {
    const NAME: &'static str = "trim";
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        Ok(step(self.0.trim(lease).await?, TRIM_EVERY))
    }
}

impl Worker<Lease> for AuditExpiry {
    const NAME: &'static str = "audit_expiry";
    const BY_AGE: bool = true;

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        Ok(step(self.storage.expire_audit(&self.system, lease, &mut self.cursor).await?, EXPIRE_EVERY))
    }
}

impl Worker<Lease> for ReadNeeds {
    const NAME: &'static str = "dependents";

    async fn step(&mut self, lease: &Lease) -> Result<Step, BoxError> {
        Ok(step(self.storage.read_needs(lease, &mut self.cursor).await?, READ_NEEDS_EVERY))
    }
}
