//! Bytes on their way in.

use domain::{Digest, Granted, Publish, Read, Repository, UploadId};
use edge::Body;
use http::StatusCode;
use http::header::{LOCATION, RANGE};
use storage::{Batch, Receiving, Upload, Verified};

use super::Failure;
use crate::error::Error;
use crate::oci::error::Bad;
use crate::oci::op::{MountFrom, Start};
use crate::oci::route::name::ImageName;
use crate::oci::span::Span;
use crate::oci::wire::{CONTENT_DIGEST, UPLOAD_UUID};
use crate::oci::{Oci, location};
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;
use crate::upload_body;

/// Begins an upload, takes a blob whole, or mounts one that is elsewhere.
pub(crate) async fn start(
    name: &ImageName,
    start: Start,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    match start {
        Start::Session => session(name, &may, cx).await,
        Start::Whole(digest) => whole(name, digest, may, body, cx).await,
        Start::Mount { digest, from } => {
            if mount(&digest, from, &may, cx).await? {
                return Ok(stored(name, &digest));
            }
            // Whatever is missing on the side of the source, the client goes on as if it had never asked: a missing and
            // an unreadable source look the same (CVE-2024-39897).
            session(name, &may, cx).await
        }
    }
}

/// Takes more bytes: after those that are there, or where `Content-Range` says if that is the same.
pub(crate) async fn append(
    name: &ImageName,
    id: UploadId,
    at: Option<Span>,
    may: &Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    let upload = resume(name, id, at, may, body, cx).await?;
    let upload = receive(upload, body, cx).await?;
    let offset_bytes = upload.save().await?;
    let upload = location::Progress::new(name, id, offset_bytes);
    if at.is_some_and(|at| offset_bytes != at.last.saturating_add(1)) {
        return Err(Error::Bad(Bad::UploadAt(upload)));
    }
    Ok(progress(StatusCode::ACCEPTED, &upload))
}

/// Takes the last bytes, if there are any, and gives all of them their name. If they are cut, or are others than named, the
/// session is as it was: clients send the same request again.
pub(crate) async fn finish(
    name: &ImageName,
    (id, digest): (UploadId, Digest),
    at: Option<Span>,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    let upload = resume(name, id, at, &may, body, cx).await?.all_or_nothing();
    let upload = upload.hashed_also(&[digest.algorithm()]);
    let upload = receive(upload, body, cx).await?;
    commit(upload.verify(&digest).await?, may, cx).await?;
    Ok(stored(name, &digest))
}

/// How far is it?
pub(crate) async fn status(
    name: &ImageName,
    id: UploadId,
    may: &Granted<Publish>,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    let offset_bytes = cx.storage.upload_offset(may, id).await?;
    Ok(progress(StatusCode::NO_CONTENT, &location::Progress::new(name, id, offset_bytes)))
}

/// Gives an upload up.
pub(crate) async fn cancel(id: UploadId, may: &Granted<Publish>, cx: &WriteCx<'_>) -> ReplyResult<Oci> {
    cx.storage.cancel_upload(may, id).await?;
    Ok(Reply::new(StatusCode::NO_CONTENT))
}

async fn session(name: &ImageName, may: &Granted<Publish>, cx: &WriteCx<'_>) -> ReplyResult<Oci> {
    let upload = cx.storage.begin_upload(may).await?;
    let id = upload.id();
    let offset_bytes = upload.save().await?;
    Ok(progress(StatusCode::ACCEPTED, &location::Progress::new(name, id, offset_bytes)))
}

async fn whole(
    name: &ImageName,
    digest: Digest,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    let upload = cx.storage.begin_upload(&may).await?;
    let upload = upload_body::whole(upload, body, cx.limits.blob_bytes_max).await?;
    commit(upload.verify(&digest).await?, may, cx).await?;
    Ok(stored(name, &digest))
}

/// Whether the blob is linked here now.
async fn mount(
    digest: &Digest,
    from: MountFrom,
    may: &Granted<Publish>,
    cx: &WriteCx<'_>,
) -> Result<bool, Failure> {
    let linked = match from {
        MountFrom::Nowhere => return Ok(false),
        MountFrom::Image(source) => {
            // A soft second question: refused is an answer like any other.
            match cx.gate.check::<Read, Repository>(source.repository()) {
                Ok(source) => cx.storage.link_blob(may, &source, digest).await,
                Err(_) => return Ok(false),
            }
        }
        MountFrom::Anywhere => cx.storage.link_visible(may, &cx.gate.readable(), digest).await,
    };
    match linked {
        Ok(()) => Ok(true),
        Err(storage::ContentError::Absent) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

async fn resume(
    name: &ImageName,
    id: UploadId,
    at: Option<Span>,
    may: &Granted<Publish>,
    body: &Body,
    cx: &WriteCx<'_>,
) -> Result<Upload<Receiving>, Failure> {
    let contradicts = |at: Span| body.declared_bytes().is_some_and(|bytes| bytes != at.length_bytes());
    if at.is_some_and(contradicts) {
        return Err(Error::Bad(Bad::ContentRange));
    }
    let upload = cx.storage.resume_upload(may, id).await?;
    let offset_bytes = upload.offset_bytes();
    if at.is_some_and(|at| at.first != offset_bytes) {
        return Err(Error::Bad(Bad::UploadAt(location::Progress::new(name, id, offset_bytes))));
    }
    Ok(upload)
}

/// Streams the body into the upload. If the client goes away, what it sent is kept for its next attempt, unless it was to be all.
async fn receive(
    mut upload: Upload<Receiving>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> Result<Upload<Receiving>, Failure> {
    let bytes_max = cx.limits.blob_bytes_max;
    body.cap(bytes_max.saturating_sub(upload.offset_bytes()));
    match fill(&mut upload, body).await {
        Ok(()) => Ok(upload),
        // Who may not go on leaves nothing behind.
        Err(error @ Error::Denied(_)) => {
            let _ = upload.cancel().await;
            Err(error)
        }
        Err(error) => {
            // The client is told of the body; that saving failed as well would tell it nothing more.
            let _ = upload.save().await;
            Err(error)
        }
    }
}

async fn fill(upload: &mut Upload<Receiving>, body: &mut Body) -> Result<(), Failure> {
    while let Some(chunk) = upload_body::next(body, upload).await? {
        upload.append(chunk).await?;
    }
    Ok(())
}

async fn commit(verified: Upload<Verified>, may: Granted<Publish>, cx: &WriteCx<'_>) -> Result<(), Failure> {
    let batch = Batch { uploads: vec![verified], ..Batch::default() };
    cx.storage.commit(may, None, batch).await?;
    Ok(())
}

fn progress(status: StatusCode, upload: &location::Progress) -> Reply {
    Reply::new(status)
        .header(LOCATION, upload.location())
        .header(RANGE, upload.range())
        .header(UPLOAD_UUID, upload.id.to_string())
}

fn stored(name: &ImageName, digest: &Digest) -> Reply {
    Reply::new(StatusCode::CREATED)
        .header(LOCATION, location::blob(name, digest))
        .header(CONTENT_DIGEST, digest.to_string())
}
