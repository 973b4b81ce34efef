//! When people were last seen, and who was not for long.

use serde_json::{Value, json};

use crate::support::{Ask, Folder, Organisation, Server, on_both_databases};

on_both_databases!(who_is_listed_is_what_is_asked_for, one_looks_at_oneself);

const PEOPLE: &str = "/api/v1/people";

async fn person(hub: &Server, name: &str) -> Value {
    hub.admin().send(Ask::get(format!("{PEOPLE}/member:{name}"))).await.is(200).json()
}

async fn seen(hub: &Server, name: &str) -> bool {
    !person(hub, name).await["about"]["last_seen"].is_null()
}

/// Uses are written once a minute, and when the gateway ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_seen_is_told() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("seen")).await;
    assert!(!seen(&hub, "bob").await && !seen(&hub, "pat").await);
    hub.actor("bob").send(Ask::get("/api/v1/me")).await.is(200);
    hub.actor("pat/password").send(Ask::get("/api/v1/me")).await.is(200);
    // Who fails is not seen.
    hub.claiming("rita", "something else").send(Ask::get("/api/v1/me")).await.is(401);
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk(organisation, folder).await;
    assert!(seen(&hub, "bob").await && seen(&hub, "pat").await && !seen(&hub, "rita").await);
}

async fn who_is_listed_is_what_is_asked_for(hub: Server) {
    let named = async |query: &str| -> Vec<String> {
        let list = hub.admin().send(Ask::get(format!("{PEOPLE}?{query}"))).await.is(200).json();
        let items = list["items"].as_array().expect("items").iter();
        items.map(|item| item["about"]["ref"].as_str().expect("a name").to_owned()).collect()
    };
    // Who never was seen counts from when they were made, and that is today.
    let all = named("kind=member").await;
    assert!(all.contains(&"member:bob".to_owned()));
    assert_eq!(named("kind=member&unused_days=0").await, all);
    assert!(named("kind=member&unused_days=1").await.is_empty());
    assert!(named("kind=guest").await.is_empty());
    hub.admin().send(Ask::get(format!("{PEOPLE}?unused_days=x"))).await.is(400);
    let about = person(&hub, "alice").await["about"].clone();
    assert_eq!(
        (about["tokens"].as_u64(), about["has_password"].as_bool()),
        (Some(4), Some(false)),
        "{about}"
    );
    hub.admin()
        .send(Ask::put("/api/v1/teams/dev").json(&json!({ "members": ["member:alice"] })))
        .await
        .is(201);
    assert_eq!(person(&hub, "alice").await["about"]["teams"], json!(["team:dev"]));
}

async fn one_looks_at_oneself(hub: Server) {
    let at = |who: &str| Ask::get(format!("{PEOPLE}/{who}"));
    let own = hub.actor("alice").send(at("member:alice")).await.is(200).json();
    assert_eq!(own, person(&hub, "alice").await);
    hub.actor("alice").send(at("member:ALICE")).await.is(200);
    for other in ["member:bob", "member:absent", "guest:alice"] {
        let refused = hub.actor("alice").send(at(other)).await.is(403);
        assert_eq!(refused.json()["code"], "denied", "{other}");
    }
    hub.actor("alice/reader").send(at("member:alice")).await.is(403);
    hub.actor("robot").send(at("member:alice")).await.is(403);
    hub.actor("alice").send(Ask::get(PEOPLE)).await.is(403);
    let me = hub.actor("alice").send(Ask::get("/api/v1/me")).await.is(200).json();
    assert_eq!(
        (me["ref"].as_str(), me["emails"][0].as_str()),
        (Some("member:alice"), Some("alice@example.org"))
    );
}
