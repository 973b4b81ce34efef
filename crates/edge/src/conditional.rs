//! The beginning of an answer to GET or HEAD: what the client has already, and what part it wants (RFC 9110 §13 and §14).

use std::ops::Range;

use ::http::StatusCode;
use ::http::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, LAST_MODIFIED};
use bytes::Bytes;

use crate::http::condition::{Conditions, Validators, Verdict};
use crate::http::date;
use crate::http::range::{Wanted, content_range};
use crate::reply::{ContentStream, Reply};

/// An answer whose body is still to come.
pub enum Begun<P> {
    /// Nothing has to come: 304.
    Complete(Reply<P>),
    /// These bytes: 200 or 206.
    Bytes(Reply<P>, Range<u64>),
}

/// A condition that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmet {
    /// It is not what the client believes: 412.
    Precondition,
    /// The range does not lie in it: 416.
    Range {
        /// How long it is.
        size_bytes: u64,
    },
}

/// Decides what of a resource is sent, and writes the headers that say so.
///
/// # Errors
/// `Unmet` if the client wants it only otherwise than it is, or a part that is not there.
pub fn begin<P: ContentStream>(
    now: &Validators<'_>,
    size_bytes: u64,
    conditions: &Conditions,
) -> Result<Begun<P>, Unmet> {
    let validated =
        |status| Reply::new(status).header(ETAG, now.tag).header(LAST_MODIFIED, date::show(now.modified));
    match conditions.judge(now) {
        Verdict::Failed => return Err(Unmet::Precondition),
        Verdict::NotModified => return Ok(Begun::Complete(validated(StatusCode::NOT_MODIFIED))),
        Verdict::Holds => {}
    }
    let (status, part) = match conditions.part(now, size_bytes) {
        Wanted::Whole => (StatusCode::OK, 0..size_bytes),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => return Err(Unmet::Range { size_bytes }),
    };
    let mut reply = validated(status).header(ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        reply.headers_mut().extend(content_range(&part, size_bytes).map(|value| (CONTENT_RANGE, value)));
    }
    Ok(Begun::Bytes(reply, part))
}

/// The part of a resource that is in memory.
#[must_use]
pub fn cut(bytes: &Bytes, part: &Range<u64>) -> Bytes {
    let index = |at| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(index(part.start)..index(part.end))
}
