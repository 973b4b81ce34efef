//! Bodies have a size, announced or not.

use bytes::Bytes;
use expect_test::expect;
use futures_util::stream;

use crate::support::image::{OCI_INDEX, OCI_MANIFEST, sha256};
use crate::support::{Ask, Organisation, Server};

use super::alive;

fn chunks(count: usize) -> impl futures_util::Stream<Item = Bytes> + Send + 'static {
    stream::iter(std::iter::repeat_n(Bytes::from(vec![b' '; 64 << 10]), count))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_has_a_size() {
    let hub = Server::start().await;
    let alice = hub.actor("alice");
    let put = || Ask::put("/v2/p/team/app/web/manifests/1.0").header("content-type", OCI_MANIFEST);
    // Announced: refused before it is read. What is sent all the same is thrown away, so that the answer gets through.
    let announced = alice.send(put().body(vec![b' '; 5 << 20])).await;
    announced.shows(&expect![[r#"
        413
        content-length: 94
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"SIZE_INVALID","message":"at most 4194304 bytes are taken","detail":null}]}
    "#]]);
    // Not announced: refused when it is too much.
    alice.send(put().chunked(chunks(100))).await.is(413);
    alice.send(Ask::get("/v2/p/team/app/web/manifests/1.0")).await.is(404);
    // Just below is taken: the specification asks for four megabytes.
    let annotation = "x".repeat((4 << 20) - 200);
    let index = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{OCI_INDEX}\",\"manifests\":[],\"annotations\":{{\"a\":\"{annotation}\"}}}}"
    );
    let put =
        Ask::put("/v2/p/team/app/web/manifests/large").header("content-type", OCI_INDEX).body(index.clone());
    alice.send(put).await.is(201);
    assert_eq!(alice.send(Ask::get("/v2/p/team/app/web/manifests/large")).await.is(200).body, index);
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blob_has_a_size() {
    let hub = Server::tuned(Organisation::team(), |config| config.limits.blob_bytes_max = 1 << 20).await;
    let alice = hub.actor("alice");
    let large = Bytes::from(vec![1; (1 << 20) + 1]);
    let digest = sha256(&large);
    let post = || Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={digest}"));
    alice.send(post().body(large.clone())).await.is(413);
    alice.send(post().chunked(stream::iter([large.clone()]))).await.is(413);
    // Chunk by chunk it grows as large, and no larger.
    let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(202);
    let patched =
        alice.send(Ask::patch(begun.must_have("location")).body(large.slice(..1 << 20))).await.is(202);
    alice.send(Ask::patch(patched.must_have("location")).body("x")).await.is(413);
    alice.send(Ask::head(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(404);
    let fits = large.slice(..1 << 20);
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(&fits)));
    alice.send(post.body(fits)).await.is(201);
    alive(&hub).await;
}

/// Whoever may not push is told so before the body is sent, if it asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_body_is_not_asked_for() {
    use crate::support::client::basic;
    use crate::support::raw::Raw;
    let hub = Server::start().await;
    for (who, status) in [("rita", "403"), ("alice", "100")] {
        let request = format!(
            "POST /v2/p/team/app/web/blobs/uploads/?digest={} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
            sha256(b"hello"),
            hub.address(),
            basic(&hub.login(who)),
        );
        let mut raw = Raw::connect(hub.address()).await;
        raw.write(request.as_bytes()).await;
        let first = raw.read_some(4096).await;
        let first = String::from_utf8_lossy(&first).into_owned();
        assert!(first.starts_with(&format!("HTTP/1.1 {status}")), "{who}: {first}");
        if status == "100" {
            raw.write(b"hello").await;
            let second = raw.read_some(4096).await;
            assert!(second.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&second));
        }
    }
    alive(&hub).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_documents_are_refused_by_the_management() {
    let hub = Server::start().await;
    let mut table = String::new();
    for (what, body) in [
        ("no JSON", "{"),
        ("an array", "[]"),
        ("unknown field", r#"{"suspended":true,"admin":true}"#),
        ("wrong type", r#"{"suspended":"yes"}"#),
        ("missing field", "{}"),
        ("twice", r#"{"suspended":false,"suspended":true}"#),
    ] {
        let put =
            Ask::put("/api/v1/principals/member:bob/suspended").header("content-type", "application/json");
        let answer = hub.admin().send(put.body(body)).await;
        assert_eq!(answer.must_have("content-type"), "application/problem+json", "{answer}");
        table.push_str(&format!("{what}: {}\n", answer.status.as_u16()));
    }
    expect![[r#"
        no JSON: 400
        an array: 400
        unknown field: 400
        wrong type: 400
        missing field: 400
        twice: 400
    "#]]
    .assert_eq(&table);
    let large = Ask::put("/api/v1/principals/member:bob/suspended");
    let large = large.header("content-type", "application/json").body(vec![b' '; 1 << 20]);
    hub.admin().send(large).await.is(413);
    hub.actor("bob").send(Ask::get("/v2/")).await.is(200);
}
