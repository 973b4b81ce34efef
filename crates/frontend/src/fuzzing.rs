//! What holds for anything that strangers send, protocol by protocol: each function takes any bytes, and panics if it does not. The
//! fuzzer calls them (`tests/fuzz`), and the tests of this crate do with every sample of its corpus.

pub use crate::maven::fuzzing::{maven_version, pom};
pub use crate::nuget::fuzzing::{nuget_version, nuspec, zip_directory};
pub use crate::oci::fuzzing::{oci_manifest, oci_route};

/// Every function with the name of its corpus.
pub const TARGETS: [(&str, fn(&[u8])); 7] = [
    ("maven_version", maven_version),
    ("nuget_version", nuget_version),
    ("nuspec", nuspec),
    ("oci_manifest", oci_manifest),
    ("oci_route", oci_route),
    ("pom", pom),
    ("zip_directory", zip_directory),
];

#[cfg(test)]
mod tests;
