//! Versions that are deleted, taken out of lists and freed over the API and by the command line: by the rules of each protocol's own
//! delete.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::maven::Built;
use crate::support::nuget::Packed;
use crate::support::{Ask, Organisation, Server, image, on_both_databases};

on_both_databases!(
    in crate::versions::team;
    tags_and_manifests_are_deleted,
    a_version_of_maven_goes_with_its_files_and_stays_reserved,
    feeds_unlist_or_remove,
    a_file_is_deleted,
    a_package_goes_with_all_its_versions,
    a_package_with_anything_that_stays_stays_whole,
    what_may_not_go_stays,
    who_may_not_delete_does_not,
    clients_are_told_what_should_no_longer_be_used,
    weaknesses_are_put_and_found_by_clients,
    other_formats_say_no_such_thing,
);

fn team() -> Organisation {
    Organisation::team()
        .repository("team/files", "files", "private", "")
        .repository("team/feed", "nuget", "private", "")
        .repository("team/hard", "nuget", "private", "delete = \"hard\"")
}

fn at(repository: &str, rest: &str) -> String {
    format!("/api/v1/repositories/{repository}/packages/{rest}")
}

async fn deleted(who: &Actor, repository: &str, rest: &str) -> Value {
    let tried = who.send(Ask::delete(format!("{}?dry_run=true", at(repository, rest)))).await.is(200).json();
    let done = who.send(Ask::delete(at(repository, rest))).await.is(200).json();
    assert_eq!(tried, done, "what would be is what was");
    done
}

async fn events(hub: &Server, repository: &str) -> Vec<String> {
    let asked = format!("/api/v1/repositories/{repository}/audit?class=admin");
    let told = hub.actor("root").send(Ask::get(asked)).await.is(200).json();
    let items = told["items"].as_array().expect("items").iter();
    let line = |event: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {}", text(&event["action"]), text(&event["object"]["name"]))
    };
    let kinds = ["version.", "tombstone.", "advisory."];
    let about = |line: &String| kinds.iter().any(|kind| line.starts_with(kind));
    let mut lines: Vec<String> = items.map(line).filter(about).collect();
    lines.reverse();
    lines
}

async fn tags_and_manifests_are_deleted(hub: Server) {
    let alice = hub.actor("alice");
    let one = image("one");
    for name in ["v1", "v2"] {
        alice.docker().push(&format!("team/app/tools/web:{name}"), &one).await.done();
    }
    let done = deleted(&alice, "team/app", "tools%2Fweb/versions/v1").await;
    assert_eq!(done, json!({ "outcome": "removed", "names": 1 }));
    alice.docker().pull("team/app/tools/web:v1").await.refused_with(404);
    alice.docker().pull("team/app/tools/web:v2").await.gives(&one);
    let digest = format!("tools%2Fweb/versions/{}", one.digest().replace(':', "%3A"));
    assert_eq!(deleted(&alice, "team/app", &digest).await["names"], 2);
    alice.docker().pull("team/app/tools/web:v2").await.refused_with(404);
    let again = alice.send(Ask::delete(at("team/app", &digest))).await.is(404).json();
    assert_eq!(again["code"], "absent");
    let told = [
        "version.delete team/app/tools/web:v1".to_owned(),
        format!("version.delete team/app/tools/web@{}", one.digest()),
    ];
    assert_eq!(events(&hub, "team/app").await, told);
}

async fn a_version_of_maven_goes_with_its_files_and_stays_reserved(hub: Server) {
    let alice = hub.actor("alice");
    let jars = alice.jars("team/jars");
    for version in ["1.0", "1.1"] {
        jars.mvn_deploy(&Built::new(&format!("org.example:lib:{version}"), "text")).await.expect("a deploy");
    }
    let done = deleted(&alice, "team/jars", "org.example:lib/versions/1.0").await;
    assert_eq!(done, json!({ "outcome": "removed", "names": 2 }));
    let jar = "org/example/lib/1.0/lib-1.0.jar";
    jars.get(jar).await.is(404);
    assert_eq!(jars.versions("org/example/lib").await, ["1.1"]);
    jars.put(jar, "other").await.is(409);
    let root = hub.actor("root");
    let place = "/api/v1/repositories/team/jars/tombstones";
    let list = alice.send(Ask::get(place)).await.is(200).json();
    let names: Vec<&str> =
        list["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names, ["org.example:lib/1.0/lib-1.0.jar", "org.example:lib/1.0/lib-1.0.pom"]);
    assert_eq!(list["items"][0]["removed_by"], "member:alice");
    let page = alice.send(Ask::get(format!("{place}?limit=1"))).await.is(200).json();
    let next = page["next"].as_str().expect("more").replace('\n', "%0A").replace('/', "%2F");
    let rest = alice.send(Ask::get(format!("{place}?limit=1&after={next}"))).await.is(200).json();
    assert_eq!(rest["items"][0]["name"], names[1]);
    let lift = format!("{place}/{}", names[0].replace('/', "%2F"));
    assert_eq!(alice.send(Ask::delete(&lift)).await.is(403).json()["missing"], "repository-settings");
    root.send(Ask::delete(format!("{lift}?dry_run=true"))).await.is(200);
    jars.put(jar, "other").await.is(409);
    root.send(Ask::delete(&lift)).await.is(200);
    root.send(Ask::delete(&lift)).await.is(404);
    jars.put(jar, "other").await.is(201);
    let told = [
        "version.delete team/jars/org.example:lib@1.0",
        "tombstone.lift team/jars/org.example:lib/1.0/lib-1.0.jar",
    ];
    assert_eq!(events(&hub, "team/jars").await, told);
}

async fn feeds_unlist_or_remove(hub: Server) {
    let alice = hub.actor("alice");
    for (repository, outcome) in [("team/feed", "unlisted"), ("team/hard", "removed")] {
        let feed = alice.feed(repository).keyed(&hub.login("alice").secret);
        for version in ["1.0.0", "2.0.0"] {
            feed.push(&Packed::new("Lib", version)).await.is(201);
        }
        let done = deleted(&alice, repository, "lib/versions/1.0").await;
        assert_eq!(done, json!({ "outcome": outcome, "names": 1 }));
        let left = if outcome == "removed" { vec!["2.0.0"] } else { vec!["1.0.0", "2.0.0"] };
        let index = feed.get("flat/lib/index.json").await.is(200).json();
        assert_eq!(index["versions"], json!(left));
        let state = format!("{}/state", at(repository, "Lib/versions/2.0.0"));
        let show = async || alice.send(Ask::get(at(repository, "lib/versions/2.0.0"))).await.is(200).json();
        for wanted in ["unlisted", "listed"] {
            alice.send(Ask::put(&state).json(&json!({ "state": wanted }))).await.is(200);
            assert_eq!(show().await["state"], wanted);
        }
    }
    let root = hub.actor("root");
    let place = "/api/v1/repositories/team/hard/tombstones";
    let list = root.send(Ask::get(place)).await.is(200).json();
    assert_eq!(list["items"][0]["name"], "Lib@1.0.0");
    root.send(Ask::delete(format!("{place}/lib@1.0"))).await.is(200);
    let list = root.send(Ask::get(place)).await.is(200).json();
    assert_eq!(list["items"], json!([]));
}

async fn a_file_is_deleted(hub: Server) {
    let alice = hub.actor("alice");
    alice.files("team/files").put("build/tool.txt", "bytes").await.is(201);
    let version = "%2F/versions/build%2Ftool.txt";
    assert_eq!(deleted(&alice, "team/files", version).await["outcome"], "removed");
    alice.files("team/files").get("build/tool.txt").await.is(404);
    let unlisted =
        Ask::put(format!("{}/state", at("team/files", version))).json(&json!({ "state": "listed" }));
    assert_eq!(alice.send(unlisted).await.is(409).json()["code"], "rule", "files are listed or not there");
}

/// Of each format, by the rules of its own delete, and with an event for each version.
async fn a_package_goes_with_all_its_versions(hub: Server) {
    let alice = hub.actor("alice");
    let gone = async |repository: &str, package: &str| -> Value {
        let door = format!("{}?confirm={}", at(repository, package), package);
        let tried = alice.send(Ask::delete(format!("{door}&dry_run=true"))).await.is(200).json();
        let done = alice.send(Ask::delete(&door)).await.is(200).json();
        assert_eq!(tried, done, "what would be is what was");
        done
    };
    let (one, two) = (image("one"), image("two"));
    for (name, image) in [("v1", &one), ("v2", &one), ("v3", &two)] {
        alice.docker().push(&format!("team/app/tools/web:{name}"), image).await.done();
    }
    alice.docker().push("team/app/tools/other:v1", &one).await.done();
    // Three tags, and the manifests that they name.
    assert_eq!(
        gone("team/app", "tools%2Fweb").await,
        json!({ "outcome": "removed", "versions": 5, "names": 5 })
    );
    alice.docker().pull("team/app/tools/web:v3").await.refused_with(404);
    alice.docker().pull("team/app/tools/other:v1").await.gives(&one);
    alice.send(Ask::get(at("team/app", "tools%2Fweb"))).await.is(404);
    let told = events(&hub, "team/app").await;
    assert_eq!(told.len(), 5);
    assert!(told.contains(&"version.delete team/app/tools/web:v2".to_owned()), "{told:?}");

    let jars = alice.jars("team/jars");
    for version in ["1.0", "1.1"] {
        jars.mvn_deploy(&Built::new(&format!("org.example:lib:{version}"), "text")).await.expect("a deploy");
    }
    jars.mvn_deploy(&Built::new("org.example:other:1.0", "text")).await.expect("a deploy");
    let done = gone("team/jars", "org.example:lib").await;
    assert_eq!(done, json!({ "outcome": "removed", "versions": 2, "names": 4 }));
    jars.get("org/example/lib/maven-metadata.xml").await.is(404);
    assert_eq!(jars.versions("org/example/other").await, ["1.0"]);
    jars.put("org/example/lib/1.0/lib-1.0.jar", "other").await.is(409);
    let told =
        ["version.delete team/jars/org.example:lib@1.0", "version.delete team/jars/org.example:lib@1.1"];
    assert_eq!(events(&hub, "team/jars").await, told);

    for (repository, outcome) in [("team/feed", "unlisted"), ("team/hard", "removed")] {
        let feed = alice.feed(repository).keyed(&hub.login("alice").secret);
        for version in ["1.0.0", "2.0.0"] {
            feed.push(&Packed::new("Lib", version)).await.is(201);
        }
        let done = gone(repository, "lib").await;
        assert_eq!(done, json!({ "outcome": outcome, "versions": 2, "names": 2 }));
        let status = if outcome == "removed" { 404 } else { 200 };
        feed.get("flat/lib/index.json").await.is(status);
    }
    // What is out of lists already is not taken out again.
    assert_eq!(gone("team/feed", "lib").await["versions"], 0);
    assert_eq!(events(&hub, "team/feed").await.len(), 2);
    alice.send(Ask::delete(format!("{}?confirm=lib", at("team/hard", "lib")))).await.is(404);

    for path in ["build/tool.txt", "readme.md"] {
        alice.files("team/files").put(path, "bytes").await.is(201);
    }
    assert_eq!(gone("team/files", "%2F").await, json!({ "outcome": "removed", "versions": 2, "names": 2 }));
    alice.files("team/files").get("readme.md").await.is(404);
}

async fn a_package_with_anything_that_stays_stays_whole(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.actor("root"));
    for name in ["web:v1", "web:v2", "other:v1"] {
        alice.docker().push(&format!("team/app/{name}"), &image(name)).await.done();
    }
    alice.docker().push("team/frozen/web:v1", &image("one")).await.done();
    alice.docker().push("team/frozen/web:latest", &image("two")).await.done();
    let pinned = json!({ "pinned": true, "reason": "shipped" });
    root.send(Ask::put(format!("{}/pin", at("team/app", "web/versions/v2"))).json(&pinned)).await.is(200);
    for (repository, code) in [("team/app", "in-use"), ("team/frozen", "rule")] {
        for asked in ["", "&dry_run=true"] {
            let door = format!("{}?confirm=web{asked}", at(repository, "web"));
            assert_eq!(
                alice.send(Ask::delete(door)).await.is(409).json()["code"],
                code,
                "{repository}{asked}"
            );
        }
    }
    for name in ["team/app/web:v1", "team/app/web:v2", "team/frozen/web:latest"] {
        alice.docker().pull(name).await.done();
    }
    for asked in ["", "?confirm=other"] {
        let door = format!("{}{asked}", at("team/app", "web"));
        assert_eq!(alice.send(Ask::delete(door)).await.is(409).json()["code"], "confirm");
    }
    for who in ["rita", "pat"] {
        let refused =
            hub.actor(who).send(Ask::delete(format!("{}?confirm=other", at("team/app", "other")))).await;
        assert_eq!(refused.is(403).json()["missing"], "delete-package", "{who}");
    }
    alice.send(Ask::delete(format!("{}?confirm=none", at("team/app", "none")))).await.is(404);
    assert!(events(&hub, "team/app").await.iter().all(|line| line.starts_with("version.pin")));
}

async fn what_may_not_go_stays(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.actor("root"));
    alice.docker().push("team/frozen/web:v1", &image("one")).await.done();
    let refused = alice.send(Ask::delete(at("team/frozen", "web/versions/v1"))).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    alice.docker().push("team/app/web:v1", &image("one")).await.done();
    let pinned = json!({ "pinned": true, "reason": "shipped" });
    root.send(Ask::put(format!("{}/pin", at("team/app", "web/versions/v1"))).json(&pinned)).await.is(200);
    for asked in ["", "?dry_run=true"] {
        let door = format!("{}{asked}", at("team/app", "web/versions/v1"));
        let refused = alice.send(Ask::delete(door)).await.is(409).json();
        assert_eq!(refused["code"], "in-use");
        assert_eq!(refused["detail"], "web:v1 is pinned and neither removed nor replaced: shipped");
    }
    alice.docker().pull("team/app/web:v1").await.done();
}

async fn who_may_not_delete_does_not(hub: Server) {
    hub.actor("alice").docker().push("team/app/web:v1", &image("one")).await.done();
    let door = at("team/app", "web/versions/v1");
    for who in ["rita", "pat"] {
        let refused = hub.actor(who).send(Ask::delete(&door)).await.is(403).json();
        assert_eq!(refused["missing"], "delete-package", "{who}");
    }
    hub.actor("bob").send(Ask::delete(&door)).await.is(403);
    hub.stranger().send(Ask::delete(&door)).await.is(401);
    hub.actor("alice").docker().pull("team/app/web:v1").await.done();
}

async fn clients_are_told_what_should_no_longer_be_used(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let place = format!("{}/deprecation", at("team/feed", "lib/versions/1.0"));
    assert_eq!(alice.send(Ask::get(&place)).await.is(404).json()["code"], "absent");
    let said =
        json!({ "reasons": ["critical-bugs"], "message": "use the other", "alternate": { "id": "Other" } });
    alice.send(Ask::put(format!("{place}?dry_run=true")).json(&said)).await.is(200);
    alice.send(Ask::get(&place)).await.is(404);
    let done = alice.send(Ask::put(&place).json(&said)).await.is(200).json();
    assert_eq!(done["changed"], true);
    assert_eq!(alice.send(Ask::put(&place).json(&said)).await.is(200).json()["changed"], false);
    assert_eq!(alice.send(Ask::get(&place)).await.is(200).json(), said);
    let index = feed.document("reg-gz-semver2/lib/index.json").await;
    let told = &index["items"][0]["items"][0]["catalogEntry"]["deprecation"];
    assert_eq!((&told["reasons"], &told["message"]), (&json!(["CriticalBugs"]), &json!("use the other")));
    for bad in [json!({ "reasons": ["old"] }), json!({ "reasons": [] }), json!({ "alternate": {} })] {
        alice.send(Ask::put(&place).json(&bad)).await.is(400);
    }
    hub.actor("rita").send(Ask::put(&place).json(&said)).await.is(403);
    alice.send(Ask::delete(&place)).await.is(200);
    alice.send(Ask::get(&place)).await.is(404);
    assert_eq!(events(&hub, "team/feed").await, vec!["version.deprecate team/feed/Lib@1.0.0"; 2]);
}

async fn weaknesses_are_put_and_found_by_clients(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.actor("root"));
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let place = "/api/v1/repositories/team/feed/advisories";
    let osv = |id: &str, name: &str| {
        json!({
            "id": id, "summary": "it leaks", "modified": "2026-01-01T00:00:00Z",
            "affected": [{ "package": { "ecosystem": "NuGet", "name": name },
                "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "2.0.0" }] }] }],
        })
    };
    let one = format!("{place}/GHSA-1");
    assert_eq!(
        alice.send(Ask::put(&one).json(&osv("GHSA-1", "lib"))).await.is(403).json()["missing"],
        "repository-settings"
    );
    root.send(Ask::put(&one).json(&osv("GHSA-1", "lib"))).await.is(200);
    assert_eq!(root.send(Ask::put(&one).json(&osv("GHSA-1", "lib"))).await.is(200).json()["changed"], false);
    for wrong in [osv("GHSA-2", "lib"), json!({ "id": "GHSA-1" }), osv("GHSA-1", "a..b")] {
        assert_eq!(root.send(Ask::put(&one).json(&wrong)).await.is(409).json()["code"], "rule", "{wrong}");
    }
    assert_eq!(alice.send(Ask::get(&one)).await.is(200).json(), osv("GHSA-1", "lib"));
    let list = alice.send(Ask::get(place)).await.is(200).json();
    assert_eq!(
        (&list["items"][0]["id"], &list["items"][0]["summary"]),
        (&json!("GHSA-1"), &json!("it leaks"))
    );
    assert_eq!((list["items"].as_array().map(Vec::len), &list["next"]), (Some(1), &Value::Null));
    let index = feed.document("reg-gz-semver2/lib/index.json").await;
    assert_eq!(index["items"][0]["items"][0]["catalogEntry"]["vulnerabilities"][0]["severity"], "1");
    root.send(Ask::delete(&one)).await.is(200);
    root.send(Ask::delete(&one)).await.is(404);
    alice.send(Ask::get(&one)).await.is(404);
    let told = ["advisory.put team/feed/GHSA-1", "advisory.delete team/feed/GHSA-1"];
    assert_eq!(events(&hub, "team/feed").await, told);
}

async fn other_formats_say_no_such_thing(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.actor("root"));
    alice.jars("team/jars").mvn_deploy(&Built::new("org.example:lib:1.0", "text")).await.expect("a deploy");
    let place = format!("{}/deprecation", at("team/jars", "org.example:lib/versions/1.0"));
    let refused = alice.send(Ask::put(place).json(&json!({ "message": "old" }))).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    let put = Ask::put("/api/v1/repositories/team/jars/advisories/GHSA-1").json(&json!({ "id": "GHSA-1" }));
    assert_eq!(root.send(put).await.is(409).json()["code"], "rule");
}
