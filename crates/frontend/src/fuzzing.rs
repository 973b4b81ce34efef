//! What holds for anything that strangers send, protocol by protocol: each function takes any bytes, and panics if it does not. The
//! fuzzer calls them (`tests/fuzz`), and the tests of this crate do with every sample of its corpus.

use serde_json::Value;

pub use crate::files::fuzzing::files_path;
pub use crate::maven::fuzzing::{maven_version, pom};
pub use crate::nuget::fuzzing::{nuget_version, nuspec, zip_directory};
pub use crate::oci::fuzzing::{oci_manifest, oci_route};

/// A function and the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("files_path", files_path),
    ("maven_version", maven_version),
    ("nuget_version", nuget_version),
    ("nuspec", nuspec),
    ("oci_manifest", oci_manifest),
    ("oci_route", oci_route),
    ("pom", pom),
    ("strict_json", strict_json),
    ("zip_directory", zip_directory),
];

/// A document of the management: what is taken has one meaning, and is taken again as it is written.
pub fn strict_json(bytes: &[u8]) {
    let Ok(document) = api::read::<Value>(bytes) else { return };
    assert_eq!(serde_json::from_slice::<Value>(bytes).ok().as_ref(), Some(&document));
    if is_exact(&document) {
        assert_eq!(api::read::<Value>(document.to_string().as_bytes()).ok(), Some(document));
    }
}

/// Whether no number of it is a rounded one, which may be rounded otherwise when it is read again; no document has a place for such.
fn is_exact(document: &Value) -> bool {
    match document {
        Value::Number(number) => !number.is_f64(),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(fields) => fields.values().all(is_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests;
