//! HTTP: one module per protocol, and the one path of every request between them and storage.
#![warn(missing_docs)]

mod body;
pub mod challenge;
mod config;
mod error;
mod head;
pub mod http;
mod pipeline;
mod protocol;
mod protocols;
mod public_url;
mod reply;

pub use body::{Body, BodyError, Pace};
pub use config::Limits;
pub use error::Error;
pub use head::{Asked, Head};
pub use protocol::{At, Cx, Example, Needs, Outcome, Protocol, Routed};
pub use public_url::PublicUrl;
pub use reply::{OutBody, Reply, Response};
