//! `If-Match`, `If-None-Match` and `If-Range` against a strong entity tag.

use ::http::HeaderMap;
use ::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE};

/// Whether the client has it already, so that GET and HEAD answer 304. `tag` comes with its quotes. Weak tags count
/// (RFC 9110 §13.1.2).
#[must_use]
pub fn not_modified(headers: &HeaderMap, tag: &str) -> bool {
    listed(headers, IF_NONE_MATCH).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// Whether it is one of those the client named in `If-Match`; weak tags do not count (RFC 9110 §13.1.1).
#[must_use]
pub fn matches(headers: &HeaderMap, tag: &str) -> bool {
    listed(headers, IF_MATCH).any(|one| one == "*" || one == tag)
}

/// Whether a `Range` may be honoured: there is no `If-Range`, or it names exactly this tag.
#[must_use]
pub fn range_holds(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(IF_RANGE).is_none_or(|value| value == tag)
}

/// The tags of all lines of a header.
fn listed(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|list| list.split(',').map(str::trim))
}

#[cfg(test)]
mod tests;
