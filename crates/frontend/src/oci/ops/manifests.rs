//! Manifests, and the tags that point at them.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Delete, Digest, EntryKey, EntryKind, Granted, Implies, Overwrite, Probe, Publish, Read, RefName,
};
use edge::Body;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use shelf::{Item, Shelf};
use storage::{Batch, EdgeKind, NewEdge, NewEntry, Precondition, Removal, Rule};

use super::{Failure, absent};
use crate::blocking::blocking;
use crate::error::Error;
use crate::oci::error::Bad;
use crate::oci::identity::Identity;
use crate::oci::manifest::{Manifest, check};
use crate::oci::op::Reference;
use crate::oci::route::name::ImageName;
use crate::oci::wire::{CONTENT_DIGEST, OCI_SUBJECT, OCI_TAG};
use crate::oci::{Oci, location};
use crate::protocol::{Cx, ReplyResult, WriteCx};
use crate::reply::Reply;

/// Largest manifest that is read on the runtime's own threads, in bytes; most have a few thousand.
const INLINE_BYTES_MAX: usize = 32 << 10;

/// A manifest as it was sent, without its bytes.
pub(crate) struct Pushed {
    /// Tag or digest in the path.
    pub reference: Reference,
    /// Further tags.
    pub tags: Vec<RefName>,
    /// `Content-Type` without parameters.
    pub media_type: Option<Box<str>>,
}

/// Which manifest is it?
pub(crate) async fn look(
    name: &ImageName,
    (reference, known): (&Reference, &HeaderMap),
    shelf: &Shelf<'_, Probe>,
    cx: &Cx<'_>,
) -> ReplyResult<Oci> {
    let (item, digest) = find(name, reference, shelf).await?;
    // Who may push goes by the answer and sends nothing of what it names.
    if let Some(may) = cx.gate.also::<Publish>(shelf.own())
        && !cx.leases.is_whole(&may, &manifest_key(name, &digest)?).await?
    {
        return Err(Error::Bad(Bad::UnknownManifest));
    }
    let identity = Identity::of(&digest);
    if identity.is_known(known) {
        return Ok(identity.reply(StatusCode::NOT_MODIFIED));
    }
    let Item { entry, .. } = &item;
    Ok(identity.reply(StatusCode::OK).header(CONTENT_TYPE, &*entry.media_type).length(entry.size_bytes))
}

/// Its bytes, exactly as they were pushed: never converted, no platform chosen.
pub(crate) async fn fetch(
    name: &ImageName,
    reference: &Reference,
    known: &HeaderMap,
    shelf: &Shelf<'_, Read>,
) -> ReplyResult<Oci> {
    let (item, digest) = find(name, reference, shelf).await?;
    let identity = Identity::of(&digest);
    if identity.is_known(known) {
        return Ok(identity.reply(StatusCode::NOT_MODIFIED));
    }
    let bytes = shelf.content(&item).await.map_err(absent(Bad::UnknownManifest))?;
    let media_type = HeaderValue::try_from(&*item.entry.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Ok(identity.reply(StatusCode::OK).bytes(media_type, bytes))
}

/// Stores a manifest and points tags at it, all or nothing.
pub(crate) async fn push(
    name: &ImageName,
    pushed: Pushed,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    let bytes = body.whole(cx.limits.manifest_bytes_max).await?;
    let manifest = checked(pushed.media_type, &bytes).await?;
    sizes(&manifest, &may, cx).await?;
    let mut tags = pushed.tags;
    let expected = match pushed.reference {
        Reference::Tag(tag) => {
            tags.push(tag);
            None
        }
        Reference::Digest(digest) => Some(digest),
    };
    let verified = cx.storage.verified_bytes(&may, bytes, expected.as_ref()).await?;
    let digest = *verified.digest();
    // Asked softly: the same bytes need no right to overwrite, other bytes meet the repository's rule first (docs/design.md 7).
    let replace = if tags.is_empty() { None } else { cx.gate.also::<Overwrite>(&may) };
    let mut reply = Reply::new(StatusCode::CREATED)
        .header(LOCATION, location::manifest(name, &digest))
        .header(CONTENT_DIGEST, digest.to_string());
    if let Some(subject) = &manifest.subject {
        reply = reply.header(OCI_SUBJECT, subject.to_string());
    }
    if expected.is_some() {
        for tag in &tags {
            reply = reply.header(OCI_TAG, tag.display());
        }
    }
    let mut batch = batch(name, &manifest, digest, tags)?;
    batch.uploads.push(verified);
    cx.storage.commit(may, replace, batch).await?;
    Ok(reply)
}

/// Reads a manifest; a large one takes milliseconds.
async fn checked(pushed_as: Option<Box<str>>, bytes: &Bytes) -> Result<Manifest, Failure> {
    let checked = if bytes.len() <= INLINE_BYTES_MAX {
        check(pushed_as.as_deref(), bytes)
    } else {
        let bytes = bytes.clone();
        blocking("reading a manifest", move || check(pushed_as.as_deref(), &bytes)).await?
    };
    checked.map_err(|fault| Error::Bad(Bad::Manifest(fault)))
}

/// Takes away a tag and nothing else.
pub(crate) async fn remove_tag(
    name: &ImageName,
    tag: RefName,
    may: Granted<Delete>,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    remove_all(vec![Removal::Entry(tag_key(name, tag))], may, cx).await
}

/// Takes away a manifest and every tag that points at it.
pub(crate) async fn remove(
    name: &ImageName,
    digest: &Digest,
    force: bool,
    may: Granted<Delete>,
    cx: &WriteCx<'_>,
) -> ReplyResult<Oci> {
    remove_all(vec![Removal::EntryAndPointers { key: manifest_key(name, digest)?, force }], may, cx).await
}

async fn remove_all(removals: Vec<Removal>, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Oci> {
    cx.storage.remove(may, removals).await.map_err(absent(Bad::UnknownManifest))?;
    Ok(Reply::new(StatusCode::ACCEPTED))
}

async fn find<R: Implies<Probe>>(
    name: &ImageName,
    reference: &Reference,
    shelf: &Shelf<'_, R>,
) -> Result<(Item, Digest), Failure> {
    let key = match reference {
        Reference::Tag(tag) => tag_key(name, tag.clone()),
        Reference::Digest(digest) => manifest_key(name, digest)?,
    };
    let item = shelf.find(&key).await.map_err(absent(Bad::UnknownManifest))?;
    let digest = item.entry.digest.ok_or(Error::Bad(Bad::UnknownManifest))?;
    Ok((item, digest))
}

/// Clients refuse a layer of another length than announced, so nobody could ever pull such an image. What is missing
/// altogether is found by the commit.
async fn sizes(manifest: &Manifest, may: &Granted<Publish>, cx: &WriteCx<'_>) -> Result<(), Failure> {
    for (digest, size_bytes) in &manifest.required {
        match cx.storage.stat_blob(may, digest).await {
            Ok(info) if info.size_bytes != *size_bytes => return Err(Error::Bad(Bad::BlobSize(*digest))),
            Ok(_) | Err(storage::ContentError::Absent) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// What has to be there, and the names that come into being with it.
fn batch(
    name: &ImageName,
    manifest: &Manifest,
    digest: Digest,
    tags: Vec<RefName>,
) -> Result<Batch, Failure> {
    let mut preconditions: Vec<_> =
        manifest.required.iter().map(|(digest, _)| Precondition::Linked(*digest)).collect();
    for member in &manifest.members {
        preconditions.push(Precondition::EntryUnlessSparse(manifest_key(name, member)?));
    }
    preconditions
        .extend(manifest.member_blobs.iter().map(|digest| Precondition::LinkedUnlessSparse(*digest)));
    let media_type: Arc<str> = manifest.media_type.into();
    let attributes: Arc<str> = manifest.attributes.to_json().into();
    let entry = |key, edges| NewEntry {
        key,
        content: Some(digest),
        rule: Rule::ByPolicy,
        media_type: Arc::clone(&media_type),
        attributes: Arc::clone(&attributes),
        words: Arc::from(""),
        edges,
    };
    let mut entries = vec![entry(manifest_key(name, &digest)?, edges(manifest))];
    entries.extend(tags.into_iter().map(|tag| entry(tag_key(name, tag), Vec::new())));
    Ok(Batch { preconditions, entries, ..Batch::default() })
}

/// What the manifest points at, for lists of referrers and for the collection of garbage.
fn edges(manifest: &Manifest) -> Vec<NewEdge> {
    let edge = |kind| move |digest: &Digest| NewEdge { kind, target: digest.to_string().into() };
    let subject = manifest.subject.iter().map(edge(EdgeKind::Subject));
    let members = manifest.members.iter().map(edge(EdgeKind::Member));
    let required = manifest.required.iter().map(|(digest, _)| digest);
    let blobs = required.chain(&manifest.foreign).chain(&manifest.member_blobs).map(edge(EdgeKind::Blob));
    subject.chain(members).chain(blobs).collect()
}

fn tag_key(name: &ImageName, tag: RefName) -> EntryKey {
    EntryKey { kind: EntryKind::Tag, package: name.image().clone(), name: tag }
}

fn manifest_key(name: &ImageName, digest: &Digest) -> Result<EntryKey, Failure> {
    let digest = RefName::exact(&digest.to_string()).map_err(|_| Error::Bad(Bad::Digest))?;
    Ok(EntryKey { kind: EntryKind::Manifest, package: name.image().clone(), name: digest })
}
