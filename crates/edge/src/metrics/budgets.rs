use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use budget::Budget;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::Labels;

/// What is held of each budget, read when somebody asks.
pub(super) struct BudgetMetrics {
    held: Family<Labels<1>, Gauge>,
    waiting: Family<Labels<1>, Gauge>,
    refused: Family<Labels<1>, Counter>,
    watched: Mutex<Vec<(&'static str, Arc<Budget>)>>,
}

impl BudgetMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (held, waiting, refused) = (Family::default(), Family::default(), Family::default());
        registry.register("budget_held", "What clients hold at the moment", Family::clone(&held));
        registry.register("budget_waiting", "Requests that wait for it", Family::clone(&waiting));
        registry.register("budget_refused", "How often nothing was to be had", Family::clone(&refused));
        Self { held, waiting, refused, watched: Mutex::default() }
    }

    pub(super) fn watch(&self, name: &'static str, budget: &Arc<Budget>) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push((name, Arc::clone(budget)));
    }

    pub(super) fn look(&self) {
        for (name, budget) in &*self.watched.lock().unwrap_or_else(PoisonError::into_inner) {
            let labels = [("budget", *name)];
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            self.held.get_or_create(&labels).set(number(budget.held()));
            self.waiting.get_or_create(&labels).set(number(budget.waiting() as u64));
            self.refused.get_or_create(&labels).inner().store(budget.refused(), Ordering::Relaxed);
        }
    }
}
