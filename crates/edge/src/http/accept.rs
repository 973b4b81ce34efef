//! `Accept` and `Accept-Encoding`: whether a media type would be taken, and whether a coding.

use ::http::HeaderMap;
use ::http::header::ACCEPT;

/// How specific an entry is that names a type.
const NAMED: u8 = 2;

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

/// Whether the client would rather have one type than another, both in lower case and without parameters: it gives it more weight, or as
/// much and names it while the other is only one of many.
#[must_use]
pub fn prefers(headers: &HeaderMap, one: &str, other: &str) -> bool {
    let wanted = weight(headers, one);
    wanted.0 > 0 && wanted > weight(headers, other)
}

/// Whether a list as `Accept-Encoding` has it takes this coding: it names it, or `*` and not that one, with a weight (RFC 9110 §12.5.3).
#[must_use]
pub fn takes_coding(list: &str, coding: &str) -> bool {
    let weight_of_name = |name: &str| {
        let mut entries =
            list.split(',').map(|entry| (entry.split(';').next().unwrap_or_default().trim(), entry));
        entries.find(|(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, entry)| weight_of(entry))
    };
    weight_of_name(coding).or_else(|| weight_of_name("*")).is_some_and(|weight| weight > 0)
}

/// The weight that the client gives a type, in thousandths, and whether it names it.
fn weight(headers: &HeaderMap, media_type: &str) -> (u16, bool) {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let entries = lines.flat_map(|line| line.split(','));
    let fitting = entries.filter_map(|entry| Some((fits(entry, media_type)?.0, weight_of(entry))));
    let (specific, weight) = fitting.max_by_key(|(specific, _)| *specific).unwrap_or_default();
    (weight, specific == NAMED)
}

/// `q` of an entry, in thousandths; one that cannot be read is none.
fn weight_of(entry: &str) -> u16 {
    let mut parameters = entry.split(';').skip(1).map(str::trim);
    let weight = parameters
        .find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
    let Some(weight) = weight else { return 1000 };
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse()) {
        ("0", Ok(weight)) => weight,
        ("1", Ok(0_u16)) => 1000,
        _ => 0,
    }
}

/// How specifically the entry names the type, and whether it is wanted; `None` if it is about another.
fn fits(entry: &str, media_type: &str) -> Option<(u8, bool)> {
    let mut parts = entry.split(';').map(str::trim);
    let range = parts.next()?;
    let (kind, _) = media_type.split_once('/')?;
    let specific = match range.split_once('/') {
        Some(("*", "*")) => 0,
        Some((of, "*")) if of.eq_ignore_ascii_case(kind) => 1,
        _ if range.eq_ignore_ascii_case(media_type) => NAMED,
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
