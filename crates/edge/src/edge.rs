use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::RequestId;
use tokio::sync::Semaphore;

use crate::body::{Body, Drained};
use crate::budgets::Budgets;
use crate::config::{EdgeConfig, secs};
use crate::connections::Connections;
use crate::metrics::EdgeMetrics;

/// What all listeners share: bounds, counters, and the places of connections and requests.
pub struct Edge {
    pub(crate) config: EdgeConfig,
    pub(crate) metrics: Arc<EdgeMetrics>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) connections: Arc<Connections>,
    draining: Semaphore,
    ids: RequestIds,
}

/// Ids of requests: a counter that began at a random number, scrambled so that neighbours look unlike.
struct RequestIds(AtomicU64);

impl Edge {
    /// Bounds as configured. Nothing listens yet.
    #[must_use]
    pub fn new(config: EdgeConfig, metrics: Arc<EdgeMetrics>) -> Arc<Self> {
        let budgets = Budgets::new(&config, &metrics);
        let trusted = config.trusted_proxies.clone();
        Arc::new(Self {
            connections: Connections::new(&budgets, Arc::clone(&metrics), trusted),
            draining: Semaphore::new(config.refused.requests_max.min(Semaphore::MAX_PERMITS)),
            ids: RequestIds::new(),
            budgets,
            metrics,
            config,
        })
    }

    /// The bounds.
    #[must_use]
    pub const fn config(&self) -> &EdgeConfig {
        &self.config
    }

    /// An id for one more request.
    pub(crate) fn next_id(&self) -> RequestId {
        self.ids.next()
    }

    /// Reads what is left of a body, within the bounds on that.
    pub(crate) async fn drain(&self, body: &mut Body) -> Drained {
        if !body.has_more() {
            return Drained::Complete;
        }
        let refused = &self.config.refused;
        let place = self.draining.try_acquire();
        let worth_it = place.is_ok() && body.declared_bytes().is_none_or(|more| more <= refused.bytes_max);
        let bytes_max = if worth_it { refused.bytes_max } else { 0 };
        body.drain(bytes_max, secs(refused.secs_max)).await
    }
}

impl RequestIds {
    fn new() -> Self {
        let mut seed = [0; 8];
        // Without random numbers ids begin at a fixed one: they are names, not secrets.
        let _ = getrandom::fill(&mut seed);
        Self(AtomicU64::new(u64::from_ne_bytes(seed)))
    }

    /// The output function of SplitMix64, a bijection: no id repeats before all were used.
    fn next(&self) -> RequestId {
        let mut id = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        id = (id ^ id >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ id >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId(id ^ id >> 31)
    }
}
