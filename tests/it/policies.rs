//! What a repository lets happen to its packages, set over the API while it runs, and what its clients notice.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::image::OCI_MANIFEST;
use crate::support::nuget::Packed;
use crate::support::{Ask, Organisation, Server, image, on_both_databases};

on_both_databases!(
    in crate::policies::team;
    every_format_has_its_own,
    a_policy_is_in_force_at_once,
    what_is_no_policy_is_refused,
    what_nothing_keeps_to_is_not_stored,
);

fn team() -> Organisation {
    Organisation::team_of_every_format().repository(
        "team/builds",
        "maven",
        "private",
        "snapshots = { keep_newest = 5 }",
    )
}

fn at(repository: &str) -> String {
    format!("/api/v1/repositories/{repository}")
}

async fn policy(admin: &Actor, repository: &str) -> Value {
    admin.send(Ask::get(at(repository))).await.is(200).json()["policy"].clone()
}

fn patch(repository: &str, policy: &Value) -> Ask {
    let body = json!({ "policy": policy }).to_string();
    Ask::patch(at(repository)).header("content-type", "application/merge-patch+json").body(body)
}

async fn every_format_has_its_own(hub: Server) {
    let admin = hub.admin();
    let written_out = [
        ("team/files", json!({ "immutable": [] })),
        ("team/feed", json!({ "duplicates": "never", "delete": "unlist" })),
        ("team/app", json!({ "immutable_tags": [], "sparse_indexes": true, "delete_by_digest": "all-tags" })),
        (
            "team/frozen",
            json!({ "immutable_tags": ["v*"], "sparse_indexes": true, "delete_by_digest": "all-tags" }),
        ),
        (
            "team/jars",
            json!({ "accept": "mixed", "releases": "write-once", "layout": "strict", "snapshots": {} }),
        ),
        (
            "team/builds",
            json!({ "accept": "mixed", "releases": "write-once", "layout": "strict", "snapshots": { "keep_newest": 5 } }),
        ),
    ];
    for (repository, document) in written_out {
        let shown = admin.send(Ask::get(at(repository))).await.is(200).json();
        assert_eq!(shown["policy"], document, "{repository}");
        let put = admin.send(Ask::put(at(repository)).json(&shown)).await.is(200);
        assert_eq!(put.must_have("wharfinger-changed"), "false", "{repository}");
    }
    // A PUT says all of it: what it does not say is as in a new repository.
    admin.send(Ask::put(at("team/frozen")).json(&json!({ "format": "oci" }))).await.is(200);
    assert_eq!(policy(&admin, "team/frozen").await["immutable_tags"], json!([]));
    let new = json!({ "format": "nuget", "policy": { "delete": "hard" } });
    let made = admin.send(Ask::put(at("team/made")).json(&new)).await.is(201).json();
    assert_eq!(made["policy"], json!({ "duplicates": "never", "delete": "hard" }));
}

async fn a_policy_is_in_force_at_once(hub: Server) {
    let (admin, alice) = (hub.admin(), hub.actor("alice"));
    // Tags.
    alice.docker().push("team/app/web:v1", &image("one")).await.done();
    let tag = "/v2/p/team/app/web/manifests/v1";
    admin.send(patch("team/app", &json!({ "immutable_tags": ["v*"] }))).await.is(200);
    let other = image("two");
    alice.docker().push("team/app/web:two", &other).await.done();
    let retag = || Ask::put(tag).header("content-type", OCI_MANIFEST).body(other.manifest.clone());
    alice.send(retag()).await.is(409);
    alice.send(Ask::delete(tag)).await.is(409);
    admin.send(patch("team/app", &json!({ "immutable_tags": null }))).await.is(200);
    alice.send(retag()).await.is(201);
    // Files.
    let files = alice.files("team/files");
    files.put("release/a", "one").await.is(201);
    admin.send(patch("team/files", &json!({ "immutable": ["release/*"] }))).await.is(200);
    files.put("release/a", "two").await.is(409);
    files.delete("release/a").await.is(409);
    // Packages of NuGet.
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    feed.push(&Packed::unlike("Lib", "1.0.0", "other bytes")).await.is(409);
    admin.send(patch("team/feed", &json!({ "duplicates": "always", "delete": "hard" }))).await.is(200);
    feed.push(&Packed::unlike("Lib", "1.0.0", "other bytes")).await.is(201);
    feed.delete("Lib", "1.0.0").await.is(204);
    feed.get("flat/lib/1.0.0/lib.1.0.0.nupkg").await.is(404);
    // Jars.
    let jars = alice.jars("team/jars");
    admin.send(patch("team/jars", &json!({ "accept": "snapshot" }))).await.is(200);
    assert_eq!(jars.put("a/b/1/b-1.txt", "text").await.status, 409);
    admin.send(patch("team/jars", &json!({ "accept": null }))).await.is(200);
    jars.put("a/b/1/b-1.txt", "text").await.is(201);
}

async fn what_is_no_policy_is_refused(hub: Server) {
    let admin = hub.admin();
    let before = admin.send(Ask::get(at("team/jars"))).await.is(200).must_have("etag").to_owned();
    let put = async |body: Value, status: u16, code: &str| {
        let problem = admin.send(Ask::put(at("team/jars")).json(&body)).await.is(status).json();
        assert_eq!(problem["code"], code, "{body}: {problem}");
        problem
    };
    let typo = json!({ "format": "maven", "policy": { "release": "replace" } });
    let problem = put(typo, 400, "unknown-field").await;
    assert_eq!(problem["errors"][0]["pointer"], "/policy/release");
    put(json!({ "format": "maven", "policy": { "releases": "often" } }), 400, "invalid").await;
    put(json!({ "format": "maven", "policy": { "immutable_tags": [] } }), 400, "unknown-field").await;
    put(json!({ "format": "maven", "policy": [] }), 400, "invalid").await;
    let many: Vec<String> = (0..65).map(|number| number.to_string()).collect();
    put(json!({ "format": "oci", "policy": { "immutable_tags": many } }), 400, "invalid").await;
    put(json!({ "format": "cargo" }), 400, "invalid").await;
    put(json!({ "format": "oci" }), 409, "format-fixed").await;
    // What is a policy of another format is none of this one.
    let problem = admin.send(patch("team/jars", &json!({ "delete": "hard" }))).await.is(409).json();
    assert_eq!(problem["code"], "rule");
    assert_eq!(admin.send(Ask::get(at("team/jars"))).await.must_have("etag"), before);
    let alice = hub.actor("alice");
    alice.send(patch("team/jars", &json!({ "releases": "replace" }))).await.is(403);
}

async fn what_nothing_keeps_to_is_not_stored(hub: Server) {
    let admin = hub.admin();
    let snapshots = |newest: Value| json!({ "snapshots": { "keep_newest": newest } });
    for (repository, newest, status) in [
        ("team/jars", json!(3), 409),
        ("team/jars", json!(0), 400),
        ("team/jars", json!(10_001), 400),
        ("team/builds", json!(5), 200),
        ("team/builds", json!(6), 409),
        ("team/builds", Value::Null, 200),
        ("team/builds", json!(5), 409),
    ] {
        let answer = admin.send(patch(repository, &snapshots(newest.clone()))).await;
        assert_eq!(answer.status, status, "{repository} {newest}: {answer}");
    }
    let new = json!({ "format": "maven", "policy": snapshots(json!(2)) });
    let problem = admin.send(Ask::put(at("team/made")).json(&new)).await.is(409).json();
    assert_eq!(problem["code"], "rule");
}
