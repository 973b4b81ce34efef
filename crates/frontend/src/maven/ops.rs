//! One function per operation: takes the body, calls storage, builds the answer.

pub(super) mod catalog;
pub(super) mod files;
pub(super) mod listing;
pub(super) mod metadata;
pub(super) mod plugins;
pub(super) mod push;
pub(super) mod remove;

use std::sync::Arc;

use domain::{EntryKey, Granted, RepositorySettings, Right};
use http::StatusCode;
use http::header::ALLOW;
use storage::{NewEdge, NewEntry, Rule};

use super::Maven;
use super::error::Bad;
use super::layout::FilePath;
use crate::error::Error;
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;

type Failure = Error<Bad>;

/// What can be done at an address.
pub(super) fn options(allow: &'static str) -> ReplyResult<Maven> {
    Ok(Reply::new(StatusCode::OK).header(ALLOW, allow).length(0))
}

/// The second right that a change of this path needs, besides the one to do what is asked; to be asked for again right before
/// the change.
struct Besides(Option<Granted<RepositorySettings>>);

impl Besides {
    /// What decides whether clients ask this repository at all is for who holds its settings.
    fn of<R: Right>(path: &FilePath, may: &Granted<R>, cx: &WriteCx<'_>) -> Result<Self, Failure> {
        Ok(Self(if path.is_prefixes() { Some(cx.gate.second(may)?) } else { None }))
    }

    /// Whether it would be granted now: the body may have taken hours.
    fn recheck(&self) -> Result<(), Failure> {
        Ok(self.0.as_ref().map_or(Ok(()), Granted::recheck)?)
    }
}

/// A name that follows from files: a version, a plug-in.
fn derived(key: EntryKey, attributes: &str, edges: Vec<NewEdge>) -> NewEntry {
    NewEntry {
        key,
        content: None,
        rule: Rule::Derived,
        media_type: Arc::from(""),
        attributes: attributes.into(),
        words: Arc::from(""),
        edges,
    }
}

/// Names what is absent; every other failure stays as it is.
fn absent(bad: Bad) -> impl FnOnce(storage::ContentError) -> Failure {
    move |error| match error {
        storage::ContentError::Absent => Error::Bad(bad),
        other => other.into(),
    }
}
