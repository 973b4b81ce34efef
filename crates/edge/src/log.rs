//! What is written about requests: one line each. Never a credential, a query or a body.

use std::borrow::Cow;
use std::fmt::Write as _;

use ::http::StatusCode;
use tokio::time::Duration;
use tracing::info;

use crate::service::Request;

/// Longest part of a path in the log, in bytes.
const PATH_BYTES_MAX: usize = 512;

/// Longest name of somebody or something in the log, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// What the service came to know of who asked, and why it refused.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// `member:alice`; `-` for nobody in particular, `!member:alice` for somebody whom credentials named and did not prove. Without
    /// control characters.
    pub principal: &'a str,
    /// The public id of what was presented, directly or behind something made of it.
    pub token: Option<&'a str>,
    /// The public id of the session in a browser.
    pub session: Option<&'a str>,
    /// What was presented, in a word.
    pub with: &'static str,
    /// The rule that made the token, of which several may be for one principal. Without control characters.
    pub rule: Option<&'a str>,
    /// Why it was refused, in a word.
    pub reason: Option<&'static str>,
    /// What would have been needed, in a word.
    pub need: Option<&'static str>,
    /// What is there instead, in words.
    pub held: Option<&'a str>,
    /// The version of what decides that refused.
    pub policy: Option<u64>,
}

/// Whether anybody reads these lines: what is looked up for them alone need not be otherwise.
#[must_use]
pub fn is_read() -> bool {
    tracing::enabled!(target: "request", tracing::Level::INFO)
}

/// One line per request, once its head is answered. `target` is `request`, so that a level of its own can be set.
pub fn answered(request: &Request<'_>, status: StatusCode, took: Duration, asker: Asker<'_>) {
    let (parts, origin) = (request.parts, request.origin);
    info!(
        target: "request",
        id = %origin.request,
        client = origin.address.map(tracing::field::display),
        principal = %short(asker.principal),
        token = asker.token.map(tracing::field::display),
        session = asker.session.map(tracing::field::display),
        with = asker.with,
        rule = asker.rule.map(short).map(tracing::field::display),
        method = %parts.method,
        path = &*cut(parts.uri.path()),
        status = status.as_u16(),
        reason = asker.reason,
        need = asker.need,
        held = asker.held.map(short).map(tracing::field::display),
        policy = asker.policy,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        agent = origin.agent.as_deref(),
    );
}

/// A path as the log shows it: at most 512 bytes, because a line is no place to store what anybody sends.
fn cut(path: &str) -> Cow<'_, str> {
    let end = path.floor_char_boundary(PATH_BYTES_MAX);
    match path.get(..end).filter(|kept| kept.len() < path.len()) {
        Some(kept) => Cow::Owned(format!("{kept}… {} bytes", path.len())),
        None => Cow::Borrowed(path),
    }
}

fn short(name: &str) -> &str {
    name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or(name)
}

/// An error with all its causes.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{cut, short};

    #[test]
    fn a_long_name_is_cut_in_the_log() {
        assert_eq!(short("member:alice"), "member:alice");
        assert_eq!(short(&"ä".repeat(100)), "ä".repeat(64));
    }

    #[test]
    fn a_long_path_is_cut_in_the_log() {
        assert_eq!(cut("/v2/"), "/v2/");
        let most = format!("/{}", "a".repeat(511));
        assert_eq!(cut(&most), most);
        let shown = cut(&format!("{most}{}", "b".repeat(27_000))).into_owned();
        assert_eq!(shown, format!("{most}… 27512 bytes"));
    }
}
