//! `…/audit`: what happened at a node and in it, who did it, what was before and what is now; and one's own doings.

use std::marker::PhantomData;

use domain::{AuditView, Granted, Organisation, Own, Project, ProjectKey, Repository, RepositoryPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{AuditClass, AuditEvent, AuditFilter, AuditHead, AuditOutcome, AuditPage};

use crate::at::{At, Names};
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, Meta, Method, Nothing};
use crate::page::{Page, Paged as _, paged};
use crate::problem::{Code, Fault};
use crate::words::{Moment, Text128, Text200};

/// `GET …/audit`
pub struct ListEvents<N>(PhantomData<fn() -> N>);

/// `GET /me/audit`
pub enum ListOwnEvents {}

/// `GET /organisation/audit/head`
pub enum ShowHead {}

/// A node that has an audit at an address.
pub trait Audited: GuardedNode {
    /// What the path names.
    type At: At + Names<Self>;
    /// The address.
    const PATH: &'static str;
    /// The operation.
    const ID: &'static str;
}

impl Audited for Organisation {
    type At = ();
    const PATH: &'static str = "/organisation/audit";
    const ID: &'static str = "organisation_audit";
}

impl Audited for Project {
    type At = ProjectKey;
    const PATH: &'static str = "/projects/{project}/audit";
    const ID: &'static str = "project_audit";
}

impl Audited for Repository {
    type At = RepositoryPath;
    const PATH: &'static str = "/repositories/{project}/{repository}/audit";
    const ID: &'static str = "repository_audit";
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Class {
    /// Something was administered.
    Admin,
    /// Somebody came in or was refused.
    Access,
    /// Packages were transferred.
    Transfer,
}

impl Class {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        AuditClass::from(self).as_str()
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// It was allowed and did not succeed.
    Failed,
}

impl Outcome {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        AuditOutcome::from(self).as_str()
    }
}

paged! {
    /// Which events.
    EventsAsked {
        /// The one with this number.
        id: u64,
        /// Those of this class.
        class: Class,
        /// What this person, application or `system:bootstrap` did.
        actor: Text200,
        /// Those made with the token of this id.
        token: Text128,
        /// Those of this kind, such as `grant.put`.
        action: Text128,
        /// Those about an object of this name, as it was called then.
        object: Text200,
        /// Those with this outcome.
        outcome: Outcome,
        /// Not before this moment.
        since: Moment,
        /// Before this moment.
        until: Moment,
        /// Whether the oldest come first.
        oldest_first: bool,
    }
}

/// One event. What is not so of it is `null`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEvent")]
pub struct Event {
    /// Rises with each that is written.
    pub id: String,
    /// The place in the chain; of administrative events.
    pub sequence: Option<u64>,
    /// When.
    pub at: Moment,
    /// Which kind of thing happened.
    pub class: Class,
    /// What was done: `grant.put`. Words are added, never renamed.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Who, as they were called then.
    pub actor: Actor,
    /// With which token.
    pub token: Option<TokenUsed>,
    /// The request, as its answer and the log call it.
    pub request_id: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// The client's `User-Agent`.
    pub agent: Option<String>,
    /// The operation of this API.
    pub operation: Option<String>,
    /// In which session in a browser: its public id.
    pub session: Option<String>,
    /// At which node, as it was called then.
    pub node: Option<Place>,
    /// On what, as it was called then.
    pub object: Object,
    /// Fields that are other now, as they were; of lists of members those that went. A secret is never in it.
    pub before: Option<Value>,
    /// The same fields as they are; of lists of members those that came.
    pub after: Option<Value>,
    /// Bytes that were transferred.
    pub bytes: Option<u64>,
    /// The digest of what was transferred.
    pub digest: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The version of all access changes that decided, or that it is part of.
    pub policy_version: u64,
    /// How often it happened within about a second, if more than once: log-ins, refusals and transfers that say the same are one event,
    /// of the moment of the first and with the bytes of all.
    pub times: Option<u64>,
    /// SHA-256 over everything administrative up to this event, in hexadecimal.
    pub chain: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
pub struct Actor {
    /// `member:alice`; `system:bootstrap` for the gateway itself.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Never used again.
    pub id: Option<String>,
    /// What people called them.
    pub title: Option<String>,
}

/// The token that somebody came with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditToken")]
pub struct TokenUsed {
    /// Its public id.
    pub id: String,
    /// What its owner called it.
    pub name: Option<String>,
    /// Who made it, if not its owner.
    pub made_by: Option<String>,
}

/// The node that something happened at.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditNode")]
pub struct Place {
    /// Never used again.
    pub id: String,
    /// `/`, `alpha`, `alpha/jars`.
    pub path: Option<String>,
    /// The id of the project that it is or is in.
    pub project: Option<String>,
}

/// The object that something happened to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditObject")]
pub struct Object {
    /// Its kind: `grant`, `team`, `token`.
    pub kind: String,
    /// Never used again for another of its kind.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// What tells it from others of its name: the role of a grant, the owner of a token, the kind of a principal.
    pub of: Option<String>,
}

/// Where the chain of administrative events stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditHead")]
pub struct Head {
    /// The place of the last event; 0 before the first.
    pub sequence: u64,
    /// Its hash; zeros before the first.
    pub chain: String,
    /// When it was written.
    pub at: Moment,
}

impl<N: Audited> Endpoint for ListEvents<N> {
    const META: Meta = Meta {
        id: N::ID,
        method: Method::Get,
        path: N::PATH,
        summary: "Lists what happened at this node and in it, the newest first; what happened in nodes that are gone is seen from the organisation.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("audit list"),
    };
    type At = N::At;
    type Query = EventsAsked;
    type Body = Nothing;
    type Answer = Page<Event>;
    type May = Granted<AuditView, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Event>>, Fault> {
        let rows = cx.directory.audit(&may, filter(&ask.query), page(&ask.query)?).await?;
        Ok(Done::read(listed(&ask.query, &rows)))
    }
}

impl Endpoint for ListOwnEvents {
    const META: Meta = Meta {
        id: "me_audit",
        method: Method::Get,
        path: "/me/audit",
        summary: "Lists what you did yourself, wherever, the newest first.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("audit list"),
    };
    type At = ();
    type Query = EventsAsked;
    type Body = Nothing;
    type Answer = Page<Event>;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Page<Event>>, Fault> {
        let rows = cx.directory.own_audit(&may, filter(&ask.query), page(&ask.query)?).await?;
        Ok(Done::read(listed(&ask.query, &rows)))
    }
}

impl Endpoint for ShowHead {
    const META: Meta = Meta {
        id: "audit_head",
        method: Method::Get,
        path: "/organisation/audit/head",
        summary: "Shows where the chain of administrative events stands: note it elsewhere, and nobody can shorten the past unseen.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: Some("audit verify"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Head;
    type May = Granted<AuditView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, _ask: &Ask<Self>) -> Result<Done<Head>, Fault> {
        let AuditHead { sequence, chain, at } = cx.directory.audit_head(&may).await?;
        Ok(Done::read(Head { sequence, chain: chain.into(), at: Moment(at) }))
    }
}

fn filter(asked: &EventsAsked) -> AuditFilter {
    // What no token is called finds nothing.
    let none = domain::TokenId::new(u64::MAX);
    AuditFilter {
        id: asked.id.map(|id| i64::try_from(id).unwrap_or(i64::MAX)),
        class: asked.class.map(Into::into),
        actor: asked.actor.as_ref().map(|actor| actor.as_str().into()),
        token: asked.token.as_ref().map(|id| auth::parse_id(id.as_str()).unwrap_or(none)),
        action: asked.action.as_ref().map(|action| action.as_str().into()),
        object: asked.object.as_ref().map(|object| object.as_str().into()),
        outcome: asked.outcome.map(Into::into),
        since: asked.since.map(|at| at.0),
        until: asked.until.map(|at| at.0),
    }
}

fn page(asked: &EventsAsked) -> Result<AuditPage, Fault> {
    let paging = asked.paging();
    let after = paging.after(|text| text.parse().ok())?;
    Ok(AuditPage { after, oldest_first: asked.oldest_first.unwrap_or(false), limit: paging.limit() })
}

fn listed(asked: &EventsAsked, rows: &[AuditEvent]) -> Page<Event> {
    asked.paging().page(rows, |row| row.id.to_string(), shown)
}

fn shown(event: &AuditEvent) -> Event {
    let AuditEvent { actor, token, origin, place, object, content, .. } = event;
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let document = event.document();
    let of = |field: &str| document.get(field).filter(|value| !value.is_null()).cloned();
    Event {
        id: event.id.to_string(),
        sequence: event.sequence,
        at: Moment(event.at),
        class: event.class.into(),
        action: event.action.to_string(),
        outcome: event.outcome.into(),
        actor: Actor {
            reference: format!("{}:{}", actor.kind, actor.name),
            id: actor.id.map(|id| id.to_string()),
            title: text(&actor.title),
        },
        token: token.id.map(|id| TokenUsed {
            id: auth::id_text(id),
            name: text(&token.name),
            made_by: text(&token.made_by),
        }),
        request_id: text(&origin.request),
        address: text(&origin.address),
        agent: text(&origin.agent),
        operation: text(&origin.operation),
        session: text(&origin.session),
        node: place.node.map(|node| Place {
            id: node.to_string(),
            path: text(&place.path),
            project: place.project.map(|id| id.to_string()),
        }),
        object: Object {
            kind: object.kind.to_string(),
            id: object.id.map(|id| id.to_string()),
            name: object.name.to_string(),
            of: text(&object.of),
        },
        before: of("before"),
        after: of("after"),
        bytes: content.bytes,
        digest: text(&content.digest),
        reason: text(&event.reason),
        policy_version: event.policy_version.get(),
        times: event.times,
        chain: text(&event.chain),
    }
}

impl From<Class> for AuditClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Admin => Self::Admin,
            Class::Access => Self::Access,
            Class::Transfer => Self::Transfer,
        }
    }
}

impl From<AuditClass> for Class {
    fn from(class: AuditClass) -> Self {
        match class {
            AuditClass::Admin => Self::Admin,
            AuditClass::Access => Self::Access,
            AuditClass::Transfer => Self::Transfer,
        }
    }
}

impl From<Outcome> for AuditOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Refused => Self::Refused,
            Outcome::Failed => Self::Failed,
        }
    }
}

impl From<AuditOutcome> for Outcome {
    fn from(outcome: AuditOutcome) -> Self {
        match outcome {
            AuditOutcome::Done => Self::Done,
            AuditOutcome::Refused => Self::Refused,
            AuditOutcome::Failed => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests;
