//! Bytes by digest.

use bytes::Bytes;
use expect_test::expect;

use super::uploads::upload;
use crate::support::image::{OCI_MANIFEST, sha256, sha512};
use crate::support::{Ask, Server, image, on_both_databases};

on_both_databases!(
    a_blob_is_shown_with_its_length_and_digest,
    a_part_of_a_blob_is_served,
    a_blob_that_the_client_has_is_not_sent_again,
    bytes_of_another_repository_are_absent,
    a_deleted_blob_is_gone_at_once,
    a_layer_of_a_living_image_stays,
    bytes_are_never_compressed,
);

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

async fn a_blob_is_shown_with_its_length_and_digest(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", LETTERS).await;
    let target = format!("/v2/p/team/app/web/blobs/{digest}");
    alice.send(Ask::get(&target)).await.shows(&expect![[r#"
        200
        accept-ranges: bytes
        content-length: 26
        content-type: application/octet-stream
        docker-content-digest: sha256:71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73
        etag: "sha256:71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73"

        abcdefghijklmnopqrstuvwxyz
    "#]]);
    alice.send(Ask::head(&target)).await.shows(&expect![[r#"
        200
        accept-ranges: bytes
        content-length: 26
        content-type: application/octet-stream
        docker-content-digest: sha256:71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73
        etag: "sha256:71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73"
    "#]]);
    let absent = format!("/v2/p/team/app/web/blobs/{}", sha256(b"absent"));
    alice.send(Ask::get(&absent)).await.shows(&expect![[r#"
        404
        content-length: 101
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"BLOB_UNKNOWN","message":"the repository does not have this blob","detail":null}]}
    "#]]);
    alice.send(Ask::head(&absent)).await.shows(&expect![[r#"
        404
        content-length: 101
        content-type: application/json
        docker-distribution-api-version: registry/2.0
    "#]]);
    for (bad, status) in [
        ("sha256:abc", 400),
        ("sha256", 400),
        ("md5:d41d8cd98f00b204e9800998ecf8427e", 400),
        ("SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 400),
        ("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", 400),
    ] {
        alice.send(Ask::get(format!("/v2/p/team/app/web/blobs/{bad}"))).await.is(status);
    }
}

async fn a_part_of_a_blob_is_served(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", LETTERS).await;
    let target = format!("/v2/p/team/app/web/blobs/{digest}");
    let part = async |range: &str| {
        let answer = alice.send(Ask::get(&target).header("range", range)).await;
        let body = String::from_utf8(answer.body.to_vec()).expect("letters");
        let body = if answer.status == 416 { "-".to_owned() } else { body };
        let content_range = answer.header("content-range").unwrap_or("-");
        format!("{range}: {} {content_range} {body}\n", answer.status.as_u16())
    };
    let mut table = String::new();
    for range in [
        "bytes=0-",
        "bytes=0-0",
        "bytes=3-5",
        "bytes=20-",
        "bytes=25-25",
        "bytes=20-1000",
        "bytes=-4",
        "bytes=-1000",
        "bytes=26-",
        "bytes=26-30",
        "bytes=500-0",
        "bytes=5-3",
        "bytes=-0",
        "bytes=a-b",
        "lines=0-3",
        "bytes=0-1,4-5",
        "bytes=99999999999999999999-",
        "bytes=0-99999999999999999999",
    ] {
        table.push_str(&part(range).await);
    }
    expect![[r#"
        bytes=0-: 206 bytes 0-25/26 abcdefghijklmnopqrstuvwxyz
        bytes=0-0: 206 bytes 0-0/26 a
        bytes=3-5: 206 bytes 3-5/26 def
        bytes=20-: 206 bytes 20-25/26 uvwxyz
        bytes=25-25: 206 bytes 25-25/26 z
        bytes=20-1000: 206 bytes 20-25/26 uvwxyz
        bytes=-4: 206 bytes 22-25/26 wxyz
        bytes=-1000: 206 bytes 0-25/26 abcdefghijklmnopqrstuvwxyz
        bytes=26-: 416 bytes */26 -
        bytes=26-30: 416 bytes */26 -
        bytes=500-0: 416 bytes */26 -
        bytes=5-3: 416 bytes */26 -
        bytes=-0: 416 bytes */26 -
        bytes=a-b: 200 - abcdefghijklmnopqrstuvwxyz
        lines=0-3: 200 - abcdefghijklmnopqrstuvwxyz
        bytes=0-1,4-5: 200 - abcdefghijklmnopqrstuvwxyz
        bytes=99999999999999999999-: 416 bytes */26 -
        bytes=0-99999999999999999999: 206 bytes 0-25/26 abcdefghijklmnopqrstuvwxyz
    "#]]
    .assert_eq(&table);
    alice.send(Ask::get(&target).header("range", "bytes=26-")).await.shows(&expect![[r#"
        416
        content-length: 98
        content-range: bytes */26
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"RANGE_INVALID","message":"the range does not lie in the blob","detail":null}]}
    "#]]);
}

async fn a_blob_that_the_client_has_is_not_sent_again(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", LETTERS).await;
    let target = format!("/v2/p/team/app/web/blobs/{digest}");
    let tag = alice.send(Ask::get(&target)).await.must_have("etag").to_owned();
    alice.send(Ask::get(&target).header("if-none-match", &tag)).await.is(304);
    alice.send(Ask::get(&target).header("if-none-match", "\"other\"")).await.is(200);
    let resumed = Ask::get(&target).header("range", "bytes=24-").header("if-range", &tag);
    assert_eq!(alice.send(resumed).await.is(206).body, "yz");
    let changed = Ask::get(&target).header("range", "bytes=24-").header("if-range", "\"other\"");
    assert_eq!(alice.send(changed).await.is(200).body, LETTERS);
    // Knowing the tag of private bytes is worth nothing.
    hub.stranger().send(Ask::get(&target).header("if-none-match", &tag)).await.is(401);
    hub.actor("bob").send(Ask::get(&target).header("if-none-match", &tag)).await.is(403);
}

/// The same bytes are stored once, and readable only through a repository that links them (CVE-2024-39897).
async fn bytes_of_another_repository_are_absent(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", LETTERS).await;
    for method in [Ask::get, Ask::head] {
        let elsewhere = format!("/v2/p/other/app/web/blobs/{digest}");
        alice.send(method(elsewhere)).await.is(404);
        let open = format!("/v2/p/team/open/web/blobs/{digest}");
        hub.stranger().send(method(open)).await.is(404);
    }
    // Within a repository all images share what is there.
    alice.send(Ask::get(format!("/v2/p/team/app/another/blobs/{digest}"))).await.is(200);
}

async fn a_deleted_blob_is_gone_at_once(hub: Server) {
    let alice = hub.actor("alice");
    let digest = upload(&alice, "p/team/app/web", LETTERS).await;
    upload(&alice, "p/other/app/web", LETTERS).await;
    let target = format!("/v2/p/team/app/web/blobs/{digest}");
    hub.actor("pat").send(Ask::delete(&target)).await.is(403);
    hub.actor("rita").send(Ask::delete(&target)).await.is(403);
    alice.send(Ask::delete(&target)).await.shows(&expect![[r#"
        202
        content-length: 0
    "#]]);
    alice.send(Ask::head(&target)).await.is(404);
    alice.send(Ask::get(&target)).await.is(404);
    alice.send(Ask::delete(&target)).await.is(404);
    // It was the link that went: the other repository has its own.
    alice.send(Ask::get(format!("/v2/p/other/app/web/blobs/{digest}"))).await.is(200);
    assert_eq!(upload(&alice, "p/team/app/web", LETTERS).await, digest);
    alice.send(Ask::get(&target)).await.is(200);
}

/// Else every image that shares it could no longer be pulled, and a push would not send it again because the manifest is there.
async fn a_layer_of_a_living_image_stays(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let blob = |digest: &str| format!("/v2/p/team/app/web/blobs/{digest}");
    let also = sha512(&hello.layers[0]);
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={also}"));
    alice.send(post.body(hello.layers[0].clone())).await.is(201);
    let layer = blob(&sha256(&hello.layers[0]));
    alice.send(Ask::delete(&layer)).await.shows(&expect![[r#"
        405
        allow: GET, HEAD
        content-length: 268
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"UNSUPPORTED","message":"web@sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68 needs this blob; delete that manifest first","detail":{"needed_by":"web@sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68"}}]}
    "#]]);
    // Under another name of the same bytes, from another image of the repository, without its tag, and its own bytes too.
    alice.send(Ask::delete("/v2/p/team/app/web/manifests/1.0")).await.is(202);
    for needed in [
        layer.clone(),
        blob(&also),
        layer.replace("/web/", "/other/"),
        blob(&sha256(&hello.config)),
        blob(&hello.digest()),
    ] {
        assert_eq!(alice.send(Ask::delete(&needed)).await.is(405).must_have("allow"), "GET, HEAD");
    }
    alice.docker().pull(&format!("team/app/web@{}", hello.digest())).await.gives(&hello);
    // Parents first, blobs last.
    alice.send(Ask::delete(format!("/v2/p/team/app/web/manifests/{}", hello.digest()))).await.is(202);
    alice.send(Ask::delete(&layer)).await.is(202);
    alice.send(Ask::delete(&layer)).await.is(404);
    // A manifest counts only what is really there, and what is pushed again is whole again.
    let put = Ask::put("/v2/p/team/app/web/manifests/1.0").header("content-type", OCI_MANIFEST);
    alice.send(put.body(hello.manifest.clone())).await.is(400);
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().pull("team/app/web:1.0").await.gives(&hello);
}

async fn bytes_are_never_compressed(hub: Server) {
    let alice = hub.actor("alice");
    let text = Bytes::from("compress me ".repeat(10_000));
    let digest = upload(&alice, "p/team/app/web", &text).await;
    let get =
        Ask::get(format!("/v2/p/team/app/web/blobs/{digest}")).header("accept-encoding", "zstd, gzip, br");
    let answer = alice.send(get).await.is(200);
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.body, text);
}
