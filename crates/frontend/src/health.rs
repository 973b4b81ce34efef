//! `/livez` and `/readyz`: open to everybody, one word each.

use ::http::header::CACHE_CONTROL;
use ::http::{HeaderValue, StatusCode};
use bytes::Bytes;

use crate::reply::{Reply, Response};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The process answers.
pub(crate) fn alive() -> Response {
    word(StatusCode::OK, "alive\n")
}

/// Whether requests should be sent here: rows can be read, there is room to store more, and no stop was asked for. Why not is in
/// the log and in the metric `wharfinger_unready`.
pub(crate) fn ready(storage: &Result<(), storage::Fault>, stopping: bool) -> Response {
    match storage {
        Ok(()) if !stopping => word(StatusCode::OK, "ready\n"),
        Ok(()) => word(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Err(_) => word(StatusCode::SERVICE_UNAVAILABLE, "unready\n"),
    }
}

fn word(status: StatusCode, word: &'static str) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    Reply::new(status).header(CACHE_CONTROL, no_store).bytes(TEXT, Bytes::from_static(word.as_bytes())).into()
}
