//! How the gateway is, in four lines, and what of it needs somebody.

use api::Fault;
use api::health::{Health as Shown, ListWorkers, ShowHealth};
use api::nodes::ListNodes;

use crate::parts::filled;
use crate::visit::Visit;

/// Most workers and nodes that are looked at; there are fewer.
const ROWS: &str = "50";
/// From how long on a worker that is due and at rest is late, in seconds.
const LATE_SECS: u64 = 600;

/// How the gateway is.
pub(super) struct Health {
    pub(super) lines: Vec<Line>,
    /// What needs somebody, a sentence each.
    pub(super) troubles: Vec<String>,
}

/// A line: what it is about, how that is, and whether that is well.
pub(super) struct Line {
    pub(super) what: &'static str,
    pub(super) how: String,
    pub(super) well: bool,
}

/// What is said of it to who may see the events of everything.
pub(super) async fn of(visit: &Visit<'_>) -> Result<Health, Fault> {
    let health = visit.read::<ShowHealth>(&[], &[]).await?;
    let (t, now) = (&visit.t.home, visit.now().millis());
    let mut troubles = Vec::new();
    for worker in visit.read::<ListWorkers>(&[], &[("limit", ROWS.into())]).await?.items {
        if worker.failures > 0 || worker.lag_secs > LATE_SECS {
            let failures = visit.language.number(worker.failures.into());
            troubles.push(filled(&filled(t.worker_fails, "name", &worker.name), "failures", &failures));
        }
        if worker.given_up > 0 {
            let things = visit.language.number(worker.given_up);
            troubles.push(filled(&filled(t.worker_gave_up, "name", &worker.name), "things", &things));
        }
    }
    for node in visit.read::<ListNodes>(&[], &[("limit", ROWS.into())]).await?.items {
        if node.lease_until.0.millis() < now {
            troubles.push(filled(t.node_silent, "id", &node.id));
        }
    }
    Ok(Health { lines: lines(visit, &health), troubles })
}

fn lines(visit: &Visit<'_>, health: &Shown) -> Vec<Line> {
    let (t, home) = (&visit.t.operations, &visit.t.home);
    let disk = health.disk.as_ref();
    let free = disk.map(|disk| filled(t.disk_free, "free", &visit.language.bytes(disk.free_bytes)));
    let lost = health.audit.lost;
    let audit = filled(home.audit_waits, "waiting", &visit.language.number(health.audit.waiting));
    let line = |what, how: String, well| Line { what, how, well };
    let yes = |well: bool| if well { t.yes } else { t.no };
    vec![
        line(t.ready, yes(health.ready).to_owned(), health.ready),
        line(t.database, if health.database { t.reads } else { t.silent }.to_owned(), health.database),
        line(
            t.disk,
            free.unwrap_or_else(|| t.disk_none.to_owned()),
            disk.is_none_or(|disk| disk.free_bytes > disk.free_bytes_min),
        ),
        line(
            visit.t.common.audit,
            filled(&audit, "lost", &visit.language.number(lost)),
            lost == 0 && health.unstored == 0,
        ),
    ]
}
