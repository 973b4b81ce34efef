//! HTTP: one module per protocol, and the one path of every request between them and storage.
//!
//! `server` accepts and speaks HTTP, `frontend` finds who answers, `pipeline` is the way to a protocol: route, authenticate,
//! ask the gate, and only then look at what is asked. `token`, `setup` and `management` are rooms beside the protocols.
#![warn(missing_docs)]

mod blocking;
mod body;
mod budgets;
pub mod challenge;
mod conditional;
mod config;
mod cors;
mod entrance;
mod error;
mod fit;
mod forwarded;
mod frontend;
mod head;
mod health;
mod hosts;
pub mod http;
mod intake;
mod log;
mod management;
mod maven;
mod metrics;
mod network;
mod nuget;
mod oci;
mod pace;
mod pipeline;
mod problem;
mod protocol;
mod protocols;
mod public_url;
mod reply;
mod server;
mod setup;
#[cfg(test)]
mod testing;
mod tls;
mod token;

pub use body::{Body, BodyError};
pub use budgets::seats_waiting_max;
pub use config::{
    BudgetLimits, ConnectionLimits, FrontendConfig, Http2Limits, Limits, RefusedBodies, Timeouts,
};
pub use cors::{Browsers, NoOrigin, WebOrigin};
pub use error::Error;
pub use frontend::{Frontend, Parts};
pub use head::{Asked, Head};
pub use management::Management;
pub use metrics::Metrics;
pub use network::{Network, NotANetwork};
pub use pace::Pace;
pub use protocol::{At, Cx, Example, Needs, Outcome, Protocol, Routed};
pub use protocols::examples;
pub use public_url::{Misdirected, PublicUrl};
pub use reply::{OutBody, Reply, Response};
pub use server::ServeError;
pub use setup::Setup;
pub use tls::{Tls, TlsError};
