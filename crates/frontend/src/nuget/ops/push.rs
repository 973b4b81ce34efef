//! A package on its way in: streamed into an upload, looked into there, published with the files that are shown.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use domain::{Digest, Granted, Overwrite, Publish, Timestamp};
use http::StatusCode;
use storage::{Batch, EdgeKind, NewEdge, NewEntry, Outcome, Receiving, Rule, Upload, Verified};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::{Failure, key};
use crate::blocking::blocking;
use crate::body::{Body, BodyError};
use crate::error::Error;
use crate::http::multipart::FirstPart;
use crate::intake;
use crate::nuget::NuGet;
use crate::nuget::archive::{Staged, Stopped};
use crate::nuget::error::Bad;
use crate::nuget::metadata::{Icon, Metadata};
use crate::nuget::op::{Identity, Push};
use crate::nuget::package::{Package, examine};
use crate::nuget::search::found_by;
use crate::nuget::wire::{PACKAGE, WARNING};
use crate::protocol::{self, Cx};
use crate::reply::Reply;

/// What a form may have around the package, in bytes.
const FORM_BYTES_MAX: u64 = 64 * 1024;

/// Publishes the package in the body.
pub(crate) async fn push(
    push: Push,
    examining: &Arc<Semaphore>,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &Cx<'_>,
) -> protocol::Outcome<NuGet> {
    let upload = receive(push, &may, body, cx).await?.verify_any().await?;
    let (upload, package) = look_into(upload, examining, cx.storage.now()).await?;
    let batch = batch(upload, package, &may, cx).await?;
    // Asked softly: the same bytes need no right to overwrite, other bytes meet the repository's rule first (design §7).
    let replace = cx.gate.also::<Overwrite>(&may);
    let committed = cx.storage.commit(may, replace, batch).await?;
    let reply = Reply::new(StatusCode::CREATED);
    if committed.entries.contains(&Outcome::Unchanged) {
        return Ok(reply.header(WARNING, "this version was there already, with the same content"));
    }
    Ok(reply)
}

/// Streams the package into an upload.
async fn receive(
    push: Push,
    may: &Granted<Publish>,
    body: &mut Body,
    cx: &Cx<'_>,
) -> Result<Upload<Receiving>, Failure> {
    let mut upload = cx.storage.begin_upload(may).await?;
    let bytes_max = cx.limits.nupkg_bytes_max;
    match push {
        Push::Raw => intake::whole(upload, body, bytes_max).await,
        Push::Form(boundary) => {
            let taken = form(&mut upload, &boundary, body, bytes_max).await;
            intake::or_gone(upload, taken).await
        }
    }
}

/// The first part of a form; what follows it is left to be drained.
async fn form(
    upload: &mut Upload<Receiving>,
    boundary: &str,
    body: &mut Body,
    bytes_max: u64,
) -> Result<(), Failure> {
    let wrong = |bad| Error::Bad(Bad::Form(bad));
    // What is told is the bound of the package, not that of the form around it.
    let broken = |error| match error {
        BodyError::TooLarge { .. } => Error::TooLarge { bytes_max },
        BodyError::TimedOut | BodyError::Aborted => Error::from(error),
    };
    body.cap(bytes_max.saturating_add(FORM_BYTES_MAX));
    let mut part = FirstPart::new(boundary);
    while !part.is_complete() {
        let Some(chunk) = body.chunk().await.map_err(broken)? else { return part.finish().map_err(wrong) };
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
struct Staging {
    upload: Upload<Verified>,
    runtime: Handle,
}

impl Staged for Staging {
    fn size_bytes(&self) -> u64 {
        self.upload.size_bytes()
    }

    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::Error> {
        self.runtime.block_on(self.upload.read_at(range))
    }
}

async fn look_into(
    upload: Upload<Verified>,
    examining: &Arc<Semaphore>,
    now: Timestamp,
) -> Result<(Upload<Verified>, Package), Failure> {
    // Nobody closes it; were it closed, the bound would be missing and nothing else.
    let place = Arc::clone(examining).acquire_owned().await.ok();
    let staging = Staging { upload, runtime: Handle::current() };
    let looked = blocking("looking into a package", move || {
        let package = examine(&staging, now);
        // Here, because nobody stops this thread when the client goes away.
        drop(place);
        (staging.upload, package)
    });
    let (upload, package) = looked.await?;
    match package {
        Ok(package) => Ok((upload, package)),
        Err(Stopped::Fault(fault)) => Err(Error::Bad(Bad::Package(fault))),
        Err(Stopped::Storage(error)) => Err(error.into()),
    }
}

/// The version with its files. They are no names of their own, but blobs that the version points at.
async fn batch(
    upload: Upload<Verified>,
    package: Package,
    may: &Granted<Publish>,
    cx: &Cx<'_>,
) -> Result<Batch, Failure> {
    let Package { nuspec, nuspec_bytes, readme, icon, licence } = package;
    let jpeg = icon.as_ref().is_some_and(|(_, jpeg)| *jpeg);
    let icon = icon.map(|(bytes, _)| bytes);
    // All at once: each waits for a disk.
    let stored = |bytes| stored(bytes, may, cx);
    let (manifest, readme, icon, licence) =
        tokio::try_join!(stored(Some(nuspec_bytes)), stored(readme), stored(icon), stored(licence))?;
    let mut metadata = nuspec.metadata;
    metadata.files.nuspec = digest_of(&manifest).unwrap_or_default();
    metadata.files.readme = digest_of(&readme);
    metadata.files.icon = digest_of(&icon).map(|digest| Icon { digest, jpeg });
    metadata.files.licence = digest_of(&licence);
    let of = Identity { id: nuspec.id, version: nuspec.version };
    let content = upload.digest().copied();
    let files: Vec<Upload<Verified>> = [manifest, readme, icon, licence].into_iter().flatten().collect();
    let edge = |file: &Upload<Verified>| {
        let target = file.digest()?.to_string().into();
        Some(NewEdge { kind: EdgeKind::Blob, target })
    };
    let entries = vec![entry(&of, content, &metadata, files.iter().filter_map(edge).collect())?];
    let uploads = std::iter::once(upload).chain(files).collect();
    Ok(Batch { uploads, entries, ..Batch::default() })
}

/// A file that comes along, if there is one.
async fn stored(
    bytes: Option<Bytes>,
    may: &Granted<Publish>,
    cx: &Cx<'_>,
) -> Result<Option<Upload<Verified>>, Failure> {
    match bytes {
        Some(bytes) => Ok(Some(cx.storage.verified_bytes(may, bytes, None).await?)),
        None => Ok(None),
    }
}

fn digest_of(file: &Option<Upload<Verified>>) -> Option<String> {
    file.as_ref()?.digest().map(ToString::to_string)
}

fn entry(
    of: &Identity,
    content: Option<Digest>,
    metadata: &Metadata,
    edges: Vec<NewEdge>,
) -> Result<NewEntry, Failure> {
    let attributes = metadata.to_json().map_err(|fault| Error::Bad(Bad::Package(fault)))?;
    Ok(NewEntry {
        key: key(of)?,
        content,
        rule: Rule::ByPolicy,
        media_type: Arc::from(PACKAGE),
        attributes: attributes.into(),
        words: found_by(&of.id, &of.version, metadata).into(),
        edges,
    })
}
