//! One request per route, for the access matrix.

use domain::{Permission, RightKind};
use http::Method;

use crate::protocol::{Example, Needs};

const READ: Needs = Needs::Right(RightKind::Permission(Permission::Read));
const PROBE: Needs = Needs::Right(RightKind::Probe);
const PUBLISH: Needs = Needs::Right(RightKind::Permission(Permission::Publish));
const DELETE: Needs = Needs::Right(RightKind::Permission(Permission::DeletePackage));

/// A path in one directory.
macro_rules! at {
    ($rest:literal) => {
        concat!("/files/p/{repository}/matrix/", $rest)
    };
}

/// All of them; that which deletes comes last.
pub(super) fn all() -> Vec<Example> {
    let of = |name, method, path, needs| Example { name, method, path, needs, headers: &[], body: &[] };
    vec![
        Example { body: b"text", ..of("file-put", Method::PUT, at!("a.txt"), PUBLISH) },
        Example {
            headers: &[("if-none-match", "*")],
            body: b"text",
            ..of("new-file-put", Method::PUT, at!("a.txt"), PUBLISH)
        },
        of("directory-put", Method::PUT, at!(""), PUBLISH),
        of("file-head", Method::HEAD, at!("a.txt"), PROBE),
        of("file-get", Method::GET, at!("a.txt"), READ),
        of("hash-head", Method::HEAD, at!("a.txt.sha256"), PROBE),
        of("hash-get", Method::GET, at!("a.txt.sha256"), READ),
        of("listing-get", Method::GET, at!(""), READ),
        of("listing-head", Method::HEAD, at!(""), READ),
        of("root-get", Method::GET, "/files/p/{repository}", READ),
        of("options", Method::OPTIONS, at!("a.txt"), PROBE),
        of("file-post", Method::POST, at!("a.txt"), PROBE),
        of("file-delete", Method::DELETE, at!("a.txt"), DELETE),
    ]
}
