//! What each listener serves. One type for all of them: the code of connections is compiled once for each.

use std::sync::Arc;

use edge::{Body, Request, ServeError, Service, Tls};
use http::StatusCode;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::frontend::Frontend;
use crate::problem::problem;
use crate::reply::{Response, Stored};

/// Open connections of a listener for metrics alone.
const METRICS_CONNECTIONS_MAX: usize = 64;

/// What one listener serves.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) frontend: Arc<Frontend>,
    pub(crate) purpose: Purpose,
}

/// How much of the frontend that is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Everything,
    Metrics,
}

impl Frontend {
    /// Serves everything on this listener until `stop`, and then lets requests in flight end, at most as long as the
    /// configuration says.
    ///
    /// # Errors
    /// `ServeError` if the listener has no address. Failing connections end alone.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        tls: Option<Tls>,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let edge = Arc::clone(&self.edge);
        edge.serve(Served { frontend: self, purpose: Purpose::Everything }, listener, tls, stop).await
    }

    /// Serves `/metrics` alone, to whoever reaches the listener.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_metrics(
        self: Arc<Self>,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), ServeError> {
        let edge = Arc::clone(&self.edge);
        let served = Served { frontend: self, purpose: Purpose::Metrics };
        edge.serve_apart(served, listener, METRICS_CONNECTIONS_MAX, stop).await
    }
}

impl Service for Served {
    type Content = Stored;

    fn name(&self) -> &'static str {
        match self.purpose {
            Purpose::Everything => "everything",
            Purpose::Metrics => "metrics",
        }
    }

    async fn answer(&self, request: &Request<'_>, body: &mut Body) -> Response {
        match (self.purpose, request.parts.uri.path()) {
            (Purpose::Everything, _) => self.frontend.answer(request, body).await,
            (Purpose::Metrics, "/metrics") => self.frontend.exposition().await,
            (Purpose::Metrics, _) => {
                problem(StatusCode::NOT_FOUND, "Not found", "this listener has /metrics alone").into()
            }
        }
    }

    fn names_no_host(&self) -> Response {
        problem(StatusCode::BAD_REQUEST, "No host", "the request names no host").into()
    }

    fn stopping(&self) {
        if let Purpose::Everything = self.purpose {
            self.frontend.stop();
        }
    }
}
