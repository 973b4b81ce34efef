//! Answers to GET and HEAD: validators, hashes in headers, parts, and nothing that a browser would run.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Digest, EntryKey, Implies, Probe, Read, Timestamp};
use edge::conditional::{self, Unmet};
use edge::http::condition::{Conditions, Validators};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use shelf::{Item, Shelf};
use storage::ContentError;

use super::checksum::HASHES;
use super::media_type::is_active;
use crate::error::Error;
use crate::reply::{Begun, Reply};

/// Type of hashes.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A file that is there, and all hashes of its bytes.
pub(crate) struct Found {
    pub(crate) item: Item,
    pub(crate) digests: Arc<[Digest]>,
}

/// What is known of a resource without its bytes.
pub(crate) struct Facts<'a> {
    /// Strong entity tag without its quotes.
    pub(crate) tag: String,
    /// When it last changed.
    pub(crate) modified: Timestamp,
    /// Hashes to name in headers.
    pub(crate) digests: &'a [Digest],
    /// Media type.
    pub(crate) media_type: HeaderValue,
    /// How long it is.
    pub(crate) size_bytes: u64,
}

impl Found {
    /// Looks a file up.
    ///
    /// # Errors
    /// `Absent` if there is none of this name.
    pub(crate) async fn find<R: Implies<Probe>>(
        key: &EntryKey,
        shelf: &Shelf<'_, R>,
    ) -> Result<Self, ContentError> {
        let item = shelf.find(key).await?;
        let digests = shelf.digests(&item).await?;
        Ok(Self { item, digests })
    }

    /// Status and headers of GET: the answer to HEAD.
    ///
    /// # Errors
    /// As [`begin`].
    pub(crate) fn look(&self, conditions: &Conditions) -> Result<Reply, Unmet> {
        Ok(match begin(&self.facts(), conditions)? {
            Begun::Complete(reply) => reply,
            Begun::Bytes(reply, _) => reply.length(self.item.entry.size_bytes),
        })
    }

    /// The bytes, or a part of them.
    ///
    /// # Errors
    /// As [`begin`] and [`Shelf::open`].
    pub(crate) async fn fetch<B: From<Unmet>>(
        &self,
        conditions: &Conditions,
        shelf: &Shelf<'_, Read>,
    ) -> Result<Reply, Error<B>> {
        match begin(&self.facts(), conditions)? {
            Begun::Complete(reply) => Ok(reply),
            Begun::Bytes(reply, part) => Ok(reply.stream(shelf.open(&self.item).await?.stream(part).await?)),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let entry = &self.item.entry;
        Facts {
            tag: entry.digest.map(|digest| digest.hex()).unwrap_or_default(),
            modified: entry.changed_at,
            digests: &self.digests,
            media_type: HeaderValue::try_from(&*entry.media_type).unwrap_or(OCTETS),
            size_bytes: entry.size_bytes,
        }
    }
}

/// The digits of a hash, which are their own tag.
///
/// # Errors
/// As [`begin`].
pub(crate) fn hash_document(
    hex: String,
    modified: Timestamp,
    conditions: &Conditions,
) -> Result<Reply, Unmet> {
    let bytes = Bytes::from(hex.clone());
    let size_bytes = bytes.len() as u64;
    document(&Facts { tag: hex, modified, digests: &[], media_type: TEXT, size_bytes }, &bytes, conditions)
}

/// Answers with a document that is in memory.
///
/// # Errors
/// As [`begin`].
pub(crate) fn document(facts: &Facts<'_>, bytes: &Bytes, conditions: &Conditions) -> Result<Reply, Unmet> {
    match begin(facts, conditions)? {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => {
            Ok(reply.bytes(facts.media_type.clone(), conditional::cut(bytes, &part)))
        }
    }
}

/// The hashes of a file as headers.
pub(crate) fn with_checksums(reply: Reply, digests: &[Digest]) -> Reply {
    digests.iter().fold(reply, |reply, digest| {
        let header = HASHES.iter().find(|(algorithm, ..)| *algorithm == digest.algorithm());
        match header {
            Some((_, _, name)) => reply.header(name.clone(), digest.hex()),
            None => reply,
        }
    })
}

/// Decides by the conditions of a request what of a resource is sent, and writes everything but the body.
///
/// # Errors
/// `Unmet` if the client wants it only otherwise than it is, or a part that is not there.
fn begin(facts: &Facts<'_>, conditions: &Conditions) -> Result<Begun, Unmet> {
    let tag = format!("\"{}\"", facts.tag);
    let now = Validators { tag: &tag, modified: facts.modified };
    let begun = conditional::begin(&now, facts.size_bytes, conditions)?;
    let Begun::Bytes(reply, part) = begun else { return Ok(begun) };
    let mut reply = reply
        .header(CONTENT_TYPE, facts.media_type.clone())
        .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    if facts.media_type.to_str().is_ok_and(is_active) {
        reply = reply.header(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Ok(Begun::Bytes(with_checksums(reply, facts.digests), part))
}
