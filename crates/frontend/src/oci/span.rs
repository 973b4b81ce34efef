//! `Content-Range` on uploads, in the notation of the distribution specification.

/// Longest header looked at, in bytes.
const HEADER_BYTES_MAX: usize = 256;

/// `first-last`, both inclusive; `first <= last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Offset of the first byte.
    pub first: u64,
    /// Offset of the last byte.
    pub last: u64,
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

/// Digits only: `u64::from_str` would take a plus sign as well.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
