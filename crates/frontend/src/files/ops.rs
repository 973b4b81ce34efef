//! One function per operation: takes the body, calls storage, builds the answer.

pub(super) mod fetch;
pub(super) mod listing;
pub(super) mod push;
pub(super) mod remove;

use http::StatusCode;
use http::header::ALLOW;
use storage::ContentError;

use super::error::Bad;
use crate::error::Error;
use crate::reply::Reply;

type Failure = Error<Bad>;

/// What can be done at an address.
pub(super) fn options(allow: &'static str) -> Reply {
    Reply::new(StatusCode::OK).header(ALLOW, allow).length(0)
}

/// Names what is absent; every other failure stays as it is.
fn absent(bad: Bad) -> impl FnOnce(ContentError) -> Failure {
    move |error| match error {
        ContentError::Absent => Error::Bad(bad),
        other => other.into(),
    }
}
