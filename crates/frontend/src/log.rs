//! What is written about failures: one line for each of ours. Never a credential, a query or a body.

use edge::log::chain;
use tracing::{error, warn};

use crate::error::Error;
use crate::head::Asked;

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
        Error::Misdirected(_)
        | Error::Storage(_)
        | Error::Auth(_)
        | Error::Denied(_)
        | Error::OtherFormat
        | Error::Bad(_)
        | Error::TooLarge { .. }
        | Error::TimedOut
        | Error::Busy(_)
        | Error::Aborted => {}
    }
}
