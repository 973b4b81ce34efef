//! May they? The permission matrix as one immutable, versioned snapshot (docs/design.md 6, docs/access.md 2.1 and 4).
//!
//! Readers load the snapshot, decide and let go of it inside one synchronous function: they take no lock, allocate
//! nothing and wait for nobody. One writer compiles changes into a new snapshot, copying only the pages they touch.
//!
//! ```text
//! PolicyFacts -> model (indexed rows, writer only) -> compile -> Snapshot (pages behind Arcs) -> cell -> readers
//! ```
#![warn(missing_docs)]
#![cfg_attr(loom, expect(dead_code, reason = "under loom only publishing and the check are built"))]

mod cell;
mod class;
#[cfg(not(loom))]
mod compare;
mod compile;
#[cfg(not(loom))]
mod explain;
mod ids;
mod model;
mod names;
mod page;
mod paged;
#[cfg(not(loom))]
mod preview;
mod snapshot;
mod trace;

#[cfg(not(loom))]
mod publish;
#[cfg(not(loom))]
mod writer;

#[cfg(any(test, feature = "testing"))]
pub mod oracle;

#[cfg(not(loom))]
pub use publish::{CacheSize, PermissionCache, next_night};

#[cfg(test)]
mod tests;
