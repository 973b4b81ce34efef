//! What is written about failures: one line for each of ours. Never a credential, a query or a body.

use auth::AuthError;
use domain::RequestId;
use edge::log::chain;
use storage::Fault;
use tracing::{error, warn};

use crate::error::Error;
use crate::head::Asked;

/// One line per failure that somebody should look at; what callers do wrong is in the line above.
pub(crate) fn failed<B>(failure: &Error<B>, asked: &Asked<'_>) {
    match failure {
        Error::Fault(fault) => storage_failed(fault, asked.id),
        Error::Auth(error) => authentication_failed(error, asked.id),
        Error::Misdirected(_)
        | Error::Content(_)
        | Error::Upload(_)
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
pub(crate) fn storage_failed(fault: &Fault, id: RequestId) {
    match fault {
        Fault::Corrupt(_) => {
            error!(target: "request", %id, error = chain(fault), "stored data is damaged");
        }
        Fault::Unavailable { .. } | Fault::NoSpace { .. } => {
            error!(target: "request", %id, error = chain(fault), "storage failed");
        }
        Fault::Full => {
            warn!(target: "request", %id, error = chain(fault), "storage is overloaded");
        }
        Fault::Crowded => {}
    }
}

/// The line for credentials that could not be looked at.
pub(crate) fn authentication_failed(error: &AuthError, id: RequestId) {
    if matches!(error, AuthError::Unavailable) {
        error!(target: "request", %id, %error, "authentication failed");
    }
}
