//! Tokens whose secret is kept by who makes it, and those that somebody found.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{TOKENS, made, text};
use crate::audit::events;
use crate::support::{Ask, Server, on_both_databases, token};

on_both_databases!(
    what_is_put_by_name_is_so_as_often_as_wanted,
    a_secret_that_was_given_up_does_not_come_back,
    nobody_puts_more_than_they_hold,
    who_has_a_leaked_token_ends_it,
);

/// A secret as `wharfinger token generate` makes it, and what is sent of it.
fn generated() -> (String, Value) {
    let secret = token::generate('p');
    let sha256: String = Sha256::digest(&secret).iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({ "id": token::id(&secret), "sha256": sha256 });
    (secret, body)
}

fn by_name(name: &str) -> String {
    format!("{TOKENS}/by-name/{name}")
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

async fn what_is_put_by_name_is_so_as_often_as_wanted(hub: Server) {
    let alice = hub.actor("alice");
    let (secret, body) = generated();
    let limits = json!([{ "on": "team/app", "permissions": ["read"] }]);
    let body = with(&body, "limits", limits);
    let answer = alice.send(Ask::put(by_name("ci%20main")).json(&body)).await.is(201);
    assert_eq!(answer.must_have("location"), format!("{TOKENS}/{}", token::id(&secret)));
    let shown = answer.json();
    assert_eq!((&shown["name"], shown.get("secret")), (&json!("ci main"), None), "{shown}");
    hub.claiming("alice", &secret).send(Ask::get("/v2/")).await.is(200);
    let again = alice.send(Ask::put(by_name("ci%20main")).json(&body)).await.is(200);
    assert_eq!(again.must_have("wharfinger-changed"), "false");
    let ends = with(&body, "expires", json!("2090-01-01T00:00:00Z"));
    let ended = alice.send(Ask::put(by_name("ci%20main")).json(&ends)).await.is(200);
    assert_eq!(ended.must_have("wharfinger-changed"), "true");
    assert_eq!(ended.json()["expires"], "2090-01-01T00:00:00.000Z");
    // What is not named is what it is by default: also what a token may do.
    let full = with(&json!({ "sha256": body["sha256"] }), "id", body["id"].clone());
    let full = alice.send(Ask::put(by_name("ci%20main")).json(&full)).await.is(200).json();
    assert_eq!((&full["limits"], &full["expires"]), (&Value::Null, &Value::Null));
    let tried = with(&body, "disabled", json!(true));
    alice.send(Ask::put(format!("{}?dry_run=true", by_name("ci%20main"))).json(&tried)).await.is(200);
    hub.claiming("alice", &secret).send(Ask::get("/v2/")).await.is(200);
    alice.send(Ask::put(by_name("ci%20main")).json(&tried)).await.is(200);
    hub.claiming("alice", &secret).send(Ask::get("/v2/")).await.is(401);
    let (next, body) = generated();
    let replaced = alice.send(Ask::put(by_name("ci%20main")).json(&body)).await.is(201).json();
    assert_eq!(replaced["state"], "active");
    hub.claiming("alice", &next).send(Ask::get("/v2/")).await.is(200);
    let revoked = alice.send(Ask::get(format!("{TOKENS}?state=revoked"))).await.is(200).json();
    assert_eq!(text(&revoked["items"][0], "id"), token::id(&secret));
    let all = events(&hub.admin(), "/organisation/audit?class=admin&limit=20").await;
    assert!(!Value::from(all).to_string().contains(&secret), "a secret is in the audit");
}

async fn a_secret_that_was_given_up_does_not_come_back(hub: Server) {
    let alice = hub.actor("alice");
    let (_, first) = generated();
    let (_, second) = generated();
    for body in [&first, &second] {
        alice.send(Ask::put(by_name("ci")).json(body)).await.is(201);
    }
    let refused = async |name: &str, body: &Value, why: &str| {
        let answer = alice.send(Ask::put(by_name(name)).json(body)).await.is(409).json();
        assert!(text(&answer, "detail").contains(why), "{answer}");
    };
    refused("ci", &first, "revoked").await;
    refused("other", &second, "another token").await;
    refused("ci", &with(&second, "sha256", first["sha256"].clone()), "another token").await;
    alice.send(Ask::put(by_name("ci")).json(&with(&second, "disabled", json!(true)))).await.is(200);
    refused("ci", &second, "disabled").await;
    let (_, third) = generated();
    alice.send(Ask::put(by_name("ci")).json(&third)).await.is(201);
    made(&alice, &format!("{TOKENS}/{}/rotate", text(&third, "id")), &json!({})).await;
    refused("ci", &third, "rotated").await;
    // Another secret ends both that a rotation left.
    let (_, fourth) = generated();
    alice.send(Ask::put(by_name("ci")).json(&fourth)).await.is(201);
    let listed = alice.send(Ask::get(TOKENS)).await.is(200).json();
    let named = listed["items"].as_array().expect("tokens").iter().filter(|one| one["name"] == "ci");
    assert_eq!(named.map(|one| &one["id"]).collect::<Vec<_>>(), [&fourth["id"]]);
}

async fn nobody_puts_more_than_they_hold(hub: Server) {
    let (_, body) = generated();
    // A limited token makes none that reaches further, and replaces none but itself.
    let limited = hub.actor("alice/reader");
    let wide = limited.send(Ask::put(by_name("wide")).json(&body)).await.is(403).json();
    assert_eq!(wide["code"], "wider-than-token");
    let limits = json!([{ "on": "team/app", "permissions": ["read"] }]);
    let narrow = with(&body, "limits", limits);
    limited.send(Ask::put(by_name("spare")).json(&narrow)).await.is(409);
    let of_robot = "/api/v1/principals/application:robot/tokens/by-name/ci";
    hub.actor("bob").send(Ask::put(of_robot).json(&narrow)).await.is(403);
    let placed = hub.admin().send(Ask::put(of_robot).json(&narrow)).await.is(201).json();
    assert_eq!(placed["made_by"], "member:root");
    // One secret is one token's, whoever asks.
    let taken = hub.actor("alice").send(Ask::put(by_name("ci")).json(&body)).await.is(409).json();
    assert_eq!(taken["code"], "rule");
    for wrong in [
        json!({ "id": "short", "sha256": body["sha256"] }),
        json!({ "id": body["id"], "sha256": "00" }),
        json!({ "id": body["id"] }),
    ] {
        hub.actor("alice").send(Ask::put(by_name("x")).json(&wrong)).await.is(400);
    }
}

async fn who_has_a_leaked_token_ends_it(hub: Server) {
    let alice = hub.actor("alice");
    let leaked = made(&alice, TOKENS, &json!({ "name": "leaked" })).await;
    let (secret, stranger) = (text(&leaked, "secret"), hub.stranger());
    let unknown = token::generate('p');
    let mistyped = secret.replace("whfp_", "whfa_");
    let body = json!({ "tokens": [unknown, mistyped, secret, secret], "url": "https://paste.example/1#L7" });
    let answer = stranger.send(Ask::post("/api/v1/leaks").json(&body)).await.is(200);
    assert_eq!(answer.json(), json!({ "disabled": [leaked["id"]] }));
    hub.claiming("alice", secret).send(Ask::get("/v2/")).await.is(401);
    let shown = alice.send(Ask::get(format!("{TOKENS}/{}", text(&leaked, "id")))).await.is(200).json();
    assert_eq!(shown["state"], "disabled");
    let again = stranger.send(Ask::post("/api/v1/leaks").json(&body)).await.is(200).json();
    assert_eq!(again, json!({ "disabled": [] }));
    let told = events(&hub.admin(), "/organisation/audit?action=token.leaked").await;
    let [event] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (&event["actor"]["ref"], &event["object"]["name"]),
        (&json!("anonymous:anyone"), &json!("leaked"))
    );
    assert_eq!(event["after"]["reason"], "leaked");
    assert!(!event.to_string().contains(secret), "a secret is in the audit");
    for wrong in [json!({ "tokens": [] }), json!({ "tokens": vec![&unknown; 101] }), json!({})] {
        stranger.send(Ask::post("/api/v1/leaks").json(&wrong)).await.is(400);
    }
}

/// Whoever guesses is counted as at any other door.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_leaks_are_throttled() {
    let hub = Server::tuned(crate::support::Organisation::team(), |config| {
        config.auth.failures_per_address_max = 5;
    })
    .await;
    let stranger = hub.stranger();
    let mut asked = 0;
    loop {
        let body = json!({ "tokens": [token::generate('p')] });
        let status = stranger.send(Ask::post("/api/v1/leaks").json(&body)).await.status.as_u16();
        if status == 429 {
            break;
        }
        assert_eq!(status, 200);
        asked += 1;
        assert!(asked < 50, "never throttled");
    }
}
