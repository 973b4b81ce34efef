//! Dates of HTTP (RFC 9110 §5.6.7): `Wed, 21 Oct 2026 07:28:00 GMT`, in whole seconds.

use std::time::{Duration, UNIX_EPOCH};

use ::http::HeaderValue;
use domain::Timestamp;

/// A moment as a header has it; moments before 1970 and beyond the year 9999 as the nearest that can be written.
#[must_use]
pub fn show(at: Timestamp) -> HeaderValue {
    const LAST_SECS: u64 = 253_402_300_799;
    let secs = u64::try_from(at.millis().div_euclid(1000)).unwrap_or(0).min(LAST_SECS);
    let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

/// Reads a date in any of the three forms of RFC 9110.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests;
