//! What the audit says of one change: what was and what is, as documents of one kind, so that neither is forgotten.

use std::collections::BTreeMap;

use domain::{NodeId, Permissions, Timestamp, time};
use serde_json::Value;

use crate::sql::records::ChangedKind;

/// What can be set about an object, by field. A secret is never in it, only that there is one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Document(BTreeMap<&'static str, Value>);

/// What became of an object.
pub(super) enum Turn {
    /// It was made, with this.
    Made(Document),
    /// It was changed; only the fields that differ are kept.
    Changed { before: Document, after: Document },
    /// It went, and was this.
    Gone(Document),
}

/// The kind of object that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectKind {
    /// One that those who follow are told of.
    Followed(ChangedKind),
    Organisation,
    Advisory,
    Tombstone,
    Version,
    Webhook,
    Issuer,
    LoginProvider,
    Publisher,
    Job,
}

/// One event.
pub(super) struct Event<'a> {
    pub(super) action: &'a str,
    pub(super) node: NodeId,
    pub(super) kind: ObjectKind,
    pub(super) object: i64,
    pub(super) name: &'a str,
    /// What tells it from others of its name: the role of a grant, the owner of a token.
    pub(super) of: Option<&'a str>,
    pub(super) turn: Turn,
}

impl Document {
    pub(super) fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(field, value.into());
        self
    }

    pub(super) fn permissions(self, field: &'static str, some: Option<Permissions>) -> Self {
        let words = some.map(|some| some.iter().map(|one| one.as_str()).collect::<Vec<_>>());
        self.with(field, words)
    }

    pub(super) fn moment(self, field: &'static str, at: Option<Timestamp>) -> Self {
        self.with(field, at.map(time::show_millis))
    }

    /// Whether there is a secret, and not which.
    pub(super) fn secret(self, field: &'static str, is_set: bool) -> Self {
        self.with(field, is_set.then_some("set"))
    }

    pub(super) fn text(&self) -> Box<str> {
        serde_json::to_string(&self.0).unwrap_or_default().into()
    }

    /// The fields that the other has otherwise; all of them where none is, as for one secret in the place of another.
    fn other_than(&self, other: &Self) -> Self {
        let differs = |(field, value): &(&&'static str, &Value)| other.0.get(**field) != Some(*value);
        let fields: BTreeMap<_, _> =
            self.0.iter().filter(differs).map(|(field, value)| (*field, value.clone())).collect();
        if fields.is_empty() { self.clone() } else { Self(fields) }
    }
}

impl Turn {
    /// What was and what is, as they are kept.
    pub(super) fn texts(&self) -> (Option<Box<str>>, Option<Box<str>>) {
        match self {
            Self::Made(after) => (None, Some(after.text())),
            Self::Changed { before, after } => {
                (Some(before.other_than(after).text()), Some(after.other_than(before).text()))
            }
            Self::Gone(before) => (Some(before.text()), None),
        }
    }
}

impl ObjectKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Followed(kind) => kind.as_str(),
            Self::Organisation => "organisation",
            Self::Advisory => "advisory",
            Self::Tombstone => "tombstone",
            Self::Version => "version",
            Self::Webhook => "webhook",
            Self::Issuer => "issuer",
            Self::LoginProvider => "login-provider",
            Self::Publisher => "publisher",
            Self::Job => "job",
        }
    }
}

impl From<ChangedKind> for ObjectKind {
    fn from(kind: ChangedKind) -> Self {
        Self::Followed(kind)
    }
}

#[cfg(test)]
mod tests;
