//! What is written about failures: one line for each of ours. Never a credential, a query or a body.

use auth::AuthError;
use domain::RequestId;
use edge::log::chain;
use tracing::{error, warn};

use crate::error::Error;
use crate::head::Asked;

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
