//! Log-ins, refusals and transfers, which are told a moment after they happened.

use serde_json::{Value, json};

use super::events;
use crate::support::{Actor, Ask, Organisation, Server, image, on_both_databases, until};

on_both_databases!(transfers_are_told, log_ins_and_refusals_are_told, each_project_sees_its_own);

const MANIFEST: &str = "/v2/p/team/app/web/manifests/1.0";

/// Events, once this one is among them.
async fn told(actor: &Actor, path: &str, what: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut all = Vec::new();
    until(path, async || {
        all = events(actor, path).await;
        all.iter().any(&what)
    })
    .await;
    all
}

fn is(event: &Value, action: &str, object: &str) -> bool {
    event["action"] == action && event["object"]["name"] == object
}

fn find<'e>(events: &'e [Value], action: &str, object: &str) -> &'e Value {
    events.iter().find(|event| is(event, action, object)).unwrap_or_else(|| panic!("{action}: {events:?}"))
}

async fn transfers_are_told(hub: Server) {
    let (admin, alice) = (hub.admin(), hub.actor("alice"));
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let fetched = alice.send(Ask::get(MANIFEST)).await.is(200);
    alice.send(Ask::delete(MANIFEST)).await.is(202);
    let path = "/organisation/audit?class=transfer&limit=1000";
    let all = told(&admin, path, |event| is(event, "package.delete", "web:1.0")).await;
    let fetch = find(&all, "package.fetch", "web:1.0");
    assert_eq!(fetch["request_id"], fetched.must_have("x-request-id"));
    assert_eq!(fetch["bytes"].to_string(), fetched.must_have("content-length"));
    for (action, outcome) in
        [("package.publish", "done"), ("package.fetch", "done"), ("package.delete", "done")]
    {
        let event = find(&all, action, "web:1.0");
        assert_eq!(
            (&event["actor"]["ref"], &event["token"]["name"]),
            (&json!("member:alice"), &json!("main"))
        );
        assert_eq!((&event["node"]["path"], &event["outcome"]), (&json!("team/app"), &json!(outcome)));
        assert_eq!((&event["object"]["kind"], event.get("chain")), (&json!("tag"), Some(&Value::Null)));
    }
    assert!(find(&all, "package.publish", "web:1.0")["digest"].is_string());
    assert!(all.iter().any(|event| event["action"] == "blob.upload" && event["bytes"].is_u64()), "{all:?}");
    let metrics =
        String::from_utf8(admin.send(Ask::get("/metrics")).await.is(200).body.to_vec()).expect("UTF-8");
    assert!(metrics.contains("wharfinger_audit_dropped_total 0\n"), "{metrics}");
    // Events of administration are a chain of their own, whatever lies between.
    let chained = events(&admin, "/organisation/audit?class=admin&limit=1000").await;
    let numbers: Vec<u64> = chained.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert!(numbers.is_sorted_by(|newer, older| *newer == older + 1), "{numbers:?}");
}

async fn log_ins_and_refusals_are_told(hub: Server) {
    let (admin, bob) = (hub.admin(), hub.actor("bob"));
    let refused = bob.send(Ask::get(MANIFEST)).await.is(403);
    bob.send(Ask::get("/api/v1/projects/team/grants")).await.is(403);
    hub.stranger().send(Ask::get(MANIFEST)).await.is(401);
    hub.claiming("pat", "not the password of pat").send(Ask::get("/v2/")).await.is(401);
    hub.actor("pat/password").send(Ask::get("/v2/")).await.is(200);
    let path = "/organisation/audit?class=access&limit=1000";
    let all = told(&admin, path, |event| is(event, "password.first-use", "member:pat")).await;
    let first = find(&all, "token.first-use", "member:bob");
    assert_eq!((&first["outcome"], &first["token"]["name"]), (&json!("done"), &json!("main")));
    let denied = find(&all, "access.denied", "team/app");
    assert_eq!(denied["request_id"], refused.must_have("x-request-id"));
    assert_eq!(
        (&denied["reason"], &denied["object"]["of"], &denied["node"]["path"]),
        (&json!("no-grant"), &json!("read"), &json!("team/app"))
    );
    assert_eq!(denied["after"], json!({ "held": [] }));
    let managed = find(&all, "access.denied", "team");
    assert_eq!(
        (&managed["operation"], &managed["object"]["of"]),
        (&json!("project_grant_list"), &json!("access-manage"))
    );
    let wrong = find(&all, "auth.refused", "member:pat");
    assert_eq!(
        (&wrong["actor"]["ref"], &wrong["reason"]),
        (&json!("anonymous:anyone"), &json!("bad-credentials"))
    );
    let mut denials = all.iter().filter(|event| event["action"] == "access.denied");
    assert!(denials.all(|event| event["actor"]["ref"] == "member:bob"), "{all:?}");
    // What was tried with somebody's name is not what they did.
    let own = events(&hub.actor("pat"), "/me/audit?class=access&limit=1000").await;
    assert!(own.iter().all(|event| event["action"] != "auth.refused"), "{own:?}");
    let only = events(&admin, "/organisation/audit?class=access&outcome=refused&action=access.denied").await;
    assert_eq!(only.len(), 2, "{only:?}");
}

async fn each_project_sees_its_own(hub: Server) {
    let (admin, bob) = (hub.admin(), hub.actor("bob"));
    let audits = json!({ "to": "member:bob", "permissions": ["audit-view"] });
    admin.send(Ask::put("/api/v1/projects/other/grants").json(&audits)).await.is(200);
    bob.send(Ask::get(MANIFEST)).await.is(403);
    bob.send(Ask::get("/v2/p/other/app/web/manifests/1.0")).await.is(403);
    hub.actor("rita").send(Ask::get("/v2/p/other/app/web/manifests/1.0")).await.is(403);
    let seen =
        told(&bob, "/projects/other/audit?class=access", |event| event["actor"]["ref"] == "member:rita")
            .await;
    for event in &seen {
        assert_eq!(
            (&event["action"], &event["node"]["path"]),
            (&json!("access.denied"), &json!("other/app"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_say_which_fetches_are_told() {
    for (fetches, anonymous_fetches) in [(false, false), (true, true)] {
        let hub = Server::tuned(Organisation::team(), |config| {
            config.audit.fetches = fetches;
            config.audit.anonymous_fetches = anonymous_fetches;
        })
        .await;
        let (admin, alice) = (hub.admin(), hub.actor("alice"));
        alice.docker().push("team/open/web:1.0", &image("hello")).await.done();
        let manifest = "/v2/p/team/open/web/manifests/1.0";
        let bearer = format!("Bearer {}", hub.stranger().bearer().await);
        hub.stranger().send(Ask::get(manifest).authorization(&bearer)).await.is(200);
        alice.send(Ask::get(manifest)).await.is(200);
        alice.send(Ask::delete(manifest)).await.is(202);
        let path = "/organisation/audit?class=transfer&limit=1000";
        let all = told(&admin, path, |event| is(event, "package.delete", "web:1.0")).await;
        let fetched = all.iter().filter(|event| is(event, "package.fetch", "web:1.0"));
        let by: Vec<&str> = fetched.filter_map(|event| event["actor"]["ref"].as_str()).collect();
        let expected: &[&str] = if fetches { &["member:alice", "anonymous:anyone"] } else { &[] };
        assert_eq!(by, expected);
    }
}

/// Whoever wants no event lost has nothing served that could be one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_past_an_audit_that_takes_nothing_in() {
    for strict in [false, true] {
        let tuned = Server::on_postgres_tuned(Organisation::team(), |config| {
            config.audit.strict = strict;
            config.audit.queue_events_max = 16;
        });
        let Some(hub) = tuned.await else { return };
        let asked = async || {
            let mut statuses = Vec::new();
            for number in 0..40 {
                // Each says something else: what says the same takes no room.
                let ask = Ask::get("/v2/").header("user-agent", &format!("client {number}"));
                statuses.push(hub.claiming("nobody", "wrong").send(ask).await.status.as_u16());
            }
            statuses
        };
        hub.lose_database();
        let statuses = asked().await;
        assert_eq!(statuses[0], 401);
        assert_eq!(statuses.contains(&503), strict, "{statuses:?}");
        hub.stranger().send(Ask::get("/livez")).await.is(200);
        let told = hub.actor("alice").send(Ask::get("/api/v1/me")).await;
        if strict {
            assert_eq!(told.is(503).json()["code"], "audit-unavailable");
            let image = hub.stranger().send(Ask::get("/v2/p/team/open/web/tags/list")).await.is(503);
            assert!(image.must_have("retry-after") == "1", "{image}");
        }
    }
}
