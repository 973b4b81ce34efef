use std::net::SocketAddr;
use std::sync::Arc;

use crate::config::Timeouts;
use crate::frontend::Frontend;

/// A listener and what it is for: what all its connections have in common.
pub(crate) struct Room {
    pub(crate) frontend: Arc<Frontend>,
    /// This end, `HOST:PORT`.
    pub(crate) local: String,
    pub(crate) loopback: bool,
    pub(crate) tls: bool,
    pub(crate) purpose: Purpose,
}

/// What a listener answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Everything,
    Metrics,
}

impl Purpose {
    /// The word of the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Metrics => "metrics",
        }
    }
}

impl Room {
    pub(crate) fn new(frontend: Arc<Frontend>, local: SocketAddr, tls: bool, purpose: Purpose) -> Self {
        let loopback = local.ip().to_canonical().is_loopback();
        Self { frontend, local: local.to_string(), loopback, tls, purpose }
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.frontend.config.timeouts
    }
}
