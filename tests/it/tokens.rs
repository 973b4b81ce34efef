//! Permanent tokens as their owners keep them: rotated, good from some time on and from some places, found again when idle.

use serde_json::{Value, json};

use crate::audit::events;
use crate::support::process::{Launch, Process};
use crate::support::{Actor, Answer, Ask, Folder, Organisation, Server, on_both_databases, token, until};

mod kept;

on_both_databases!(
    a_rotation_hands_over_for_a_time,
    what_cannot_be_rotated_says_why,
    a_rotation_is_made_once_and_can_be_tried,
    somebody_else_rotates_and_no_application_for_itself,
    tokens_are_found_by_state_and_use,
);

const TOKENS: &str = "/api/v1/tokens";

async fn made(actor: &Actor, path: &str, body: &Value) -> Value {
    actor.send(Ask::post(path).json(body)).await.is(201).json()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{field}: {value}"))
}

fn rotate(id: &str) -> String {
    format!("{TOKENS}/{id}/rotate")
}

/// What a secret of alice's is answered.
async fn asks(hub: &Server, made: &Value) -> Answer {
    hub.claiming("alice", text(made, "secret")).send(Ask::get("/v2/")).await
}

async fn a_rotation_hands_over_for_a_time(hub: Server) {
    let alice = hub.actor("alice");
    let limits = json!([{ "on": "team/app", "permissions": ["read"] }]);
    let body = json!({ "name": "ci", "limits": limits, "cidrs": ["127.0.0.1", "10.1.2.3/8"] });
    let old = made(&alice, TOKENS, &body).await;
    assert_eq!(old["cidrs"], json!(["10.0.0.0/8", "127.0.0.1/32"]), "in one form");
    let answer = alice.send(Ask::post(rotate(text(&old, "id"))).json(&json!({}))).await.is(201);
    let new = answer.json();
    assert_eq!(answer.must_have("location"), format!("{TOKENS}/{}", text(&new, "id")));
    for field in ["name", "limits", "cidrs"] {
        assert_eq!(new[field], old[field], "{field}");
    }
    assert_eq!((&new["expires"], &new["successor"]), (&Value::Null, &Value::Null));
    let found = format!("{TOKENS}/{}", text(&old, "id"));
    let shown = alice.send(Ask::get(&found)).await.is(200).json();
    assert_eq!(shown["successor"], new["id"]);
    assert!(shown["expires"].is_string(), "{shown}");
    for one in [&old, &new] {
        asks(&hub, one).await.is(200);
    }
    // Each is revoked by itself, with the very next request.
    let revoked = json!({ "state": "revoked" });
    alice.send(Ask::put(format!("{found}/state")).json(&revoked)).await.is(200);
    asks(&hub, &old).await.is(401);
    asks(&hub, &new).await.is(200);
    let at_once = json!({ "overlap_secs": 0 });
    let newest = made(&alice, &rotate(text(&new, "id")), &at_once).await;
    asks(&hub, &new).await.is(401);
    asks(&hub, &newest).await.is(200);
    let all = events(&hub.admin(), "/organisation/audit?class=admin&limit=10").await;
    let turn = all.iter().find(|event| event["action"] == "token.rotate").expect("it is on the record");
    assert_eq!(turn["after"]["successor"], newest["id"], "{turn}");
    assert_eq!(turn["before"], json!({ "expires": null }), "{turn}");
}

async fn what_cannot_be_rotated_says_why(hub: Server) {
    let alice = hub.actor("alice");
    let refused = async |id: &str, why: &str| {
        let answer = alice.send(Ask::post(rotate(id)).json(&json!({}))).await.is(409).json();
        assert_eq!(answer["code"], "rule");
        assert!(text(&answer, "detail").contains(why), "{answer}");
    };
    for state in ["disabled", "revoked"] {
        let one = made(&alice, TOKENS, &json!({ "name": state })).await;
        let lower = Ask::put(format!("{TOKENS}/{}/state", text(&one, "id"))).json(&json!({ "state": state }));
        alice.send(lower).await.is(200);
        refused(text(&one, "id"), state).await;
    }
    let one = made(&alice, TOKENS, &json!({ "name": "twice" })).await;
    let next = made(&alice, &rotate(text(&one, "id")), &json!({ "overlap_secs": 60 })).await;
    refused(text(&one, "id"), text(&next, "id")).await;
    let ended = made(&alice, TOKENS, &json!({ "name": "ended" })).await;
    let last = made(&alice, &rotate(text(&ended, "id")), &json!({ "overlap_secs": 0 })).await;
    let revoke = Ask::put(format!("{TOKENS}/{}/state", text(&last, "id")));
    alice.send(revoke.json(&json!({ "state": "revoked" }))).await.is(200);
    refused(text(&ended, "id"), "ran out").await;
    alice.send(Ask::post(rotate("00000000")).json(&json!({}))).await.is(404);
    let bobs = hub.actor("bob").send(Ask::post(rotate(text(&next, "id"))).json(&json!({}))).await;
    bobs.is(404);
    for body in [json!({ "overlap_secs": 2_592_001 }), json!({ "overlap_secs": -1 }), json!({ "name": "x" })]
    {
        alice.send(Ask::post(rotate(text(&next, "id"))).json(&body)).await.is(400);
    }
    let limited = hub.actor("alice/reader");
    limited.send(Ask::post(rotate(text(&next, "id"))).json(&json!({}))).await.is(404);
}

async fn a_rotation_is_made_once_and_can_be_tried(hub: Server) {
    let alice = hub.actor("alice");
    let old = made(&alice, TOKENS, &json!({ "name": "ci" })).await;
    let path = rotate(text(&old, "id"));
    let tried = alice.send(Ask::post(format!("{path}?dry_run=true")).json(&json!({}))).await.is(200).json();
    assert_eq!((&tried["name"], tried.get("secret")), (&old["name"], None), "{tried}");
    let found = format!("{TOKENS}/{}", text(&old, "id"));
    let shown = alice.send(Ask::get(&found)).await.is(200).json();
    assert_eq!((&shown["successor"], &shown["expires"]), (&Value::Null, &Value::Null));
    let ask = || Ask::post(&path).header("idempotency-key", "once").json(&json!({}));
    let new = alice.send(ask()).await.is(201).json();
    let again = alice.send(ask()).await.is(409).json();
    assert_eq!(again["code"], "already-made");
    assert!(text(&again, "detail").contains(text(&new, "id")), "{again}");
    // Whoever never saw the secret revokes what was made, and rotates again.
    let state = format!("{TOKENS}/{}/state", text(&new, "id"));
    alice.send(Ask::put(&state).json(&json!({ "state": "revoked" }))).await.is(200);
    let second = made(&alice, &path, &json!({})).await;
    assert_eq!(second["expires"], Value::Null, "as long as the first was made for");
    asks(&hub, &second).await.is(200);
}

async fn somebody_else_rotates_and_no_application_for_itself(hub: Server) {
    let (admin, of_robot) = (hub.admin(), "/api/v1/principals/application:robot/tokens");
    let old = made(&admin, of_robot, &json!({ "name": "ci" })).await;
    assert_eq!(old["made_by"], "member:root");
    let path = format!("{of_robot}/{}/rotate", text(&old, "id"));
    let new = made(&admin, &path, &json!({})).await;
    assert!(text(&new, "secret").starts_with("whfa_"), "of an application");
    hub.actor("bob").send(Ask::post(&path).json(&json!({}))).await.is(403);
    let elsewhere = format!("/api/v1/principals/member:alice/tokens/{}/rotate", text(&new, "id"));
    admin.send(Ask::post(elsewhere).json(&json!({}))).await.is(404);
    admin.send(Ask::put("/api/v1/applications/keeper").json(&json!({}))).await.is(201);
    let admins = "/api/v1/teams/org-admins/members/application:keeper";
    admin.send(Ask::put(admins).json(&json!({}))).await.is(200);
    let of_keeper = "/api/v1/principals/application:keeper/tokens";
    let keeps = made(&admin, of_keeper, &json!({ "name": "keeps" })).await;
    let bearer = format!("Bearer {}", text(&keeps, "secret"));
    let rotate = async |tokens: &str, one: &Value| {
        let path = format!("{tokens}/{}/rotate", text(one, "id"));
        hub.stranger().send(Ask::post(path).authorization(&bearer).json(&json!({}))).await
    };
    assert_eq!(rotate(of_keeper, &keeps).await.is(403).json()["code"], "own-tokens");
    assert_eq!(rotate(of_robot, &new).await.is(201).json()["made_by"], "application:keeper");
    let own = made(&hub.actor("alice"), TOKENS, &json!({ "name": "laptop" })).await;
    assert_eq!(own["made_by"], Value::Null);
}

async fn tokens_are_found_by_state_and_use(hub: Server) {
    let alice = hub.actor("alice");
    let names = async |query: &str| {
        let page = alice.send(Ask::get(format!("{TOKENS}?{query}"))).await.is(200).json();
        let items = page["items"].as_array().expect("tokens").clone();
        let mut names: Vec<String> = items.iter().map(|token| text(token, "name").to_owned()).collect();
        names.sort_unstable();
        names
    };
    for (name, state) in [("off", "disabled"), ("gone", "revoked")] {
        let one = made(&alice, TOKENS, &json!({ "name": name })).await;
        let path = format!("{TOKENS}/{}/state", text(&one, "id"));
        alice.send(Ask::put(path).json(&json!({ "state": state }))).await.is(200);
    }
    assert_eq!(names("state=disabled").await, ["off"]);
    assert_eq!(names("state=revoked").await, ["gone"]);
    assert!(!names("state=active").await.contains(&"off".to_owned()));
    assert_eq!(names("").await.len(), names("state=active").await.len() + 1);
    assert_eq!(names("unused_days=1").await, [""; 0], "all were made today");
    for wrong in ["state=good", "unused_days=0", "unused_days=3651", "unused=1"] {
        alice.send(Ask::get(format!("{TOKENS}?{wrong}"))).await.is(400);
    }
}

/// Behind a proxy that is believed, the client's address is what counts: for tokens, and for what was given out for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_good_from_its_networks_only() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    let alice = hub.actor("alice");
    let body = json!({ "name": "office", "cidrs": ["10.0.0.0/8", "2001:db8::/32"] });
    let office = made(&alice, TOKENS, &body).await;
    let there = hub.claiming("alice", text(&office, "secret"));
    let from = |address: &str| Ask::get("/v2/").header("x-forwarded-for", address);
    for good in ["10.1.2.3", "2001:db8::7"] {
        there.send(from(good)).await.is(200);
    }
    let ask = Ask::get("/v2/token?service=test").header("x-forwarded-for", "10.1.2.3");
    let given = there.send(ask).await.is(200).json();
    let bearer = format!("Bearer {}", text(&given, "token"));
    let stranger = hub.stranger();
    stranger.send(from("10.9.9.9").authorization(&bearer)).await.is(200);
    for bad in ["11.1.2.3", "2001:db9::7"] {
        there.send(from(bad)).await.is(401);
        stranger.send(from(bad).authorization(&bearer)).await.is(401);
        let api = Ask::get("/api/v1/me").header("x-forwarded-for", bad);
        there.send(api).await.is(401);
    }
    there.send(Ask::get("/v2/")).await.is(401);
    // Nor does it make one that is good elsewhere.
    let wide = Ask::post(TOKENS).header("x-forwarded-for", "10.1.2.3").json(&json!({ "name": "wide" }));
    assert_eq!(there.send(wide).await.is(403).json()["code"], "wider-than-token");
    let path = format!("/organisation/audit?action=auth.refused&token={}", text(&office, "id"));
    until("the refusals are in the audit", async || {
        let told = events(&hub.admin(), &path).await;
        // Those that say the same are one event.
        let times: u64 = told.iter().map(|event| event["times"].as_u64().unwrap_or(1)).sum();
        times >= 7 && told.iter().all(|event| event["reason"] == "token-address")
    })
    .await;
    let explain = |address: &str| {
        let id = text(&office, "id");
        Ask::get(format!("/api/v1/explain?may=read&on=team/app&token={id}&address={address}"))
    };
    let why = alice.send(explain("11.1.2.3")).await.is(200).json();
    assert_eq!((&why["allowed"], &why["reason"]), (&json!(false), &json!("token-address")));
    assert!(text(&why, "sentence").contains("11.1.2.3"), "{why}");
    let why = alice.send(explain("10.1.2.3")).await.is(200).json();
    assert_eq!((&why["allowed"], &why["cut_by"]), (&json!(true), &Value::Null), "{why}");
    let here = format!("/api/v1/explain?may=read&on=team/app&token={}", text(&office, "id"));
    assert_eq!(
        alice.send(Ask::get(here)).await.is(200).json()["reason"],
        "token-address",
        "from where it is asked"
    );
    for wrong in ["10.0.0.0/33", "10.1", "::ffff:10.1.2.3/104", "fe80::1%eth0", "10.0.0.0/08", ""] {
        let body = json!({ "name": "wrong", "cidrs": [wrong] });
        alice.send(Ask::post(TOKENS).json(&body)).await.is(400);
    }
    let many: Vec<String> = (0..17).map(|last| format!("10.0.0.{last}")).collect();
    alice.send(Ask::post(TOKENS).json(&json!({ "name": "many", "cidrs": many }))).await.is(400);
}

/// The reason is on each line of the log, and in no answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_says_why_a_token_is_not_good_here_or_yet() {
    let (organisation, folder) = (Organisation::team(), Folder::new("tokens"));
    let launch = Launch::new(folder.root()).organisation(folder.root(), &organisation);
    let process = launch.set("LOG__FORMAT", "json").start().await;
    let alice = process.actor(organisation.login("alice"));
    let early = json!({ "name": "early", "not_before": "2090-01-01T00:00:00Z" });
    let elsewhere = json!({ "name": "elsewhere", "cidrs": ["192.0.2.0/24"] });
    let wrong = process.actor(login(&token::generate('p'))).send(Ask::get("/v2/")).await.is(401);
    for (body, reason) in [(early, "token-early"), (elsewhere, "token-address")] {
        let one = made(&alice, TOKENS, &body).await;
        let answer = process.actor(login(text(&one, "secret"))).send(Ask::get("/v2/")).await.is(401);
        assert_eq!(answer.body, wrong.body, "as any other that is not good");
        let line = line_of(&process, &answer).await;
        assert_eq!((&line["reason"], &line["token"]), (&json!(reason), &one["id"]), "{line}");
        assert_eq!(line["principal"], "!member:alice");
        let admin = process.actor(organisation.login("root"));
        let path = format!("/organisation/audit?action=auth.refused&token={}", text(&one, "id"));
        until("the refusal is in the audit", async || {
            events(&admin, &path).await.iter().any(|event| event["reason"] == reason)
        })
        .await;
        let explain = format!("/api/v1/explain?may=read&on=team/app&token={}", text(&one, "id"));
        let why = alice.send(Ask::get(explain)).await.is(200).json();
        assert_eq!((&why["reason"], &why["cut_by"]), (&json!(reason), &json!("credential")), "{why}");
    }
    let never =
        json!({ "name": "x", "not_before": "2090-01-01T00:00:00Z", "expires": "2089-01-01T00:00:00Z" });
    let refused = alice.send(Ask::post(TOKENS).json(&never)).await.is(409).json();
    assert_eq!(refused["code"], "rule");
}

fn login(secret: &str) -> crate::support::organisation::Login {
    crate::support::organisation::Login { name: "alice".to_owned(), secret: secret.to_owned() }
}

/// The line of a request that was answered.
async fn line_of(process: &Process, answer: &Answer) -> Value {
    let id = format!("\"id\":\"{}\"", answer.must_have("x-request-id"));
    let log = process.log_with(&id).await;
    let lines = log.lines().filter(|line| line.contains(&id));
    let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.find(|line| line["target"] == "request").expect("a line of JSON")
}
