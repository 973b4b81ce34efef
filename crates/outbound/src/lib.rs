//! Everything that the gateway asks of others goes out through here, and knows nothing of what it is for (docs/upstreams.md 4).
//!
//! Addresses come from people who administer a repository and not the machine, so no request may reach what only this machine
//! can: [`Client::send`] resolves a name once, refuses every address that is not public ([`guard`]), and connects to the very
//! address that it looked at. Redirects are answers, not orders; the environment names no proxy; time, size and number are bounded.

mod client;
mod error;
pub mod guard;
mod resolve;
mod target;
mod trust;

pub use client::{Answer, Client, Limits, Request};
pub use error::{InvalidUrl, SendError, TrustError};
pub use resolve::{Resolve, Resolving, SystemNames};
pub use target::{Place, Target};
pub use trust::Trust;
