//! The audit: shown, followed, exported, and its chain computed anew.

use std::time::Duration;

use api::audit::{Audited, Class, Event, EventsAsked, ListEvents, ListOwnEvents, Outcome, ShowHead};
use api::{Ask, Endpoint, Nothing, Page};
use domain::{Organisation, Project, Repository};
use serde_json::Value;
use storage::audit_chain;

use super::super::audit::{AuditCommand, ClassWord, EventFormat, Events, NotedHead, OutcomeWord};
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::{Remote, output};
use super::shown::{show_fields, show_list};
use super::{On, connect, moment, on_of, typed};
use crate::config::Environment;

mod ocsf;

/// How often new events are asked for.
const FOLLOW: Duration = Duration::from_secs(2);
/// Events of a page.
const ROWS: u32 = 1_000;
/// What the chain begins with.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Whose events, or where.
enum Place {
    Mine,
    At(On),
}

/// A page, and where the next one begins.
struct Read {
    items: Vec<Value>,
    next: Option<String>,
}

pub(in crate::cli) async fn audit(command: AuditCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        AuditCommand::List { events, limit, remote } => list(&events, limit, &remote, environment).await,
        AuditCommand::Show { id, on, remote } => show(id, &on, &remote, environment).await,
        AuditCommand::Follow { events, remote } => follow(&events, &connect(&remote, environment)?).await,
        AuditCommand::Export { events, format, remote } => {
            export(&events, format, &connect(&remote, environment)?).await
        }
        AuditCommand::Verify { noted, remote } => verify(&noted, &connect(&remote, environment)?).await,
    }
}

async fn list(
    events: &Events,
    limit: u32,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let client = connect(remote, environment)?;
    let asked = EventsAsked { limit: Some(limit), ..asked(events)? };
    let read = page(&client, place(events)?, asked).await?;
    let items = if remote.form.is_table() { read.items.into_iter().map(row).collect() } else { read.items };
    show_list(remote, items, &["id", "at", "actor", "action", "node", "object", "outcome"]);
    Ok(())
}

/// An event with one word for each of its parts.
fn row(mut event: Value) -> Value {
    for (part, word) in [("actor", "/actor/ref"), ("node", "/node/path"), ("object", "/object/name")] {
        let word = event.pointer(word).cloned().unwrap_or_default();
        if let Some(fields) = event.as_object_mut() {
            fields.insert(part.to_owned(), word);
        }
    }
    event
}

async fn show(id: u64, on: &str, remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let asked = EventsAsked { id: Some(id), ..EventsAsked::default() };
    let read = page(&connect(remote, environment)?, Place::At(on_of(on)?), asked).await?;
    let event = read.items.into_iter().next();
    let event = event.ok_or_else(|| Failure::Absent(format!("{on} has no event {id}")))?;
    show_fields(remote, &event);
    Ok(())
}

/// From the newest on.
async fn follow(events: &Events, client: &Client) -> Result<(), Failure> {
    let newest = EventsAsked { limit: Some(1), ..asked(events)? };
    let newest = page(client, place(events)?, newest).await?;
    let mut after = newest.items.first().map_or_else(|| "0".to_owned(), number);
    loop {
        let asked = EventsAsked {
            oldest_first: Some(true),
            after: Some(after.clone()),
            limit: Some(ROWS),
            ..asked(events)?
        };
        let read = page(client, place(events)?, asked).await?;
        read.items.iter().for_each(|event| output::say(&event.to_string()));
        if let Some(last) = read.items.last() {
            after = number(last);
        }
        tokio::time::sleep(FOLLOW).await;
    }
}

async fn export(events: &Events, format: EventFormat, client: &Client) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let asked = EventsAsked { oldest_first: Some(true), after, limit: Some(ROWS), ..asked(events)? };
        let read = page(client, place(events)?, asked).await?;
        for event in &read.items {
            match format {
                EventFormat::Json => output::say(&event.to_string()),
                EventFormat::Ocsf => output::say(&ocsf::of(event).to_string()),
            }
        }
        after = read.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// How far the chain was computed anew.
struct Chain {
    sequence: u64,
    hash: String,
    /// Administrative events of a release that kept no chain, also beside one that keeps it.
    outside: u64,
    /// What has to be met.
    wanted: Vec<NotedHead>,
}

impl Chain {
    /// Behind an event and its hash, which is met already; of what has expired before it nothing can be said.
    fn after((sequence, hash): (u64, String), mut wanted: Vec<NotedHead>) -> Self {
        wanted.retain(|head| {
            let is_nothing = head.hash == NOTHING && head.sequence.is_none_or(|at| at == 0);
            !head.is(sequence, &hash) && !head.is_before(sequence) && !is_nothing
        });
        Self { sequence, hash, outside: 0, wanted }
    }

    /// All of it, if nothing that is wanted is missing.
    fn ended(self) -> Result<Self, Failure> {
        match self.wanted.first() {
            None => Ok(self),
            Some(NotedHead { sequence: None, hash }) => Err(Failure::Difference(format!(
                "the chain has no event with the hash {hash}: it was cut short or made anew, or that event has expired"
            ))),
            Some(NotedHead { sequence: Some(sequence), hash }) => Err(Failure::Difference(format!(
                "event {sequence} of the chain has not the hash {hash}: the chain was cut short or made anew"
            ))),
        }
    }

    fn take(&mut self, event: &Value) -> Result<(), Failure> {
        let Some(sequence) = event.get("sequence").and_then(Value::as_u64) else {
            self.outside = self.outside.saturating_add(1);
            return Ok(());
        };
        let expected = self.sequence.saturating_add(1);
        if sequence != expected {
            return Err(Failure::Difference(format!(
                "event {expected} of the chain is missing: {sequence} follows"
            )));
        }
        let computed = audit_chain(&self.hash, event).unwrap_or_default();
        if event.get("chain").and_then(Value::as_str) != Some(&computed) {
            let id = number(event);
            return Err(Failure::Difference(format!(
                "event {id}, number {sequence} of the chain, or one before it was changed"
            )));
        }
        self.wanted.retain(|head| !head.is(sequence, &computed));
        (self.sequence, self.hash) = (sequence, computed);
        Ok(())
    }
}

impl NotedHead {
    fn is(&self, sequence: u64, hash: &str) -> bool {
        self.hash == hash && self.sequence.is_none_or(|at| at == sequence)
    }

    fn is_before(&self, sequence: u64) -> bool {
        self.sequence.is_some_and(|at| at < sequence)
    }
}

async fn verify(noted: &[NotedHead], client: &Client) -> Result<(), Failure> {
    let mut start = anchor(client).await?;
    // The beginning may expire while it is read.
    let chain = loop {
        match walked(noted, start.clone(), client).await {
            Err(Failure::Difference(told)) => {
                let now = anchor(client).await?;
                if now == start {
                    return Err(Failure::Difference(told));
                }
                start = now;
            }
            chain => break chain?,
        }
    };
    let (first, last) = (start.0.saturating_add(1), chain.sequence);
    let count = last.saturating_sub(start.0);
    output::say(&format!("{count} events are as they were written; the last is {}", chain.hash));
    if start.0 > 0 {
        output::complain(&format!(
            "those before number {first} of the chain have expired, as `audit.expire` says"
        ));
    }
    let expired = noted.iter().filter(|head| head.is_before(start.0)).count();
    if expired > 0 {
        output::complain(&format!(
            "{expired} of the noted hashes are among them: nothing can be said of those"
        ));
    }
    if chain.outside > 0 {
        let outside = chain.outside;
        output::complain(&format!(
            "{outside} events of an earlier release, which kept no chain, are not covered"
        ));
    }
    Ok(())
}

/// Behind which event the chain is kept, and its hash: as the last of the events says that took some of its beginning away.
async fn anchor(client: &Client) -> Result<(u64, String), Failure> {
    let asked = EventsAsked {
        class: Some(Class::Admin),
        action: Some(typed("the action", "audit.expire".to_owned())?),
        object: Some(typed("the object", "admin".to_owned())?),
        limit: Some(1),
        ..EventsAsked::default()
    };
    let read = page(client, Place::At(On::Organisation), asked).await?;
    Ok(read.items.first().and_then(anchor_of).unwrap_or_else(|| (0, NOTHING.to_owned())))
}

fn anchor_of(event: &Value) -> Option<(u64, String)> {
    let after = event.get("after")?;
    Some((after.get("sequence")?.as_u64()?, after.get("chain")?.as_str()?.to_owned()))
}

/// The chain from there to its end, computed anew.
async fn walked(noted: &[NotedHead], start: (u64, String), client: &Client) -> Result<Chain, Failure> {
    let head = client.call(&Ask::<ShowHead>::new((), Nothing {}, Nothing {})).await?.answer;
    let last = NotedHead { sequence: Some(head.sequence), hash: head.chain };
    let wanted = noted.iter().cloned().chain(std::iter::once(last));
    let mut chain = Chain::after(start, wanted.collect());
    let mut after = None;
    loop {
        let class = Some(Class::Admin);
        let limit = Some(ROWS);
        let asked = EventsAsked { class, oldest_first: Some(true), after, limit, ..EventsAsked::default() };
        let read = page(client, Place::At(On::Organisation), asked).await?;
        read.items.iter().try_for_each(|event| chain.take(event))?;
        after = read.next;
        if after.is_none() {
            return chain.ended();
        }
    }
}

async fn page(client: &Client, place: Place, asked: EventsAsked) -> Result<Read, Failure> {
    match place {
        Place::Mine => page_of::<ListOwnEvents>(client, (), asked).await,
        Place::At(On::Organisation) => page_at::<Organisation>(client, (), asked).await,
        Place::At(On::Project(key)) => page_at::<Project>(client, key, asked).await,
        Place::At(On::Repository(path)) => page_at::<Repository>(client, path, asked).await,
    }
}

async fn page_at<N: Audited>(client: &Client, at: N::At, asked: EventsAsked) -> Result<Read, Failure> {
    page_of::<ListEvents<N>>(client, at, asked).await
}

async fn page_of<E>(client: &Client, at: E::At, asked: EventsAsked) -> Result<Read, Failure>
where
    E: Endpoint<Query = EventsAsked, Body = Nothing, Answer = Page<Event>>,
{
    let mut read = client.call(&Ask::<E>::new(at, asked, Nothing {})).await?;
    let items = match read.document.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    Ok(Read { items, next: read.answer.next })
}

fn place(events: &Events) -> Result<Place, Failure> {
    if events.mine { Ok(Place::Mine) } else { on_of(&events.on).map(Place::At) }
}

fn asked(events: &Events) -> Result<EventsAsked, Failure> {
    let text = |what, text: &Option<String>| text.clone().map(|text| typed(what, text)).transpose();
    Ok(EventsAsked {
        class: events.class.map(|class| match class {
            ClassWord::Admin => Class::Admin,
            ClassWord::Access => Class::Access,
            ClassWord::Transfer => Class::Transfer,
        }),
        actor: events.actor.clone().map(|actor| typed("--actor", actor)).transpose()?,
        token: text("--token", &events.token)?,
        action: text("--action", &events.action)?,
        object: events.object.clone().map(|object| typed("--object", object)).transpose()?,
        outcome: events.outcome.map(|outcome| match outcome {
            OutcomeWord::Done => Outcome::Done,
            OutcomeWord::Refused => Outcome::Refused,
            OutcomeWord::Failed => Outcome::Failed,
        }),
        since: moment("--since", events.since.clone())?,
        until: moment("--until", events.until.clone())?,
        ..EventsAsked::default()
    })
}

fn number(event: &Value) -> String {
    event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
