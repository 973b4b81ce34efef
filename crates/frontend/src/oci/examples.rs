//! One request per route, for the access matrix.

use domain::{Permission, RightKind};
use http::Method;

use crate::protocol::{Example, Needs};

const READ: Needs = Needs::Right(RightKind::Permission(Permission::Read));
const PROBE: Needs = Needs::Right(RightKind::Probe);
const PUBLISH: Needs = Needs::Right(RightKind::Permission(Permission::Publish));
const DELETE: Needs = Needs::Right(RightKind::Permission(Permission::DeletePackage));

const INDEX: &[u8] =
    br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
const INDEX_TYPE: &[(&str, &str)] = &[("content-type", "application/vnd.oci.image.index.v1+json")];

/// A path below one image.
macro_rules! at {
    ($rest:literal) => {
        concat!("/v2/p/{repository}/matrix/", $rest)
    };
}

/// The digest of [`INDEX`].
macro_rules! index {
    () => {
        "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2"
    };
}

/// The digest of no bytes.
macro_rules! empty {
    () => {
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    };
}

/// An upload id that nobody has.
macro_rules! upload {
    () => {
        "00000000000000000000000000000000"
    };
}

/// All of them; those that delete come last.
pub(super) fn all() -> Vec<Example> {
    let of = |name, method, path, needs| Example { name, method, path, needs, headers: &[], body: &[] };
    let index =
        |name, path| Example { headers: INDEX_TYPE, body: INDEX, ..of(name, Method::PUT, path, PUBLISH) };
    vec![
        of("version", Method::GET, "/v2/", Needs::Open),
        of("catalogue", Method::GET, "/v2/_catalog", Needs::Browse),
        of("upload-begin", Method::POST, at!("blobs/uploads/"), PUBLISH),
        of("upload-whole", Method::POST, concat!(at!("blobs/uploads/?digest="), empty!()), PUBLISH),
        of("upload-mount", Method::POST, concat!(at!("blobs/uploads/?mount="), empty!()), PUBLISH),
        of("upload-status", Method::GET, concat!(at!("blobs/uploads/"), upload!()), PUBLISH),
        of("upload-append", Method::PATCH, concat!(at!("blobs/uploads/"), upload!()), PUBLISH),
        of(
            "upload-finish",
            Method::PUT,
            concat!(at!("blobs/uploads/"), upload!(), "?digest=", empty!()),
            PUBLISH,
        ),
        of("upload-cancel", Method::DELETE, concat!(at!("blobs/uploads/"), upload!()), PUBLISH),
        index("manifest-put-tag", at!("manifests/latest")),
        index("manifest-put-digest", concat!(at!("manifests/"), index!())),
        of("manifest-head", Method::HEAD, at!("manifests/latest"), PROBE),
        of("manifest-get", Method::GET, at!("manifests/latest"), READ),
        of("tags-list", Method::GET, at!("tags/list"), READ),
        of("referrers", Method::GET, concat!(at!("referrers/"), empty!()), READ),
        of("blob-head", Method::HEAD, concat!(at!("blobs/"), empty!()), PROBE),
        of("blob-get", Method::GET, concat!(at!("blobs/"), empty!()), READ),
        of("tag-delete", Method::DELETE, at!("manifests/latest"), DELETE),
        of("manifest-delete", Method::DELETE, concat!(at!("manifests/"), index!()), DELETE),
        of("blob-delete", Method::DELETE, concat!(at!("blobs/"), empty!()), DELETE),
    ]
}
