//! Answers to GET and HEAD: validators, hashes in headers, parts, and nothing that a browser would run.

use bytes::Bytes;
use domain::{Digest, Timestamp};
use edge::conditional::{self, Unmet};
use edge::http::condition::{Conditions, Validators};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::Failure;
use crate::error::Error;
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::wire::{HASHES, TEXT, is_active};
use crate::protocol::ReplyResult;
pub(super) use crate::reply::Begun;

/// What is known of a resource without its bytes.
pub(super) struct Facts<'a> {
    /// Strong entity tag without its quotes.
    pub tag: String,
    /// When it last changed.
    pub modified: Timestamp,
    /// Hashes to name in headers.
    pub digests: &'a [Digest],
    /// Media type.
    pub media_type: HeaderValue,
    /// How long it is.
    pub size_bytes: u64,
}

/// Decides by the conditions of a request what of a resource is sent, and writes everything but the body.
///
/// # Errors
/// `Precondition` and `Range`.
pub(super) fn begin(facts: &Facts<'_>, conditions: &Conditions) -> Result<Begun, Failure> {
    let tag = format!("\"{}\"", facts.tag);
    let now = Validators { tag: &tag, modified: facts.modified };
    let begun = conditional::begin(&now, facts.size_bytes, conditions).map_err(|unmet| {
        Error::Bad(match unmet {
            Unmet::Precondition => Bad::Precondition,
            Unmet::Range { size_bytes } => Bad::Range { size_bytes },
        })
    })?;
    let Begun::Bytes(reply, part) = begun else { return Ok(begun) };
    let mut reply = reply
        .header(CONTENT_TYPE, facts.media_type.clone())
        .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    if facts.media_type.to_str().is_ok_and(is_active) {
        reply = reply.header(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    for digest in facts.digests {
        let header = HASHES.iter().find(|(algorithm, ..)| *algorithm == digest.algorithm());
        if let Some((_, _, name)) = header {
            reply = reply.header(name.clone(), digest.hex());
        }
    }
    Ok(Begun::Bytes(reply, part))
}

/// The digits of a hash, which are their own tag.
pub(super) fn hash_document(hex: String, modified: Timestamp, conditions: &Conditions) -> ReplyResult<Maven> {
    let bytes = Bytes::from(hex.clone());
    let size_bytes = bytes.len() as u64;
    document(&Facts { tag: hex, modified, digests: &[], media_type: TEXT, size_bytes }, &bytes, conditions)
}

/// Answers with a document that is in memory.
///
/// # Errors
/// As [`begin`].
pub(super) fn document(facts: &Facts<'_>, bytes: &Bytes, conditions: &Conditions) -> ReplyResult<Maven> {
    match begin(facts, conditions)? {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => {
            Ok(reply.bytes(facts.media_type.clone(), conditional::cut(bytes, &part)))
        }
    }
}
