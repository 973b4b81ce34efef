//! `Range` on blobs (RFC 9110 §14) and `Content-Range` on uploads (distribution spec, its own notation).

use std::ops::Range;

use super::op::Span;

/// Longest header we look at, in bytes; a longer one is ignored like any range we do not know.
const HEADER_BYTES_MAX: usize = 1024;

/// One byte range as asked for, not yet measured against the length of the blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeHeader {
    /// `bytes=first-last`, `last` inclusive; may be the wrong way round.
    FromTo(u64, u64),
    /// `bytes=first-`.
    From(u64),
    /// `bytes=-count`.
    Last(u64),
}

/// The range does not lie in the blob.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsatisfiable;

impl RangeHeader {
    /// Reads the header. `None`, and so the whole blob, for other units, several ranges and malformed ones (RFC 9110
    /// §14.2: "a server MAY ignore the Range header field").
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        if value.len() > HEADER_BYTES_MAX {
            return None;
        }
        let (unit, set) = std::str::from_utf8(value).ok()?.trim().split_once('=')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (first, last) = set.trim().split_once('-')?;
        match (first.trim(), last.trim()) {
            ("", count) => number(count).map(Self::Last),
            (first, "") => number(first).map(Self::From),
            (first, last) => Some(Self::FromTo(number(first)?, number(last)?)),
        }
    }

    /// The bytes meant in a blob of this size, the end exclusive. A range the wrong way round is answered like one
    /// behind the end: the conformance suite wants 416 for `500-0`, where RFC 9110 would let us ignore it.
    pub(crate) fn within(self, size_bytes: u64) -> Result<Range<u64>, Unsatisfiable> {
        let range = match self {
            Self::FromTo(first, last) => first..last.saturating_add(1).min(size_bytes),
            Self::From(first) => first..size_bytes,
            Self::Last(count) => size_bytes.saturating_sub(count)..size_bytes,
        };
        if range.start < range.end { Ok(range) } else { Err(Unsatisfiable) }
    }
}

impl Span {
    /// Reads `first-last`; `bytes first-last/total` of RFC 9110 is understood as well. `None` if it is malformed.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        if value.len() > HEADER_BYTES_MAX {
            return None;
        }
        let text = std::str::from_utf8(value).ok()?.trim();
        let text = text.strip_prefix("bytes").map_or(text, |rest| rest.trim_start_matches([' ', '=']));
        let text = text.split_once('/').map_or(text, |(span, _)| span);
        let (first, last) = text.split_once('-')?;
        let span = Self { first: number(first)?, last: number(last)? };
        (span.first <= span.last && span.last < u64::MAX).then_some(span)
    }

    /// How many bytes it announces; at least 1.
    pub(crate) const fn length_bytes(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// Digits only: `u64::from_str` would take a plus sign as well. More than a `u64` counts as the largest one.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
