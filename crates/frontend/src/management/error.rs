//! Every failure of the API and of the set-up, as `application/problem+json`.

use ::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, StatusCode};
use auth::AuthError;
use budget::Exceeded;

use crate::challenge::{RETRY_SECS, auth_status, basic, busy_status, busy_words, status};
use crate::error::{Error, NO_SPACE};
use crate::problem::{coded, problem};
use crate::reply::Response;

/// What is wrong with a request of the API itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bad {
    /// There is no such path.
    NoRoute,
    /// The path has other methods.
    Method {
        /// Those, for the header.
        allowed: String,
    },
    /// A token id that no token can have: as an absent one.
    NoToken,
    /// A parameter of the query.
    Query(&'static str),
    /// The body does not say that it is JSON.
    NoJson,
    /// The body is no JSON or another document.
    Json(String),
    /// A field of the body.
    Field(&'static str),
    /// The set-up code is wrong, or the set-up is over.
    Code,
    /// Too many wrong codes.
    TooOften {
        /// When the next may be tried.
        retry_after_secs: u64,
    },
}

/// What fails here.
pub(crate) type Failure = Error<Bad>;

impl From<Bad> for Failure {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}

/// The answer to a failure. Says the same for what is absent and for what the caller may not touch.
pub(crate) fn render(failure: &Failure) -> Response {
    let (code, detail, retry_after_secs) = describe(failure);
    let mut reply = match failure {
        Error::Storage(storage::Error::BeyondOwn(_)) => {
            coded(code, "beyond-own", "You do not hold that yourself", &detail)
        }
        _ => problem(code, code.canonical_reason().unwrap_or_default(), &detail),
    };
    if code == StatusCode::UNAUTHORIZED {
        reply = reply.header(WWW_AUTHENTICATE, basic());
    }
    if let Some(secs) = retry_after_secs {
        reply = reply.header(RETRY_AFTER, HeaderValue::from(secs));
    }
    if let Error::Bad(Bad::Method { allowed }) = failure {
        reply = reply.header(ALLOW, allowed.as_str());
    }
    reply.into()
}

fn describe(failure: &Failure) -> (StatusCode, String, Option<u64>) {
    match failure {
        Error::Misdirected(error) => (StatusCode::MISDIRECTED_REQUEST, error.to_string(), None),
        Error::Auth(error) => {
            let (code, retry) = auth_status(error);
            (code, authentication(error).to_owned(), retry)
        }
        Error::Denied(denied) if denied.authenticated => {
            (status(denied), "it does not exist, or you may not do this there".to_owned(), None)
        }
        Error::Denied(denied) => (status(denied), "log in with your name and a token".to_owned(), None),
        Error::OtherFormat => (StatusCode::NOT_FOUND, "it does not exist".to_owned(), None),
        Error::Bad(bad) => own(bad),
        Error::TooLarge { bytes_max } => {
            (StatusCode::PAYLOAD_TOO_LARGE, format!("the body may have {bytes_max} bytes"), None)
        }
        Error::TimedOut => (StatusCode::REQUEST_TIMEOUT, "the body came too slowly".to_owned(), None),
        Error::Aborted => (StatusCode::BAD_REQUEST, "the body ended before its time".to_owned(), None),
        Error::Busy(exceeded) => busy(*exceeded),
        Error::Storage(error) => stored(error),
    }
}

const fn authentication(error: &AuthError) -> &'static str {
    match error {
        AuthError::Malformed => "the Authorization header is malformed",
        AuthError::Invalid { .. } => "the credentials are not valid",
        AuthError::Throttled { .. } => "too many failed attempts",
        AuthError::Busy { .. } => {
            "too many passwords are waiting to be checked; a token is never kept waiting"
        }
        AuthError::Unavailable => "credentials cannot be checked at the moment",
    }
}

fn own(bad: &Bad) -> (StatusCode, String, Option<u64>) {
    match bad {
        Bad::NoRoute => (StatusCode::NOT_FOUND, "there is no such path".to_owned(), None),
        Bad::Method { allowed } => {
            (StatusCode::METHOD_NOT_ALLOWED, format!("the path knows {allowed}"), None)
        }
        Bad::NoToken => (StatusCode::NOT_FOUND, "it does not exist".to_owned(), None),
        Bad::Query(what) | Bad::Field(what) => (StatusCode::BAD_REQUEST, (*what).to_owned(), None),
        Bad::NoJson => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON, with `Content-Type: application/json`".to_owned(),
            None,
        ),
        Bad::Json(what) => (StatusCode::BAD_REQUEST, what.clone(), None),
        Bad::Code => (
            StatusCode::FORBIDDEN,
            "the code is wrong, or there is an administrator already".to_owned(),
            None,
        ),
        Bad::TooOften { retry_after_secs } => {
            (StatusCode::TOO_MANY_REQUESTS, "too many wrong codes".to_owned(), Some(*retry_after_secs))
        }
    }
}

fn busy(exceeded: Exceeded) -> (StatusCode, String, Option<u64>) {
    let (status, secs) = busy_status(exceeded);
    (status, busy_words(exceeded).to_owned(), Some(secs))
}

fn stored(error: &storage::Error) -> (StatusCode, String, Option<u64>) {
    use storage::Error as E;
    let code = match error {
        E::Absent | E::UnknownUpload | E::Unknown(_) => StatusCode::NOT_FOUND,
        E::Stale
        | E::Conflict
        | E::Exists
        | E::InUse { .. }
        | E::Member { .. }
        | E::Kept { .. }
        | E::Tagged { .. }
        | E::Reserved { .. }
        | E::NotHosted(_)
        | E::OutOfOrder { .. }
        | E::Busy => StatusCode::CONFLICT,
        E::MissingOverwrite | E::Refused(_) | E::BeyondOwn(_) => StatusCode::FORBIDDEN,
        E::Invalid(_)
        | E::DigestMismatch
        | E::SizeMismatch
        | E::Unlinked { .. }
        | E::AbsentEntries { .. } => StatusCode::BAD_REQUEST,
        E::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        E::Full => return busy(Exceeded::Total),
        E::Crowded => return busy(Exceeded::Own),
        E::TooSlow | E::NotYetInForce(_) => {
            return (StatusCode::SERVICE_UNAVAILABLE, error.to_string(), Some(RETRY_SECS));
        }
        E::Denied(denied) => status(denied),
        E::NoSpace { .. } => return (StatusCode::INSUFFICIENT_STORAGE, NO_SPACE.to_owned(), None),
        E::Unavailable { .. } => {
            let text = "the data cannot be reached at the moment".to_owned();
            return (StatusCode::SERVICE_UNAVAILABLE, text, Some(RETRY_SECS));
        }
        E::Schema(_) | E::Corrupt(_) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, "the log says what happened".to_owned(), None);
        }
    };
    (code, error.to_string(), None)
}
