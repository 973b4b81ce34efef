//! What goes on beside the requests: a fixed number of tasks, each ending with the gateway.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use auth::Authenticator;
use domain::{Clock as _, System};
use storage::{Directory, Storage};
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Inside;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::with_causes;

/// Between two writes of when tokens were last used, in seconds.
const LAST_USED_SECS: u64 = 60;
/// Between two moments at which the allocator gives memory back, in seconds.
const MEMORY_SECS: u64 = 3;
/// After how many allocations that leave its fast path mimalloc looks through the pages of a thread, and what leaves it, in bytes.
const LOOK_ALLOCATIONS: usize = 10_000;
const SLOW_BYTES: usize = 2 << 10;
/// Between two looks for abandoned uploads, in seconds.
const SWEEP_SECS: u64 = 300;
/// How old rows are that a push made before it ended in the middle: none takes so long, in seconds.
const ROWS_ABANDONED_SECS: i64 = 900;

/// Starts them all.
pub(super) fn spawn(tracker: &TaskTracker, config: &Config, inside: &Inside, stop: &CancellationToken) {
    tracker.spawn(Arc::clone(&inside.permissions).maintain(stop.clone().cancelled_owned()));
    tracker.spawn(Arc::clone(&inside.authenticator).maintain(stop.clone().cancelled_owned()));
    tracker.spawn(note_last_used(
        Arc::clone(&inside.authenticator),
        inside.opened.directory.clone(),
        stop.clone(),
    ));
    tracker.spawn(give_memory_back(stop.clone()));
    let abandoned_secs = i64::try_from(config.timeouts.upload_abandoned_secs).unwrap_or(i64::MAX);
    tracker.spawn(sweep_uploads(inside.opened.storage.clone(), abandoned_secs, stop.clone()));
    tracker.spawn(sweep_rows(inside.opened.storage.clone(), stop.clone()));
}

/// Writes once a minute, and a last time at the end.
async fn note_last_used(authenticator: Arc<Authenticator>, directory: Directory, stop: CancellationToken) {
    let system = System::mint("last use of tokens");
    let mut ticks = every(LAST_USED_SECS);
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            _ = ticks.tick() => false,
        };
        let noted = directory.touch_tokens(&system, &authenticator.last_used()).await;
        log_end("noting when tokens were used", noted);
        if last {
            return;
        }
    }
}

/// mimalloc gives memory back to the system while it is asked for more: each thread looks through its own pages after so many
/// allocations, and only then are those found that other threads have emptied. A gateway that a storm has left behind, or two passwords
/// at the start, would keep all of it for as long as nobody comes. So each thread that serves is made to look, which takes it less than
/// a millisecond; which thread runs which task is left to the runtime, and over a few rounds each has its turn.
async fn give_memory_back(stop: CancellationToken) {
    let mut ticks = every(MEMORY_SECS);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for _ in 0..Handle::current().metrics().num_workers() {
            tokio::spawn(async {
                for _ in 0..LOOK_ALLOCATIONS {
                    drop(black_box(Vec::<u8>::with_capacity(SLOW_BYTES)));
                }
            });
        }
    }
}

/// Throws away what nobody will end any more, step by step until nothing is left of it: whoever makes it faster than it goes would
/// fill the disk. Each step has its turn among the writes of everybody.
struct Sweep {
    doing: &'static str,
    ticks: tokio::time::Interval,
    stop: CancellationToken,
    more: bool,
}

impl Sweep {
    fn new(doing: &'static str, stop: CancellationToken) -> Self {
        Self { doing, ticks: every(SWEEP_SECS), stop, more: false }
    }

    /// Waits for the next step; false at the end.
    async fn goes_on(&mut self) -> bool {
        if self.more {
            return !self.stop.is_cancelled();
        }
        tokio::select! {
            () = self.stop.cancelled() => false,
            _ = self.ticks.tick() => true,
        }
    }

    /// What came of a step: whether there may be more.
    fn took(&mut self, step: Result<bool, storage::Fault>) {
        self.more = matches!(step, Ok(true));
        log_end(self.doing, step);
    }
}

async fn sweep_uploads(storage: Storage, abandoned_secs: i64, stop: CancellationToken) {
    let system = System::mint("abandoned uploads");
    let mut sweep = Sweep::new("throwing away abandoned uploads", stop);
    while sweep.goes_on().await {
        let before = SystemClock.now().plus_secs(abandoned_secs.saturating_neg());
        let swept = storage.sweep_uploads(&system, before).await.map(|swept| swept.uploads);
        if let Ok(uploads @ 1..) = swept {
            tracing::info!(uploads, "abandoned uploads were thrown away");
        }
        sweep.took(swept.map(|uploads| uploads > 0));
    }
}

async fn sweep_rows(storage: Storage, stop: CancellationToken) {
    let system = System::mint("rows that no name leads to");
    let mut sweep = Sweep::new("clearing away rows that no name leads to", stop);
    while sweep.goes_on().await {
        let before = SystemClock.now().plus_secs(-ROWS_ABANDONED_SECS);
        sweep.took(storage.sweep_rows(&system, before).await);
    }
}

fn every(secs: u64) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_secs(secs));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A failure beside the requests is logged; the next round tries again.
pub(super) fn log_end<T, E: Error + 'static>(doing: &'static str, outcome: Result<T, E>) {
    if let Err(error) = outcome {
        tracing::error!(doing, error = with_causes(&error), "failed");
    }
}
