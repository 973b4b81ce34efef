//! One request per route, for the access matrix.

use domain::{Permission, RightKind};
use http::Method;

use crate::protocol::{Example, Needs};

const READ: Needs = Needs::Right(RightKind::Permission(Permission::Read));
const PROBE: Needs = Needs::Right(RightKind::Probe);
const PUBLISH: Needs = Needs::Right(RightKind::Permission(Permission::Publish));
const SETTINGS: Needs = Needs::Right(RightKind::Permission(Permission::RepositorySettings));
const DELETE: Needs = Needs::Right(RightKind::Permission(Permission::DeletePackage));

/// A path in one group.
macro_rules! at {
    ($rest:literal) => {
        concat!("/maven/p/{repository}/org/matrix/", $rest)
    };
}

/// All of them; those that delete come last.
pub(super) fn all() -> Vec<Example> {
    let of = |name, method, path, needs| Example { name, method, path, needs, headers: &[], body: &[] };
    let put = |name, path, body| Example { body, ..of(name, Method::PUT, path, PUBLISH) };
    vec![
        put("file-put", at!("a/1/a-1.jar"), b"jar"),
        put("hash-put", at!("a/1/a-1.jar.md5"), b"68995fcbf432492d15484d04a9d2ac40"),
        put("hash-put-early", at!("a/1/a-1.war.md5"), b"68995fcbf432492d15484d04a9d2ac40"),
        put("hash-of-hash-put", at!("a/1/a-1.jar.sha512.sha1"), b"0000000000000000000000000000000000000000"),
        put("metadata-put", at!("a/maven-metadata.xml"), b"<metadata/>"),
        put("metadata-hash-put", at!("a/maven-metadata.xml.sha1"), b"0"),
        of("file-head", Method::HEAD, at!("a/1/a-1.jar"), PROBE),
        of("file-get", Method::GET, at!("a/1/a-1.jar"), READ),
        of("hash-head", Method::HEAD, at!("a/1/a-1.jar.sha1"), PROBE),
        of("hash-get", Method::GET, at!("a/1/a-1.jar.sha1"), READ),
        of("hash-of-hash-get", Method::GET, at!("a/1/a-1.jar.sha512.sha1"), READ),
        of("metadata-head", Method::HEAD, at!("a/maven-metadata.xml"), PROBE),
        of("metadata-get", Method::GET, at!("a/maven-metadata.xml"), PROBE),
        of("metadata-hash-get", Method::GET, at!("a/maven-metadata.xml.sha256"), PROBE),
        put(
            "archetype-put",
            at!("t/1/t-1.pom"),
            b"<project><groupId>org.matrix</groupId><artifactId>t</artifactId><version>1</version>\
              <packaging>maven-archetype</packaging></project>",
        ),
        of("catalog-get", Method::GET, "/maven/p/{repository}/archetype-catalog.xml", READ),
        of("catalog-head", Method::HEAD, "/maven/p/{repository}/archetype-catalog.xml.sha1", READ),
        of("listing-get", Method::GET, at!("a/"), READ),
        of("listing-head", Method::HEAD, at!("a/"), READ),
        of("root-get", Method::GET, "/maven/p/{repository}", READ),
        Example {
            body: b"## repository-prefixes/2.0\n",
            ..of("prefixes-put", Method::PUT, "/maven/p/{repository}/.meta/prefixes.txt", SETTINGS)
        },
        of("options", Method::OPTIONS, at!("a/1/a-1.jar"), PROBE),
        of("directory-make", Method::from_bytes(b"MKCOL").unwrap_or_default(), at!("a/1/"), PROBE),
        of("file-delete", Method::DELETE, at!("a/1/a-1.jar"), DELETE),
        of("version-delete", Method::DELETE, at!("a/1/"), DELETE),
    ]
}
