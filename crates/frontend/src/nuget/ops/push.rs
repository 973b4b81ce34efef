//! A package on its way in: streamed into an upload, looked into there, published. The files that are shown by themselves are
//! read out of it when somebody asks.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use domain::{Algorithm, EntryState, Granted, Need, Overwrite, Publish};
use edge::Body;
use edge::http::multipart::FirstPart;
use http::StatusCode;
use storage::{Batch, Entry, EntryOutcome, NewEntry, NewNeeds, Receiving, Rule, Upload, Verified};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::{Failure, key};
use crate::blocking::blocking;
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::archive::{Staged, Stopped};
use crate::nuget::error::Bad;
use crate::nuget::metadata::Metadata;
use crate::nuget::nuspec::Nuspec;
use crate::nuget::op::{Form, Identity};
use crate::nuget::package::examine;
use crate::nuget::search::found_by;
use crate::nuget::wire::{PACKAGE, WARNING};
use crate::protocol::{self, WriteCx};
use crate::reply::Reply;
use crate::upload_body;

/// What a form may have around the package, in bytes.
const FORM_BYTES_MAX: u64 = 64 * 1024;

/// What is told to who pushes a version again that was taken out of lists.
const STAYS_UNLISTED: &str =
    "this version is unlisted and stays so: searches do not find it before it is relisted";

/// Publishes the package in the body.
pub(crate) async fn push(
    form: Form,
    examining: &Arc<Semaphore>,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> protocol::ReplyResult<NuGet> {
    let upload = receive(form, &may, body, cx).await?.verify_any().await?;
    let now = cx.storage.now();
    let look = move |staging: &Staging| {
        let nuspec = examine(staging, now)?;
        let needs = nuspec.metadata.needs();
        Ok((nuspec, needs))
    };
    let (upload, (mut nuspec, needs)) = look_into(upload, examining, look).await?;
    let doubts = std::mem::take(&mut nuspec.doubts);
    let there = there(&nuspec, &may, cx).await?;
    let unlisted = there.as_ref().is_some_and(|there| there.state == EntryState::Unlisted);
    if let Some(there) = there {
        refuse_in_place(&upload, &nuspec, &there)?;
    }
    let batch = batch(upload, nuspec, needs)?;
    // Asked softly: the same bytes need no right to overwrite, other bytes meet the repository's rule first (docs/design.md 7).
    let replace = cx.gate.also::<Overwrite>(&may);
    let committed = cx.storage.commit(may, replace, batch).await?;
    let reply = Reply::new(StatusCode::CREATED);
    let reply = doubts.iter().fold(reply, |reply, doubt| reply.header(WARNING, doubt.to_string()));
    if !committed.entries.contains(&EntryOutcome::Unchanged) {
        return Ok(reply);
    }
    let reply = reply.header(WARNING, "this version was there already, with the same content");
    Ok(if unlisted { reply.header(WARNING, STAYS_UNLISTED) } else { reply })
}

/// Streams what is pushed into an upload.
pub(super) async fn receive(
    form: Form,
    may: &Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> Result<Upload<Receiving>, Failure> {
    // What the catalogue tells mirrors of a package.
    let mut upload = cx.storage.begin_upload(may).await?.hashed_also(&[Algorithm::Sha512]);
    let bytes_max = cx.limits.nupkg_bytes_max;
    match form {
        Form::Raw => upload_body::whole(upload, body, bytes_max).await,
        Form::Parts(boundary) => {
            let taken = first_part(&mut upload, &boundary, body, bytes_max).await;
            upload_body::or_gone(upload, taken).await
        }
    }
}

/// The first part of a form; what follows it is left to be drained.
async fn first_part(
    upload: &mut Upload<Receiving>,
    boundary: &str,
    body: &mut Body,
    bytes_max: u64,
) -> Result<(), Failure> {
    let wrong = |bad| Error::Bad(Bad::Form(bad));
    body.cap(bytes_max.saturating_add(FORM_BYTES_MAX));
    let mut part = FirstPart::new(boundary);
    while !part.is_complete() {
        let chunk = upload_body::next(body, upload).await.map_err(|error| match error {
            // What is told is the bound of the package, not that of the form around it.
            Error::TooLarge { .. } => Error::TooLarge { bytes_max },
            other => other,
        })?;
        let Some(chunk) = chunk else { return part.finish().map_err(wrong) };
        let bytes = part.feed(chunk).map_err(wrong)?;
        if upload.offset_bytes().saturating_add(bytes.len() as u64) > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        if !bytes.is_empty() {
            upload.append(bytes).await?;
        }
    }
    Ok(())
}

/// An upload, read from a thread that may wait.
pub(super) struct Staging {
    upload: Upload<Verified>,
    runtime: Handle,
}

impl Staged for Staging {
    fn size_bytes(&self) -> u64 {
        self.upload.size_bytes()
    }

    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::UploadError> {
        self.runtime.block_on(self.upload.read_at(range))
    }
}

/// Looks into what was pushed, where that may take its time.
pub(super) async fn look_into<T: Send + 'static>(
    upload: Upload<Verified>,
    examining: &Arc<Semaphore>,
    look: impl FnOnce(&Staging) -> Result<T, Stopped> + Send + 'static,
) -> Result<(Upload<Verified>, T), Failure> {
    // Nobody closes it; were it closed, the bound would be missing and nothing else.
    let permit = Arc::clone(examining).acquire_owned().await.ok();
    let staging = Staging { upload, runtime: Handle::current() };
    let looked = blocking("looking into a package", move || {
        let seen = look(&staging);
        // Here, because nobody stops this thread when the client goes away.
        drop(permit);
        (staging.upload, seen)
    });
    let (upload, seen) = looked.await?;
    match seen {
        Ok(seen) => Ok((upload, seen)),
        Err(Stopped::Fault(fault)) => Err(Error::Bad(Bad::Package(fault))),
        Err(Stopped::Upload(error)) => Err(error.into()),
    }
}

/// The version, if the feed has it.
async fn there(nuspec: &Nuspec, may: &Granted<Publish>, cx: &WriteCx<'_>) -> Result<Option<Entry>, Failure> {
    let key = key(&Identity { id: nuspec.id.clone(), version: nuspec.version.clone() })?;
    match cx.storage.entry(may, &key).await {
        Ok(there) => Ok(Some(there)),
        Err(storage::ContentError::Absent) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// A symbols package of the old kind has the id and the version of its package, and is pushed along with it by `*.nupkg`: it
/// does not take its place, wherever that could be taken.
fn refuse_in_place(upload: &Upload<Verified>, nuspec: &Nuspec, there: &Entry) -> Result<(), Failure> {
    let same = there.digest.as_ref() == Some(upload.digest());
    let alike = nuspec.metadata.pdbs == Metadata::from_json(&there.attributes).pdbs;
    if !nuspec.metadata.pdbs || same || alike { Ok(()) } else { Err(Error::Bad(Bad::SymbolsInPlace)) }
}

/// The version, whose content the package is.
fn batch(upload: Upload<Verified>, nuspec: Nuspec, needs: Vec<Need>) -> Result<Batch, Failure> {
    let attributes = nuspec.metadata.to_json().map_err(|fault| Error::Bad(Bad::Package(fault)))?;
    let words = found_by(&nuspec.version, &nuspec.metadata);
    let key = key(&Identity { id: nuspec.id, version: nuspec.version })?;
    let needs = vec![NewNeeds { of: key.clone(), said_by: key.clone(), needs }];
    let entry = NewEntry {
        key,
        content: Some(*upload.digest()),
        rule: Rule::ByPolicy,
        media_type: Arc::from(PACKAGE),
        attributes: attributes.into(),
        words,
        edges: Vec::new(),
    };
    Ok(Batch { uploads: vec![upload], entries: vec![entry], needs, ..Batch::default() })
}
