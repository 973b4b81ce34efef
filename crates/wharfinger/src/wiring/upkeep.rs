//! What goes on without being asked (docs/operations.md 1): workers, each a task that makes one step after another, and the one loop
//! that all of them run in. Nothing else waits for a time and then writes.

use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use frontend::{Metrics, WorkerMetrics, WorkerState};
use storage::BoxError;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod clock_guard;
mod garbage;
mod identities;
mod jobs;
mod node;
mod presence;
mod scope;
mod sweeps;
#[cfg(test)]
mod tests;
mod webhooks;

use clock_guard::ClockGuard;
pub(super) use garbage::{Blobs, Links, Purge};
pub(super) use identities::{OverSessions, RefreshedKeys, ShortLived};
pub(super) use jobs::Jobs;
pub(super) use node::{
    AccessFollower, AuditHeads, AuditWriter, Comparison, Damaged, GrantEnds, LastUsed, LogInFollower, Memory,
    Names, Unstored, UsageWriter, write_the_rest,
};
pub(super) use presence::Presence;
pub(super) use scope::{Cluster, Node};
use scope::{Scope, Turn};
pub(super) use sweeps::{AuditExpiry, LeftOverRows, ReadNeeds, Trim, Uploads};
pub(super) use webhooks::{Sender, Webhooks};

/// A step that takes longer is cut: whatever it waits for does not answer.
const STEP_SECS_MAX: u64 = 60;
/// Between two steps with work left it rests for as long as the last one took, within these bounds: a sweep has to keep up with
/// whoever makes what it clears away, and at the writer it has its turn among all others anyway.
const REST_MIN: Duration = Duration::from_millis(1);
const REST_MAX: Duration = Duration::from_secs(10);
/// What remains to be done at the end takes no longer.
const END_MAX: Duration = Duration::from_secs(5);
/// After a step that failed, and after each one more, half as long again.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
const BACK_OFF_MAX: Duration = Duration::from_secs(60);

/// Something done in steps without being asked. A step that was cut anywhere is repeated; it never needs the one before it to have
/// ended well. `L` is what it works by: nothing for what each node does for itself, a lease for what one does for all.
pub(super) trait Worker<L>: Send + 'static {
    /// What it is called in rows, metrics and logs.
    const NAME: &'static str;
    /// Whether it takes something away because of its age: then it waits for a while after the clock was set.
    const BY_AGE: bool = false;

    /// Does some of it.
    fn step(&mut self, lease: &L) -> impl Future<Output = Result<Step, BoxError>> + Send;

    /// Ends when there is something to do before its time.
    fn woken(&mut self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    /// Does what remains to be done at the end.
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// What a step did, and when the next one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) items: u64,
    pub(super) failed: u64,
    /// `None` while there is more to do.
    pub(super) rest: Option<Duration>,
}

impl Step {
    /// There is nothing to do for so long.
    pub(super) const fn idle(rest: Duration) -> Self {
        Self { items: 0, failed: 0, rest: Some(rest) }
    }

    /// So much was done, and there may be more.
    pub(super) const fn busy(items: u64, failed: u64) -> Self {
        Self { items, failed, rest: None }
    }
}

/// Starts workers.
pub(super) struct Runner<'a> {
    pub(super) tracker: &'a TaskTracker,
    pub(super) metrics: &'a Metrics,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) stop: &'a CancellationToken,
}

impl Runner<'_> {
    /// Starts one.
    pub(super) fn start<S: Scope, W: Worker<S::Lease>>(&self, scope: S, worker: W) {
        let metrics = self.metrics.worker(W::NAME);
        let running = Running {
            scope,
            worker,
            metrics,
            clock: Arc::clone(self.clock),
            guard: ClockGuard::default(),
            failures: 0,
        };
        self.tracker.spawn(running.until(self.stop.clone()));
    }
}

struct Running<S, W> {
    scope: S,
    worker: W,
    metrics: WorkerMetrics,
    clock: Arc<dyn Clock>,
    guard: ClockGuard,
    /// Steps that failed one after the other.
    failures: u32,
}

impl<S: Scope, W: Worker<S::Lease>> Running<S, W> {
    async fn until(mut self, stop: CancellationToken) {
        // Whatever it waits for: stopping does not.
        let _ = stop.run_until_cancelled(self.go_on()).await;
        let end = async {
            self.scope.release(W::NAME).await;
            self.worker.stop().await;
        };
        if timeout(END_MAX, end).await.is_err() {
            tracing::warn!(worker = W::NAME, "it could not do what remained at the end");
        }
    }

    async fn go_on(&mut self) {
        loop {
            let rest = self.round().await;
            tokio::select! {
                () = sleep(rest) => {}
                () = self.worker.woken() => {}
            }
        }
    }

    /// One step, if it is this node's turn. Gives how long to wait for the next one.
    async fn round(&mut self) -> Duration {
        match self.scope.turn(W::NAME).await {
            Ok(Turn::Here { last_ok_at, failures }) => {
                self.failures = self.failures.max(failures);
                match self.guard.held(W::BY_AGE, self.clock.now(), last_ok_at) {
                    Some(left) => self.hold(left).await,
                    None => self.step().await,
                }
            }
            Ok(Turn::Elsewhere(rest)) => {
                self.metrics.is(WorkerState::Elsewhere);
                rest.max(REST_MIN)
            }
            Err(error) => self.fail(Duration::ZERO, &error.into()).await,
        }
    }

    async fn hold(&mut self, left: Duration) -> Duration {
        tracing::warn!(
            worker = W::NAME,
            secs = left.as_secs(),
            "the clock was set: nothing is thrown away by it for a while"
        );
        self.metrics.is(WorkerState::Held);
        self.scope.end(left, false).await;
        left
    }

    async fn step(&mut self) -> Duration {
        self.metrics.is(WorkerState::Busy);
        let began = Instant::now();
        let Some(lease) = self.scope.lease() else { return REST_MIN };
        let stepped = timeout(Duration::from_secs(STEP_SECS_MAX), self.worker.step(lease)).await;
        let took = began.elapsed();
        match stepped.unwrap_or_else(|_| Err("it did not end in time".into())) {
            Ok(step) => self.succeed(took, step).await,
            Err(error) => self.fail(took, &error).await,
        }
    }

    async fn succeed(&mut self, took: Duration, step: Step) -> Duration {
        self.metrics.stepped(took, step.items, step.failed, self.clock.now());
        if self.failures > 0 {
            tracing::info!(worker = W::NAME, "it works again");
            self.failures = 0;
        }
        let Some(rest) = step.rest else {
            return took.clamp(REST_MIN, REST_MAX);
        };
        self.metrics.is(WorkerState::Idle);
        self.scope.end(rest, true).await;
        rest
    }

    async fn fail(&mut self, took: Duration, error: &BoxError) -> Duration {
        self.metrics.failed(took);
        self.metrics.is(WorkerState::Failing);
        // Once when it begins, not again and again.
        if self.failures == 0 {
            let error: &dyn std::error::Error = &**error;
            tracing::error!(worker = W::NAME, error, "it failed, and is tried again and again");
        }
        self.failures = self.failures.saturating_add(1);
        let rest = back_off(self.failures);
        self.scope.end(rest, false).await;
        rest
    }
}

/// 1 s · 1.5ⁿ up to a minute, less up to a quarter by chance: what failed together is not tried again together.
fn back_off(failures: u32) -> Duration {
    let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX).min(16);
    let rest = BACK_OFF_MIN.mul_f64(1.5_f64.powi(exponent)).min(BACK_OFF_MAX);
    let chance = getrandom::u32().unwrap_or_default() % 256;
    rest.mul_f64(1.0 - f64::from(chance) / 1024.0)
}
