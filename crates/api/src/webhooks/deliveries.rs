use std::marker::PhantomData;

use domain::{Granted, RepositorySettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::DeliveryRow;

use super::HasWebhooks;
use crate::at::{At, DeliveryAt, Names, WebhookAt};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};
use crate::words::{Moment, delivery};

/// `POST …/webhooks/{webhook}/test`
pub struct TestWebhook<N>(PhantomData<fn() -> N>);

/// `GET …/webhooks/{webhook}/deliveries`
pub struct ListDeliveries<N>(PhantomData<fn() -> N>);

/// `POST …/webhooks/{webhook}/deliveries/{delivery}/redeliver`
pub struct Redeliver<N>(PhantomData<fn() -> N>);

/// A message to a webhook, and how its delivery went.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Its number; newer ones have larger ones.
    pub id: String,
    /// The id of the message, the same in each try: a receiver that has seen it has seen the event.
    pub message: String,
    /// What it tells of: `package.published`, the action of an event of the audit, or `test`.
    #[schemars(extend("x-open-enum" = true))]
    pub event: String,
    /// Whether it waits, arrived, or was given up.
    #[schemars(extend("x-open-enum" = true))]
    pub outcome: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was made.
    pub made_at: Moment,
    /// When it is tried next; `null` once it ended.
    pub due_at: Option<Moment>,
    /// When it was tried last.
    pub tried_at: Option<Moment>,
    /// The status that was answered last; `null` if there was no answer.
    pub status: Option<u32>,
    /// Why it failed last.
    pub error: Option<String>,
    /// How long the last try took.
    pub millis: Option<u64>,
}

impl<N: HasWebhooks> Endpoint for TestWebhook<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[5],
        method: Method::Post,
        path: N::PATHS[2],
        summary: "Sends a webhook a message of its own; how that went is among the deliveries.",
        since: "0.1",
        audit: &["webhook.test"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("webhook test"),
    };
    type At = WebhookAt<N::At>;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Delivery;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Delivery>, Fault> {
        let (row, force) = cx.directory.test_webhook(&may, &ask.at.webhook).await?;
        Ok(Done::changed(shown(&row), force))
    }
}

impl<N: HasWebhooks> Endpoint for ListDeliveries<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[6],
        method: Method::Get,
        path: N::PATHS[3],
        summary: "Lists the messages to a webhook, the newest first: those that wait, and the newest 200 of those that ended.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("webhook deliveries"),
    };
    type At = WebhookAt<N::At>;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Delivery>;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Delivery>>, Fault> {
        let before = ask.query.after(delivery)?;
        let rows = cx.directory.deliveries(&may, &ask.at.webhook, before, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.id.to_string(), shown)))
    }
}

impl<N: HasWebhooks> Endpoint for Redeliver<N>
where
    DeliveryAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[7],
        method: Method::Post,
        path: N::PATHS[4],
        summary: "Sends a message again, however it went before; its id stays.",
        since: "0.1",
        audit: &["webhook.redeliver"],
        faults: &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("webhook redeliver"),
    };
    type At = DeliveryAt<N::At>;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Delivery;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Delivery>, Fault> {
        let (row, force) = cx.directory.redeliver(&may, &ask.at.of.webhook, ask.at.delivery).await?;
        Ok(Done::changed(shown(&row), force))
    }
}

fn shown(row: &DeliveryRow) -> Delivery {
    Delivery {
        id: row.id.to_string(),
        message: row.message.to_string(),
        event: row.event.to_string(),
        outcome: row.outcome.to_string(),
        tries: row.tries,
        made_at: Moment(row.made_at),
        due_at: row.due_at.map(Moment),
        tried_at: row.tried_at.map(Moment),
        status: row.status,
        error: row.error.as_deref().map(str::to_owned),
        millis: row.millis,
    }
}
