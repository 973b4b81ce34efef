//! `…/webhooks`: who is told of what happens at a node and below it. The same operations at the organisation, a project and a
//! repository.

use std::marker::PhantomData;

use auth::{InvalidSigningSecret, KeyRing, SigningSecret};
use domain::{Granted, Organisation, Project, ProjectKey, Repository, RepositoryPath, RepositorySettings};
use storage::{SealedSecret, WebhookRow};

use crate::at::{At, DeliveryAt, Names, WebhookAt, encoded};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, Meta, Method, Nothing};
use crate::hooks::Hooks;
use crate::page::{Page, Paging};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::words::HookUrl;

mod deliveries;
mod documents;

pub use deliveries::{Delivery, ListDeliveries, Redeliver, TestWebhook};
pub use documents::{About, Events, SecretText, Webhook, WebhookWanted};

/// `GET …/webhooks`
pub struct ListWebhooks<N>(PhantomData<fn() -> N>);

/// `GET …/webhooks/{webhook}`
pub struct ShowWebhook<N>(PhantomData<fn() -> N>);

/// `PUT …/webhooks/{webhook}`
pub struct PutWebhook<N>(PhantomData<fn() -> N>);

/// `DELETE …/webhooks/{webhook}`
pub struct DeleteWebhook<N>(PhantomData<fn() -> N>);

/// A node that has webhooks at an address.
pub trait HasWebhooks: GuardedNode {
    /// What the path of the list names.
    type At: At + Names<Self> + Clone;
    /// Of the list, of one, of its test, of its deliveries, and of sending one of them again.
    const PATHS: [&'static str; 5];
    /// Of the eight operations.
    const IDS: [&'static str; 8];
}

macro_rules! has_webhooks {
    ($($node:ty, $at:ty, $path:literal, $id:literal;)*) => {$(
        impl HasWebhooks for $node {
            type At = $at;
            const PATHS: [&'static str; 5] = [
                concat!($path, "/webhooks"),
                concat!($path, "/webhooks/{webhook}"),
                concat!($path, "/webhooks/{webhook}/test"),
                concat!($path, "/webhooks/{webhook}/deliveries"),
                concat!($path, "/webhooks/{webhook}/deliveries/{delivery}/redeliver"),
            ];
            const IDS: [&'static str; 8] = [
                concat!($id, "_webhook_list"),
                concat!($id, "_webhook_show"),
                concat!($id, "_webhook_put"),
                concat!($id, "_webhook_patch"),
                concat!($id, "_webhook_delete"),
                concat!($id, "_webhook_test"),
                concat!($id, "_webhook_delivery_list"),
                concat!($id, "_webhook_redeliver"),
            ];
        }
    )*};
}

has_webhooks! {
    Organisation, (), "/organisation", "organisation";
    Project, ProjectKey, "/projects/{project}", "project";
    Repository, RepositoryPath, "/repositories/{project}/{repository}", "repository";
}

/// What a change to a webhook may answer.
const FAULTS: &[Code] = &[Code::Absent, Code::BeyondOwn, Code::Rule, Code::Stale, Code::NotYetInForce];

impl<N: HasWebhooks> Endpoint for ListWebhooks<N> {
    const META: Meta = Meta {
        id: N::IDS[0],
        method: Method::Get,
        path: N::PATHS[0],
        summary: "Lists the webhooks of this node, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("webhook list"),
    };
    type At = N::At;
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<Webhook>;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Webhook>>, Fault> {
        let after = ask.query.after(|text| WebhookAt::new((), text).map(|at| at.webhook))?;
        let rows = cx.directory.webhooks(&may, after, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.name.to_string(), documents::shown)))
    }
}

impl<N: HasWebhooks> Endpoint for ShowWebhook<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[1],
        method: Method::Get,
        path: N::PATHS[1],
        summary: "Shows a webhook and how it fares; never its secret.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("webhook show"),
    };
    const CONDITIONAL: bool = true;
    type At = WebhookAt<N::At>;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Webhook;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Webhook>, Fault> {
        Ok(Done::shown(documents::shown(&cx.directory.webhook(&may, &ask.at.webhook).await?)))
    }
}

impl<N: HasWebhooks> Endpoint for PutWebhook<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[2],
        method: Method::Put,
        path: N::PATHS[1],
        summary: "Makes a webhook, or sets what one is; one that was given up begins anew. Without a secret it keeps the one it has.",
        since: "0.1",
        audit: &["webhook.create", "webhook.update"],
        faults: FAULTS,
        cli: Some("webhook put"),
    };
    const CONDITIONAL: bool = true;
    type At = WebhookAt<N::At>;
    type Query = Nothing;
    type Body = WebhookWanted;
    type Answer = Webhook;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Webhook>, Fault> {
        let wanted = wanted(&cx.hooks, &ask.body)?;
        let only_if = ask.only_if.of(documents::shown);
        let (row, made, force) = cx.directory.put_webhook(&may, &ask.at.webhook, wanted, only_if).await?;
        Ok(Done::put(documents::shown(&row), made.then(|| path_of::<N>(&ask.at)), force))
    }
}

impl<N: HasWebhooks> Editable for PutWebhook<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const PATCH: (&'static str, Option<&'static str>) = (N::IDS[3], Some("webhook put"));
    type Edit = Granted<RepositorySettings, N>;

    async fn shown(cx: &Cx, may: &Self::Edit, at: &WebhookAt<N::At>) -> Result<Webhook, Fault> {
        Ok(documents::shown(&cx.directory.webhook(may, &at.webhook).await?))
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Webhook>, Fault> {
        let wanted = wanted(&cx.hooks, &ask.body)?;
        let only_if = ask.only_if.of(documents::shown);
        let (row, _, force) = cx.directory.put_webhook(may, &ask.at.webhook, wanted, only_if).await?;
        Ok(Done::put(documents::shown(&row), None, force))
    }
}

impl<N: HasWebhooks> Endpoint for DeleteWebhook<N>
where
    WebhookAt<N::At>: At + Names<N>,
{
    const META: Meta = Meta {
        id: N::IDS[4],
        method: Method::Delete,
        path: N::PATHS[1],
        summary: "Deletes a webhook, with the messages that wait for it.",
        since: "0.1",
        audit: &["webhook.delete"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: Some("webhook delete"),
    };
    const CONDITIONAL: bool = true;
    type At = WebhookAt<N::At>;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<RepositorySettings, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let only_if = ask.only_if.of::<WebhookRow, Webhook>(documents::shown);
        Ok(Done::told(cx.directory.remove_webhook(&may, &ask.at.webhook, only_if).await?))
    }
}

fn wanted(hooks: &Hooks, body: &WebhookWanted) -> Result<storage::WebhookWanted, Fault> {
    let secret = body.secret.as_ref();
    asked(hooks, (&body.url, &body.events, body.active), secret).map_err(|wrong| match wrong {
        Wrong::Address(why) => Fault::Told(Code::Rule, why.into()),
        Wrong::Secret(why) => Fault::field("/secret", why.to_string()),
    })
}

/// Why a webhook cannot be what it is to be.
pub(crate) enum Wrong {
    /// No message can go where it says, in words.
    Address(String),
    /// Its secret is none.
    Secret(InvalidSigningSecret),
}

/// What storage takes: its address judged, its secret sealed.
pub(crate) fn asked(
    hooks: &Hooks,
    (url, events, active): (&HookUrl, &Events, bool),
    secret: Option<&SecretText>,
) -> Result<storage::WebhookWanted, Wrong> {
    if let Some(why) = hooks.targets.refusal(url.as_str()) {
        return Err(Wrong::Address(format!("no message can go to the address: {why}")));
    }
    let secret = secret.map(|text| text.parsed().map(|secret| sealed(&secret, &hooks.keys)));
    let secret = secret.transpose().map_err(Wrong::Secret)?;
    Ok(storage::WebhookWanted { url: url.as_str().into(), events: events.0.clone(), active, secret })
}

fn sealed(secret: &SigningSecret, keys: &KeyRing) -> SealedSecret {
    SealedSecret { sealed: secret.seal(keys).into(), fingerprint: secret.fingerprint().into() }
}

/// Where a webhook is found, below `/api/v1`.
fn path_of<N: HasWebhooks>(at: &WebhookAt<N::At>) -> String
where
    WebhookAt<N::At>: At,
{
    let parameters = <WebhookAt<N::At> as At>::PARAMETERS;
    parameters.iter().zip(at.names()).fold(N::PATHS[1].to_owned(), |path, (parameter, name)| {
        path.replace(&format!("{{{}}}", parameter.name), &encoded(&name))
    })
}

/// A webhook of a node, as paths name it.
pub type HookAt<N> = WebhookAt<<N as HasWebhooks>::At>;
/// A delivery of a webhook of a node, as paths name it.
pub type HookDeliveryAt<N> = DeliveryAt<<N as HasWebhooks>::At>;
