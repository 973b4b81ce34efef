//! Tells webhooks what happened. Each node does: an event is told by who takes it, a message sent by who claims its webhook, both
//! in a transaction, so nodes share the work without a lease, which would cost two writes a second while nothing happens.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use auth::{KeyRing, SigningSecret};
use bytes::Bytes;
use domain::{Clock, System};
use frontend::WebhookMetrics;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use outbound::{Client, Request, Target};
use storage::{BoxError, Claimed, Delivered, Storage};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Step, Worker};
use crate::error::with_causes;

/// How late an event is told of at most, where nothing else waits.
const POLL: Duration = Duration::from_secs(1);
/// Webhooks that are sent to at one time, and those of them that failed last: however many receivers are dead, others have places.
const SENDING_MAX: usize = 32;
const FAILING_MAX: usize = 16;
/// Webhooks that one look finds: more than are being sent to.
const DUE_MAX: u32 = 128;
/// Messages sent one after another before others have their turn.
const IN_TURN_MAX: usize = 32;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What messages are sent with.
pub(in crate::wiring) struct Sender {
    pub(in crate::wiring) storage: Storage,
    pub(in crate::wiring) client: Arc<Client>,
    pub(in crate::wiring) keys: Arc<KeyRing>,
    pub(in crate::wiring) clock: Arc<dyn Clock>,
    pub(in crate::wiring) metrics: WebhookMetrics,
    pub(in crate::wiring) system: System,
}

/// Tells webhooks what happened.
pub(in crate::wiring) struct Webhooks {
    sender: Arc<Sender>,
    /// The secrets behind this webhook are to be sealed anew, if their key is old; `None` once all are.
    reseal_after: Option<i64>,
    /// Each gives its webhook back when it ends. A message that this cuts is sent again after its claim.
    sending: JoinSet<i64>,
    /// Webhooks that are being sent to, and whether they failed last.
    busy: HashMap<i64, bool>,
}

impl Webhooks {
    pub(in crate::wiring) fn new(sender: Sender) -> Self {
        Self {
            sender: Arc::new(sender),
            reseal_after: Some(0),
            sending: JoinSet::new(),
            busy: HashMap::new(),
        }
    }

    /// Sends to webhooks with something due, as far as there are places.
    async fn send(&mut self) -> Result<u64, BoxError> {
        while let Some(ended) = self.sending.try_join_next() {
            self.ended(ended);
        }
        let due = self.sender.storage.webhooks_due(&self.sender.system, DUE_MAX).await?;
        let mut begun = 0_u64;
        for (webhook, failing) in due {
            let dead = self.busy.values().filter(|failing| **failing).count();
            if self.busy.len() >= SENDING_MAX || (failing && dead >= FAILING_MAX) {
                break;
            }
            if self.busy.contains_key(&webhook) {
                continue;
            }
            self.busy.insert(webhook, failing);
            let sender = Arc::clone(&self.sender);
            self.sending.spawn(async move {
                sender.send_all(webhook).await;
                webhook
            });
            begun = begun.saturating_add(1);
        }
        Ok(begun)
    }

    fn ended(&mut self, ended: Result<i64, tokio::task::JoinError>) {
        match ended {
            Ok(webhook) => drop(self.busy.remove(&webhook)),
            // Which one it was is not known, and its claim keeps others from it for a minute.
            Err(error) => {
                tracing::error!(error = with_causes(&error), "sending to a webhook ended in the middle");
                self.busy.clear();
            }
        }
    }
}

impl Worker<()> for Webhooks {
    const NAME: &'static str = "webhooks";

    async fn step(&mut self, _: &()) -> Result<Step, BoxError> {
        if let Some(after) = self.reseal_after {
            let keys = Arc::clone(&self.sender.keys);
            let anew = move |sealed: &str| SigningSecret::resealed(&keys, sealed);
            self.reseal_after = self.sender.storage.reseal_webhooks(&self.sender.system, after, anew).await?;
        }
        let told = self.sender.storage.tell_webhooks(&self.sender.system).await?;
        if told.lost > 0 {
            tracing::warn!(events = told.lost, "events found no place in the queues of webhooks");
            self.sender.metrics.lost(told.lost);
        }
        let begun = self.send().await?;
        let items = told.events.saturating_add(begun);
        if told.events > 0 || self.reseal_after.is_some() {
            return Ok(Step::busy(items, 0));
        }
        Ok(Step { items, failed: 0, rest: Some(POLL) })
    }

    /// Whoever is done makes place for another.
    async fn woken(&mut self) {
        match self.sending.join_next().await {
            Some(ended) => self.ended(ended),
            None => std::future::pending().await,
        }
    }
}

impl Sender {
    /// Sends what is due to one webhook, one message after another, until one does not arrive.
    async fn send_all(&self, webhook: i64) {
        for _ in 0..IN_TURN_MAX {
            match self.send_one(webhook).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(
                        error = with_causes(&error),
                        webhook,
                        "a message of a webhook waits for the database"
                    );
                    return;
                }
            }
        }
    }

    /// Whether one was due and arrived.
    async fn send_one(&self, webhook: i64) -> Result<bool, storage::Fault> {
        let Some(claimed) = self.storage.claim_delivery(&self.system, webhook).await? else {
            return Ok(false);
        };
        let began = Instant::now();
        let delivered = self.deliver(&claimed).await;
        let took = began.elapsed();
        let arrived = matches!(delivered, Delivered::Arrived(_));
        self.metrics.tried(took, arrived);
        self.storage.note_delivery(&self.system, claimed, delivered, took).await?;
        Ok(arrived)
    }

    async fn deliver(&self, claimed: &Claimed) -> Delivered {
        let over = |why: &str| Delivered::Over { status: None, why: why.to_owned() };
        let target = match Target::parse(&claimed.url) {
            Ok(target) => target,
            Err(why) => return over(&format!("the address cannot be used: {why}")),
        };
        let Some(headers) = self.headers(claimed) else {
            return over("its secret was sealed by a key that is gone: set it again");
        };
        let body = Bytes::from(claimed.body.to_string());
        let request =
            Request { method: Method::POST, target, headers, body, answer_bytes_max: 0, private: None };
        match self.client.send(request).await {
            Ok(answer) if answer.status.is_success() => Delivered::Arrived(answer.status.as_u16()),
            Ok(answer) if answer.status == http::StatusCode::GONE => {
                let why = "the receiver said that it wants no more (410)".to_owned();
                Delivered::Over { status: Some(410), why }
            }
            Ok(answer) if answer.status.is_redirection() => {
                let why = "the receiver sends elsewhere, which is not followed".to_owned();
                Delivered::Failed { status: Some(answer.status.as_u16()), why }
            }
            Ok(answer) => {
                let why = "the receiver did not take it".to_owned();
                Delivered::Failed { status: Some(answer.status.as_u16()), why }
            }
            Err(error) => Delivered::Failed { status: None, why: error.to_string() },
        }
    }

    /// Those of Standard Webhooks, by every secret that opens; `None` if the present one does not.
    fn headers(&self, claimed: &Claimed) -> Option<HeaderMap> {
        let sent_secs = self.clock.now().millis().div_euclid(1000);
        let mut signatures = Vec::new();
        for (age, sealed) in claimed.secrets.iter().enumerate() {
            match SigningSecret::open(&self.keys, sealed) {
                Some(secret) => signatures.push(secret.sign(&claimed.message, sent_secs, &claimed.body)),
                None if age == 0 => return None,
                None => {}
            }
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(ID, HeaderValue::from_str(&claimed.message).ok()?);
        headers.insert(TIMESTAMP, HeaderValue::from(sent_secs));
        headers.insert(SIGNATURE, HeaderValue::from_str(&signatures.join(" ")).ok()?);
        Some(headers)
    }
}
