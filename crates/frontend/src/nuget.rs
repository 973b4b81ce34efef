//! NuGet v3.
#![expect(dead_code, reason = "nothing is mounted yet")]

mod archive;
mod fault;
mod id;
mod range;
mod version;
