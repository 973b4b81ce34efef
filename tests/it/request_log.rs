//! Each line of the request log says who asked, with what, and why they were refused.

use serde_json::{Value, json};

use crate::identities;
use crate::support::organisation::Login;
use crate::support::process::{Launch, Process};
use crate::support::{Answer, Ask, Folder, Issuer, Organisation};

const MANIFEST: &str = "/v2/p/team/app/web/manifests/1.0";

/// The line of a request that was answered.
async fn line_of(process: &Process, answer: &Answer) -> Value {
    let id = format!("\"id\":\"{}\"", answer.must_have("x-request-id"));
    let log = process.log_with(&id).await;
    let lines = log.lines().filter(|line| line.contains(&id));
    let lines: Vec<Value> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = lines.into_iter().find(|line| line["target"] == "request").expect("a line of JSON");
    assert_eq!(line["status"], json!(answer.status.as_u16()), "{line}");
    line
}

/// Principal, what was presented, and the reason.
async fn told(process: &Process, answer: &Answer) -> (String, String, Option<String>) {
    let line = line_of(process, answer).await;
    let text = |field: &str| line[field].as_str().map(str::to_owned);
    (text("principal").expect("somebody"), text("with").expect("a word"), text("reason"))
}

fn said(principal: &str, with: &str, reason: Option<&str>) -> (String, String, Option<String>) {
    (principal.to_owned(), with.to_owned(), reason.map(str::to_owned))
}

async fn launched(folder: &Folder, organisation: &Organisation) -> Process {
    let launch = Launch::new(folder.root()).organisation(folder.root(), organisation);
    launch.set("LOG__FORMAT", "json").start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_says_who_asked_and_why_not() {
    let (organisation, folder) = (Organisation::team(), Folder::new("request-log"));
    let process = launched(&folder, &organisation).await;
    let actor = |who: &str| process.actor(organisation.login(who));
    let (alice, bob) = (actor("alice"), actor("bob"));

    let known = line_of(&process, &alice.send(Ask::get("/v2/")).await.is(200)).await;
    let id = &organisation.login("alice").secret[5..13];
    assert_eq!((&known["principal"], &known["token"]), (&json!("member:alice"), &json!(id)), "{known}");
    assert_eq!((known["with"].as_str(), known.get("reason")), (Some("token"), None), "{known}");
    let behind = format!("Bearer {}", alice.bearer().await);
    let behind = alice.logged_out().send(Ask::get("/v2/").authorization(&behind)).await.is(200);
    let line = line_of(&process, &behind).await;
    assert_eq!((&line["with"], &line["token"]), (&json!("bearer"), &json!(id)), "{line}");
    let robot = actor("robot").send(Ask::get("/v2/")).await.is(200);
    assert!(told(&process, &robot).await.0.starts_with("application:"));
    let stranger = process.stranger().send(Ask::get(MANIFEST)).await.is(401);
    assert_eq!(told(&process, &stranger).await, said("-", "nothing", Some("not-authenticated")));

    let refused = line_of(&process, &bob.send(Ask::get(MANIFEST)).await.is(403)).await;
    assert_eq!((&refused["principal"], &refused["reason"]), (&json!("member:bob"), &json!("no-grant")));
    assert!(refused["policy"].as_u64().is_some_and(|version| version > 0), "{refused}");
    assert_eq!((&refused["need"], &refused["held"]), (&json!("read"), &json!("-")), "{refused}");
    let limited = actor("alice/reader").send(Ask::delete(MANIFEST)).await.is(403);
    assert_eq!(told(&process, &limited).await, said("member:alice", "token", Some("token-limits")));
    let limited = line_of(&process, &limited).await;
    assert_eq!((&limited["need"], &limited["held"]), (&json!("delete-package"), &json!("read")), "{limited}");
    for path in ["/v2/p/team/nothing/web/manifests/1.0", "/api/v1/projects/nothing/audit"] {
        let nothing = bob.send(Ask::get(path)).await.is(403);
        assert_eq!(
            told(&process, &nothing).await,
            said("member:bob", "token", Some("nothing-known")),
            "{path}"
        );
        assert_eq!(line_of(&process, &nothing).await.get("held"), None, "{path}");
    }
    for path in ["/api/v1/organisation/audit", "/api/v1/projects/team/grants", "/metrics"] {
        let refused = bob.send(Ask::get(path)).await.is(403);
        assert_eq!(told(&process, &refused).await, said("member:bob", "token", Some("no-grant")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_fail_are_told_by_whom_they_name() {
    let (organisation, folder) = (Organisation::team(), Folder::new("request-log"));
    let process = launched(&folder, &organisation).await;
    let actor = |who: &str| process.actor(organisation.login(who));
    let claiming =
        |name: &str, secret: &str| process.actor(Login { name: name.to_owned(), secret: secret.to_owned() });
    let wrong = claiming("pat", "not the password of pat").send(Ask::get("/v2/")).await.is(401);
    assert_eq!(told(&process, &wrong).await, said("!member:pat", "refused", Some("bad-credentials")));
    // Whoever pastes a password where the name belongs does not find it in the log.
    let pasted = claiming("hunter2-hunter2", "pat").send(Ask::get("/v2/")).await.is(401);
    assert_eq!(told(&process, &pasted).await, said("-", "refused", Some("bad-credentials")));
    assert!(!process.log().contains("hunter2"));

    let (admin, alice) = (actor("root"), actor("alice"));
    let made =
        alice.send(Ask::post("/api/v1/tokens").json(&json!({ "name": "laptop" }))).await.is(201).json();
    let state = format!("/api/v1/tokens/{}/state", made["id"].as_str().expect("an id"));
    alice.send(Ask::put(&state).json(&json!({ "state": "disabled" }))).await.is(200);
    let disabled = claiming("alice", made["secret"].as_str().expect("a secret"));
    let line = line_of(&process, &disabled.send(Ask::get("/v2/")).await.is(401)).await;
    assert_eq!((&line["principal"], &line["reason"]), (&json!("!member:alice"), &json!("token-disabled")));
    assert_eq!(line["token"], made["id"]);
    admin
        .send(Ask::put("/api/v1/principals/member:rita/suspended").json(&json!({ "suspended": true })))
        .await
        .is(200);
    let suspended = actor("rita").send(Ask::get("/v2/token?service=test&scope=x")).await.is(401);
    assert_eq!(told(&process, &suspended).await, said("!member:rita", "refused", Some("suspended")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_publisher_behind_a_token_is_named() {
    let (organisation, folder) = (identities::organisation(), Folder::new("request-log"));
    let process = launched(&folder, &organisation).await;
    let (issuer, lead) = (Issuer::new().await, process.actor(organisation.login("lead")));
    let body =
        json!({ "url": issuer.url(), "kind": "any", "audiences": [identities::HERE], "private": true });
    let root = process.actor(organisation.login("root"));
    root.send(Ask::put(identities::ISSUER).json(&body)).await.is(201);
    let rule = identities::rule(&["team/app"], &["read"]);
    lead.send(Ask::put(identities::RULE).json(&rule)).await.is(201);
    let token = json!({ "token": issuer.signs(&issuer.claims(identities::HERE)) });
    let got = process.stranger().send(Ask::post("/api/v1/exchange").json(&token)).await.is(200).json();
    let text = |field: &str| got[field].as_str().expect("a text").to_owned();
    let machine = process.actor(Login { name: text("username"), secret: text("token") });
    // Whether it may or not, also behind a bearer; what people made for themselves has no rule.
    let behind = format!("Bearer {}", machine.bearer().await);
    for answer in [
        machine.send(Ask::get(MANIFEST)).await.is(404),
        machine.logged_out().send(Ask::get(MANIFEST).authorization(&behind)).await.is(404),
        machine.send(Ask::delete(MANIFEST)).await.is(403),
    ] {
        let line = line_of(&process, &answer).await;
        assert_eq!((&line["rule"], &line["token"]), (&json!("team/release"), &got["token_id"]), "{line}");
    }
    let own = line_of(&process, &lead.send(Ask::get("/v2/")).await.is(200)).await;
    assert_eq!(own.get("rule"), None, "{own}");
}
