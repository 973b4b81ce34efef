//! Answers to GET and HEAD: validators, hashes in headers, parts, and nothing that a browser would run.

use std::ops::Range;

use bytes::Bytes;
use domain::{Digest, Timestamp};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::Failure;
use crate::error::Error;
use crate::http::condition::{Conditions, Validators, Verdict};
use crate::http::date;
use crate::http::range::{Wanted, content_range};
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::wire::{HASHES, is_active};
use crate::protocol::Outcome;
use crate::reply::Reply;

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

/// An answer whose body is still to come.
pub(super) enum Begun {
    /// Nothing has to come: 304.
    Complete(Reply),
    /// These bytes: 200 or 206.
    Bytes(Reply, Range<u64>),
}

/// Decides by the conditions of a request what of a resource is sent, and writes everything but the body.
///
/// # Errors
/// `Precondition` and `Range`.
pub(super) fn begin(facts: &Facts<'_>, conditions: &Conditions) -> Result<Begun, Failure> {
    let tag = format!("\"{}\"", facts.tag);
    let now = Validators { tag: &tag, modified: facts.modified };
    let validated =
        |status| Reply::new(status).header(ETAG, &*tag).header(LAST_MODIFIED, date::show(facts.modified));
    match conditions.judge(&now) {
        Verdict::Failed => return Err(Error::Bad(Bad::Precondition)),
        Verdict::NotModified => return Ok(Begun::Complete(validated(StatusCode::NOT_MODIFIED))),
        Verdict::Holds => {}
    }
    let size_bytes = facts.size_bytes;
    let (status, part) = match conditions.part(&now, size_bytes) {
        Wanted::Whole => (StatusCode::OK, 0..size_bytes),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => return Err(Error::Bad(Bad::Range { size_bytes })),
    };
    let mut reply = validated(status)
        .header(ACCEPT_RANGES, HeaderValue::from_static("bytes"))
        .header(CONTENT_TYPE, facts.media_type.clone())
        .header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
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
    if status == StatusCode::PARTIAL_CONTENT {
        reply.headers_mut().extend(content_range(&part, size_bytes).map(|value| (CONTENT_RANGE, value)));
    }
    Ok(Begun::Bytes(reply, part))
}

/// Answers with a document that is in memory.
///
/// # Errors
/// As [`begin`].
pub(super) fn document(facts: &Facts<'_>, bytes: &Bytes, conditions: &Conditions) -> Outcome<Maven> {
    match begin(facts, conditions)? {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => {
            let index = |at| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Ok(reply.bytes(facts.media_type.clone(), bytes.slice(index(part.start)..index(part.end))))
        }
    }
}
