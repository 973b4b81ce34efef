//! NuGet v3.
#![expect(dead_code, reason = "nothing is mounted yet")]

mod archive;
mod fault;
mod id;
mod metadata;
mod nuspec;
mod package;
mod range;
mod version;
mod xml;
