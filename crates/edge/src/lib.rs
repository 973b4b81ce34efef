//! Where connections come in: listeners, TLS, HTTP/1 and HTTP/2, bounds in size and time, what clients may hold, where a request
//! really came from, and the grammar of HTTP. It knows no product: who answers is a [`Service`].
#![warn(missing_docs)]

mod accept;
mod activity;
mod body;
mod budgets;
pub mod conditional;
mod config;
mod connection;
mod connections;
mod edge;
mod forwarded;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod http;
mod listener;
pub mod log;
mod metrics;
mod min_rate;
mod public_url;
mod reply;
mod service;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
pub mod testing;
mod tls;

pub use accept::ServeError;
pub use body::{Body, BodyError};
pub use budgets::connections_waiting_max;
pub use config::{BudgetLimits, ConnectionLimits, EdgeConfig, Http2Limits, RefusedBodies, Timeouts};
pub use edge::Edge;
pub use forwarded::Arrival;
pub use metrics::EdgeMetrics;
pub use public_url::{Misdirected, PublicUrl};
pub use reply::{ContentStream, Reply, ReplyBody, Response, charge_reply};
pub use service::{Request, Service};
pub use tls::{Tls, TlsError};
