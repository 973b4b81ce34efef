//! `application/problem+json` (RFC 9457): the language of everything that is no package protocol.

use ::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, StatusCode};
use bytes::Bytes;

use crate::challenge;
use crate::reply::Reply;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A failure for people and programs. `title` names the kind, `detail` what to do about this one; neither may hold a secret.
#[must_use]
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Reply {
    let body = serde_json::json!({ "status": status.as_u16(), "title": title, "detail": detail });
    Reply::new(status).bytes(PROBLEM, Bytes::from(body.to_string()))
}

/// A refusal with the status of [`challenge::status`] or [`challenge::auth_status`]: Basic is challenged, `denied` says what
/// a caller with valid credentials lacks.
#[must_use]
pub(crate) fn refused((status, retry_after): (StatusCode, Option<u64>), denied: &str) -> Reply {
    let reply = match status {
        StatusCode::UNAUTHORIZED => {
            let detail = "log in with a user name or client ID and a token";
            problem(status, "Not logged in", detail).header(WWW_AUTHENTICATE, challenge::basic())
        }
        StatusCode::FORBIDDEN => problem(status, "Forbidden", denied),
        StatusCode::BAD_REQUEST => {
            problem(status, "Malformed credentials", "one Authorization header, please")
        }
        StatusCode::TOO_MANY_REQUESTS => problem(status, "Too many log-ins", "try again later"),
        _ => problem(status, "Unavailable", "log-ins cannot be checked at the moment"),
    };
    match retry_after {
        Some(secs) => reply.header(RETRY_AFTER, secs),
        None => reply,
    }
}
