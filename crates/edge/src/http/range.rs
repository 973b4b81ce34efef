//! `Range` and `Content-Range` (RFC 9110 §14), one range at a time.

use std::ops::Range;

use ::http::HeaderValue;

/// What part of a body of known size the client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it, 200: no header, a unit or form we do not know, or several ranges, which a server may answer as a whole.
    Whole,
    /// These bytes, 206; never empty.
    Part(Range<u64>),
    /// Nothing that exists, 416.
    Unsatisfiable,
}

/// Reads a `Range` header for a body of `size_bytes`. `bytes=500-0` is 416 although RFC 9110 would let it be ignored: the
/// OCI conformance suite asks for it.
#[must_use]
pub fn wanted(header: Option<&str>, size_bytes: u64) -> Wanted {
    let Some(ranges) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    let Some((first, last)) = ranges.split_once('-') else { return Wanted::Whole };
    if ranges.contains(',') {
        return Wanted::Whole;
    }
    let (first, last) = (first.trim(), last.trim());
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => part(first, last.saturating_add(1), size_bytes),
        (Some(_), Some(_)) => Wanted::Unsatisfiable,
        (Some(first), None) if last.is_empty() => part(first, size_bytes, size_bytes),
        (None, Some(suffix)) if first.is_empty() => {
            part(size_bytes.saturating_sub(suffix), if suffix == 0 { 0 } else { size_bytes }, size_bytes)
        }
        _ => Wanted::Whole,
    }
}

/// `Content-Range` of a 206.
#[must_use]
pub fn content_range(part: &Range<u64>, size_bytes: u64) -> Option<HeaderValue> {
    let last = part.end.checked_sub(1)?;
    HeaderValue::try_from(format!("bytes {}-{last}/{size_bytes}", part.start)).ok()
}

/// `Content-Range` of a 416.
#[must_use]
pub fn unsatisfied_range(size_bytes: u64) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("bytes */{size_bytes}")).ok()
}

const fn part(start: u64, end: u64, size_bytes: u64) -> Wanted {
    let end = if end > size_bytes { size_bytes } else { end };
    if start < end { Wanted::Part(start..end) } else { Wanted::Unsatisfiable }
}

/// Digits alone; a number beyond `u64` is beyond every body.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
