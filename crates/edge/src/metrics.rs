//! Counters with handles made in advance: counting is an atomic addition, no lookup by label.

use std::sync::Arc;

use budget::{Budget, Rate};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

mod budgets;
mod rates;

use budgets::BudgetMetrics;
use rates::RateMetrics;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// What is counted of connections, of requests that were cut, of budgets and of rates.
pub struct EdgeMetrics {
    pub(crate) connections: Gauge,
    pub(crate) turned_away: Counter,
    /// Idle connections that were closed for new ones.
    pub(crate) idle_closed: Counter,
    /// Connections of HTTP/2 that were cut for what came on them.
    pub(crate) floods: Counter,
    /// Requests whose client did nothing for as long as one may.
    pub(crate) timed_out: Counter,
    /// Requests that ended because somebody else needed what they held, while their client did nothing.
    pub(crate) gave_way: Counter,
    budgets: BudgetMetrics,
    rates: RateMetrics,
    pub(crate) received_bytes: Counter,
    pub(crate) sent_bytes: Counter,
}

impl EdgeMetrics {
    /// Registers everything, all at zero.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Arc<Self> {
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        let turned_away = Counter::default();
        registry.register(
            "connections_turned_away",
            "Connections for which there was no place",
            turned_away.clone(),
        );
        let closed: Family<Labels<1>, Counter> = Family::default();
        registry.register("connections_cut", "Connections that we ended before their time", closed.clone());
        let cut = |reason| closed.get_or_create(&[("reason", reason)]).clone();
        let ended: Family<Labels<1>, Counter> = Family::default();
        registry.register("requests_cut", "Requests whose client did nothing", ended.clone());
        let given_up = |reason| ended.get_or_create(&[("reason", reason)]).clone();
        let budgets = BudgetMetrics::register(registry);
        let rates = RateMetrics::register(registry);
        let bytes: Family<Labels<1>, Counter> = Family::default();
        registry.register(
            "transferred_bytes",
            "Bytes of requests and answers, TLS not counted",
            bytes.clone(),
        );
        let transferred = |direction| bytes.get_or_create(&[("direction", direction)]).clone();
        let (received_bytes, sent_bytes) = (transferred("received"), transferred("sent"));
        Arc::new(Self {
            connections,
            turned_away,
            idle_closed: cut("idle"),
            floods: cut("flood"),
            timed_out: given_up("timed_out"),
            gave_way: given_up("gave_way"),
            budgets,
            rates,
            received_bytes,
            sent_bytes,
        })
    }

    /// From now on what is held of this budget is shown; `name` says of what it is, with its unit.
    pub fn watch(&self, name: &'static str, budget: &Arc<Budget>) {
        self.budgets.watch(name, budget);
    }

    /// From now on it is shown who asks too often by this rate; `name` says for what.
    pub fn watch_rate(&self, name: &'static str, rate: &Arc<Rate>) {
        self.rates.watch(name, rate);
    }

    /// Brings what is shown of budgets and rates up to date, for whoever reads the registry next.
    pub fn look(&self) {
        self.budgets.look();
        self.rates.look();
    }
}
