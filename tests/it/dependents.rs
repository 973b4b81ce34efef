//! What needs a package, as POMs and nuspecs say it: who is told what, and what is read later of what was pushed before it was noted.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::maven::{Built, pom};
use crate::support::nuget::Packed;
use crate::support::{Ask, Folder, Organisation, Server, on_both_databases, until};

on_both_databases!(
    in super::organisation;
    jars_are_used_by_what_their_poms_say,
    packages_are_used_by_what_their_nuspecs_say,
    nobody_is_told_of_what_they_may_not_read,
    pages_go_on_across_repositories,
    a_snapshot_says_what_its_newest_build_says,
);

fn organisation() -> Organisation {
    Organisation::team_of_every_format()
        .repository("team/more-jars", "maven", "private", "")
        .repository("other/canary-jars", "maven", "private", "")
        .repository("other/canary-feed", "nuget", "private", "")
        .repository("team/open-jars", "maven", "public", "")
        .member("erin")
        .role("member:erin", "project-member", "team")
}

/// A POM with this inside.
fn saying(coordinates: &str, inside: &str) -> String {
    let parts: Vec<&str> = coordinates.split(':').collect();
    let [group, artifact, version] = parts[..] else { panic!("GROUP:ARTIFACT:VERSION, not {coordinates}") };
    pom(group, artifact, version).replace("</project>", &format!("{inside}</project>"))
}

fn dependency(coordinates: &str, rest: &str) -> String {
    let parts: Vec<&str> = coordinates.splitn(3, ':').collect();
    let [group, artifact, version] = parts[..] else { panic!("GROUP:ARTIFACT:VERSION, not {coordinates}") };
    let version = if version.is_empty() { String::new() } else { format!("<version>{version}</version>") };
    format!(
        "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{version}{rest}</dependency>"
    )
}

/// Deploys a jar with a POM that says this.
async fn deploy(who: &Actor, repository: &str, coordinates: &str, inside: &str) {
    let mut built = Built::new(coordinates, "text");
    let last = built.files.last_mut().expect("a POM");
    last.1 = saying(coordinates, inside).into();
    who.jars(repository).mvn_deploy(&built).await.expect("a deploy");
}

async fn needing(who: &Actor, repository: &str, coordinates: &str, needed: &[&str]) {
    let all: String = needed.iter().map(|one| dependency(one, "")).collect();
    deploy(who, repository, coordinates, &format!("<dependencies>{all}</dependencies>")).await;
}

fn at(repository: &str, package: &str, query: &str) -> String {
    format!("/api/v1/repositories/{repository}/packages/{package}/dependents{query}")
}

async fn told(who: &Actor, repository: &str, package: &str, query: &str) -> Vec<Value> {
    let list = who.send(Ask::get(at(repository, package, query))).await.is(200).json();
    list["items"].as_array().expect("items").clone()
}

/// Repository, package, version and range of each.
async fn users(who: &Actor, repository: &str, package: &str, query: &str) -> Vec<String> {
    let all = told(who, repository, package, query).await;
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
    all.iter()
        .map(|one| ["on", "package", "version", "range"].map(|name| text(one, name)).join(" "))
        .collect()
}

async fn jars_are_used_by_what_their_poms_say(hub: Server) {
    let alice = hub.actor("alice");
    needing(&alice, "team/jars", "org.example:lib:1.0", &[]).await;
    needing(&alice, "team/jars", "org.example:app:1", &["org.example:lib:1.0", "org.else:where:7"]).await;
    deploy(
        &alice,
        "team/jars",
        "org.example:app:10",
        &format!(
            "<properties><lib>1.0.0</lib></properties><dependencies>{}</dependencies>",
            dependency("${project.groupId}:lib:${lib}", "<scope>test</scope><optional>true</optional>")
        ),
    )
    .await;
    needing(&alice, "team/more-jars", "org.tool:ranged:2", &["org.example:lib:[1.0,2)"]).await;
    needing(&alice, "team/more-jars", "org.tool:open:2", &["org.example:lib:(,3]"]).await;
    let parent =
        "<parent><groupId>org.example</groupId><artifactId>lib</artifactId><version>0.9</version></parent>";
    deploy(&alice, "team/more-jars", "org.tool:child:1", parent).await;
    let managed = dependency("org.example:lib:", "");
    let managed =
        format!("<dependencyManagement><dependencies>{managed}</dependencies></dependencyManagement>");
    deploy(&alice, "team/more-jars", "org.tool:bom:1", &managed).await;
    // What only a build could tell names nothing.
    needing(&alice, "team/more-jars", "org.tool:unknown:1", &["org.example:${which}:1.0"]).await;
    assert_eq!(
        users(&alice, "team/jars", "org.example:lib", "").await,
        [
            "team/jars org.example:app 10 1.0.0",
            "team/more-jars org.tool:bom 1 -",
            "team/more-jars org.tool:child 1 0.9",
            "team/more-jars org.tool:open 2 (,3]",
            "team/more-jars org.tool:ranged 2 [1.0,2)",
        ]
    );
    // Maven holds these for one version.
    for version in ["1.0", "1.0.0"] {
        let asked = format!("?version={version}");
        assert_eq!(
            users(&alice, "team/jars", "org.example:lib", &asked).await,
            ["team/jars org.example:app 10 1.0.0", "team/more-jars org.tool:ranged 2 [1.0,2)"]
        );
    }
    let all = told(&alice, "team/jars", "org.example:lib", "").await;
    assert_eq!(
        all[0],
        json!({ "on": "team/jars", "package": "org.example:app", "version": "10", "range": "1.0.0", "scope": "test",
            "group": null, "optional": true })
    );
    assert_eq!((&all[1]["group"], &all[2]["scope"]), (&json!("managed"), &json!("parent")));
    assert_eq!(users(&alice, "team/jars", "org.example:app", "").await, [""; 0]);
    for path in [at("team/jars", "org.none:none", ""), at("team/jars", "org.else:where", "")] {
        assert_eq!(alice.send(Ask::get(path)).await.is(404).json()["code"], "absent");
    }
    let wrong = alice.send(Ask::get(at("team/jars", "org.example:lib", "?after=nonsense"))).await.is(409);
    assert_eq!(wrong.json()["code"], "bad-cursor");
    // It goes with the version.
    let gone = "/api/v1/repositories/team/jars/packages/org.example:app/versions/10";
    hub.admin().send(Ask::delete(gone)).await.is(200);
    let left = users(&alice, "team/jars", "org.example:lib", "").await;
    assert_eq!(left[0], "team/jars org.example:app 1 1.0");
}

async fn packages_are_used_by_what_their_nuspecs_say(hub: Server) {
    let alice = hub.actor("alice");
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Lib.Core", "1.0.0")).await.is(201);
    let group = |framework: &str, version: &str| {
        format!(
            "<group targetFramework='{framework}'><dependency id='LIB.Core' version='{version}'/></group>"
        )
    };
    let extra = |inside: &str| format!("<description>d</description><dependencies>{inside}</dependencies>");
    let groups = [group("net8.0", "1.0"), group("net6.0", "1.0.0"), group("net48", "[0.9,1)")].concat();
    feed.push(&Packed::with("App", "1.0.0", &extra(&groups), &[])).await.is(201);
    feed.push(&Packed::with("App", "0.1.0", &extra("<dependency id='Lib.Core'/>"), &[])).await.is(201);
    let all = told(&alice, "team/feed", "lib.core", "").await;
    assert_eq!(
        all,
        [
            json!({ "on": "team/feed", "package": "App", "version": "1.0.0", "range": "[1.0.0, )", "scope": null,
            "group": "net8.0, net6.0", "optional": false })
        ]
    );
    let asked = users(&alice, "team/feed", "Lib.Core", "?version=0.9").await;
    assert_eq!(asked, ["team/feed App 1.0.0 [0.9.0, 1.0.0)"]);
    // Out of lists it is still found by who names it, and still needs what it needs.
    feed.delete("App", "1.0.0").await.is(204);
    assert_eq!(users(&alice, "team/feed", "Lib.Core", "").await, ["team/feed App 1.0.0 [1.0.0, )"]);
    // Formats that say nothing of the kind are asked in vain.
    alice.send(Ask::put("/files/p/team/files/a.txt").body("x")).await.is(201);
    assert_eq!(users(&alice, "team/files", "%2F", "").await, [""; 0]);
}

async fn nobody_is_told_of_what_they_may_not_read(hub: Server) {
    let (alice, root) = (hub.actor("alice"), hub.admin());
    needing(&alice, "team/jars", "org.example:lib:1.0", &[]).await;
    needing(&alice, "team/open-jars", "org.open:lib:1.0", &[]).await;
    needing(&alice, "team/more-jars", "org.app:app:1", &["org.example:lib:1.0", "org.open:lib:1.0"]).await;
    needing(&root, "other/canary-jars", "org.canary:spy:6.6.6", &["org.example:lib:1.0", "org.open:lib:1.0"])
        .await;
    let canary = "other/canary-jars org.canary:spy 6.6.6 1.0";
    let app = "team/more-jars org.app:app 1 1.0";
    let erin = hub.actor("erin");
    for query in ["", "?version=1.0"] {
        assert_eq!(users(&erin, "team/jars", "org.example:lib", query).await, [app]);
        let mut both = users(&root, "team/jars", "org.example:lib", query).await;
        both.sort_unstable();
        assert_eq!(both, [canary, app]);
        // What anybody may read is looked at by those who see nothing that needs it.
        let bob = hub.actor("bob");
        let answer = bob.send(Ask::get(at("team/open-jars", "org.open:lib", query))).await.is(200);
        assert_eq!(answer.json(), json!({ "items": [], "next": null }));
        bob.send(Ask::get(at("team/jars", "org.example:lib", query))).await.is(403);
        hub.stranger().send(Ask::get(at("team/jars", "org.example:lib", query))).await.is(401);
    }
    // Nor of a page's end: with room for one there is no more behind it.
    let list = erin.send(Ask::get(at("team/jars", "org.example:lib", "?limit=2"))).await.is(200).json();
    assert_eq!(list["next"], Value::Null);
    let first = erin.send(Ask::get(at("team/jars", "org.example:lib", "?limit=1"))).await.is(200).json();
    let after = format!("?limit=1&after={}", first["next"].as_str().expect("a full page"));
    let rest = erin.send(Ask::get(at("team/jars", "org.example:lib", &after.replace('\n', "%0A")))).await;
    assert_eq!(rest.is(200).json(), json!({ "items": [], "next": null }));
}

async fn pages_go_on_across_repositories(hub: Server) {
    let alice = hub.actor("alice");
    needing(&alice, "team/jars", "org.example:lib:1.0", &[]).await;
    for number in 0..3 {
        for repository in ["team/jars", "team/more-jars"] {
            let coordinates = format!("org.app:app{number}:1");
            needing(&alice, repository, &coordinates, &["org.example:lib:1.0"]).await;
        }
    }
    let all = users(&alice, "team/jars", "org.example:lib", "").await;
    assert_eq!(all.len(), 6, "{all:?}");
    let (mut pages, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = alice.send(Ask::get(at("team/jars", "org.example:lib", &query))).await.is(200).json();
        pages.extend(users(&alice, "team/jars", "org.example:lib", &query).await);
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&after={}", next.replace('\n', "%0A"));
        // With another filter it is no place in the list.
        let other = at("team/jars", "org.example:lib", &format!("{query}&version=1.0"));
        alice.send(Ask::get(other)).await.is(409);
    }
    assert_eq!(pages, all);
}

async fn a_snapshot_says_what_its_newest_build_says(hub: Server) {
    let alice = hub.actor("alice");
    needing(&alice, "team/jars", "org.example:lib:1.0", &[]).await;
    needing(&alice, "team/jars", "org.example:next:1.0", &[]).await;
    needing(&alice, "team/jars", "org.app:app:1-SNAPSHOT", &["org.example:lib:1.0"]).await;
    needing(&alice, "team/jars", "org.app:app:1-SNAPSHOT", &["org.example:next:1.0"]).await;
    assert_eq!(users(&alice, "team/jars", "org.example:lib", "").await, [""; 0]);
    assert_eq!(
        users(&alice, "team/jars", "org.example:next", "").await,
        ["team/jars org.app:app 1-SNAPSHOT 1.0"]
    );
}

/// As a program wrote it that noted nothing.
const FORGOTTEN: &str = "DELETE FROM needed; UPDATE entry SET needs_read = 0;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pushed_before_is_read_by_a_worker() {
    let hub = Server::on_disk(organisation(), Folder::new("dependents")).await;
    let alice = hub.actor("alice");
    needing(&alice, "team/jars", "org.example:lib:1.0", &[]).await;
    needing(&alice, "team/jars", "org.app:app:1", &["org.example:lib:1.0"]).await;
    needing(&alice, "team/jars", "org.app:snap:1-SNAPSHOT", &["org.example:lib:0.9"]).await;
    needing(&alice, "team/jars", "org.app:snap:1-SNAPSHOT", &["org.example:lib:1.0"]).await;
    let feed = alice.feed("team/feed").keyed(&hub.login("alice").secret);
    feed.push(&Packed::new("Lib", "1.0.0")).await.is(201);
    let extra =
        "<description>d</description><dependencies><dependency id='Lib' version='1.0'/></dependencies>";
    feed.push(&Packed::with("App", "1.0.0", extra, &[])).await.is(201);
    let before = [("team/jars", "org.example:lib"), ("team/feed", "Lib")];
    let mut noted = Vec::new();
    for (repository, package) in before {
        noted.push(users(&alice, repository, package, "").await);
    }
    assert_eq!(noted[0].len() + noted[1].len(), 3, "{noted:?}");
    drop(feed);
    drop(alice);
    let (organisation, folder) = hub.stop().await;
    let database = rusqlite::Connection::open(folder.path("data/wharfinger.db")).expect("the database");
    database.execute_batch(FORGOTTEN).expect("rows");
    drop(database);
    let hub = Server::on_disk(organisation, folder).await;
    let alice = hub.actor("alice");
    until("it was read", async || {
        let mut read = Vec::new();
        for (repository, package) in before {
            read.push(users(&alice, repository, package, "").await);
        }
        read == noted
    })
    .await;
}
