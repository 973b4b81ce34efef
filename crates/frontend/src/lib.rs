//! One module per protocol, and the one path of every request between them and storage.
//!
//! The crate `edge` accepts and speaks HTTP, `frontend` finds who answers, `pipeline` is the way to a protocol: route, authenticate,
//! ask the gate, and only then look at what is asked. `token`, `setup` and `management` are rooms beside the protocols.
#![warn(missing_docs)]

mod blocking;
pub mod challenge;
mod config;
mod console;
mod cors;
mod credential_intake;
mod downloads;
mod error;
mod exchange;
mod file_tree;
mod files;
mod fit;
mod frontend;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod head;
mod health;
mod hosts;
mod log;
mod looked_up;
mod management;
mod maven;
mod metrics;
mod names;
mod nuget;
mod oci;
mod pipeline;
mod policy;
mod problem;
mod protocol;
mod protocols;
mod record;
mod reply;
mod served;
mod sessions;
mod setup;
#[cfg(test)]
mod testing;
mod token;
mod upload_body;

/// The addresses of all pages with names in braces, and whether they have a form; for the access matrix.
pub use ::console::addresses as pages;
pub use config::{AuditSettings, FrontendConfig, Limits};
pub use cors::{Browsers, NoOrigin, WebOrigin};
pub use error::Error;
pub use frontend::{Frontend, Parts};
pub use head::{Asked, Head};
pub use management::Management;
pub use metrics::{Metrics, WebhookMetrics, WorkerMetrics, WorkerState};
pub use names::OurNames;
pub use nuget::{PackageFile, package_file, version_key};
pub use oci::{IMAGE_INDEX, ImageParts, MANIFEST_TYPES, image_parts};
pub use policy::Policy;
pub use protocol::{At, Cx, Example, FirstLogin, Needs, Protocol, ReplyResult, Routed, WriteCx};
pub use protocols::{FormatDescriptor, address_for, descriptors, examples, first_steps, formats};
pub use reply::{Reply, Response, Stored};
pub use setup::Setup;
