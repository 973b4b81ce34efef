//! Counters with handles made in advance: counting is an atomic addition, no lookup by label.

use std::sync::Arc;
use std::time::Duration;

use auth::{AuthError, Presented};
use domain::{AccessObserver, Decided, Permission, RightKind};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the histogram of durations, in seconds.
const SECONDS: [f64; 12] =
    [0.0001, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Everything this process counts about requests, log-ins, decisions and connections.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<2>, Histogram, fn() -> Histogram>,
    decisions: [[Counter; 2]; RIGHTS],
    log_ins: [Counter; LOG_INS.len()],
    pub(crate) connections: Gauge,
    pub(crate) turned_away: Counter,
    pub(crate) received_bytes: Counter,
    pub(crate) sent_bytes: Counter,
}

/// The handles of one protocol or room.
pub(crate) struct ServiceMetrics {
    operations: [OperationMetrics; Operation::ALL.len()],
}

struct OperationMetrics {
    /// By the first digit of the status.
    requests: [Counter; CLASSES.len()],
    seconds: Histogram,
}

/// What kind of operation a request was: the right that its route asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Open = 0,
    Browse,
    Probe,
    Read,
    Publish,
    Delete,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Probe and every permission.
const RIGHTS: usize = Permission::ALL.len() + 1;
const LOG_INS: [&str; 9] = [
    "none",
    "anonymous_bearer",
    "token",
    "password",
    "bearer",
    "malformed",
    "invalid",
    "throttled",
    "unavailable",
];

impl Metrics {
    /// Registers everything, all at zero.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("wharfinger");
        let requests = Family::default();
        let seconds: Family<Labels<2>, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from head to head of the answer",
            Unit::Seconds,
            seconds.clone(),
        );
        let decided: Family<Labels<2>, Counter> = Family::default();
        registry.register("decisions", "Answers of the permission matrix", decided.clone());
        let outcomes: Family<Labels<1>, Counter> = Family::default();
        registry.register("authentications", "What requests showed of who sent them", outcomes.clone());
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        let turned_away = Counter::default();
        registry.register(
            "connections_turned_away",
            "Connections beyond the bound of one address",
            turned_away.clone(),
        );
        let bytes: Family<Labels<1>, Counter> = Family::default();
        registry.register(
            "transferred_bytes",
            "Bytes of requests and answers, TLS not counted",
            bytes.clone(),
        );
        let transferred = |direction| bytes.get_or_create(&[("direction", direction)]).clone();
        let decisions = std::array::from_fn(|right| {
            ["denied", "allowed"].map(|outcome| {
                decided.get_or_create(&[("right", right_name(right)), ("outcome", outcome)]).clone()
            })
        });
        let log_ins = LOG_INS.map(|outcome| outcomes.get_or_create(&[("outcome", outcome)]).clone());
        let (received_bytes, sent_bytes) = (transferred("received"), transferred("sent"));
        Arc::new(Self {
            registry,
            requests,
            seconds,
            decisions,
            log_ins,
            connections,
            turned_away,
            received_bytes,
            sent_bytes,
        })
    }

    /// The exposition in OpenMetrics text.
    #[must_use]
    pub fn exposition(&self) -> String {
        let mut text = String::with_capacity(16 << 10);
        // Writing to a string fails only if a metric does, and ours do not.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// The handles of one protocol or room, by its name.
    pub(crate) fn service(&self, name: &'static str) -> ServiceMetrics {
        ServiceMetrics {
            operations: Operation::ALL.map(|operation| {
                let operation = operation.as_str();
                let requests = CLASSES.map(|class| {
                    let labels = [("service", name), ("operation", operation), ("status", class)];
                    self.requests.get_or_create(&labels).clone()
                });
                let seconds =
                    self.seconds.get_or_create(&[("service", name), ("operation", operation)]).clone();
                OperationMetrics { requests, seconds }
            }),
        }
    }

    /// Counts an authentication.
    pub(crate) fn authenticated(&self, outcome: Result<Presented, &AuthError>) {
        let index = match outcome {
            Ok(Presented::Nothing) => 0,
            Ok(Presented::AnonymousBearer) => 1,
            Ok(Presented::Token) => 2,
            Ok(Presented::Password) => 3,
            Ok(Presented::Bearer) => 4,
            Err(AuthError::Malformed) => 5,
            Err(AuthError::Invalid { .. }) => 6,
            Err(AuthError::Throttled { .. } | AuthError::Busy { .. }) => 7,
            Err(AuthError::Unavailable) => 8,
        };
        if let Some(counter) = self.log_ins.get(index) {
            counter.inc();
        }
    }
}

impl AccessObserver for Metrics {
    fn decided(&self, decided: &Decided<'_>) {
        let right = match decided.right {
            RightKind::Probe => 0,
            RightKind::Permission(permission) => permission as usize + 1,
        };
        if let Some(counter) =
            self.decisions.get(right).and_then(|both| both.get(usize::from(decided.allowed)))
        {
            counter.inc();
        }
    }
}

impl ServiceMetrics {
    /// Counts a request that was answered with this status after so long.
    pub(crate) fn answered(&self, operation: Operation, status: u16, took: Duration) {
        let Some(metrics) = self.operations.get(operation as usize) else { return };
        metrics.seconds.observe(took.as_secs_f64());
        if let Some(counter) = metrics.requests.get(usize::from(status / 100).wrapping_sub(1)) {
            counter.inc();
        }
    }
}

impl Operation {
    pub(crate) const ALL: [Self; 6] =
        [Self::Open, Self::Browse, Self::Probe, Self::Read, Self::Publish, Self::Delete];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Browse => "browse",
            Self::Probe => "probe",
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Delete => "delete",
        }
    }
}

fn right_name(index: usize) -> &'static str {
    let permission = index.checked_sub(1).and_then(|index| Permission::ALL.get(index));
    permission.map_or("probe", |permission| permission.as_str())
}
