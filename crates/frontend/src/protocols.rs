//! The list of protocols, and the one place where their types are erased.

use domain::BoxFuture;

use crate::body::Body;
use crate::head::Head;
use crate::pipeline::{Entered, serve};
use crate::protocol::Protocol;
use crate::reply::Response;

/// A protocol at its place, its types erased: the pipeline is compiled once per protocol and boxed once per request.
pub(crate) struct Mounted {
    /// First path segment, such as `/v2`.
    pub(crate) mount: &'static str,
    /// Name for logs and metrics.
    pub(crate) name: &'static str,
    protocol: Box<dyn Erased>,
}

trait Erased: Send + Sync {
    fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        entered: &'a Entered<'a>,
    ) -> BoxFuture<'a, Response>;
}

impl<P: Protocol> Erased for P {
    fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        entered: &'a Entered<'a>,
    ) -> BoxFuture<'a, Response> {
        Box::pin(serve(self, head, body, entered))
    }
}

/// Puts a protocol in its place.
pub(crate) fn mount<P: Protocol>(mount: &'static str, protocol: P) -> Mounted {
    Mounted { mount, name: P::NAME, protocol: Box::new(protocol) }
}

impl Mounted {
    /// The whole way of one request through the protocol.
    pub(crate) fn serve<'a>(
        &'a self,
        head: Head<'a>,
        body: &'a mut Body,
        entered: &'a Entered<'a>,
    ) -> BoxFuture<'a, Response> {
        self.protocol.serve(head, body, entered)
    }
}
