//! What may be taken away, and what others stand on.

use expect_test::expect;

use crate::support::image::{Image, OCI_INDEX, OCI_MANIFEST, index, sha256};
use crate::support::{Actor, Ask, Organisation, Server, image, on_both_databases};

on_both_databases!(
    in super::organisation;
    a_child_of_a_tagged_index_stays,
    a_sparse_index_is_made_by_force,
    an_immutable_tag_is_never_deleted,
    regctl_tag_rm_leaves_an_immutable_tag_as_it_was,
    a_digest_with_several_tags_stays_where_the_policy_says_so,
);

fn organisation() -> Organisation {
    Organisation::team().repository(
        "team/careful",
        "oci",
        "private",
        "delete_by_digest = \"only-if-one-tag\"",
    )
}

fn at(repository: &str, reference: &str) -> String {
    format!("/v2/p/{repository}/web/manifests/{reference}")
}

/// Pushes an index over these images under a tag, and gives its digest.
async fn push_index(who: &Actor, repository: &str, tag: &str, members: &[&Image]) -> String {
    for member in members {
        who.docker().push(&format!("{repository}/web@{}", member.digest()), member).await.done();
    }
    let whole = index(OCI_INDEX, members);
    let digest = sha256(&whole);
    let put = Ask::put(at(repository, tag)).header("content-type", OCI_INDEX).body(whole);
    who.send(put).await.is(201);
    digest
}

/// Else `docker pull` says "manifest unknown" while the tag is listed (distribution/distribution#3178).
async fn a_child_of_a_tagged_index_stays(hub: Server) {
    let alice = hub.actor("alice");
    let (arm, amd) = (image("arm64"), image("amd64"));
    let whole = push_index(&alice, "team/app", "1.0", &[&arm, &amd]).await;
    alice.send(Ask::delete(at("team/app", &arm.digest()))).await.shows(&expect![[r#"
        405
        allow: GET, HEAD, PUT
        content-length: 179
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"UNSUPPORTED","message":"the manifest is a member of web:1.0; delete that first, or say ?force=true and leave it incomplete","detail":{"member_of":"web:1.0"}}]}
    "#]]);
    alice.docker().pull(&format!("team/app/web@{}", arm.digest())).await.gives(&arm);
    // Over an index of indexes too.
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{{"mediaType":"{OCI_INDEX}","digest":"{whole}","size":3}}]}}"#
    );
    let put = Ask::put(at("team/app", "nightly")).header("content-type", OCI_INDEX).body(list.clone());
    alice.send(put).await.is(201);
    alice.send(Ask::delete(at("team/app", "1.0"))).await.is(202);
    let refused = alice.send(Ask::delete(at("team/app", &amd.digest()))).await.is(405);
    assert_eq!(refused.json()["errors"][0]["detail"]["member_of"], "web:nightly");
    alice.send(Ask::delete(at("team/app", &whole))).await.is(405);
    // Another image of the repository holds nothing here; parents go before children.
    alice.docker().push("team/app/api:1.0", &amd).await.done();
    let elsewhere = format!("/v2/p/team/app/api/manifests/{}", amd.digest());
    alice.send(Ask::delete(elsewhere)).await.is(202);
    for digest in [sha256(list.as_bytes()), whole, arm.digest(), amd.digest()] {
        alice.send(Ask::delete(at("team/app", &digest))).await.is(202);
    }
}

async fn a_sparse_index_is_made_by_force(hub: Server) {
    let alice = hub.actor("alice");
    let arm = image("arm64");
    for (repository, status) in [("team/app", 202), ("team/dense", 405)] {
        push_index(&alice, repository, "1.0", &[&arm]).await;
        let target = at(repository, &arm.digest());
        alice.send(Ask::delete(format!("{target}?force=maybe"))).await.is(400);
        alice.send(Ask::delete(format!("{target}?force=false"))).await.is(405);
        let forced = alice.send(Ask::delete(format!("{target}?force=true"))).await.is(status);
        if status == 405 {
            let error = &forced.json()["errors"][0];
            assert_eq!(error["message"], "the manifest is a member of web:1.0; delete that first");
        }
        alice.send(Ask::get(at(repository, "1.0"))).await.is(200);
    }
}

/// Neither by its name, nor by the digest that carries it, nor by taking a member away from under it.
async fn an_immutable_tag_is_never_deleted(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    for tag in ["v1", "latest"] {
        alice.docker().push(&format!("team/frozen/web:{tag}"), &hello).await.done();
    }
    alice.send(Ask::delete(at("team/frozen", "v1"))).await.shows(&expect![[r#"
        409
        content-length: 117
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DENIED","message":"web:v1 is immutable here: it is neither replaced nor removed","detail":null}]}
    "#]]);
    alice.send(Ask::delete(at("team/frozen", &hello.digest()))).await.is(409);
    alice.send(Ask::delete(at("team/frozen", "v-absent"))).await.is(404);
    alice.send(Ask::delete(at("team/frozen", "latest"))).await.is(202);
    alice.send(Ask::delete(at("team/frozen", &hello.digest()))).await.is(409);
    let arm = image("arm64");
    push_index(&alice, "team/frozen", "v2", &[&arm]).await;
    push_index(&alice, "team/frozen", "a-mutable-name", &[&arm]).await;
    let forced = format!("{}?force=true", at("team/frozen", &arm.digest()));
    alice.send(Ask::delete(forced)).await.is(409);
    alice.docker().pull("team/frozen/web:v1").await.gives(&hello);
    alice.docker().pull(&format!("team/frozen/web@{}", arm.digest())).await.gives(&arm);
}

/// When its DELETE is refused, it puts a dummy manifest in the tag's place and deletes that by its digest.
async fn regctl_tag_rm_leaves_an_immutable_tag_as_it_was(hub: Server) {
    let alice = hub.actor("alice");
    let (hello, dummy) = (image("hello"), image("a dummy, made to be deleted"));
    alice.docker().push("team/frozen/web:v1", &hello).await.done();
    alice.send(Ask::delete(at("team/frozen", "v1"))).await.is(409);
    alice.docker().push("team/frozen/web:v1", &dummy).await.refused_with(409);
    alice.send(Ask::delete(at("team/frozen", &dummy.digest()))).await.is(404);
    let put = Ask::put(at("team/frozen", "v1")).header("content-type", OCI_MANIFEST);
    alice.send(put.body(hello.manifest.clone())).await.is(201);
    alice.docker().pull("team/frozen/web:v1").await.gives(&hello);
}

/// containers/skopeo#795: `skopeo delete` of one tag asks for its digest and deletes that, with all its tags.
async fn a_digest_with_several_tags_stays_where_the_policy_says_so(hub: Server) {
    let alice = hub.actor("alice");
    let hello = image("hello");
    for tag in ["1.0", "1.0.1", "latest"] {
        alice.docker().push(&format!("team/careful/web:{tag}"), &hello).await.done();
    }
    alice.send(Ask::delete(at("team/careful", &hello.digest()))).await.shows(&expect![[r#"
        409
        content-length: 175
        content-type: application/json
        docker-distribution-api-version: registry/2.0

        {"errors":[{"code":"DENIED","message":"this repository deletes a digest with one tag only, and these name it: 1.0, 1.0.1, latest","detail":{"tags":["1.0","1.0.1","latest"]}}]}
    "#]]);
    for tag in ["1.0", "1.0.1"] {
        alice.send(Ask::delete(at("team/careful", tag))).await.is(202);
    }
    alice.docker().pull("team/careful/web:latest").await.gives(&hello);
    alice.send(Ask::delete(at("team/careful", &hello.digest()))).await.is(202);
}
