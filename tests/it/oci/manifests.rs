//! Manifests and indexes: exact bytes, replacing, rules, deleting.

use expect_test::expect;
use serde_json::json;

use super::uploads::upload;
use crate::support::image::{DOCKER_LIST, DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST, index, sha256};
use crate::support::{Ask, Server, docker_image, image, on_both_databases};

on_both_databases!(
    a_manifest_comes_back_as_it_was_sent,
    the_same_bytes_need_no_right_to_overwrite,
    an_immutable_tag_is_never_replaced,
    an_index_holds_its_members,
    a_sparse_index_is_taken_where_the_policy_says_so,
    an_image_without_its_layers_is_refused,
    foreign_layers_may_be_elsewhere,
    a_deleted_tag_leaves_the_manifest,
    a_deleted_manifest_takes_its_tags_along,
    malformed_manifests_are_refused,
    a_manifest_that_the_client_has_is_not_sent_again,
    several_tags_come_with_one_manifest,
    a_missing_subject_is_no_fault,
);

fn put(reference: &str, media_type: &str, body: impl Into<bytes::Bytes>) -> Ask {
    Ask::put(format!("/v2/p/team/app/web/manifests/{reference}"))
        .header("content-type", media_type)
        .body(body)
}

fn get(reference: &str) -> Ask {
    Ask::get(format!("/v2/p/team/app/web/manifests/{reference}"))
}

async fn a_manifest_comes_back_as_it_was_sent(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.send(put("1.0", OCI_MANIFEST, hello.manifest.clone())).await.shows(&expect![[r#"
        201
        content-length: 0
        docker-content-digest: sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
        location: /v2/p/team/app/web/manifests/sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
    "#]]);
    alice.send(get("1.0")).await.shows(&expect![[r#"
        200
        content-length: 474
        content-type: application/vnd.oci.image.manifest.v1+json
        docker-content-digest: sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
        etag: "sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68"

        {
          "config": {
            "digest": "sha256:f9278b1e133e5b02dcf4c016781578ecbf0b93221ea91787a0ecdeb16bdd57af",
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "size": 163
          },
          "layers": [
            {
              "digest": "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
              "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
              "size": 5
            }
          ],
          "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "schemaVersion": 2
        }
    "#]]);
    alice.send(Ask::head("/v2/p/team/app/web/manifests/1.0")).await.shows(&expect![[r#"
        200
        content-length: 474
        content-type: application/vnd.oci.image.manifest.v1+json
        docker-content-digest: sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
        etag: "sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68"
    "#]]);
    // Never converted, whatever the client would like better; parameters of the type are not kept.
    let legacy = get("1.0").header("accept", DOCKER_MANIFEST);
    assert_eq!(alice.send(legacy).await.is(200).must_have("content-type"), OCI_MANIFEST);
    let with_parameter = format!("{OCI_MANIFEST}; charset=utf-8");
    alice.send(put("2.0", &with_parameter, hello.manifest.clone())).await.is(201);
    assert_eq!(alice.send(get("2.0")).await.is(200).must_have("content-type"), OCI_MANIFEST);
    alice.send(get("absent")).await.shows(&expect![[r#"
        404
        content-length: 109
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"MANIFEST_UNKNOWN","message":"the repository has no such tag or manifest","detail":null}]}
    "#]]);
    alice.send(Ask::head("/v2/p/team/app/web/manifests/absent")).await.shows(&expect![[r#"
        404
        content-length: 109
        content-type: application/json
        docker-distribution-api-version: registry/2.0
    "#]]);
    alice.send(get(&sha256(b"absent"))).await.is(404);
    alice.send(Ask::get("/v2/p/team/app/never/seen/manifests/1.0")).await.is(404);
}

async fn the_same_bytes_need_no_right_to_overwrite(hub: Server) {
    let (first, second) = (image("first"), image("second"));
    // Pat publishes and may not overwrite.
    let pat = hub.actor("pat");
    pat.docker().push("team/app/web:latest", &first).await.done();
    pat.docker().push("team/app/web:latest", &first).await.done();
    pat.docker().push("team/app/web:latest", &second).await.refused(&expect![[r#"
        403
        content-length: 125
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DENIED","message":"it exists with other content and you lack the permission `overwrite`","detail":null}]}
    "#]]);
    pat.docker().pull("team/app/web:latest").await.gives(&first);
    // The manifest itself is a new name and no replacement.
    pat.send(put(&second.digest(), OCI_MANIFEST, second.manifest.clone())).await.is(201);
    hub.actor("alice").docker().push("team/app/web:latest", &second).await.done();
    pat.docker().pull("team/app/web:latest").await.gives(&second);
    pat.docker().pull(&format!("team/app/web@{}", first.digest())).await.gives(&first);
}

async fn an_immutable_tag_is_never_replaced(hub: Server) {
    let (first, second) = (image("first"), image("second"));
    let alice = hub.actor("alice");
    alice.docker().push("team/frozen/web:v1", &first).await.done();
    alice.docker().push("team/frozen/web:v1", &first).await.done();
    alice.docker().push("team/frozen/web:v1", &second).await.refused(&expect![[r#"
        409
        content-length: 123
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DENIED","message":"it exists with other content and this repository never replaces it","detail":null}]}
    "#]]);
    // Who may not overwrite learns of the rule first, and that trying elsewhere is no use.
    hub.actor("pat").docker().push("team/frozen/web:v1", &second).await.refused_with(409);
    hub.actor("rita").docker().pull("team/frozen/web:v1").await.gives(&first);
    alice.docker().push("team/frozen/web:latest", &first).await.done();
    alice.docker().push("team/frozen/web:latest", &second).await.done();
}

async fn an_index_holds_its_members(hub: Server) {
    let alice = hub.actor("alice");
    for (media_type, members) in [
        (OCI_INDEX, [image("amd64"), image("arm64")]),
        (DOCKER_LIST, [docker_image("amd64"), docker_image("arm64")]),
    ] {
        for member in &members {
            alice.docker().push(&format!("team/app/web@{}", member.digest()), member).await.done();
        }
        let whole = index(media_type, &members.each_ref());
        let answer = alice.send(put("all", media_type, whole.clone())).await.is(201);
        assert_eq!(answer.must_have("docker-content-digest"), sha256(&whole));
        let answer = alice.send(get("all")).await.is(200);
        assert_eq!(answer.body, whole);
        assert_eq!(answer.must_have("content-type"), media_type);
    }
}

async fn a_sparse_index_is_taken_where_the_policy_says_so(hub: Server) {
    let alice = hub.actor("alice");
    let (here, elsewhere) = (image("here"), image("elsewhere"));
    let sparse = index(OCI_INDEX, &[&here, &elsewhere]);
    alice.docker().push("team/app/web:here", &here).await.done();
    alice.send(put("sparse", OCI_INDEX, sparse.clone())).await.is(201);
    alice.docker().push("team/dense/web:here", &here).await.done();
    let put = Ask::put("/v2/p/team/dense/web/manifests/sparse").header("content-type", OCI_INDEX);
    alice.send(put.body(sparse)).await.shows(&expect![[r#"
        400
        content-length: 214
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"the index names manifests that the repository does not have","detail":{"digests":["sha256:bc8a03c9633ea520c1b6d72cf1ea84f3fe71953dcce185faa16cbb96dfd9e7e6"]}}]}
    "#]]);
    alice.send(Ask::get("/v2/p/team/dense/web/manifests/sparse")).await.is(404);
}

async fn an_image_without_its_layers_is_refused(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.send(put("1.0", OCI_MANIFEST, hello.manifest.clone())).await.shows(&expect![[r#"
        400
        content-length: 287
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"the manifest names blobs that the repository does not have","detail":{"digests":["sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","sha256:f9278b1e133e5b02dcf4c016781578ecbf0b93221ea91787a0ecdeb16bdd57af"]}}]}
    "#]]);
    alice.send(get("1.0")).await.is(404);
    alice.send(get(&hello.digest())).await.is(404);
    // Bytes that are in another repository only are not here.
    for blob in hello.blobs() {
        upload(&alice, "p/other/app/web", blob).await;
    }
    alice.send(put("1.0", OCI_MANIFEST, hello.manifest.clone())).await.is(400);
    for blob in hello.blobs() {
        upload(&alice, "p/team/app/web", blob).await;
    }
    alice.send(put("1.0", OCI_MANIFEST, hello.manifest)).await.is(201);
}

async fn foreign_layers_may_be_elsewhere(hub: Server) {
    let alice = hub.actor("alice");
    let config = upload(&alice, "p/team/app/web", b"{}").await;
    let layer = |kind: &str| {
        json!({
            "schemaVersion": 2, "mediaType": DOCKER_MANIFEST,
            "config": { "mediaType": "application/vnd.docker.container.image.v1+json", "digest": config, "size": 2 },
            "layers": [{
                "mediaType": kind, "digest": sha256(b"windows"), "size": 7,
                "urls": ["https://elsewhere.example/layer"],
            }],
        })
    };
    let foreign = layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip").to_string();
    alice.send(put("foreign", DOCKER_MANIFEST, foreign)).await.is(201);
}

async fn a_deleted_tag_leaves_the_manifest(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().push("team/app/web:2.0", &hello).await.done();
    let delete = || Ask::delete("/v2/p/team/app/web/manifests/1.0");
    hub.actor("pat").send(delete()).await.is(403);
    hub.actor("robot").send(delete()).await.is(403);
    hub.actor("bob").send(delete()).await.is(403);
    hub.stranger().send(delete()).await.is(401);
    alice.send(delete()).await.shows(&expect![[r#"
        202
        content-length: 0
    "#]]);
    alice.send(get("1.0")).await.is(404);
    alice.send(delete()).await.is(404);
    alice.docker().pull("team/app/web:2.0").await.gives(&hello);
    alice.docker().pull(&format!("team/app/web@{}", hello.digest())).await.gives(&hello);
}

async fn a_deleted_manifest_takes_its_tags_along(hub: Server) {
    let alice = hub.actor("alice");
    let (hello, other) = (image("hello"), image("other"));
    for tag in ["1.0", "2.0", "latest"] {
        alice.docker().push(&format!("team/app/web:{tag}"), &hello).await.done();
    }
    alice.docker().push("team/app/web:other", &other).await.done();
    alice.docker().push("team/app/api:1.0", &hello).await.done();
    let delete = || Ask::delete(format!("/v2/p/team/app/web/manifests/{}", hello.digest()));
    hub.actor("pat").send(delete()).await.is(403);
    alice.send(delete()).await.is(202);
    for gone in ["1.0", "2.0", "latest", &hello.digest()] {
        alice.send(get(gone)).await.is(404);
    }
    alice.send(delete()).await.is(404);
    alice.docker().pull("team/app/web:other").await.gives(&other);
    // Another image of the same repository has a manifest of its own.
    alice.docker().pull("team/app/api:1.0").await.gives(&hello);
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    alice.docker().pull("team/app/web:1.0").await.gives(&hello);
}

fn malformed(good: &Image) -> Vec<(&'static str, &'static str, String)> {
    let good: serde_json::Value = serde_json::from_slice(&good.manifest).expect("JSON");
    let with = |key: &str, value: serde_json::Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed.to_string()
    };
    let schema_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    vec![
        ("no JSON", OCI_MANIFEST, "{".to_owned()),
        ("empty", OCI_MANIFEST, String::new()),
        ("an array", OCI_MANIFEST, "[]".to_owned()),
        ("another type inside", DOCKER_MANIFEST, good.to_string()),
        ("an index as well", OCI_MANIFEST, with("manifests", json!([]))),
        ("schema 1", schema_1, r#"{"schemaVersion":1,"fsLayers":[]}"#.to_owned()),
        ("schema version", OCI_MANIFEST, with("schemaVersion", json!(1))),
        ("unknown type", "text/plain", r#"{"schemaVersion":2}"#.to_owned()),
        (
            "bad digest",
            OCI_MANIFEST,
            with("config", json!({ "mediaType": "a/b", "digest": "sha256:x", "size": 2 })),
        ),
        (
            "negative size",
            OCI_MANIFEST,
            with("config", json!({ "mediaType": "a/b", "digest": sha256(b""), "size": -1 })),
        ),
        (
            "no config",
            OCI_MANIFEST,
            json!({ "schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [] }).to_string(),
        ),
        ("deep", OCI_MANIFEST, format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
    ]
}

async fn malformed_manifests_are_refused(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let mut table = String::new();
    for (what, media_type, body) in malformed(&hello) {
        let answer = alice.send(put("bad", media_type, body)).await;
        let (status, error) = (answer.status.as_u16(), &answer.json()["errors"][0]);
        table.push_str(&format!("{what}: {status} {} {}\n", error["code"], error["message"]));
    }
    expect![[r#"
        no JSON: 400 "MANIFEST_INVALID" "the manifest is malformed at line 1, column 1"
        empty: 400 "MANIFEST_INVALID" "the manifest is malformed at line 1, column 0"
        an array: 400 "MANIFEST_INVALID" "the manifest has members of another kind of manifest"
        another type inside: 400 "MANIFEST_INVALID" "Content-Type and mediaType of the manifest differ"
        an index as well: 400 "MANIFEST_INVALID" "the manifest has members of another kind of manifest"
        schema 1: 400 "MANIFEST_INVALID" "manifests of schema 1 are not taken; push with a current client"
        schema version: 400 "MANIFEST_INVALID" "manifests of schema 1 are not taken; push with a current client"
        unknown type: 400 "MANIFEST_INVALID" "manifests of this type are not taken"
        bad digest: 400 "MANIFEST_INVALID" "the manifest is malformed at line 1, column 58"
        negative size: 400 "MANIFEST_INVALID" "the manifest is malformed at line 1, column 121"
        no config: 400 "MANIFEST_INVALID" "the manifest has no config"
        deep: 400 "MANIFEST_INVALID" "the manifest is nested too deeply"
    "#]]
    .assert_eq(&table);
    alice.send(get("bad")).await.is(404);
    let other = sha256(b"other");
    alice.send(put(&other, OCI_MANIFEST, hello.manifest.clone())).await.shows(&expect![[r#"
        400
        content-length: 107
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DIGEST_INVALID","message":"the content does not have the given digest","detail":null}]}
    "#]]);
    alice.send(put("sha256:baddigeststring", OCI_MANIFEST, hello.manifest)).await.is(400);
}

async fn a_manifest_that_the_client_has_is_not_sent_again(hub: Server) {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("first")).await.done();
    let tag = alice.send(get("1.0")).await.must_have("etag").to_owned();
    alice.send(get("1.0").header("if-none-match", &tag)).await.shows(&expect![[r#"
        304
        docker-content-digest: sha256:5d7828de04040484bf56df18f8e1c6778f27218f4781b669e907f0624b6b8a0a
        etag: "sha256:5d7828de04040484bf56df18f8e1c6778f27218f4781b669e907f0624b6b8a0a"
    "#]]);
    alice.docker().push("team/app/web:1.0", &image("second")).await.done();
    alice.send(get("1.0").header("if-none-match", &tag)).await.is(200);
    hub.stranger().send(get("1.0").header("if-none-match", &tag)).await.is(401);
    hub.actor("bob").send(get("1.0").header("if-none-match", &tag)).await.is(403);
}

async fn several_tags_come_with_one_manifest(hub: Server) {
    let alice = hub.actor("alice");
    let hello: Image = image("hello");
    for blob in hello.blobs() {
        upload(&alice, "p/team/app/web", blob).await;
    }
    let reference = format!("{}?tag=1.0&tag=1&tag=latest", hello.digest());
    alice.send(put(&reference, OCI_MANIFEST, hello.manifest.clone())).await.shows(&expect![[r#"
        201
        content-length: 0
        docker-content-digest: sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
        location: /v2/p/team/app/web/manifests/sha256:b2bc618dcc3caf80132bb8aaad4f0c02e038376e72d7ac719a690ad4f7fb4b68
        oci-tag: 1
        oci-tag: 1.0
        oci-tag: latest
    "#]]);
    for tag in ["1.0", "1", "latest"] {
        alice.docker().pull(&format!("team/app/web:{tag}")).await.gives(&hello);
    }
    let many: Vec<String> = (0..1000).map(|number| format!("tag=t{number}")).collect();
    let reference = format!("{}?{}", hello.digest(), many.join("&"));
    alice.send(put(&reference, OCI_MANIFEST, hello.manifest)).await.is(414);
}

async fn a_missing_subject_is_no_fault(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    alice.docker().push("team/app/web:1.0", &hello).await.done();
    let mut signature: serde_json::Value = serde_json::from_slice(&hello.manifest).expect("JSON");
    signature["subject"] = json!({ "mediaType": OCI_MANIFEST, "digest": sha256(b"absent"), "size": 6 });
    alice.send(put("signature", OCI_MANIFEST, signature.to_string())).await.is(201);
}
