//! The audit as those see it who may: what was done, where, by whom.

use serde_json::{Value, json};

mod heads;
mod traffic;

use crate::support::{Actor, Ask, Server, on_both_databases};

on_both_databases!(what_is_done_is_told_with_what_was_before, each_sees_what_is_theirs_to_see);

pub(crate) async fn events(actor: &Actor, path: &str) -> Vec<Value> {
    let page = actor.send(Ask::get(format!("/api/v1{path}"))).await.is(200).json();
    page["items"].as_array().expect("events").clone()
}

async fn what_is_done_is_told_with_what_was_before(hub: Server) {
    let (admin, project) = (hub.admin(), "/api/v1/projects/team");
    let grant = json!({ "to": "member:bob", "permissions": ["read"] });
    admin.send(Ask::put(format!("{project}/grants")).json(&grant)).await.is(200);
    let more = json!({ "to": "member:bob", "permissions": ["read", "publish"] });
    let answer = admin.send(Ask::put(format!("{project}/grants")).json(&more)).await.is(200);
    let tried = admin.send(Ask::delete(format!("{project}/grants?to=member:bob&dry_run=true"))).await.is(200);
    let listed = events(&admin, "/projects/team/audit?class=admin&limit=1").await;
    let event = &listed[0];
    assert_eq!(event["request_id"], answer.must_have("x-request-id"), "not that of {tried}");
    assert_eq!(
        (&event["before"], &event["after"]),
        (&json!({"permissions": ["read"]}), &json!({"permissions": ["read", "publish"]}))
    );
    assert_eq!(
        (&event["actor"]["ref"], &event["operation"]),
        (&json!("member:root"), &json!("project_grant_put"))
    );
    assert_eq!(
        (&event["node"]["path"], &event["object"]["name"]),
        (&json!("team"), &json!("member:bob on team"))
    );
    assert_eq!(event["policy_version"].to_string(), answer.must_have("wharfinger-policy-version"));
    let token =
        hub.actor("alice").send(Ask::post("/api/v1/tokens").json(&json!({ "name": "laptop" }))).await.is(201);
    let secret = token.json()["secret"].as_str().expect("a secret").to_owned();
    let head = admin.send(Ask::get("/api/v1/organisation/audit/head")).await.is(200).json();
    let all = events(&admin, "/organisation/audit?class=admin&limit=1000").await;
    let last = all.first().expect("an event");
    assert_eq!(
        (&last["sequence"], &last["chain"], &last["action"]),
        (&head["sequence"], &head["chain"], &json!("token.create"))
    );
    assert!(!Value::from(all.clone()).to_string().contains(&secret), "a secret is in the audit");
    let id = last["id"].as_str().expect("an id");
    assert_eq!(events(&admin, &format!("/organisation/audit?id={id}")).await, std::slice::from_ref(last));
    let numbers: Vec<u64> = all.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert!(numbers.is_sorted_by(|newer, older| *newer == older + 1), "{numbers:?}");
    let wrong = admin.send(Ask::get("/api/v1/organisation/audit?class=other")).await.is(400).json();
    assert_eq!(wrong["code"], "invalid");
}

async fn each_sees_what_is_theirs_to_see(hub: Server) {
    let (admin, bob) = (hub.admin(), hub.actor("bob"));
    for path in [
        "/projects/team/audit",
        "/organisation/audit",
        "/organisation/audit/head",
        "/repositories/team/app/audit",
    ] {
        bob.send(Ask::get(format!("/api/v1{path}"))).await.is(403);
    }
    let absent = bob.send(Ask::get("/api/v1/projects/nothing/audit")).await.is(403).json();
    let forbidden = bob.send(Ask::get("/api/v1/projects/team/audit")).await.is(403).json();
    assert_eq!((&absent["code"], &absent["detail"]), (&forbidden["code"], &forbidden["detail"]));
    let audits = json!({ "to": "member:bob", "permissions": ["audit-view"] });
    admin.send(Ask::put("/api/v1/projects/other/grants").json(&audits)).await.is(200);
    let seen = events(&bob, "/projects/other/audit?limit=1000").await;
    assert!(!seen.is_empty());
    for event in &seen {
        let path = event["node"]["path"].as_str().expect("a path");
        assert!(path == "other" || path.starts_with("other/"), "{event}");
    }
    bob.send(Ask::get("/api/v1/projects/team/audit")).await.is(403);
    bob.send(Ask::get("/api/v1/organisation/audit")).await.is(403);
    // What was in a node that is gone is not given to whoever makes another of its name.
    admin.send(Ask::delete("/api/v1/projects/other?confirm=other&with_repositories=true")).await.is(200);
    admin.send(Ask::put("/api/v1/projects/other").json(&json!({}))).await.is(201);
    let anew = events(&admin, "/projects/other/audit?limit=1000").await;
    assert!(anew.iter().all(|event| event["action"] != "project.delete"), "{anew:?}");
    assert!(events(&admin, "/organisation/audit?action=project.delete").await.len() == 1);
    assert!(events(&bob, "/me/audit?class=admin").await.is_empty());
    bob.send(Ask::post("/api/v1/tokens").json(&json!({ "name": "laptop" }))).await.is(201);
    assert_eq!(events(&bob, "/me/audit?class=admin").await.len(), 1);
}
