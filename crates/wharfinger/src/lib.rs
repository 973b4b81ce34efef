//! The gateway as a program: configuration, wiring, command line. Tests and benches start it through [`start`].
#![warn(missing_docs)]

mod bootstrap;
pub mod cli;
mod clock;
pub mod config;
mod error;
mod logs;
#[cfg(test)]
mod scratch;
mod wiring;

pub use clock::SystemClock;
pub use config::Config;
pub use error::StartError;
pub use wiring::{Running, bootstrap_only, start};
