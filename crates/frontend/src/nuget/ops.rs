//! One function per operation: takes the body, calls storage, builds the answer.

mod catalog;
mod documents;
pub(super) mod files;
pub(super) mod push;
pub(super) mod remove;
pub(super) mod search;
pub(super) mod symbols;
mod vulnerabilities;

use std::sync::Arc;

use bytes::Bytes;
use domain::{EntryKey, EntryKind, Implies, Probe, Read};
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use shelf::Shelf;

use super::NuGet;
use super::documents::index::render;
use super::documents::registration::Registration;
use super::documents::remarks::Remarks;
use super::error::Bad;
use super::feed::Feed;
use super::op::{Identity, Resource};
use super::wire::{GZIP, JSON};
use crate::blocking::blocking;
use crate::error::Error;
use crate::protocol::ReplyResult;
use crate::reply::Reply;

type Failure = Error<Bad>;

/// What a thread of its own does.
const RENDERING: &str = "rendering a document";

/// The service index.
pub(super) fn index(feed: &Feed) -> Reply {
    document(render(feed), false)
}

/// What is there: the answer to HEAD, for readers and publishers.
pub(super) async fn look(feed: Feed, resource: Resource, shelf: &Shelf<'_, Probe>) -> ReplyResult<NuGet> {
    match resource {
        Resource::Document(document) => documents::answer(feed, document, shelf).await,
        Resource::Symbols { target, conditions } => symbols::look(&target, &conditions, shelf).await,
        Resource::File { of, file, conditions } => files::look(&of, file, &conditions, shelf).await,
    }
}

/// The same with content.
pub(super) async fn fetch(feed: Feed, resource: Resource, shelf: &Shelf<'_, Read>) -> ReplyResult<NuGet> {
    match resource {
        Resource::Document(document) => documents::answer(feed, document, shelf).await,
        Resource::Symbols { target, conditions } => symbols::fetch(&target, &conditions, shelf).await,
        Resource::File { of, file, conditions } => files::fetch(&of, file, &conditions, shelf).await,
    }
}

/// A document that is JSON, compressed or not.
fn document(bytes: Bytes, gzipped: bool) -> Reply {
    let reply = Reply::new(StatusCode::OK).bytes(JSON, bytes);
    if gzipped { reply.header(CONTENT_ENCODING, GZIP) } else { reply }
}

/// A version in storage.
pub(super) fn key(of: &Identity) -> Result<EntryKey, Failure> {
    let name = of.version.name().map_err(|_| Error::Bad(Bad::UnknownVersion))?;
    Ok(EntryKey { kind: EntryKind::Version, package: of.id.name().clone(), name })
}

/// The symbols of a version in storage.
fn symbols_key(of: &Identity) -> Result<EntryKey, Failure> {
    Ok(EntryKey { kind: EntryKind::File, ..key(of)? })
}

/// With what is said of its versions, read where it may take its time.
async fn with_remarks<R: Implies<Probe>>(
    of: &Registration,
    shelf: &Shelf<'_, R>,
) -> Result<Registration, Failure> {
    let stored = shelf.remarks(of.id.name()).await?;
    let of = of.clone();
    blocking(RENDERING, move || {
        let remarks = Arc::new(Remarks::of(&of.id, &stored));
        Registration { remarks, ..of }
    })
    .await
}

/// Names what is absent; every other failure stays as it is.
fn absent(bad: Bad) -> impl FnOnce(storage::ContentError) -> Failure {
    move |error| match error {
        storage::ContentError::Absent => Error::Bad(bad),
        other => other.into(),
    }
}
