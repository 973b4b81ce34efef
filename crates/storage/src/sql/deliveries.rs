//! Statements by which webhooks are told what happened, and by which that is delivered.

use domain::{Format, NodeId, PolicyVersion, PrincipalId, ProjectId, RepositoryId, Timestamp};

use super::row::{returning, row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// An event of a package that waits to be told.
pub(crate) struct PackageEvent {
    pub(crate) id: i64,
    pub(crate) at: Timestamp,
    pub(crate) repository: RepositoryId,
    pub(crate) event: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) package: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) actor: PrincipalId,
}

/// An administrative event, as far as it is told.
pub(crate) struct AuditEvent {
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
    pub(crate) action: Box<str>,
    pub(crate) actor_kind: Box<str>,
    pub(crate) actor_name: Box<str>,
    pub(crate) node: Option<NodeId>,
    pub(crate) node_path: Option<Box<str>>,
    pub(crate) project: Option<NodeId>,
    pub(crate) object_kind: Box<str>,
    pub(crate) object_name: Box<str>,
    pub(crate) version: PolicyVersion,
    pub(crate) chain: Option<Box<str>>,
}

/// Where a repository is.
#[derive(Clone)]
pub(crate) struct RepositoryAt {
    pub(crate) project: ProjectId,
    pub(crate) key: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) format: Format,
}

/// A webhook that takes events.
pub(crate) struct Listener {
    pub(crate) id: i64,
    pub(crate) events: Box<str>,
    pub(crate) waiting: u32,
}

/// A delivery that is due, with what it takes to make it.
pub(crate) struct Due {
    pub(crate) webhook: i64,
    pub(crate) url: Box<str>,
    pub(crate) secret: Box<str>,
    pub(crate) previous_secret: Option<Box<str>>,
    pub(crate) previous_until: Option<Timestamp>,
    pub(crate) retry_at: i64,
    pub(crate) delivery: i64,
    pub(crate) message: Box<str>,
    pub(crate) body: Box<str>,
    pub(crate) tries: u32,
}

/// The sealed secrets of a webhook.
pub(crate) struct Sealed {
    pub(crate) id: i64,
    pub(crate) secret: Box<str>,
    pub(crate) previous_secret: Option<Box<str>>,
}

/// How a webhook fares.
pub(crate) struct Standing {
    pub(crate) failures: u32,
    pub(crate) failing_since: Option<Timestamp>,
}

row! { PackageEvent { id, at, repository, event, kind: "entry_kind", package, name, actor } }

row! {
    AuditEvent {
        sequence,
        at,
        action,
        actor_kind,
        actor_name,
        node,
        node_path,
        project,
        object_kind,
        object_name,
        version: "policy_version",
        chain,
    }
}

row! { RepositoryAt { project: "r.project", key: "p.key", name: "r.name", format: "r.format" } }

row! {
    Listener {
        id: "w.id",
        events: "w.events",
        waiting: "(SELECT count(*) FROM delivery d WHERE d.webhook = w.id AND d.due_at IS NOT NULL)",
    }
}

row! {
    Due {
        webhook: "w.id",
        url: "w.url",
        secret: "w.secret",
        previous_secret: "w.previous_secret",
        previous_until: "w.previous_until",
        retry_at: "w.retry_at",
        delivery: "d.id",
        message: "d.message",
        body: "d.body",
        tries: "d.tries",
    }
}

row! { Sealed { id, secret, previous_secret } }

row! { Standing { failures, failing_since } }

/// Whether there is anything to tell; as cheap as it can be, because it is asked every second.
pub(crate) fn anything_to_tell(tx: &mut dyn Tx) -> Result<bool, Error> {
    let waits = maybe(tx, "SELECT id FROM outbox LIMIT 1", &[], |_| Ok(()))?.is_some();
    Ok(waits || !audit_after_told(tx, 1)?.is_empty())
}

/// Takes events out of the outbox, the oldest first. Whoever takes them tells them in the same transaction, so that of several
/// nodes one does, and one that was written late is found like any other: there is no number that it could be behind.
pub(crate) fn take_package_events(tx: &mut dyn Tx, limit: u32) -> Result<Vec<PackageEvent>, Error> {
    let sql = returning!(
        PackageEvent,
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)"
    );
    let mut taken = rows(tx, sql, &[limit.into()], Ok)?;
    taken.sort_by_key(|event| event.id);
    Ok(taken)
}

/// Administrative events that nobody was told of, in their order: that of their transactions, each of which holds the lock of the
/// policy version to its end.
pub(crate) fn audit_after_told(tx: &mut dyn Tx, limit: u32) -> Result<Vec<AuditEvent>, Error> {
    let sql = select!(
        AuditEvent,
        "FROM audit WHERE sequence > (SELECT t.sequence FROM audit_told t WHERE t.id = 1) ORDER BY sequence LIMIT $1"
    );
    rows(tx, sql, &[limit.into()], Ok)
}

/// Up to where they were told.
pub(crate) fn told(tx: &mut dyn Tx) -> Result<i64, Error> {
    one(tx, "SELECT sequence FROM audit_told WHERE id = 1", &[], |row| row.int(0))
}

/// Notes that they are told up to here: false if another node did so meanwhile.
pub(crate) fn note_told(tx: &mut dyn Tx, before: i64, upto: i64) -> Result<bool, Error> {
    let sql = "UPDATE audit_told SET sequence = $1 WHERE id = 1 AND sequence = $2";
    Ok(tx.execute(sql, &[upto.into(), before.into()])? == 1)
}

pub(crate) fn repository_at(tx: &mut dyn Tx, id: RepositoryId) -> Result<Option<RepositoryAt>, Error> {
    let sql =
        select!(RepositoryAt, "FROM repository r JOIN project p ON p.node = r.project WHERE r.node = $1");
    maybe(tx, sql, &[id.get().into()], Ok)
}

/// The webhooks of a node that take events.
pub(crate) fn listeners_at(tx: &mut dyn Tx, node: NodeId) -> Result<Vec<Listener>, Error> {
    let sql = select!(
        Listener,
        "FROM webhook w WHERE w.node = $1 AND w.active = 1 AND w.disabled_at IS NULL ORDER BY w.id"
    );
    rows(tx, sql, &[node.get().into()], Ok)
}

/// Counts events that a webhook was not told.
pub(crate) fn lose(tx: &mut dyn Tx, webhook: i64, events: u64) -> Result<(), Error> {
    let sql = "UPDATE webhook SET lost = lost + $1 WHERE id = $2";
    tx.execute(sql, &[Value::count(events), webhook.into()]).map(drop)
}

/// Webhooks with something due, those first that answer.
pub(crate) fn due_webhooks(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<Vec<(i64, bool)>, Error> {
    let sql = "SELECT w.id, w.failures FROM webhook w WHERE w.active = 1 AND w.disabled_at IS NULL AND w.retry_at <= $1 \
               AND EXISTS (SELECT 1 FROM delivery d WHERE d.webhook = w.id AND d.due_at <= $1) \
               ORDER BY w.failures, w.id LIMIT $2";
    rows(tx, sql, &[now.millis().into(), limit.into()], |row| Ok((row.int(0)?, row.int(1)? > 0)))
}

/// The first delivery of a webhook that is due.
pub(crate) fn due(tx: &mut dyn Tx, webhook: i64, now: Timestamp) -> Result<Option<Due>, Error> {
    let sql = select!(
        Due,
        "FROM webhook w JOIN delivery d ON d.webhook = w.id WHERE w.id = $1 AND w.active = 1 AND w.disabled_at IS NULL \
         AND w.retry_at <= $2 AND d.due_at <= $2 ORDER BY d.due_at, d.id LIMIT 1"
    );
    maybe(tx, sql, &[webhook.into(), now.millis().into()], Ok)
}

/// Takes a webhook until a moment, if nobody else took it meanwhile: one message at a time, whichever node sends it.
pub(crate) fn claim(tx: &mut dyn Tx, due: &Due, until: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE webhook SET retry_at = $1 WHERE id = $2 AND retry_at = $3";
    Ok(tx.execute(sql, &[until.millis().into(), due.webhook.into(), due.retry_at.into()])? == 1)
}

pub(crate) fn standing(tx: &mut dyn Tx, webhook: i64) -> Result<Option<Standing>, Error> {
    maybe(tx, select!(Standing, "FROM webhook WHERE id = $1"), &[webhook.into()], Ok)
}

/// How a delivery went, and when it is due again, if it is.
pub(crate) struct Tried<'a> {
    pub(crate) delivery: i64,
    pub(crate) at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) outcome: &'a str,
    pub(crate) status: Option<u32>,
    pub(crate) error: Option<&'a str>,
    pub(crate) millis: u64,
}

pub(crate) fn set_tried(tx: &mut dyn Tx, tried: &Tried<'_>) -> Result<(), Error> {
    tx.execute(
        "UPDATE delivery SET tries = tries + 1, tried_at = $1, due_at = $2, outcome = $3, status = $4, error = $5, \
         millis = $6 WHERE id = $7",
        &[
            tried.at.millis().into(),
            tried.due_at.map(Timestamp::millis).into(),
            tried.outcome.into(),
            tried.status.into(),
            tried.error.into(),
            Value::count(tried.millis),
            tried.delivery.into(),
        ],
    )
    .map(drop)
}

pub(crate) fn set_standing(
    tx: &mut dyn Tx,
    webhook: i64,
    standing: &Standing,
    retry_at: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE webhook SET failures = $1, failing_since = $2, retry_at = $3 WHERE id = $4";
    let since = standing.failing_since.map(Timestamp::millis);
    tx.execute(sql, &[standing.failures.into(), since.into(), retry_at.millis().into(), webhook.into()])
        .map(drop)
}

pub(crate) fn disable(tx: &mut dyn Tx, webhook: i64, reason: &str, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE webhook SET disabled_at = $1, disabled_reason = $2 WHERE id = $3";
    tx.execute(sql, &[now.millis().into(), reason.into(), webhook.into()]).map(drop)
}

/// Sealed secrets by webhook, after `after`.
pub(crate) fn sealed_after(tx: &mut dyn Tx, after: i64, limit: u32) -> Result<Vec<Sealed>, Error> {
    rows(
        tx,
        select!(Sealed, "FROM webhook WHERE id > $1 ORDER BY id LIMIT $2"),
        &[after.into(), limit.into()],
        Ok,
    )
}

/// Puts what is sealed anew in the place of what it was, wherever it is still so.
pub(crate) fn reseal(tx: &mut dyn Tx, webhook: i64, old: &str, new: &str) -> Result<(), Error> {
    let values = [new.into(), webhook.into(), old.into()];
    tx.execute("UPDATE webhook SET secret = $1 WHERE id = $2 AND secret = $3", &values)?;
    let sql = "UPDATE webhook SET previous_secret = $1 WHERE id = $2 AND previous_secret = $3";
    tx.execute(sql, &values).map(drop)
}

/// Forgets deliveries of a webhook that ended, but for the newest so many.
pub(crate) fn keep_newest(tx: &mut dyn Tx, webhook: i64, kept: u32) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM delivery WHERE webhook = $1 AND due_at IS NULL AND id <= (SELECT d.id FROM delivery d \
         WHERE d.webhook = $1 AND d.due_at IS NULL ORDER BY d.id DESC LIMIT 1 OFFSET $2)",
        &[webhook.into(), kept.into()],
    )
}

/// Forgets some deliveries from before, waiting or not. Gives how many, and of which webhooks those were that waited.
pub(crate) fn trim(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<(u64, Vec<i64>), Error> {
    let sql = "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE made_at < $1 ORDER BY made_at LIMIT $2) \
               RETURNING webhook, due_at";
    let gone = rows(tx, sql, &[before.millis().into(), limit.into()], |row| {
        Ok((row.int(0)?, row.opt_int(1)?.is_some()))
    })?;
    Ok((
        gone.len() as u64,
        gone.into_iter().filter(|(_, waited)| *waited).map(|(webhook, _)| webhook).collect(),
    ))
}
