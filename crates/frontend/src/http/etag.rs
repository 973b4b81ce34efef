//! `If-None-Match` and `If-Range` against a strong entity tag.

use ::http::HeaderMap;
use ::http::header::{IF_NONE_MATCH, IF_RANGE};

/// Whether the client has it already, so that GET and HEAD answer 304. `tag` comes with its quotes. Weak tags count
/// (RFC 9110 §13.1.2).
#[must_use]
pub fn not_modified(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// Whether a `Range` may be honoured: there is no `If-Range`, or it names exactly this tag.
#[must_use]
pub fn range_holds(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(IF_RANGE).is_none_or(|value| value == tag)
}

#[cfg(test)]
mod tests;
