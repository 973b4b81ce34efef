//! Pins: what is pinned is neither removed nor replaced by any door, and each client is told why in its own words.

use serde_json::{Value, json};

use crate::support::image::{self, OCI_INDEX};
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Answer, Ask, Organisation, Server, on_both_databases};

on_both_databases!(
    in crate::pins::team;
    a_pinned_tag_and_its_manifest_stay,
    a_pinned_index_keeps_its_members,
    a_pinned_release_and_a_pinned_snapshot_stay,
    a_pinned_package_is_neither_unlisted_removed_nor_replaced,
    a_pinned_file_stays,
    what_holds_a_pin_is_not_deleted,
    who_sets_up_a_repository_pins,
);

const WHY: &str = "shipped to Kraków";

fn team() -> Organisation {
    Organisation::team()
        .repository("team/files", "files", "private", "")
        .repository("team/feed", "nuget", "private", "duplicates = \"always\"")
        .repository("team/hard", "nuget", "private", "duplicates = \"always\"\ndelete = \"hard\"")
        .repository("team/loose", "maven", "private", "releases = \"replace\"")
}

fn at(repository: &str, rest: &str) -> String {
    format!("/api/v1/repositories/{repository}/packages/{rest}")
}

async fn set(hub: &Server, repository: &str, rest: &str, document: &Value) -> Answer {
    let at = format!("{}/pin", at(repository, rest));
    hub.actor("root").send(Ask::put(at).json(document)).await
}

async fn pin(hub: &Server, repository: &str, rest: &str) {
    let done = set(hub, repository, rest, &json!({ "pinned": true, "reason": WHY })).await.is(200).json();
    assert_eq!(done["changed"], true);
    let shown = hub.actor("root").send(Ask::get(at(repository, rest))).await.is(200).json();
    assert_eq!((&shown["pinned"], &shown["pin_reason"]), (&json!(true), &json!(WHY)));
}

async fn unpin(hub: &Server, repository: &str, rest: &str) {
    set(hub, repository, rest, &json!({ "pinned": false })).await.is(200);
    let shown = hub.actor("root").send(Ask::get(at(repository, rest))).await.is(200).json();
    assert_eq!((&shown["pinned"], &shown["pin_reason"]), (&json!(false), &Value::Null));
}

/// 409, and the body names the pin and its reason.
#[track_caller]
fn is_kept(answer: Answer, name: &str) -> Answer {
    let answer = answer.is(409);
    let body = String::from_utf8_lossy(&answer.body);
    assert!(body.contains(&format!("{name} is pinned")) && body.contains(WHY), "{body}");
    answer
}

async fn a_pinned_tag_and_its_manifest_stay(hub: Server) {
    let alice = hub.actor("alice");
    let one = image::image("one");
    alice.docker().push("team/app/web:v1", &one).await.done();
    alice.docker().push("team/app/web:latest", &one).await.done();
    pin(&hub, "team/app", "web/versions/v1").await;
    let refused = alice.docker().push("team/app/web:v1", &image::image("two")).await.refused_with(409);
    let error = &is_kept(refused, "web:v1").json()["errors"][0];
    assert_eq!(
        (&error["code"], &error["detail"]),
        (&json!("DENIED"), &json!({ "pinned": "web:v1", "reason": WHY }))
    );
    let manifest = format!("/v2/p/team/app/web/manifests/{}", one.digest());
    for door in ["/v2/p/team/app/web/manifests/v1", &manifest, &format!("{manifest}?force=true")] {
        is_kept(alice.send(Ask::delete(door)).await, "web:v1");
    }
    alice.docker().push("team/app/web:v1", &one).await.done();
    alice.send(Ask::delete("/v2/p/team/app/web/manifests/latest")).await.is(202);
    alice.docker().pull("team/app/web:v1").await.gives(&one);
    let digest = format!("web/versions/{}", one.digest().replace(':', "%3A"));
    unpin(&hub, "team/app", "web/versions/v1").await;
    pin(&hub, "team/app", &digest).await;
    is_kept(alice.send(Ask::delete(&manifest)).await, &format!("web@{}", one.digest()));
    unpin(&hub, "team/app", &digest).await;
    alice.send(Ask::delete(&manifest)).await.is(202);
}

async fn a_pinned_index_keeps_its_members(hub: Server) {
    let alice = hub.actor("alice");
    let arm = image::image("arm");
    alice.docker().push("team/app/web:arm", &arm).await.done();
    let index = Ask::put("/v2/p/team/app/web/manifests/all").header("content-type", OCI_INDEX);
    alice.send(index.body(image::index(OCI_INDEX, &[&arm]))).await.is(201);
    pin(&hub, "team/app", "web/versions/all").await;
    let member = format!("/v2/p/team/app/web/manifests/{}?force=true", arm.digest());
    is_kept(alice.send(Ask::delete(&member)).await, "web:all");
    unpin(&hub, "team/app", "web/versions/all").await;
    alice.send(Ask::delete(&member)).await.is(202);
}

async fn a_pinned_release_and_a_pinned_snapshot_stay(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/loose");
    let first = Built::new("org.example:lib:1.0", "text");
    jars.mvn_deploy(&first).await.expect("a deploy");
    let jar = "org/example/lib/1.0/lib-1.0.jar";
    pin(&hub, "team/loose", "org.example:lib/versions/1.0").await;
    let bytes = jars.get(jar).await.is(200).body;
    for other in ["other", &"x".repeat(bytes.len())] {
        is_kept(jars.put(jar, other.to_owned()).await, "org.example:lib@1.0");
    }
    jars.put(jar, bytes.clone()).await.is(200);
    for door in [jar, "org/example/lib/1.0/", "org/example/lib/"] {
        is_kept(alice.send(Ask::delete(jars.at(door))).await, "org.example:lib@1.0");
    }
    assert_eq!(jars.get(jar).await.is(200).body, bytes);
    let literal = "org/example/lib/2-SNAPSHOT/lib-2-SNAPSHOT.jar";
    jars.put(literal, "first").await.is(201);
    pin(&hub, "team/loose", "org.example:lib/versions/2-SNAPSHOT").await;
    is_kept(jars.put(literal, "second").await, "org.example:lib@2-SNAPSHOT");
    is_kept(alice.send(Ask::delete(jars.at(literal))).await, "org.example:lib@2-SNAPSHOT");
    unpin(&hub, "team/loose", "org.example:lib/versions/2-SNAPSHOT").await;
    jars.put(literal, "second").await.is(200);
    unpin(&hub, "team/loose", "org.example:lib/versions/1.0").await;
    jars.put(jar, "other").await.is(200);
    alice.send(Ask::delete(jars.at("org/example/lib/1.0/"))).await.is(204);
}

async fn a_pinned_package_is_neither_unlisted_removed_nor_replaced(hub: Server) {
    let alice = hub.actor("alice");
    for repository in ["team/feed", "team/hard"] {
        let feed = alice.feed(repository).keyed(&hub.login("alice").secret);
        feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
        pin(&hub, repository, "lib/versions/1.0").await;
        is_kept(feed.push(&Packed::unlike("Lib", "1.0.0", "other")).await, "Lib@1.0.0");
        let refused = is_kept(feed.delete("Lib", "1.0.0").await, "Lib@1.0.0");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
        feed.relist("Lib", "1.0.0").await.is(200);
        unpin(&hub, repository, "lib/versions/1.0").await;
        feed.delete("Lib", "1.0.0").await.is(204);
    }
}

async fn a_pinned_file_stays(hub: Server) {
    let alice = hub.actor("alice");
    let files = alice.files("team/files");
    files.put("build/tool.txt", "bytes").await.is(201);
    let version = "%2F/versions/build%2Ftool.txt";
    pin(&hub, "team/files", version).await;
    for other in ["other bytes", "BYTES"] {
        is_kept(files.put("build/tool.txt", other).await, "build/tool.txt");
    }
    is_kept(files.delete("build/tool.txt").await, "build/tool.txt");
    files.put("build/tool.txt", "bytes").await.is(200);
    files.put("build/other.txt", "bytes").await.is(201);
    unpin(&hub, "team/files", version).await;
    files.delete("build/tool.txt").await.is(204);
}

async fn what_holds_a_pin_is_not_deleted(hub: Server) {
    let root = hub.actor("root");
    hub.actor("alice").files("team/files").put("a", "bytes").await.is(201);
    pin(&hub, "team/files", "%2F/versions/a").await;
    let doors = [
        "/api/v1/repositories/team/files?confirm=team/files",
        "/api/v1/repositories/team/files?confirm=team/files&dry_run=true",
        "/api/v1/projects/team?confirm=team&with_repositories=true",
    ];
    for door in doors {
        let refused = is_kept(root.send(Ask::delete(door)).await, "a in team/files");
        assert_eq!(refused.json()["code"], "in-use");
    }
    unpin(&hub, "team/files", "%2F/versions/a").await;
    root.send(Ask::delete(doors[0])).await.is(200);
}

async fn who_sets_up_a_repository_pins(hub: Server) {
    let alice = hub.actor("alice");
    alice.files("team/files").put("a", "bytes").await.is(201);
    let place = format!("{}/pin", at("team/files", "%2F/versions/a"));
    let wanted = json!({ "pinned": true, "reason": WHY });
    assert_eq!(
        alice.send(Ask::put(&place).json(&wanted)).await.is(403).json()["missing"],
        "repository-settings"
    );
    for (rest, document, status, code) in [
        ("%2F/versions/b", &wanted, 404, "absent"),
        ("none/versions/a", &wanted, 404, "absent"),
        ("%2F/versions/a", &json!({ "pinned": true }), 409, "rule"),
        ("%2F/versions/a", &json!({ "reason": WHY }), 400, "invalid"),
        ("%2F/versions/a", &json!({ "pinned": true, "reason": "x".repeat(201) }), 400, "invalid"),
    ] {
        assert_eq!(
            set(&hub, "team/files", rest, document).await.is(status).json()["code"],
            code,
            "{rest} {document}"
        );
    }
    let root = hub.actor("root");
    let tried = root.send(Ask::put(format!("{place}?dry_run=true")).json(&wanted)).await.is(200).json();
    assert_eq!((&tried["changed"], &tried["stored"]), (&json!(true), &json!(false)));
    let list = root.send(Ask::get(at("team/files", "%2F/versions"))).await.is(200).json();
    assert_eq!(list["items"][0]["pinned"], false);
    pin(&hub, "team/files", "%2F/versions/a").await;
    alice.files("team/files").put("b", "bytes").await.is(201);
    let list = root.send(Ask::get(at("team/files", "%2F/versions"))).await.is(200).json();
    let pinned: Vec<&Value> =
        list["items"].as_array().expect("items").iter().map(|item| &item["pinned"]).collect();
    assert_eq!(pinned, [true, false]);
    let told =
        root.send(Ask::get("/api/v1/repositories/team/files/audit?action=version.pin")).await.is(200).json();
    let event = &told["items"][0];
    assert_eq!((&event["object"]["name"], &event["after"]["reason"]), (&json!("team/files/a"), &json!(WHY)));
}
