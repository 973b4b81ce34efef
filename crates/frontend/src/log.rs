//! What is written about requests: one line each, and one for each failure of ours. Never a credential, a query or a body.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use ::http::{Method, StatusCode};
use auth::AuthError;
use domain::{Origin, RequestId};
use tracing::{error, info, warn};

use crate::error::Error;
use crate::head::Asked;

/// Longest part of a path in the log, in bytes.
const PATH_BYTES_MAX: usize = 512;

/// One line per request, once its head is answered. `target` is `request`, so that a level of its own can be set.
pub(crate) fn answered(origin: &Origin, method: &Method, path: &str, status: StatusCode, took: Duration) {
    info!(
        target: "request",
        id = %origin.request,
        client = origin.address.map(tracing::field::display),
        %method,
        path = &*cut(path),
        status = status.as_u16(),
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

/// One line per failure that somebody should look at; what callers do wrong is in the line above.
pub(crate) fn failed<B>(failure: &Error<B>, asked: &Asked<'_>) {
    match failure {
        Error::Storage(error) => storage_failed(error, asked.id),
        Error::Auth(error) => authentication_failed(error, asked.id),
        Error::Misdirected(_)
        | Error::Denied(_)
        | Error::OtherFormat
        | Error::Bad(_)
        | Error::TooLarge { .. }
        | Error::TimedOut
        | Error::Busy(_)
        | Error::Aborted => {}
    }
}

/// The line for a failure of storage, if it is one of ours.
pub(crate) fn storage_failed(error: &storage::Error, id: RequestId) {
    match error {
        storage::Error::Corrupt(_) | storage::Error::Schema(_) => {
            error!(target: "request", %id, error = chain(error), "stored data is damaged");
        }
        storage::Error::Unavailable { .. } | storage::Error::NoSpace { .. } => {
            error!(target: "request", %id, error = chain(error), "storage failed");
        }
        storage::Error::Full => {
            warn!(target: "request", %id, error = chain(error), "storage is overloaded");
        }
        _ => {}
    }
}

/// The line for credentials that could not be looked at.
pub(crate) fn authentication_failed(error: &AuthError, id: RequestId) {
    if matches!(error, AuthError::Unavailable) {
        error!(target: "request", %id, %error, "authentication failed");
    }
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
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
    use super::cut;

    #[test]
    fn a_long_path_is_cut_in_the_log() {
        assert_eq!(cut("/v2/"), "/v2/");
        let most = format!("/{}", "a".repeat(511));
        assert_eq!(cut(&most), most);
        let shown = cut(&format!("{most}{}", "b".repeat(27_000))).into_owned();
        assert_eq!(shown, format!("{most}… 27512 bytes"));
    }
}
