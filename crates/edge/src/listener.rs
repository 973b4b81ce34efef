use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::config::EdgeConfig;
use crate::connections::Connections;
use crate::edge::Edge;
use crate::forwarded::Arrival;

/// A listener and who answers there: what all its connections have in common.
pub(crate) struct Listener<S> {
    pub(crate) edge: Arc<Edge>,
    pub(crate) service: S,
    /// The places of its connections.
    pub(crate) connections: Arc<Connections>,
    /// This end, `HOST:PORT`.
    local: String,
    loopback: bool,
    tls: bool,
}

impl<S> Listener<S> {
    pub(crate) fn new(
        edge: Arc<Edge>,
        service: S,
        connections: Arc<Connections>,
        local: SocketAddr,
        tls: bool,
    ) -> Self {
        let loopback = local.ip().to_canonical().is_loopback();
        Self { edge, service, connections, local: local.to_string(), loopback, tls }
    }

    /// This end, `HOST:PORT`.
    pub(crate) fn local(&self) -> &str {
        &self.local
    }

    pub(crate) fn config(&self) -> &EdgeConfig {
        &self.edge.config
    }

    /// What is known of the requests on a connection from there.
    pub(crate) fn arrival(&self, peer: Option<IpAddr>) -> Arrival<'_> {
        let config = self.config();
        Arrival {
            public_url: config.public_url.as_deref(),
            trusted: &config.trusted_proxies,
            peer,
            local: &self.local,
            loopback: self.loopback,
            tls: self.tls,
        }
    }
}
