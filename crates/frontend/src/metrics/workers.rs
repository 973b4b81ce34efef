use std::sync::atomic::AtomicU64;
use std::time::Duration;

use domain::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Labels;

/// Upper bounds of the histogram of steps, in seconds.
const SECONDS: [f64; 8] = [0.000_1, 0.001, 0.005, 0.015, 0.05, 0.25, 2.0, 15.0];

type ByName<M> = Family<Labels<1>, M>;

/// What goes on beside the requests, by the name of what does it.
pub(super) struct Workers {
    state: ByName<Gauge>,
    steps: ByName<Counter>,
    errors: ByName<Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    items: ByName<Counter>,
    last_success: ByName<Gauge<f64, AtomicU64>>,
}

/// What a worker does at the moment; its number is what the metric shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// It waits until it is due.
    Idle = 0,
    /// It makes a step, or rests between two.
    Busy = 1,
    /// Its last step failed, and the next one waits.
    Failing = 2,
    /// The clock was set, and it does nothing that depends on it for a while.
    Held = 3,
    /// Another node does it.
    Elsewhere = 4,
}

/// The handles of one worker.
#[derive(Debug)]
pub struct WorkerMetrics {
    state: Gauge,
    steps: Counter,
    errors: Counter,
    seconds: Histogram,
    items: Counter,
    last_success: Gauge<f64, AtomicU64>,
}

impl Workers {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let this = Self {
            state: Family::default(),
            steps: Family::default(),
            errors: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            items: Family::default(),
            last_success: Family::default(),
        };
        registry.register(
            "worker_state",
            "What it does: 0 waits, 1 works, 2 fails, 3 is held because the clock was set, 4 another node does it",
            this.state.clone(),
        );
        registry.register("worker_steps", "Steps that ended", this.steps.clone());
        registry.register("worker_errors", "Steps, and things in them, that failed", this.errors.clone());
        registry.register_with_unit("worker_step", "Time of a step", Unit::Seconds, this.seconds.clone());
        registry.register("worker_items", "Things that were dealt with", this.items.clone());
        registry.register_with_unit(
            "worker_last_success",
            "When a step last ended well here, since 1970",
            Unit::Seconds,
            this.last_success.clone(),
        );
        this
    }

    pub(super) fn named(&self, name: &'static str) -> WorkerMetrics {
        let labels = [("name", name)];
        WorkerMetrics {
            state: self.state.get_or_create(&labels).clone(),
            steps: self.steps.get_or_create(&labels).clone(),
            errors: self.errors.get_or_create(&labels).clone(),
            seconds: self.seconds.get_or_create(&labels).clone(),
            items: self.items.get_or_create(&labels).clone(),
            last_success: self.last_success.get_or_create(&labels).clone(),
        }
    }
}

impl WorkerMetrics {
    /// What it does from now on.
    pub fn is(&self, state: WorkerState) {
        self.state.set(state as i64);
    }

    /// A step ended well; so many things in it were dealt with, and so many failed.
    pub fn stepped(&self, took: Duration, items: u64, failed: u64, now: Timestamp) {
        self.steps.inc();
        self.seconds.observe(took.as_secs_f64());
        self.items.inc_by(items);
        self.errors.inc_by(failed);
        if failed == 0 {
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
            self.last_success.set(now.millis() as f64 / 1000.0);
        }
    }

    /// A step failed.
    pub fn failed(&self, took: Duration) {
        self.errors.inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
