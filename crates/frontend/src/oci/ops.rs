//! One function per operation: takes the body, calls storage, builds the answer.

pub(super) mod blobs;
pub(super) mod catalogue;
pub(super) mod manifests;
pub(super) mod referrers;
pub(super) mod tags;
pub(super) mod uploads;

use bytes::Bytes;
use domain::{Denied, RightKind};
use http::{HeaderValue, StatusCode};

use super::Oci;
use super::error::Bad;
use super::wire::{API_VERSION, API_VERSION_2};
use crate::error::Error;
use crate::protocol::{Cx, ReplyResult};
use crate::reply::Reply;

type Failure = Error<Bad>;

/// The version check. 200 for verified credentials only: after a 200 without them Docker would never send any, and
/// `docker login` would believe every password (docs/oci.md 4.1).
pub(super) fn version(cx: &Cx<'_>) -> ReplyResult<Oci> {
    if !cx.gate.caller().is_authenticated() {
        let denied = Denied { authenticated: false, may_know: false, right: RightKind::Probe };
        return Err(denied.into());
    }
    let json = HeaderValue::from_static("application/json");
    Ok(Reply::new(StatusCode::OK).header(API_VERSION, API_VERSION_2).bytes(json, Bytes::from_static(b"{}")))
}

/// Names what is absent; every other failure stays as it is.
fn absent(bad: Bad) -> impl FnOnce(storage::ContentError) -> Failure {
    move |error| match error {
        storage::ContentError::Absent => Error::Bad(bad),
        other => other.into(),
    }
}
