//! The protocol over storage in memory: what is decided in which order, and asked again at the end. What clients get is told in
//! `tests/it/files`.

use domain::{Permission, Permissions};

use super::*;
use crate::testing::hub::{self, Answer};

/// A registry with `alpha/files`, `alpha/other`, `alpha/public`, `alpha/fixed` (names of `v*` are immutable) and `alpha/images` (OCI).
type Hub = hub::Hub<Files>;
type Client<'a> = hub::Client<'a, Files>;

const FILES: &str = "/files/p/alpha/files";

fn held(who: &str, path: &str) -> Permissions {
    hub::usual("alpha/files", who, path)
}

impl Hub {
    async fn new() -> Self {
        let repositories = [
            ("files", "files", "{}"),
            ("other", "files", "{}"),
            ("public", "files", "{}"),
            ("fixed", "files", r#"{"immutable": ["v*"]}"#),
            ("images", "oci", "{}"),
        ];
        Self::of((Files, "/files"), held, &repositories).await
    }
}

impl Client<'_> {
    async fn put(&self, target: &str, body: &'static str) -> Answer {
        self.send("PUT", target, &[], body).await
    }
}

impl Answer {
    #[track_caller]
    fn says(&self, status: u16, line: &str) {
        self.is(status).has("content-type", "text/plain");
        assert_eq!(self.body, format!("{line}\n"));
    }
}

const LACKING: &str = "it exists with other content, and you lack the permission `overwrite`";

#[tokio::test]
async fn rights_are_asked_again_where_they_are_used() {
    let hub = Hub::new().await;
    let (alice, path) = (hub.person("alice"), format!("{FILES}/a.txt"));
    alice.put(&path, "bytes").await.is(201);
    // Asked softly before the bytes, and gone when they are there.
    hub.ration(Some((Permission::Overwrite, 1)));
    alice.put(&path, "other").await.says(403, LACKING);
    hub.ration(Some((Permission::Publish, 1)));
    alice.put(&path, "other").await.says(403, "you lack the permission `publish` on this repository");
    hub.ration(Some((Permission::DeletePackage, 1)));
    alice.delete(&path).await.says(403, "you lack the permission `delete-package` on this repository");
    hub.ration(None);
    assert_eq!(alice.get(&path).await.body, "bytes");
    alice.put(&path, "other").await.is(200);
    alice.delete(&path).await.is(204);
}

#[tokio::test]
async fn the_rule_comes_before_the_right_and_same_bytes_before_both() {
    let hub = Hub::new().await;
    let (alice, carol) = (hub.person("alice"), hub.person("carol"));
    let immutable = "it exists with other content, and its name is immutable here";
    for (repository, refused) in [("files", (403, LACKING)), ("fixed", (409, immutable))] {
        let path = format!("/files/p/alpha/{repository}/v1");
        alice.put(&path, "bytes").await.is(201);
        carol.put(&path, "bytes").await.is(200);
        for other in ["other", "longer than that"] {
            carol.put(&path, other).await.says(refused.0, refused.1);
        }
    }
    alice.put("/files/p/alpha/fixed/v1", "other").await.says(409, immutable);
    alice.delete("/files/p/alpha/fixed/v1").await.says(409, "its name is immutable here");
    alice.delete("/files/p/alpha/fixed/v2").await.says(404, "the repository has no such file");
    alice.delete("/files/p/alpha/files/v1").await.is(204);
}

#[tokio::test]
async fn who_publishes_without_reading_looks_and_is_told_nothing_else() {
    let hub = Hub::new().await;
    let pat = hub.person("pat");
    let path = format!("{FILES}/a/b.txt");
    pat.put(&path, "bytes").await.is(201);
    pat.head(&path).await.is(200).has("content-length", "5");
    pat.head(&format!("{path}.sha1")).await.is(200);
    pat.head(&format!("{FILES}/a/none")).await.is(404);
    let lacks = "you lack the permission `read` on this repository";
    for path in ["a/b.txt", "a/b.txt.sha1", "a/", "", "a:b"] {
        pat.get(&format!("{FILES}/{path}")).await.says(403, lacks);
    }
    let absent = "there is no such repository, or you may not use it";
    for repository in ["other", "ether", "images"] {
        let path = format!("/files/p/alpha/{repository}/a");
        hub.person("bob").get(&path).await.says(403, absent);
    }
    hub.anonymous().get("/files/p/alpha/public/a").await.says(404, "the repository has no such file");
}
