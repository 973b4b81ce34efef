use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Labels;

/// Upper bounds of the histogram of tries, in seconds.
const SECONDS: [f64; 7] = [0.01, 0.05, 0.25, 1.0, 2.5, 5.0, 15.0];

/// What webhooks are told, all of them together: whose they are stands in the API.
pub(super) struct Webhooks {
    tries: Family<Labels<1>, Counter>,
    seconds: Histogram,
    lost: Counter,
}

/// The handles.
#[derive(Debug, Clone)]
pub struct WebhookMetrics {
    delivered: Counter,
    failed: Counter,
    seconds: Histogram,
    lost: Counter,
}

impl Webhooks {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (tries, seconds, lost) = (Family::default(), Histogram::new(SECONDS), Counter::default());
        registry.register("webhook_tries", "Messages of webhooks that were sent", Family::clone(&tries));
        registry.register_with_unit("webhook_try", "Time of one", Unit::Seconds, seconds.clone());
        registry.register("webhook_lost", "Events that found no place among those that wait", lost.clone());
        Self { tries, seconds, lost }
    }

    pub(super) fn handles(&self) -> WebhookMetrics {
        let tries = |outcome| self.tries.get_or_create(&[("outcome", outcome)]).clone();
        WebhookMetrics {
            delivered: tries("delivered"),
            failed: tries("failed"),
            seconds: self.seconds.clone(),
            lost: self.lost.clone(),
        }
    }
}

impl WebhookMetrics {
    /// A message was sent, and arrived or did not.
    pub fn tried(&self, took: Duration, arrived: bool) {
        let counted = if arrived { &self.delivered } else { &self.failed };
        counted.inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// So many events found no place.
    pub fn lost(&self, events: u64) {
        self.lost.inc_by(events);
    }
}
