//! Query strings and URL-encoded forms.

use std::borrow::Cow;

use super::path::{Slash, percent};

/// Most pairs looked at; the rest is ignored, as unknown parameters are.
const PAIRS_MAX: usize = 256;

/// The pairs of a query or form, decoded, in order. A pair that does not decode is left out.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).take(PAIRS_MAX).filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    })
}

/// Every value of one name, decoded, in order.
pub fn all<'q>(query: Option<&'q str>, name: &str) -> impl Iterator<Item = Cow<'q, str>> {
    pairs(query.unwrap_or_default()).filter(move |(found, _)| found == name).map(|(_, value)| value)
}

/// The first value of one name, decoded.
#[must_use]
pub fn first<'q>(query: Option<&'q str>, name: &str) -> Option<Cow<'q, str>> {
    all(query, name).next()
}

/// Appends `text` so that it reads as one value of a query: all but unreserved characters, `:` and `/` are encoded.
pub fn encode_into(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent(&spaced, Slash::Plain).ok().map(|decoded| Cow::Owned(decoded.into_owned()));
    }
    percent(text, Slash::Plain).ok()
}

#[cfg(test)]
mod tests;
