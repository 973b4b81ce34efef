//! Bytes on their way in: whole, in chunks, resumed, given up, and refused.

use bytes::Bytes;
use expect_test::expect;
use futures_util::stream;

use crate::support::image::{sha256, sha512};
use crate::support::{Actor, Ask, Server, on_both_databases, raw, until};

on_both_databases!(
    an_upload_goes_through_its_stages,
    a_blob_comes_in_one_request,
    chunks_come_in_order_or_not_at_all,
    a_streamed_chunk_is_appended,
    an_empty_blob_is_a_blob,
    sha512_is_taken_as_well,
    bytes_that_contradict_their_digest_are_refused,
    a_cut_put_is_sent_again,
    an_upload_is_given_up,
    an_upload_belongs_to_who_began_it,
    the_same_blob_twice_is_one_blob,
);

/// Uploads a blob by one POST and gives its digest.
pub(super) async fn upload(who: &Actor, name: &str, bytes: &[u8]) -> String {
    let digest = sha256(bytes);
    let post = Ask::post(format!("/v2/{name}/blobs/uploads/?digest={digest}"))
        .header("content-type", "application/octet-stream")
        .body(Bytes::copy_from_slice(bytes));
    who.send(post).await.is(201);
    digest
}

/// Begins an upload and gives its address.
pub(super) async fn begin(who: &Actor, name: &str) -> String {
    let answer = who.send(Ask::post(format!("/v2/{name}/blobs/uploads/"))).await.is(202);
    answer.must_have("location").to_owned()
}

fn finish(location: &str, digest: &str) -> Ask {
    let separator = if location.contains('?') { '&' } else { '?' };
    Ask::put(format!("{location}{separator}digest={digest}"))
}

async fn an_upload_goes_through_its_stages(hub: Server) {
    let alice = hub.actor("alice");
    let begun = alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await;
    let location = begun.must_have("location").to_owned();
    begun.shows(&expect![[r#"
        202
        content-length: 0
        docker-upload-uuid: UPLOAD
        location: /v2/p/team/app/web/blobs/uploads/UPLOAD
        range: 0-0
    "#]]);
    alice.send(Ask::get(&location)).await.shows(&expect![[r#"
        204
        docker-upload-uuid: UPLOAD
        location: /v2/p/team/app/web/blobs/uploads/UPLOAD
        range: 0-0
    "#]]);
    let patched = alice.send(Ask::patch(&location).body("hello ")).await;
    let location = patched.must_have("location").to_owned();
    patched.shows(&expect![[r#"
        202
        content-length: 0
        docker-upload-uuid: UPLOAD
        location: /v2/p/team/app/web/blobs/uploads/UPLOAD
        range: 0-5
    "#]]);
    alice.send(Ask::get(&location)).await.shows(&expect![[r#"
        204
        docker-upload-uuid: UPLOAD
        location: /v2/p/team/app/web/blobs/uploads/UPLOAD
        range: 0-5
    "#]]);
    let digest = sha256(b"hello world");
    let done = alice.send(finish(&location, &digest).body("world")).await;
    let blob = done.must_have("location").to_owned();
    done.shows(&expect![[r#"
        201
        content-length: 0
        docker-content-digest: sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
        location: /v2/p/team/app/web/blobs/sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
    "#]]);
    assert_eq!(alice.send(Ask::get(blob)).await.is(200).body, "hello world");
    // It is over.
    alice.send(Ask::get(&location)).await.shows(&expect![[r#"
        404
        content-length: 106
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"there is no such upload; begin again","detail":null}]}
    "#]]);
    alice.send(Ask::patch(&location).body("more")).await.is(404);
    alice.send(finish(&location, &digest)).await.is(404);
    // Without a slash at the end too, which the specification leaves open.
    alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads")).await.is(202);
}

async fn a_blob_comes_in_one_request(hub: Server) {
    let alice = hub.actor("alice");
    let digest = sha256(b"hello");
    let post = || Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={digest}"));
    alice.send(post().body("hello")).await.shows(&expect![[r#"
        201
        content-length: 0
        docker-content-digest: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
        location: /v2/p/team/app/web/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    "#]]);
    let location = begin(&alice, "p/team/app/web").await;
    alice.send(finish(&location, &digest).body("hello")).await.is(201);
    alice.send(post().body("something else")).await.shows(&expect![[r#"
        400
        content-length: 107
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DIGEST_INVALID","message":"the content does not have the given digest","detail":null}]}
    "#]]);
    alice.send(post().chunked(stream::iter([Bytes::from("hel"), Bytes::from("lo")]))).await.is(201);
    let encoded = digest.replace(':', "%3A");
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={encoded}"));
    alice.send(post.body("hello")).await.is(201);
}

async fn chunks_come_in_order_or_not_at_all(hub: Server) {
    let alice = hub.actor("alice");
    let mut location = begin(&alice, "p/team/app/web").await;
    let chunk = |location: &str, range: &str, text: &'static str| {
        Ask::patch(location).header("content-range", range).body(text)
    };
    let first = alice.send(chunk(&location, "0-4", "hello")).await.is(202);
    assert_eq!(first.must_have("range"), "0-4");
    location = first.must_have("location").to_owned();
    // Too early, too late, twice: the upload lives on, and says where.
    let refused = alice.send(chunk(&location, "6-10", "world")).await;
    location = refused.must_have("location").to_owned();
    refused.shows(&expect![[r#"
        416
        content-length: 109
        content-type: application/json
        docker-distribution-api-version: registry/2.0
        docker-upload-uuid: UPLOAD
        location: /v2/p/team/app/web/blobs/uploads/UPLOAD
        range: 0-4

        {"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"the upload goes on elsewhere, see Range","detail":null}]}
    "#]]);
    alice.send(chunk(&location, "0-4", "hello")).await.is(416);
    alice
        .send(finish(&location, &sha256(b"hello")).header("content-range", "9-13").body("world"))
        .await
        .is(416);
    assert_eq!(alice.send(Ask::get(&location)).await.is(204).must_have("range"), "0-4");
    for bad in ["5", "5-", "-9", "a-b", "9-5", "bytes 5-10/20", "18446744073709551616-18446744073709551617"] {
        alice.send(chunk(&location, bad, " worl")).await.is(400);
    }
    assert_eq!(alice.send(Ask::get(&location)).await.is(204).must_have("range"), "0-4");
    let second = alice.send(chunk(&location, "5-9", " worl")).await.is(202);
    location = second.must_have("location").to_owned();
    let last = finish(&location, &sha256(b"hello world")).header("content-range", "10-10").body("d");
    alice.send(last).await.is(201);
}

async fn a_streamed_chunk_is_appended(hub: Server) {
    let alice = hub.actor("alice");
    let mut location = begin(&alice, "p/team/app/web").await;
    for letters in [["ab", "cd"], ["ef", "gh"]] {
        let patch = Ask::patch(&location).chunked(stream::iter(letters.map(Bytes::from)));
        location = alice.send(patch).await.is(202).must_have("location").to_owned();
    }
    alice.send(finish(&location, &sha256(b"abcdefgh"))).await.is(201);
}

async fn an_empty_blob_is_a_blob(hub: Server) {
    let alice = hub.actor("alice");
    let digest = sha256(b"");
    let location = begin(&alice, "p/team/app/web").await;
    let patched = alice.send(Ask::patch(&location).chunked(stream::iter([]))).await.is(202);
    // Docker fails on an end before the start.
    assert_eq!(patched.must_have("range"), "0-0");
    let location = patched.must_have("location").to_owned();
    alice.send(finish(&location, &digest)).await.is(201);
    let answer = alice.send(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200);
    assert_eq!(answer.must_have("content-length"), "0");
    alice.send(Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={digest}"))).await.is(201);
}

async fn sha512_is_taken_as_well(hub: Server) {
    let alice = hub.actor("alice");
    let digest = sha512(b"hello");
    // The bytes come before anybody says which digest they are to have.
    let location = begin(&alice, "p/team/app/web").await;
    let patched = alice.send(Ask::patch(&location).body("hello")).await.is(202);
    let done = alice.send(finish(patched.must_have("location"), &digest)).await.is(201);
    assert_eq!(done.must_have("docker-content-digest"), digest);
    let blob = alice.send(Ask::get(done.must_have("location"))).await.is(200);
    assert_eq!(blob.body, "hello");
    assert_eq!(blob.must_have("docker-content-digest"), digest);
    let post =
        Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha512(b"other"))).body("hello");
    alice.send(post).await.is(400);
    alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/?digest-algorithm=sha512")).await.is(202);
    alice.send(Ask::post("/v2/p/team/app/web/blobs/uploads/?digest-algorithm=md5")).await.is(400);
}

async fn bytes_that_contradict_their_digest_are_refused(hub: Server) {
    let alice = hub.actor("alice");
    let location = begin(&alice, "p/team/app/web").await;
    let digest = sha256(b"what was meant");
    alice.send(finish(&location, &digest).body("what was sent")).await.shows(&expect![[r#"
        400
        content-length: 107
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DIGEST_INVALID","message":"the content does not have the given digest","detail":null}]}
    "#]]);
    alice.send(Ask::head(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(404);
    let sent = sha256(b"what was sent");
    alice.send(Ask::head(format!("/v2/p/team/app/web/blobs/{sent}"))).await.is(404);
    let location = begin(&alice, "p/team/app/web").await;
    alice.send(Ask::put(&location).body("no digest")).await.is(400);
    alice.send(finish(&location, "sha256:baddigeststring").body("bad")).await.is(400);
    alice.send(finish(&location, "md5:d41d8cd98f00b204e9800998ecf8427e")).await.is(400);
}

/// As regctl and oras do behind a proxy that resets once: the same request again, to the same address.
async fn a_cut_put_is_sent_again(hub: Server) {
    let alice = hub.actor("alice");
    let bytes = vec![b'w'; 1_000_000];
    for before in [0, 100] {
        let location = begin(&alice, "p/team/app/web").await;
        if before > 0 {
            alice.send(Ask::patch(&location).body(bytes[..before].to_vec())).await.is(202);
        }
        let rest = &bytes[before..];
        let target = format!("{location}?digest={}", sha256(&bytes));
        raw::cut_put(&alice, &target, rest, 400_000).await;
        let put = async |digest: &str, status: u16| {
            until("the cut request is over", async || {
                let answer = alice.send(finish(&location, digest).body(rest.to_vec())).await;
                if answer.status == 409 { false } else { answer.is(status).status == status }
            })
            .await;
        };
        put(&sha256(b"other"), 400).await;
        let range = format!("0-{}", before.saturating_sub(1));
        assert_eq!(alice.send(Ask::get(&location)).await.is(204).must_have("range"), range);
        put(&sha256(&bytes), 201).await;
    }
}

async fn an_upload_is_given_up(hub: Server) {
    let alice = hub.actor("alice");
    let location = begin(&alice, "p/team/app/web").await;
    alice.send(Ask::delete(&location)).await.shows(&expect![[r#"
        204
    "#]]);
    alice.send(Ask::get(&location)).await.is(404);
    alice.send(Ask::patch(&location).body("late")).await.is(404);
    alice.send(Ask::delete(&location)).await.is(404);
}

/// A foreign session is no session, whoever guesses or overhears its address (CVE-2026-32589).
async fn an_upload_belongs_to_who_began_it(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    let location = begin(&alice, "p/team/app/web").await;
    alice.send(Ask::patch(&location).body("hello")).await.is(202);
    let elsewhere = location.replace("/team/app/", "/team/open/");
    for (who, location) in [(&pat, &location), (&alice, &elsewhere)] {
        who.send(Ask::get(location)).await.is(404);
        who.send(Ask::patch(location).body("mine")).await.is(404);
        who.send(finish(location, &sha256(b"hello"))).await.is(404);
        who.send(Ask::delete(location)).await.is(404);
    }
    let unknown = format!("/v2/p/team/app/web/blobs/uploads/{}", "0".repeat(32));
    let foreign = pat.send(Ask::get(&location)).await;
    let unknown = pat.send(Ask::get(unknown)).await;
    assert_eq!(foreign.to_string(), unknown.to_string());
    hub.stranger().send(Ask::get(&location)).await.is(401);
    hub.actor("rita").send(Ask::get(&location)).await.is(403);
    // Nothing of that has done it any harm, and her other token is hers as well.
    let spare = hub.actor("alice/spare");
    spare.send(finish(&location, &sha256(b"hello"))).await.is(201);
}

async fn the_same_blob_twice_is_one_blob(hub: Server) {
    let (alice, pat) = (hub.actor("alice"), hub.actor("pat"));
    let digest = sha256(b"hello");
    let (hers, his) = (begin(&alice, "p/team/app/web").await, begin(&pat, "p/team/app/web").await);
    alice.send(Ask::patch(&hers).body("hel")).await.is(202);
    pat.send(Ask::patch(&his).body("hello")).await.is(202);
    let (first, second) =
        tokio::join!(alice.send(finish(&hers, &digest).body("lo")), pat.send(finish(&his, &digest)));
    first.is(201);
    second.is(201);
    assert_eq!(
        alice.send(Ask::get(format!("/v2/p/team/app/web/blobs/{digest}"))).await.is(200).body,
        "hello"
    );
}
