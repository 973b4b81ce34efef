//! 401, 403, 404 and 429, decided in one place for all protocols (docs/design.md 4), and the challenges that go with a 401.

use auth::{AuthError, Presented};
use budget::Exceeded;
use domain::Denied;
use http::{HeaderValue, StatusCode};

use crate::error::Error;
use crate::head::Asked;

/// After how many seconds a client may try again where nothing better is known: `Retry-After` of every 503, and of a 429 by the
/// budgets.
pub const RETRY_SECS: u64 = 1;

/// The status of a refusal by the gate. 404 is for what is absent inside a readable repository and never comes from the
/// gate: an absent repository and one the caller may not read are alike.
#[must_use]
pub const fn status(denied: &Denied) -> StatusCode {
    if denied.authenticated { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED }
}

/// The status of a failed authentication; a `Retry-After` in seconds goes with 429 and 503.
#[must_use]
pub const fn auth_status(error: &AuthError) -> (StatusCode, Option<u64>) {
    match error {
        AuthError::Malformed => (StatusCode::BAD_REQUEST, None),
        AuthError::Invalid { .. } | AuthError::Untaken { .. } => (StatusCode::UNAUTHORIZED, None),
        AuthError::MustChange => (StatusCode::FORBIDDEN, None),
        AuthError::Throttled { retry_after_secs } | AuthError::Busy { retry_after_secs } => {
            (StatusCode::TOO_MANY_REQUESTS, Some(*retry_after_secs))
        }
        AuthError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(RETRY_SECS)),
    }
}

/// The status of a refusal because there is nothing left of a budget, and the `Retry-After` in seconds that goes with it: what
/// the client itself holds is its own affair, what all hold is ours.
#[must_use]
pub const fn busy_status(exceeded: Exceeded) -> (StatusCode, u64) {
    match exceeded {
        Exceeded::Own => (StatusCode::TOO_MANY_REQUESTS, RETRY_SECS),
        Exceeded::Total => (StatusCode::SERVICE_UNAVAILABLE, RETRY_SECS),
    }
}

/// What is said of it.
#[must_use]
pub const fn busy_words(exceeded: Exceeded) -> &'static str {
    match exceeded {
        Exceeded::Own => "you do as much at once as one may, try again in a moment",
        Exceeded::Total => "too many requests are waiting, try again in a moment",
    }
}

/// What is said, in every client's language, to whom an administrator gave a password.
pub const MUST_CHANGE: &str = "your password was set by an administrator; change it first: wharfinger me password, or PUT /api/v1/me/password";

/// The only challenge outside `/v2`.
#[must_use]
pub const fn basic() -> HeaderValue {
    HeaderValue::from_static("Basic realm=\"wharfinger\", charset=\"UTF-8\"")
}

/// What scripts of our own pages are told, so that no browser opens a box over them.
#[must_use]
pub const fn session() -> HeaderValue {
    HeaderValue::from_static("Session")
}

/// The only challenge below `/v2` (docs/oci.md 4.2). `scope` is what the request would have needed, such as
/// `repository:p/alpha/images/web:pull`, `None` on the version check. `error=` is said only beside a scope: without it
/// containerd tries the same again, five times.
#[must_use]
pub fn bearer<B>(asked: &Asked<'_>, error: &Error<B>, scope: Option<&str>) -> HeaderValue {
    use std::fmt::Write as _;
    let url = asked.head.public_url;
    let mut text = format!("Bearer realm=\"{}/v2/token\",service=\"{}\"", url.origin(), url.authority());
    if let Some(scope) = scope {
        let _ = write!(text, ",scope=\"{scope}\"");
        let why = match error {
            Error::Auth(_) => Some("invalid_token"),
            _ if asked.presented == Some(Presented::AnonymousBearer) => Some("insufficient_scope"),
            _ => None,
        };
        if let Some(why) = why {
            let _ = write!(text, ",error=\"{why}\"");
        }
    }
    // A scope with characters that no header can have was not a name either; the challenge stands without it.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}
