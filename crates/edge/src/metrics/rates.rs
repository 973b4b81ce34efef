use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use budget::Rate;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Labels;

/// Who asks too often, read when somebody asks.
pub(super) struct RateMetrics {
    callers: Family<Labels<1>, Gauge>,
    refused: Family<Labels<1>, Counter>,
    watched: Mutex<Vec<(&'static str, Arc<Rate>)>>,
}

impl RateMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (callers, refused) = (Family::default(), Family::default());
        registry.register("rate_callers", "Callers whose requests are counted", Family::clone(&callers));
        registry.register("rate_refused", "How often a caller had no turn left", Family::clone(&refused));
        Self { callers, refused, watched: Mutex::default() }
    }

    pub(super) fn watch(&self, name: &'static str, rate: &Arc<Rate>) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push((name, Arc::clone(rate)));
    }

    pub(super) fn look(&self) {
        for (name, rate) in &*self.watched.lock().unwrap_or_else(PoisonError::into_inner) {
            let labels = [("rate", *name)];
            let callers = i64::try_from(rate.remembered()).unwrap_or(i64::MAX);
            self.callers.get_or_create(&labels).set(callers);
            self.refused.get_or_create(&labels).inner().store(rate.refused(), Ordering::Relaxed);
        }
    }
}
