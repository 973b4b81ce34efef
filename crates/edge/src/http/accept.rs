//! `Accept`: whether a media type would be taken.

use ::http::HeaderMap;
use ::http::header::ACCEPT;

/// Whether the client takes `media_type` (lower case, without parameters). No header means yes. Several header lines count
/// as one list; `q=0` refuses; among the entries that fit, the most specific decides (RFC 9110 §12.5.1).
#[must_use]
pub fn takes(headers: &HeaderMap, media_type: &str) -> bool {
    let mut lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if lines.peek().is_none() {
        return true;
    }
    let fitting = lines.flat_map(|line| line.split(',')).filter_map(|entry| fits(entry, media_type));
    fitting.max_by_key(|(specific, _)| *specific).is_some_and(|(_, wanted)| wanted)
}

/// How specifically the entry names the type, and whether it is wanted; `None` if it is about another.
fn fits(entry: &str, media_type: &str) -> Option<(u8, bool)> {
    let mut parts = entry.split(';').map(str::trim);
    let range = parts.next()?;
    let (kind, _) = media_type.split_once('/')?;
    let specific = match range.split_once('/') {
        Some(("*", "*")) => 0,
        Some((of, "*")) if of.eq_ignore_ascii_case(kind) => 1,
        _ if range.eq_ignore_ascii_case(media_type) => 2,
        _ => return None,
    };
    let refused = parts.any(|parameter| {
        let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        weight.is_some_and(|weight| weight.bytes().all(|byte| matches!(byte, b'0' | b'.')))
    });
    Some((specific, !refused))
}

#[cfg(test)]
mod tests;
