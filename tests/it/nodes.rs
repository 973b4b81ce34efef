//! Several gateways with the same rows: where a change is in force when it is answered, and what one of them was told of another.

use http::Method;
use serde_json::{Value, json};

use crate::support::process::run;
use crate::support::{Actor, Ask, Folder, Organisation, Server, on_both_databases, until};

on_both_databases!(a_node_is_listed, what_was_not_drawn_is_not_waited_for, who_is_alone_waits_for_nobody);

const GRANTS: &str = "/api/v1/projects/team/grants";

fn read_for(who: &str) -> Value {
    json!({ "to": who, "permissions": ["read"] })
}

fn wait_for_all(who: &str) -> Ask {
    Ask::put(format!("{GRANTS}?wait=all")).json(&read_for(who))
}

async fn nodes(admin: &Actor) -> Vec<Value> {
    let page = admin.send(Ask::get("/api/v1/nodes")).await.is(200).json();
    page["items"].as_array().expect("items").clone()
}

async fn a_node_is_listed(hub: Server) {
    let listed = nodes(&hub.admin()).await;
    let [node] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((&node["here"], &node["release"]), (&json!(true), &json!(env!("CARGO_PKG_VERSION"))));
    let changed = hub.admin().send(Ask::put(GRANTS).json(&read_for("member:bob"))).await.is(200);
    let version: u64 = changed.must_have("wharfinger-policy-version").parse().expect("a number");
    until("it says that it has the change", async || {
        nodes(&hub.admin()).await[0]["policy_version"].as_u64() >= Some(version)
    })
    .await;
    hub.actor("bob").send(Ask::get("/api/v1/nodes")).await.is(403);
    let lost = hub.admin().send(Ask::get("/api/v1/nodes?after=x")).await.is(409).json();
    assert_eq!(lost["code"], "bad-cursor");
}

async fn what_was_not_drawn_is_not_waited_for(hub: Server) {
    let (admin, header) = (hub.admin(), "wharfinger-policy-version");
    let changed = admin.send(Ask::put(GRANTS).json(&read_for("member:bob"))).await.is(200);
    let version = changed.must_have(header).to_owned();
    hub.actor("bob").send(Ask::get("/api/v1/projects/team").header(header, &version)).await.is(200);
    let ahead = admin.send(Ask::get("/api/v1/me").header(header, "999999")).await.is(503);
    ahead.must_have("retry-after");
    assert_eq!(ahead.json()["code"], "not-yet-in-force");
    for wrong in ["", "-1", "+1", "x", "1 "] {
        let answer = admin.send(Ask::get("/api/v1/me").header(header, wrong)).await;
        assert!(answer.status == 400 || wrong == "1 " && answer.status == 200, "{wrong:?}: {answer}");
    }
    admin.send(Ask::get("/api/v1/me?wait=all")).await.is(400);
    admin.send(Ask::put(format!("{GRANTS}?wait=most")).json(&read_for("member:bob"))).await.is(400);
}

async fn who_is_alone_waits_for_nobody(hub: Server) {
    let answer = hub.admin().send(wait_for_all("member:bob")).await.is(200);
    assert_eq!(answer.must_have("wharfinger-changed"), "true");
    let again = hub.admin().send(wait_for_all("member:bob")).await.is(200);
    assert_eq!(again.must_have("wharfinger-changed"), "false");
    let tried = format!("{GRANTS}?to=member:bob&wait=all&dry_run=true");
    hub.admin().send(Ask::delete(tried)).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_in_force_at_every_node() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let second = hub.beside().await;
    let bob_there = Actor::new(second.addr, Some(hub.login("bob")));
    let project = "/api/v1/repositories/team/app";
    until("both are there", async || nodes(&hub.admin()).await.len() == 2).await;
    for _ in 0..3 {
        bob_there.send(Ask::get(project)).await.is(403);
        hub.admin().send(wait_for_all("member:bob")).await.is(200);
        bob_there.send(Ask::get(project)).await.is(200);
        hub.admin().send(Ask::delete(format!("{GRANTS}?to=member:bob&wait=all"))).await.is(200);
    }
    bob_there.send(Ask::get(project)).await.is(403);
    // Whoever does not have the one wait for all takes along what it said.
    let changed = hub.admin().send(Ask::put(GRANTS).json(&read_for("member:bob"))).await.is(200);
    let version = changed.must_have("wharfinger-policy-version").to_owned();
    bob_there.send(Ask::get(project).header("wharfinger-policy-version", &version)).await.is(200);
    // The one that ends in good order is waited for no longer.
    second.stop().await;
    assert_eq!(nodes(&hub.admin()).await.len(), 1);
    hub.admin().send(wait_for_all("member:sue")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_no_sign_is_not_waited_for_for_ever() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let silent = |millis: u32| {
        hub.database().expect("a database").change(&format!(
            "DELETE FROM gateway WHERE id = 1; INSERT INTO gateway (id, release, started_at, epoch, version, lease_until) \
             VALUES (1, '0.0.1', 0, 0, 1, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + {millis})"
        ));
    };
    silent(3_600_000);
    let late = hub.admin().send(wait_for_all("member:bob")).await.is(504);
    assert_eq!(late.must_have("wharfinger-changed"), "true");
    let (problem, version) = (late.json(), late.must_have("wharfinger-policy-version"));
    assert_eq!(
        (&problem["code"], &problem["committed"]),
        (&json!("not-confirmed"), &json!(true)),
        "{version}"
    );
    // It is done all the same, and asking again only waits.
    hub.actor("bob").send(Ask::get("/api/v1/repositories/team/app")).await.is(200);
    silent(500);
    let again = hub.admin().send(wait_for_all("member:bob")).await.is(200);
    assert_eq!(again.must_have("wharfinger-changed"), "false");
    let made = Ask::new(Method::PUT, "/api/v1/projects/fresh?wait=all").json(&json!({}));
    silent(3_600_000);
    let late = hub.admin().send(made).await.is(504);
    assert_eq!(late.must_have("location"), "/api/v1/projects/fresh");
    // The command line says it by its exit code.
    let folder = Folder::new("unconfirmed");
    let (server, token) = (format!("http://{}", hub.address()), hub.login("root").secret);
    let variables = [("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", &*token)];
    let set = ["project", "set", "fresh", "--title", "Fresh", "--wait", "all"];
    let said = run(folder.root(), &set, &variables).fails_with(8);
    assert!(said.err.contains("it is done and in force here"), "{}", said.err);
    silent(0);
    run(folder.root(), &set, &variables).succeeds();
    let listed = run(folder.root(), &["node", "list", "-q"], &variables).succeeds();
    assert_eq!(listed.out.lines().count(), 2, "{}", listed.out);
}
