//! Statements about webhooks and what they are told.

use domain::{NodeId, PrincipalId, Timestamp};

use super::row::{returning, row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;
use crate::model::{DeliveryRow, WebhookRow};

/// A webhook to make or to set.
pub(crate) struct WebhookInsert<'a> {
    pub(crate) node: NodeId,
    pub(crate) name: &'a str,
    pub(crate) url: &'a str,
    pub(crate) events: &'a str,
    pub(crate) active: bool,
    pub(crate) secret: &'a str,
    pub(crate) fingerprint: &'a str,
    pub(crate) by: u32,
    pub(crate) now: Timestamp,
}

/// What a webhook is called, and where it is.
struct WebhookName {
    node: u32,
    name: Box<str>,
}

row! { WebhookName { node, name } }

row! {
    WebhookRow {
        id: "w.id",
        name: "w.name",
        url: "w.url",
        events: "w.events",
        active: "w.active",
        fingerprint: "w.fingerprint",
        failures: "w.failures",
        failing_since: "w.failing_since",
        disabled_at: "w.disabled_at",
        disabled_reason: "w.disabled_reason",
        waiting: "(SELECT count(*) FROM delivery d WHERE d.webhook = w.id AND d.due_at IS NOT NULL)",
        lost: "w.lost",
        created_at: "w.created_at",
    }
}

row! { DeliveryRow { id, message, event, made_at, due_at, tries, tried_at, outcome, status, error, millis } }

/// A webhook of a node.
pub(crate) fn named(tx: &mut dyn Tx, node: NodeId, name: &str) -> Result<Option<WebhookRow>, Error> {
    let sql = select!(WebhookRow, "FROM webhook w WHERE w.node = $1 AND w.name = $2");
    maybe(tx, sql, &[node.get().into(), name.into()], Ok)
}

/// The webhooks of a node by name, after `after`.
pub(crate) fn after(
    tx: &mut dyn Tx,
    node: NodeId,
    after: &str,
    limit: u32,
) -> Result<Vec<WebhookRow>, Error> {
    let sql =
        select!(WebhookRow, "FROM webhook w WHERE w.node = $1 AND w.name > $2 ORDER BY w.name LIMIT $3");
    rows(tx, sql, &[node.get().into(), after.into(), limit.into()], Ok)
}

/// All webhooks, by the nodes that they are at.
pub(crate) fn names(tx: &mut dyn Tx) -> Result<Vec<(NodeId, Box<str>)>, Error> {
    let of = |row: WebhookName| Ok((NodeId::new(row.node), row.name));
    rows(tx, select!(WebhookName, "FROM webhook ORDER BY node, name"), &[], of)
}

pub(crate) fn insert(tx: &mut dyn Tx, new: &WebhookInsert<'_>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO webhook (node, name, url, events, active, secret, fingerprint, failures, retry_at, lost, created_by, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8, $9)",
        &[
            new.node.get().into(),
            new.name.into(),
            new.url.into(),
            new.events.into(),
            new.active.into(),
            new.secret.into(),
            new.fingerprint.into(),
            new.by.into(),
            new.now.millis().into(),
        ],
    )
    .map(drop)
}

/// Sets what can be set but the secret, and begins anew where a receiver failed.
pub(crate) fn set(tx: &mut dyn Tx, id: i64, url: &str, events: &str, active: bool) -> Result<(), Error> {
    tx.execute(
        "UPDATE webhook SET url = $1, events = $2, active = $3, failures = 0, failing_since = NULL, retry_at = 0, \
         disabled_at = NULL, disabled_reason = NULL WHERE id = $4",
        &[url.into(), events.into(), active.into(), id.into()],
    )
    .map(drop)
}

/// A new secret; the one before it signs too until `until`.
pub(crate) fn set_secret(
    tx: &mut dyn Tx,
    id: i64,
    (secret, fingerprint): (&str, &str),
    until: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE webhook SET previous_secret = secret, previous_until = $1, secret = $2, fingerprint = $3 WHERE id = $4",
        &[until.millis().into(), secret.into(), fingerprint.into(), id.into()],
    )
    .map(drop)
}

pub(crate) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM webhook WHERE id = $1", &[id.into()]).map(drop)
}

/// A message for a webhook, due at once.
pub(crate) fn insert_delivery(
    tx: &mut dyn Tx,
    webhook: i64,
    (message, event, body): (&str, &str, &str),
    now: Timestamp,
) -> Result<DeliveryRow, Error> {
    let sql = returning!(
        DeliveryRow,
        "INSERT INTO delivery (webhook, message, event, body, made_at, due_at, tries, outcome) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, 'waiting')"
    );
    let at = now.millis();
    one(tx, sql, &[webhook.into(), message.into(), event.into(), body.into(), at.into(), at.into()], Ok)
}

/// Deliveries of a webhook, newest first, before `before`.
pub(crate) fn deliveries(
    tx: &mut dyn Tx,
    webhook: i64,
    before: i64,
    limit: u32,
) -> Result<Vec<DeliveryRow>, Error> {
    let sql = select!(DeliveryRow, "FROM delivery WHERE webhook = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    rows(tx, sql, &[webhook.into(), before.into(), limit.into()], Ok)
}

/// Makes a delivery of a webhook due anew; `None` if it has no such delivery.
pub(crate) fn deliver_again(
    tx: &mut dyn Tx,
    webhook: i64,
    delivery: i64,
    now: Timestamp,
) -> Result<Option<DeliveryRow>, Error> {
    let sql = returning!(
        DeliveryRow,
        "UPDATE delivery SET due_at = $1, tries = 0, outcome = 'waiting', status = NULL, error = NULL, millis = NULL \
         WHERE id = $2 AND webhook = $3"
    );
    let again = maybe(tx, sql, &[now.millis().into(), delivery.into(), webhook.into()], Ok)?;
    if again.is_some() {
        tx.execute("UPDATE webhook SET retry_at = 0 WHERE id = $1", &[webhook.into()])?;
    }
    Ok(again)
}

/// What somebody is called, as events say it; `None` for who is gone.
pub(crate) fn caller_text(tx: &mut dyn Tx, id: PrincipalId) -> Result<Option<String>, Error> {
    let sql = "SELECT kind || ':' || name FROM principal WHERE subject = $1";
    maybe(tx, sql, &[Value::id(id.get())], |row| Ok(row.text(0)?.to_owned()))
}
