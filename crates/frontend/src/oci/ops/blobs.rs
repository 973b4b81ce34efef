//! Bytes by digest.

use domain::{Delete, Digest, Granted, Probe, Publish, Read};
use edge::http::range::{Wanted, content_range, wanted};
use http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use shelf::Shelf;
use storage::Removal;

use super::absent;
use crate::error::Error;
use crate::oci::Oci;
use crate::oci::error::Bad;
use crate::oci::identity::Identity;
use crate::oci::route::name::ImageName;
use crate::protocol::{Cx, ReplyResult, WriteCx};
use crate::reply::Reply;

const BYTES: HeaderValue = HeaderValue::from_static("bytes");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Is it here, and how long is it?
pub(crate) async fn look(
    name: &ImageName,
    digest: &Digest,
    shelf: &Shelf<'_, Probe>,
    cx: &Cx<'_>,
) -> ReplyResult<Oci> {
    // Who may push goes by the answer and does not send the blob.
    let found = match cx.gate.also::<Publish>(shelf.own()) {
        Some(may) => cx.leases.hold_blob(&may, digest).await,
        None => shelf.stat_blob(name.image(), digest).await,
    };
    let info = found.map_err(absent(Bad::UnknownBlob))?;
    Ok(named(StatusCode::OK, &Identity::of(digest)).header(CONTENT_TYPE, OCTETS).length(info.size_bytes))
}

/// The bytes, or one part of them. Never compressed: lengths, ranges and digests are about the bytes themselves.
pub(crate) async fn fetch(
    (name, digest): (&ImageName, &Digest),
    range: Option<&str>,
    known: &HeaderMap,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<Oci> {
    let blob = shelf.open_blob(name.image(), digest).await.map_err(absent(Bad::UnknownBlob))?;
    let identity = Identity::of(digest);
    if identity.is_known(known) {
        return Ok(named(StatusCode::NOT_MODIFIED, &identity));
    }
    let size_bytes = blob.info().size_bytes;
    let (reply, part) = match wanted(range, size_bytes) {
        Wanted::Whole => (named(StatusCode::OK, &identity), 0..size_bytes),
        Wanted::Part(part) => {
            let mut reply = named(StatusCode::PARTIAL_CONTENT, &identity);
            reply.headers_mut().extend(content_range(&part, size_bytes).map(|value| (CONTENT_RANGE, value)));
            (reply, part)
        }
        Wanted::Unsatisfiable => return Err(Error::Bad(Bad::Range { size_bytes })),
    };
    Ok(reply.header(CONTENT_TYPE, OCTETS).stream(blob.stream(part).await?))
}

/// Takes the blob out of this repository.
pub(crate) async fn remove(digest: Digest, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Oci> {
    let removals = vec![Removal::Link(digest)];
    cx.storage.remove(may, removals).await.map_err(absent(Bad::UnknownBlob))?;
    Ok(Reply::new(StatusCode::ACCEPTED))
}

fn named(status: StatusCode, identity: &Identity) -> Reply {
    identity.reply(status).header(ACCEPT_RANGES, BYTES)
}
