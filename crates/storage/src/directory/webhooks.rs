use domain::{Granted, Limit, Node, NodeId, Permission, RepositorySettings};
use serde_json::json;

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::listing::judged;
use super::{Directory, InForce, OnlyIf};
use crate::error::{DirectoryError, Error};
use crate::message::{Message, WAITING_MAX};
use crate::model::{DeliveryRow, HookEvent, SealedSecret, WebhookRow};
use crate::sql::webhooks::{self, WebhookInsert};
use crate::sql::{Tx, nodes};

/// Said to who may not see the audit where a webhook would be told of it.
pub(super) const AUDIT_ELSEWHERE: &str = "events of the audit go only where you hold audit-view";
/// Most webhooks of a node.
const WEBHOOKS_MAX: u32 = 16;
/// How long the secret before the present one signs too, in seconds.
const PREVIOUS_SECRET_SECS: i64 = 24 * 3600;

/// What a webhook is to be.
#[derive(Debug, Clone)]
pub struct WebhookWanted {
    /// Where its messages go.
    pub url: Box<str>,
    /// What it is told of; at least one.
    pub events: Vec<HookEvent>,
    /// Whether it is told anything.
    pub active: bool,
    /// The secret that signs its messages; `None` keeps the present one.
    pub secret: Option<SealedSecret>,
}

impl Directory {
    /// The webhooks of the node of the proof, by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn webhooks<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<WebhookRow>, DirectoryError> {
        let node = may.node().node_id();
        let read = move |tx: &mut dyn Tx| {
            webhooks::after(tx, node, after.as_deref().unwrap_or_default(), limit.rows())
        };
        Ok(self.database.read(read).await?)
    }

    /// A webhook of the node of the proof.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn webhook<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
    ) -> Result<WebhookRow, DirectoryError> {
        let (node, name): (_, Box<str>) = (may.node().node_id(), name.into());
        Ok(self.database.read(move |tx| found(tx, node, &name)).await?)
    }

    /// Makes a webhook or sets what one is; tells whether it was made. One that had been given up begins anew.
    ///
    /// # Errors
    /// `Precondition`, `BeyondOwn` for events of the audit without `audit-view` there, `Refused` for a new one without a secret
    /// and for too many.
    pub async fn put_webhook<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
        wanted: WebhookWanted,
        only_if: OnlyIf<WebhookRow>,
    ) -> Result<(WebhookRow, bool, InForce), DirectoryError> {
        let place = Place { node: may.node().node_id(), name: name.into() };
        let sees_audit = may.held().contains(Permission::AuditView);
        let put = move |change: &mut Change<'_>| {
            let present = webhooks::named(change.tx, place.node, &place.name)?;
            judged(&only_if, present.as_ref())?;
            if wanted.events.contains(&HookEvent::Audit) && !sees_audit {
                return Err(Error::beyond_own(AUDIT_ELSEWHERE));
            }
            place.put(change, present.as_ref(), &wanted)?;
            Ok((found(change.tx, place.node, &place.name)?, present.is_none()))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Takes a webhook away, with what waits for it.
    ///
    /// # Errors
    /// `Absent`, `Precondition`.
    pub async fn remove_webhook<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
        only_if: OnlyIf<WebhookRow>,
    ) -> Result<InForce, DirectoryError> {
        let place = Place { node: may.node().node_id(), name: name.into() };
        let remove = move |change: &mut Change<'_>| {
            let row = found(change.tx, place.node, &place.name)?;
            judged(&only_if, Some(&row))?;
            place.remove(change, &row)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }

    /// Sends a webhook a message that says nothing.
    ///
    /// # Errors
    /// `Absent`, `Refused` if it is not told anything.
    pub async fn test_webhook<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
    ) -> Result<(DeliveryRow, InForce), DirectoryError> {
        let place = Place { node: may.node().node_id(), name: name.into() };
        let test = move |change: &mut Change<'_>| {
            let row = place.listening(change.tx)?;
            if row.waiting >= u64::from(WAITING_MAX) {
                return Err(Error::refused("1,000 messages wait for it already"));
            }
            let by = match change.author().principal() {
                Some(id) => webhooks::caller_text(change.tx, id)?,
                None => None,
            };
            let message =
                Message { word: "test", at: change.now, data: json!({ "webhook": row.name, "by": by }) };
            let delivery = message.put(change.tx, row.id, change.now)?;
            place.happened(change, "webhook.test", row.id, sent(&delivery))?;
            Ok(delivery)
        };
        Ok(self.change(Author::of(may), test).await?)
    }

    /// What a webhook was told, newest first, before `before`.
    ///
    /// # Errors
    /// `Absent` if there is no webhook of that name.
    pub async fn deliveries<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
        before: Option<i64>,
        limit: Limit,
    ) -> Result<Vec<DeliveryRow>, DirectoryError> {
        let (node, name): (_, Box<str>) = (may.node().node_id(), name.into());
        let read = move |tx: &mut dyn Tx| {
            let row = found(tx, node, &name)?;
            webhooks::deliveries(tx, row.id, before.unwrap_or(i64::MAX), limit.rows())
        };
        Ok(self.database.read(read).await?)
    }

    /// Sends a message again, however it went before.
    ///
    /// # Errors
    /// `Absent` if there is no such webhook or delivery of it, `Refused` if it is not told anything.
    pub async fn redeliver<N: Node>(
        &self,
        may: &Granted<RepositorySettings, N>,
        name: &str,
        delivery: i64,
    ) -> Result<(DeliveryRow, InForce), DirectoryError> {
        let place = Place { node: may.node().node_id(), name: name.into() };
        let again = move |change: &mut Change<'_>| {
            let row = place.listening(change.tx)?;
            let again =
                webhooks::deliver_again(change.tx, row.id, delivery, change.now)?.ok_or(Error::Absent)?;
            place.happened(change, "webhook.redeliver", row.id, sent(&again))?;
            Ok(again)
        };
        Ok(self.change(Author::of(may), again).await?)
    }
}

/// Which webhook.
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) name: Box<str>,
}

impl Place {
    /// What is there.
    pub(super) fn present(&self, tx: &mut dyn Tx) -> Result<Option<WebhookRow>, Error> {
        webhooks::named(tx, self.node, &self.name)
    }

    /// Makes it, or sets what it is.
    ///
    /// # Errors
    /// `Refused` for a new one without a secret and for too many.
    pub(super) fn put(
        &self,
        change: &mut Change<'_>,
        present: Option<&WebhookRow>,
        wanted: &WebhookWanted,
    ) -> Result<(), Error> {
        match present {
            Some(present) => self.set(change, present, wanted),
            None => self.make(change, wanted),
        }
    }

    /// Takes it away, with what waits for it.
    pub(super) fn remove(&self, change: &mut Change<'_>, row: &WebhookRow) -> Result<(), Error> {
        webhooks::delete(change.tx, row.id)?;
        self.happened(change, "webhook.delete", row.id, Turn::Gone(described(row)))
    }

    fn make(&self, change: &mut Change<'_>, wanted: &WebhookWanted) -> Result<(), Error> {
        let Some(secret) = &wanted.secret else {
            return Err(Error::refused("a new webhook needs a secret, by which its receiver knows us"));
        };
        if webhooks::after(change.tx, self.node, "", WEBHOOKS_MAX)?.len() >= WEBHOOKS_MAX as usize {
            return Err(Error::refused("there are 16 webhooks already"));
        }
        let insert = WebhookInsert {
            node: self.node,
            name: &self.name,
            url: &wanted.url,
            events: &words(&wanted.events),
            active: wanted.active,
            secret: &secret.sealed,
            fingerprint: &secret.fingerprint,
            by: change.author().id(),
            now: change.now,
        };
        webhooks::insert(change.tx, &insert)?;
        let row = found(change.tx, self.node, &self.name)?;
        self.happened(change, "webhook.create", row.id, Turn::Made(described(&row)))
    }

    fn set(
        &self,
        change: &mut Change<'_>,
        present: &WebhookRow,
        wanted: &WebhookWanted,
    ) -> Result<(), Error> {
        let events = words(&wanted.events);
        let same = present.url == wanted.url && *present.events == *events && present.active == wanted.active;
        let revived = wanted.active && present.disabled_at.is_some();
        let secret = wanted.secret.as_ref().filter(|secret| secret.fingerprint != present.fingerprint);
        if same && !revived && secret.is_none() {
            return Ok(());
        }
        webhooks::set(change.tx, present.id, &wanted.url, &events, wanted.active)?;
        if let Some(secret) = secret {
            let until = change.now.plus_secs(PREVIOUS_SECRET_SECS);
            webhooks::set_secret(change.tx, present.id, (&secret.sealed, &secret.fingerprint), until)?;
        }
        let row = found(change.tx, self.node, &self.name)?;
        let turn = Turn::Changed { before: described(present), after: described(&row) };
        self.happened(change, "webhook.update", present.id, turn)
    }

    /// The webhook, if it is told anything.
    fn listening(&self, tx: &mut dyn Tx) -> Result<WebhookRow, Error> {
        let row = found(tx, self.node, &self.name)?;
        if row.active && row.disabled_at.is_none() {
            return Ok(row);
        }
        Err(Error::refused("it is told nothing: make it active first"))
    }

    fn happened(&self, change: &mut Change<'_>, action: &str, id: i64, turn: Turn) -> Result<(), Error> {
        let (node, kind) = (self.node, ObjectKind::Webhook);
        let on = nodes::node_name(change.tx, node)?;
        change.happened(&Event { action, node, kind, object: id, name: &self.name, of: on.as_deref(), turn })
    }
}

fn found(tx: &mut dyn Tx, node: NodeId, name: &str) -> Result<WebhookRow, Error> {
    webhooks::named(tx, node, name)?.ok_or(Error::Absent)
}

/// Each once, in their one order.
pub(super) fn words(events: &[HookEvent]) -> String {
    let wanted = HookEvent::ALL.into_iter().filter(|event| events.contains(event));
    wanted.map(HookEvent::as_str).collect::<Vec<_>>().join(" ")
}

/// For the audit: everything that can be set, of the secret only that there is one.
fn described(row: &WebhookRow) -> Document {
    let events: Vec<&str> = row.events.split(' ').collect();
    let document = Document::default().with("url", &*row.url).with("events", events);
    document.with("active", row.active).secret("secret", true)
}

/// For the audit: which message.
fn sent(delivery: &DeliveryRow) -> Turn {
    Turn::Made(Document::default().with("message", &*delivery.message))
}
