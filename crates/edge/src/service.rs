use std::sync::Arc;

use ::http::request;
use domain::Origin;
use tokio::time::Instant;

use crate::body::Body;
use crate::forwarded::Arrival;
use crate::reply::{ContentStream, Response};

/// Who answers the requests of a listener. The code of connections is compiled for each type that implements it.
pub trait Service: Send + Sync + 'static {
    /// What an answer may be streamed from.
    type Content: ContentStream;

    /// What it serves, in a word of the log.
    fn name(&self) -> &'static str;

    /// Answers one request, whatever happens. What it leaves unread of the body is drained within bounds; the body of its answer is
    /// charged to the request's account with [`crate::charge_reply`].
    fn answer(
        &self,
        request: &Request<'_>,
        body: &mut Body,
    ) -> impl Future<Output = Response<Self::Content>> + Send;

    /// What is told to a request that names no host, or two: 400 (RFC 9112 §3.2).
    fn names_no_host(&self) -> Response<Self::Content>;

    /// Its listener takes no new connections any more; requests in flight go on for a while.
    fn stopping(&self) {}
}

/// A request but for its body.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its head, as it came.
    pub parts: &'a request::Parts,
    /// The connection it came on.
    pub arrival: &'a Arrival<'a>,
    /// Its id, and who sent it as far as a connection tells.
    pub origin: &'a Arc<Origin>,
    /// When its head was there.
    pub begun: Instant,
}
