//! Counters with handles made in advance: counting is an atomic addition, no lookup by label.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

mod usage;
mod webhooks;
mod workers;

use usage::UsageMetrics;
pub use webhooks::WebhookMetrics;
use webhooks::Webhooks;
use workers::Workers;
pub use workers::{WorkerMetrics, WorkerState};

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Everything this process counts about requests, log-ins, decisions and connections.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<2>, Histogram, fn() -> Histogram>,
    decisions: [[Counter; 2]; RIGHTS],
    log_ins: [Counter; LOG_INS.len()],
    /// What is counted of connections and budgets.
    pub(crate) edge: Arc<edge::EdgeMetrics>,
    workers: Workers,
    webhooks: Webhooks,
    pub(crate) health: HealthMetrics,
    pub(crate) audit: AuditMetrics,
    pub(crate) usage: UsageMetrics,
}

/// What became of log-ins, refusals and transfers that the audit is told; brought up to date whenever somebody looks.
#[derive(Default)]
pub(crate) struct AuditMetrics {
    waiting: Gauge<u64, AtomicU64>,
    written: Counter,
    dropped: Counter,
}

/// What `/readyz` has no words for; brought up to date whenever somebody looks.
#[derive(Default)]
pub(crate) struct HealthMetrics {
    /// 1 for the reason that holds.
    unready: [Gauge; UNREADY.len()],
    free_bytes: Gauge<u64, AtomicU64>,
    free_bytes_min: Gauge<u64, AtomicU64>,
    unstored: Gauge<u64, AtomicU64>,
    damaged: Counter,
    healed: Counter,
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

const UNREADY: [&str; 2] = ["no_space", "unavailable"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Probe and every permission.
const RIGHTS: usize = Permission::ALL.len() + 1;
const LOG_INS: [&str; 12] = [
    "none",
    "anonymous_bearer",
    "token",
    "password",
    "bearer",
    "session",
    "malformed",
    "invalid",
    "throttled",
    "unavailable",
    "identity_token",
    "must_change",
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
        let edge = edge::EdgeMetrics::register(&mut registry);
        let workers = Workers::register(&mut registry);
        let webhooks = Webhooks::register(&mut registry);
        let decisions = std::array::from_fn(|right| {
            ["denied", "allowed"].map(|outcome| {
                decided.get_or_create(&[("right", right_name(right)), ("outcome", outcome)]).clone()
            })
        });
        let log_ins = LOG_INS.map(|outcome| outcomes.get_or_create(&[("outcome", outcome)]).clone());
        let health = HealthMetrics::register(&mut registry);
        let audit = AuditMetrics::register(&mut registry);
        let usage = UsageMetrics::register(&mut registry);
        Arc::new(Self {
            registry,
            requests,
            seconds,
            decisions,
            log_ins,
            edge,
            workers,
            webhooks,
            health,
            audit,
            usage,
        })
    }

    /// The exposition in OpenMetrics text.
    #[must_use]
    pub fn exposition(&self) -> String {
        self.edge.look();
        let mut text = String::with_capacity(16 << 10);
        // Writing to a string fails only if a metric does, and ours do not.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// The handles of a worker, by its name.
    #[must_use]
    pub fn worker(&self, name: &'static str) -> WorkerMetrics {
        self.workers.named(name)
    }

    /// The handles of what webhooks are told.
    #[must_use]
    pub fn webhooks(&self) -> WebhookMetrics {
        self.webhooks.handles()
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
            Ok(Presented::IdentityToken) => 10,
            Ok(Presented::Password | Presented::PasswordToChange) => 3,
            Ok(Presented::Bearer) => 4,
            Ok(Presented::Session) => 5,
            Err(AuthError::Malformed) => 6,
            Err(AuthError::Invalid { .. } | AuthError::Untaken { .. }) => 7,
            Err(AuthError::Throttled { .. } | AuthError::Busy { .. }) => 8,
            Err(AuthError::Unavailable) => 9,
            Err(AuthError::MustChange) => 11,
        };
        if let Some(counter) = self.log_ins.get(index) {
            counter.inc();
        }
    }
}

impl AuditMetrics {
    fn register(registry: &mut Registry) -> Self {
        let this = Self::default();
        registry.register(
            "audit_waiting",
            "Log-ins, refusals and transfers that wait to be written to the audit",
            this.waiting.clone(),
        );
        registry.register(
            "audit_written",
            "Log-ins, refusals and transfers written to the audit",
            this.written.clone(),
        );
        registry.register(
            "audit_dropped",
            "Log-ins, refusals and transfers that the audit had no room for",
            this.dropped.clone(),
        );
        this
    }

    /// Takes over what was counted.
    pub(crate) fn found(&self, counts: storage::AuditCounts) {
        self.waiting.set(counts.waiting);
        self.written.inner().store(counts.written, Ordering::Relaxed);
        self.dropped.inner().store(counts.dropped, Ordering::Relaxed);
    }
}

impl HealthMetrics {
    fn register(registry: &mut Registry) -> Self {
        let reasons: Family<Labels<1>, Gauge> = Family::default();
        registry.register(
            "unready",
            "Why /readyz says that nothing can be stored, by reason",
            reasons.clone(),
        );
        let unready = UNREADY.map(|reason| reasons.get_or_create(&[("reason", reason)]).clone());
        let this = Self { unready, ..Self::default() };
        registry.register_with_unit(
            "storage_free",
            "Room on the disk that has the least to spare",
            Unit::Bytes,
            this.free_bytes.clone(),
        );
        registry.register_with_unit(
            "storage_free_min",
            "Room below which content is refused",
            Unit::Bytes,
            this.free_bytes_min.clone(),
        );
        registry.register(
            "changes_unstored",
            "Changes that took something away and are in force, but wait for room on the disk",
            this.unstored.clone(),
        );
        registry.register(
            "damaged_contents",
            "Contents whose bytes were gone, cut short or altered when they were read",
            this.damaged.clone(),
        );
        registry.register(
            "healed_contents",
            "Damaged contents that have the right bytes again",
            this.healed.clone(),
        );
        this
    }

    /// Takes over how many contents were damaged, and healed.
    pub(crate) fn damaged(&self, counts: storage::DamageCounts) {
        self.damaged.inner().store(counts.found, Ordering::Relaxed);
        self.healed.inner().store(counts.healed, Ordering::Relaxed);
    }

    /// Takes over what was found.
    pub(crate) fn found(
        &self,
        storage: &Result<(), storage::Fault>,
        room: Option<storage::Room>,
        unstored: usize,
    ) {
        let reasons = match storage {
            Ok(()) => [0, 0],
            Err(storage::Fault::NoSpace { .. }) => [1, 0],
            Err(_) => [0, 1],
        };
        for (gauge, holds) in self.unready.iter().zip(reasons) {
            gauge.set(holds);
        }
        if let Some(room) = room {
            self.free_bytes.set(room.free_bytes);
            self.free_bytes_min.set(room.free_bytes_min);
        }
        self.unstored.set(unstored as u64);
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
