//! What is counted of what is fetched, on its way to the rows (docs/guide/usage.md 3).

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use storage::UsageCounted;

/// Brought up to date whenever somebody looks.
#[derive(Default)]
pub(crate) struct UsageMetrics {
    waiting: Gauge<u64, AtomicU64>,
    unnamed: Counter,
    lost: Counter,
}

impl UsageMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let this = Self::default();
        registry.register(
            "usage_waiting",
            "Counts of downloads that wait to be written",
            this.waiting.clone(),
        );
        registry.register(
            "usage_unnamed",
            "Downloads that were counted for their repository alone, because there was no room for their version",
            this.unnamed.clone(),
        );
        registry.register("usage_lost", "Downloads that found no room to be counted", this.lost.clone());
        this
    }

    /// Takes over what was counted.
    pub(crate) fn found(&self, counted: UsageCounted) {
        self.waiting.set(counted.waiting);
        self.unnamed.inner().store(counted.unnamed, Ordering::Relaxed);
        self.lost.inner().store(counted.lost, Ordering::Relaxed);
    }
}
