//! Webhooks of the organisation, a project or a repository.

use std::time::Duration;

use api::webhooks::{
    DeleteWebhook, Delivery, HasWebhooks, HookAt, HookDeliveryAt, ListDeliveries, ListWebhooks, PutWebhook,
    Redeliver, ShowWebhook, TestWebhook,
};
use api::{Ask, At, DeliveryAt, Names, Nothing, Paging, WebhookAt};
use auth::SigningSecret;
use domain::{Organisation, Project, Repository};
use serde_json::Value;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::output;
use super::super::webhooks::{WebhookCommand, WebhookFields, WebhookName};
use super::changing::{self, Fields};
use super::shown::{programs_read, show_fields};
use super::{On, connect, on_of};
use crate::config::Environment;

/// How long a test waits for its outcome, and between two looks.
const OUTCOME_LOOKS: u32 = 60;
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(in crate::cli) async fn webhook(
    command: WebhookCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    let (WebhookCommand::List { on, .. }
    | WebhookCommand::Show { webhook: WebhookName { on, .. }, .. }
    | WebhookCommand::Put { webhook: WebhookName { on, .. }, .. }
    | WebhookCommand::Delete { webhook: WebhookName { on, .. }, .. }
    | WebhookCommand::Test { webhook: WebhookName { on, .. }, .. }
    | WebhookCommand::Deliveries { webhook: WebhookName { on, .. }, .. }
    | WebhookCommand::Redeliver { webhook: WebhookName { on, .. }, .. }) = &command;
    match on_of(on)? {
        On::Organisation => webhook_on::<Organisation>((), command, environment).await,
        On::Project(key) => webhook_on::<Project>(key, command, environment).await,
        On::Repository(path) => webhook_on::<Repository>(path, command, environment).await,
    }
}

async fn webhook_on<N: HasWebhooks>(
    node: N::At,
    command: WebhookCommand,
    environment: &Environment,
) -> Result<(), Failure>
where
    HookAt<N>: At + Names<N> + Clone,
    HookDeliveryAt<N>: At + Names<N>,
{
    let at = |name: &WebhookName| {
        let wrong = || Failure::Usage(format!("{}: no webhook is called so", name.webhook));
        WebhookAt::new(node.clone(), &name.webhook).ok_or_else(wrong)
    };
    match command {
        WebhookCommand::List { remote, .. } => {
            let titles = ["name", "url", "events", "active", "failures", "waiting", "disabled_reason"];
            let all = (node, Paging::default());
            changing::list::<_, ListWebhooks<N>>(all, &titles, &remote, environment).await
        }
        WebhookCommand::Show { webhook, remote } => {
            changing::show::<ShowWebhook<N>>(at(&webhook)?, &remote, environment).await
        }
        WebhookCommand::Put { webhook, fields, changing } => {
            put::<N>(at(&webhook)?, &fields, &changing, environment).await
        }
        WebhookCommand::Delete { webhook, changing } => {
            let line = format!("webhook {} is gone", webhook.webhook);
            let gone = (at(&webhook)?, Nothing {});
            changing::delete::<DeleteWebhook<N>>(gone, &changing, &line, environment).await
        }
        WebhookCommand::Test { webhook, remote } => test::<N>(at(&webhook)?, &remote, environment).await,
        WebhookCommand::Deliveries { webhook, remote } => {
            let titles = ["id", "event", "outcome", "tries", "status", "error", "made_at", "due_at"];
            let all = (at(&webhook)?, Paging::default());
            changing::list::<_, ListDeliveries<N>>(all, &titles, &remote, environment).await
        }
        WebhookCommand::Redeliver { webhook, delivery, remote } => {
            let wrong = || Failure::Usage(format!("{delivery}: a delivery is a number"));
            let at = DeliveryAt::new(at(&webhook)?, &delivery).ok_or_else(wrong)?;
            let ask = Ask::<Redeliver<N>>::new(at, Nothing {}, Nothing {});
            show_fields(&remote, &connect(&remote, environment)?.call(&ask).await?.document);
            Ok(())
        }
    }
}

/// Makes it if it is not there: then with a secret, which is printed if it was made here.
async fn put<N: HasWebhooks>(
    at: HookAt<N>,
    fields: &WebhookFields,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure>
where
    HookAt<N>: At + Names<N> + Clone,
{
    let client = connect(&changing.remote, environment)?;
    let show = Ask::<ShowWebhook<N>>::new(at.clone(), Nothing {}, Nothing {});
    let is_there = match client.call(&show).await {
        Ok(_) => true,
        Err(Failure::Absent(_)) => false,
        Err(failure) => return Err(failure),
    };
    let given = match &fields.secret_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .map_err(|error| Failure::Usage(format!("--secret-file {}: {error}", file.display())))?,
        ),
        None => None,
    };
    let made =
        (given.is_none() && (fields.new_secret || !is_there)).then(|| SigningSecret::generate().to_text());
    let secret = given.as_deref().map(str::trim).or_else(|| made.as_ref().map(|text| text.expose().as_str()));
    let set = Fields::default()
        .text("url", fields.url.as_deref())
        .list("events", &fields.events)
        .value("active", fields.active)
        .text("secret", secret);
    let line = format!("webhook {} is as it was asked to be", at.webhook);
    if is_there {
        changing::patch::<PutWebhook<N>>((at, set), changing, &line, environment).await?;
    } else {
        let body = set.whole::<PutWebhook<N>>()?;
        changing::create::<PutWebhook<N>>((at, body), changing, &line, environment).await?;
    }
    if let Some(secret) = made.filter(|_| !changing.dry_run) {
        output::complain("its secret, for the receiver; it is shown only now:");
        output::say(secret.expose());
    }
    Ok(())
}

async fn test<N: HasWebhooks>(
    at: HookAt<N>,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure>
where
    HookAt<N>: At + Names<N> + Clone,
{
    let client = connect(remote, environment)?;
    let sent = client.call(&Ask::<TestWebhook<N>>::new(at.clone(), Nothing {}, Nothing {})).await?;
    let (document, delivery) = outcome::<N>(&client, &at, sent.answer).await?;
    let shown = programs_read(remote.form, &document);
    match (&*delivery.outcome, &delivery.error) {
        ("delivered", _) => {
            let (status, millis) = (delivery.status.unwrap_or_default(), delivery.millis.unwrap_or_default());
            if !shown {
                output::say(&format!("it arrived: {status} after {millis} ms"));
            }
            Ok(())
        }
        (_, Some(why)) => Err(Failure::Other(format!("it did not arrive: {why}"))),
        (_, None) => Err(Failure::Unreachable(format!("delivery {} still waits", delivery.id))),
    }
}

/// The delivery as soon as it was tried, or as it is after a while.
async fn outcome<N: HasWebhooks>(
    client: &Client,
    at: &HookAt<N>,
    sent: Delivery,
) -> Result<(Value, Delivery), Failure>
where
    HookAt<N>: At + Names<N> + Clone,
{
    let (mut document, mut delivery) = (Value::Null, sent);
    for _ in 0..OUTCOME_LOOKS {
        tokio::time::sleep(LOOK_EVERY).await;
        let paging = Paging::at_most(20);
        let mut page = client.call(&Ask::<ListDeliveries<N>>::new(at.clone(), paging, Nothing {})).await?;
        let Some(index) = page.answer.items.iter().position(|item| item.id == delivery.id) else { continue };
        let shown = page.document.pointer_mut(&format!("/items/{index}"));
        document = shown.map(Value::take).unwrap_or_default();
        delivery = page.answer.items.swap_remove(index);
        if delivery.tries > 0 {
            break;
        }
    }
    Ok((document, delivery))
}
