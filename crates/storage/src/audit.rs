//! Events of the audit: what one says, and how the administrative ones are chained (docs/api.md 6).

use domain::{Digest, Limit, PolicyVersion, Timestamp, TokenId, time};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// What kind of thing happened; each kind is kept for a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditClass {
    /// Something was administered. Written in the transaction that did it, and chained.
    Admin,
    /// Somebody came in or was refused.
    Access,
    /// Packages were transferred.
    Transfer,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// It was allowed and did not succeed.
    Failed,
}

/// Who did it, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    /// The principal; `None` for the gateway itself and for callers without log-in.
    pub id: Option<u32>,
    /// Kind of principal; `system` for the gateway itself, `removed` where it was gone already.
    pub kind: Box<str>,
    /// Name of the principal, or why the gateway did it.
    pub name: Box<str>,
    /// What people called them.
    pub title: Option<Box<str>>,
}

/// The token they came with, as it was called then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditToken {
    /// Its public id.
    pub id: Option<TokenId>,
    /// Its name.
    pub name: Option<Box<str>>,
    /// Who made it, if not its owner: `member:alice`.
    pub made_by: Option<Box<str>>,
}

/// From where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditOrigin {
    /// The request, as its answer and the log call it.
    pub request: Option<Box<str>>,
    /// The client's address.
    pub address: Option<Box<str>>,
    /// The client's `User-Agent`.
    pub agent: Option<Box<str>>,
    /// The operation of the management API.
    pub operation: Option<Box<str>>,
    /// The public id of the session in a browser.
    pub session: Option<Box<str>>,
}

/// The node it is about, as it was called then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPlace {
    /// Its id.
    pub node: Option<u32>,
    /// `/`, `alpha`, `alpha/jars`.
    pub path: Option<Box<str>>,
    /// The id of the project that it is or is in.
    pub project: Option<u32>,
}

/// The object it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditObject {
    /// Which kind of object.
    pub kind: Box<str>,
    /// Its id.
    pub id: Option<i64>,
    /// Its name at that time.
    pub name: Box<str>,
    /// What tells it from others of its name: the role of a grant, the owner of a token.
    pub of: Option<Box<str>>,
}

/// What was before and what is now, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditDetail {
    /// Fields that are other now, as they were: a document.
    pub before: Option<Box<str>>,
    /// The same fields as they are.
    pub after: Option<Box<str>>,
    /// Bytes that were transferred.
    pub bytes: Option<u64>,
    /// The digest of what was transferred.
    pub digest: Option<Box<str>>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Rises with each that is written; 0 before that.
    pub id: i64,
    /// The place in the chain; of administrative events only.
    pub sequence: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// Which kind.
    pub class: AuditClass,
    /// `noun.verb`
    pub action: Box<str>,
    /// What became of it.
    pub outcome: AuditOutcome,
    /// Who.
    pub actor: AuditActor,
    /// With which token.
    pub token: AuditToken,
    /// From where.
    pub origin: AuditOrigin,
    /// Where.
    pub place: AuditPlace,
    /// On what.
    pub object: AuditObject,
    /// What changed.
    pub content: AuditDetail,
    /// Why, for refusals.
    pub reason: Option<Box<str>>,
    /// The version of all access changes that decided, or that it is part of.
    pub policy_version: PolicyVersion,
    /// How often it happened, of events gathered with others like them, if more than once; `at` is the first time then.
    pub times: Option<u64>,
    /// The hash over everything up to this event, in hexadecimal; of administrative events only.
    pub chain: Option<Box<str>>,
}

/// Where the chain of administrative events stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// The place of the last event; 0 before the first.
    pub sequence: u64,
    /// Its hash.
    pub chain: Box<str>,
    /// When it was written.
    pub at: Timestamp,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// The one with this number.
    pub id: Option<i64>,
    /// Those of this class.
    pub class: Option<AuditClass>,
    /// Those of this person or application: `member:alice`.
    pub actor: Option<Box<str>>,
    /// Those made with this token.
    pub token: Option<TokenId>,
    /// Those of this kind: `grant.put`.
    pub action: Option<Box<str>>,
    /// Those about an object of this name, as it was then.
    pub object: Option<Box<str>>,
    /// Those with this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// Which of the events a filter lets through.
#[derive(Debug, Clone, Copy)]
pub struct AuditPage {
    /// Behind this one.
    pub after: Option<i64>,
    /// Whether the oldest come first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: Limit,
}

/// How long events are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditDays {
    /// Those of administration.
    pub admin: u32,
    /// Those of transfers.
    pub transfer: u32,
    /// Those of log-ins and refusals.
    pub access: u32,
}

impl AuditDays {
    /// Those of a class.
    #[must_use]
    pub const fn of(self, class: AuditClass) -> u32 {
        match class {
            AuditClass::Admin => self.admin,
            AuditClass::Access => self.access,
            AuditClass::Transfer => self.transfer,
        }
    }
}

impl Default for AuditDays {
    fn default() -> Self {
        Self { admin: 730, transfer: 90, access: 30 }
    }
}

impl AuditClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Access, Self::Transfer];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Access => "access",
            Self::Transfer => "transfer",
        }
    }

    /// The class of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }
}

impl AuditOutcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

impl AuditEvent {
    /// As it is shown. What is not so of it is `null`.
    #[must_use]
    pub fn document(&self) -> Value {
        let Self { actor, token, origin, place, object, content, .. } = self;
        json!({
            "id": self.id.to_string(),
            "sequence": self.sequence,
            "at": time::show_millis(self.at),
            "class": self.class.as_str(),
            "action": self.action,
            "outcome": self.outcome.as_str(),
            "actor": {
                "ref": format!("{}:{}", actor.kind, actor.name),
                "id": actor.id.map(|id| id.to_string()),
                "title": actor.title,
            },
            "token": token.id.map(|id| json!({
                "id": id.to_string(), "name": token.name, "made_by": token.made_by,
            })),
            "request_id": origin.request,
            "address": origin.address,
            "agent": origin.agent,
            "operation": origin.operation,
            "session": origin.session,
            "node": place.node.map(|node| json!({
                "id": node.to_string(), "path": place.path, "project": place.project.map(|id| id.to_string()),
            })),
            "object": {
                "kind": object.kind,
                "id": object.id.map(|id| id.to_string()),
                "name": object.name,
                "of": object.of,
            },
            "before": content.before.as_deref().map(shown),
            "after": content.after.as_deref().map(shown),
            "bytes": content.bytes,
            "digest": content.digest,
            "reason": self.reason,
            "policy_version": self.policy_version.get(),
            "times": self.times,
            "chain": self.chain,
        })
    }
}

/// Texts of before documents were kept are shown as the one field `text`.
fn shown(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Value::Object(fields),
        _ => json!({ "text": text }),
    }
}

/// The next hash of the chain: SHA-256 over the one before and the event as it is shown, but for `id` and `chain`, without what is
/// `null`, the keys of each object in the order of their bytes and no space between. `None` if `previous` is no hash.
#[must_use]
pub fn audit_chain(previous: &str, event: &Value) -> Option<String> {
    if previous.len() != 64 || !previous.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut covered = event.as_object()?.clone();
    covered.remove("id");
    covered.remove("chain");
    let mut text = String::new();
    write_object(&covered, &mut text);
    let sum = Sha256::new().chain_update(previous).chain_update(text).finalize();
    Some(Digest::sha256(sum.into()).hex())
}

fn write_object(fields: &Map<String, Value>, text: &mut String) {
    let mut present: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
    present.sort_unstable_by_key(|(key, _)| *key);
    text.push('{');
    for (index, (key, value)) in present.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        match value {
            Value::Object(inner) => write_object(inner, text),
            plain => text.push_str(&plain.to_string()),
        }
    }
    text.push('}');
}

#[cfg(test)]
mod tests;
