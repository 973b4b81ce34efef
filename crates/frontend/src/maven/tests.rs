//! The protocol over storage in memory: what clients send, one request after the other, and what they get.

use bytes::Bytes;
use domain::{Algorithm, Permissions};

use super::*;
use crate::testing::hub::{self, Answer};

mod access;
mod bad_input;
mod deletes;
mod deploys;
mod fetches;
mod listings;
mod policies;

/// A registry with `alpha/jars`, `alpha/other`, `alpha/public`, `alpha/releases`,
/// `alpha/snapshots`, `alpha/replace`, `alpha/closed` (read-only), `alpha/loose` (any path) and `alpha/images` (OCI).
type Hub = hub::Hub<Maven>;
type Client<'a> = hub::Client<'a, Maven>;

const JARS: &str = "/maven/p/alpha/jars";

/// As usual, with `alpha/jars` in the middle; carol publishes in `alpha/replace` too.
fn held(who: &str, path: &str) -> Permissions {
    let main = if path == "alpha/replace" { path } else { "alpha/jars" };
    hub::usual(main, who, path)
}

impl Hub {
    async fn new() -> Self {
        let repositories = [
            ("jars", "maven", "{}"),
            ("other", "maven", "{}"),
            ("public", "maven", "{}"),
            ("releases", "maven", r#"{"accept":"release"}"#),
            ("snapshots", "maven", r#"{"accept":"snapshot"}"#),
            ("replace", "maven", r#"{"releases":"replace"}"#),
            ("closed", "maven", r#"{"releases":"read-only"}"#),
            ("loose", "maven", r#"{"layout":"permissive"}"#),
            ("images", "oci", "{}"),
        ];
        Self::of((Maven, "/maven"), held, &repositories).await
    }
}

impl Client<'_> {
    async fn put(&self, target: &str, body: impl Into<Bytes>) -> Answer {
        self.send("PUT", target, &[], body).await
    }

    /// A document at a path of `alpha/jars`.
    async fn text(&self, path: &str) -> String {
        let answer = self.get(&format!("{JARS}/{path}")).await;
        answer.is(200);
        String::from_utf8(answer.body.to_vec()).unwrap()
    }
}

impl Answer {
    /// A refusal that says this, in its document and in its reason phrase.
    #[track_caller]
    fn explains(&self, status: u16, says: &str) -> &Self {
        self.is(status);
        let reason = self.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(says), "{reason}");
        match self.header("content-type") {
            "application/problem+json" => assert_eq!(self.json()["detail"], reason),
            other => assert_eq!((other, &*self.body), ("text/plain", format!("{reason}\n").as_bytes())),
        }
        self
    }
}

fn hex(algorithm: Algorithm, bytes: &[u8]) -> String {
    storage::digest_of(algorithm, &Bytes::copy_from_slice(bytes)).unwrap().hex()
}

/// A POM with these coordinates.
fn pom(group: &str, artifact: &str, version: &str) -> String {
    format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
         <version>{version}</version></project>"
    )
}

/// The texts of every element of this name.
fn texts(document: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    xml::read(document.as_bytes(), xml::DocumentType::Refused, |element| {
        if element.path.last().is_some_and(|last| last == name) {
            found.push(element.text.to_owned());
        }
    })
    .unwrap();
    found
}
