//! What is written about requests: one line each, and one for each failure of ours. Never a credential, a query or a body.

use std::fmt::Write as _;
use std::time::Duration;

use ::http::{Method, StatusCode};
use domain::Origin;
use tracing::{error, info, warn};

use crate::error::Error;
use crate::head::Asked;

/// One line per request, once its head is answered. `target` is `request`, so that a level of its own can be set.
pub(crate) fn answered(origin: &Origin, method: &Method, path: &str, status: StatusCode, took: Duration) {
    info!(
        target: "request",
        id = %origin.request,
        client = origin.address.map(tracing::field::display),
        %method,
        path,
        status = status.as_u16(),
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        agent = origin.agent.as_deref(),
    );
}

/// One line per failure that somebody should look at; what callers do wrong is in the line above.
pub(crate) fn failed<B>(failure: &Error<B>, asked: &Asked<'_>) {
    match failure {
        Error::Storage(error @ (storage::Error::Corrupt(_) | storage::Error::Schema(_))) => {
            error!(target: "request", id = %asked.id, error = chain(error), "stored data is damaged");
        }
        Error::Storage(error @ (storage::Error::Unavailable { .. } | storage::Error::NoSpace { .. })) => {
            error!(target: "request", id = %asked.id, error = chain(error), "storage failed");
        }
        Error::Storage(error @ storage::Error::Full) => {
            warn!(target: "request", id = %asked.id, error = chain(error), "storage is overloaded");
        }
        Error::Auth(error @ auth::AuthError::Unavailable) => {
            error!(target: "request", id = %asked.id, %error, "authentication failed");
        }
        Error::Storage(_)
        | Error::Auth(_)
        | Error::Denied(_)
        | Error::OtherFormat
        | Error::Bad(_)
        | Error::TooLarge { .. }
        | Error::TimedOut
        | Error::Aborted => {}
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
