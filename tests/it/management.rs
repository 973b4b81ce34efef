//! The management as programs see it: documents in, documents or problems out.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{Ask, Organisation, Server, on_both_databases, token, until};

mod sorted;

on_both_databases!(
    what_is_shown_can_be_put,
    what_is_made_is_found,
    what_is_sent_twice_is_made_once,
    lists_go_on_where_they_ended,
    who_watches_sees_how_it_is
);

async fn what_is_shown_can_be_put(hub: Server) {
    let (admin, grants) = (hub.admin(), "/api/v1/projects/team/grants");
    let body = json!({
        "to": "member:bob",
        "permissions": ["publish", "read", "publish"],
        "expires": "2090-01-01T01:00:00+01:00",
    });
    let answer = admin.send(Ask::put(grants).json(&body)).await.is(200);
    assert_eq!(answer.must_have("wharfinger-changed"), "true");
    let version = answer.must_have("wharfinger-policy-version").to_owned();
    assert_eq!(answer.json()["policy_version"].to_string(), version);
    let listed = admin.send(Ask::get(grants)).await.is(200).json();
    let items = listed["items"].as_array().expect("grants");
    let shown = items.iter().find(|grant| grant["to"] == "member:bob").expect("the grant");
    // Sets have one order, and moments one form.
    assert_eq!(shown["permissions"], json!(["read", "publish"]));
    assert_eq!((&shown["role"], &shown["expires"]), (&Value::Null, &json!("2090-01-01T00:00:00.000Z")));
    // What the organisation itself holds is not put.
    for grant in items.iter().filter(|grant| grant["role"] != "organisation-member") {
        let answer = admin.send(Ask::put(grants).json(grant)).await;
        assert_eq!(answer.status, 200, "{grant}: {answer}");
        assert_eq!(answer.must_have("wharfinger-changed"), "false", "{grant}");
    }
    assert_eq!(admin.send(Ask::get(grants)).await.is(200).json(), listed);
}

async fn what_is_made_is_found(hub: Server) {
    let limits = json!([{ "on": "team/app", "permissions": ["read"] }]);
    for (who, tokens) in
        [("alice", "/api/v1/tokens"), ("root", "/api/v1/principals/application:robot/tokens")]
    {
        let actor = hub.actor(who);
        let body = json!({ "name": "build", "limits": limits });
        let answer = actor.send(Ask::post(tokens).json(&body)).await.is(201);
        let mut made = answer.json();
        assert!(made.as_object_mut().and_then(|made| made.remove("secret")).is_some(), "{made}");
        let found = answer.must_have("location").to_owned();
        assert_eq!(found, format!("{tokens}/{}", made["id"].as_str().expect("an id")));
        assert_eq!(actor.send(Ask::get(&found)).await.is(200).json(), made);
        actor.send(Ask::head(&found)).await.is(200);
        let again = actor.send(Ask::post(tokens).json(&body)).await.is(409).json();
        assert_eq!(again["code"], "name-taken");
        hub.actor("bob").send(Ask::get(&found)).await.is(if who == "alice" { 404 } else { 403 });
        let revoke = json!({ "state": "revoked" });
        actor.send(Ask::put(format!("{found}/state")).json(&revoke)).await.is(200);
        actor.send(Ask::get(&found)).await.is(404);
    }
    // The path names an owner: under another name the token is not there.
    let alices = token::id(&hub.login("alice").secret).to_owned();
    let admin = hub.admin();
    admin.send(Ask::get(format!("/api/v1/principals/member:alice/tokens/{alices}"))).await.is(200);
    admin.send(Ask::get(format!("/api/v1/principals/member:bob/tokens/{alices}"))).await.is(404);
    let absent = admin.send(Ask::get("/api/v1/principals/member:nobody/tokens")).await.is(404).json();
    assert_eq!(absent["code"], "absent");
}

async fn what_is_sent_twice_is_made_once(hub: Server) {
    let (alice, tokens) = (hub.actor("alice"), "/api/v1/tokens");
    let ask = |key: &str, name: &str| {
        Ask::post(tokens).header("idempotency-key", key).json(&json!({ "name": name }))
    };
    let made = alice.send(ask("build-7", "build")).await.is(201).json();
    let again = alice.send(ask("build-7", "build")).await.is(409).json();
    assert_eq!(again["code"], "already-made");
    let id = made["id"].as_str().expect("an id");
    assert!(again["detail"].as_str().is_some_and(|detail| detail.contains(id)), "{again}");
    let other = alice.send(ask("build-7", "other")).await.is(422).json();
    assert_eq!(other["code"], "key-reused");
    hub.actor("root").send(ask("build-7", "build")).await.is(201);
    for bad in ["", "a b", "ä", &"k".repeat(65)] {
        assert_eq!(alice.send(ask(bad, "bad")).await.is(400).json()["code"], "malformed", "{bad}");
    }
    for name in ["idempotency-key", "if-match"] {
        let twice = Ask::post(tokens).header(name, "build-8").header(name, "build-9");
        alice.send(twice.json(&json!({ "name": "bad" }))).await.is(400);
    }
    let items = alice.send(Ask::get(tokens)).await.is(200).json();
    let builds = items["items"].as_array().expect("tokens").iter().filter(|token| token["name"] == "build");
    assert_eq!(builds.count(), 1);
}

async fn lists_go_on_where_they_ended(hub: Server) {
    let alice = hub.actor("alice");
    for number in 0..3 {
        let body = json!({ "name": format!("token {number}") });
        alice.send(Ask::post("/api/v1/tokens").json(&body)).await.is(201);
    }
    let whole = alice.send(Ask::get("/api/v1/tokens")).await.is(200).json();
    assert_eq!(whole["next"], Value::Null);
    let mut walked = Vec::new();
    let mut after = String::new();
    loop {
        let page = alice.send(Ask::get(format!("/api/v1/tokens?limit=2{after}"))).await.is(200).json();
        walked.extend(page["items"].as_array().expect("items").clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    // Tokens are used meanwhile, and say so a little later.
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&walked), ids(whole["items"].as_array().expect("items")));
    let wrong = alice.send(Ask::get("/api/v1/tokens?after=elsewhere")).await.is(409).json();
    assert_eq!(wrong["code"], "bad-cursor");
}

/// Whoever logged in is told what repositories can hold, and where each is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn formats_are_those_of_the_list_of_protocols() {
    let hub = Server::with(Organisation::team()).await;
    hub.stranger().send(Ask::get("/api/v1/formats")).await.is(401);
    let bob = hub.actor("bob");
    let listed = bob.send(Ask::get("/api/v1/formats")).await.is(200).json();
    let expected = json!({
        "items": [
            { "format": "files", "prefix": "/files" },
            { "format": "maven", "prefix": "/maven" },
            { "format": "nuget", "prefix": "/nuget" },
            { "format": "oci", "prefix": "/v2" },
        ],
        "next": null,
    });
    assert_eq!(listed, expected);
    let page = bob.send(Ask::get("/api/v1/formats?limit=1&after=files")).await.is(200).json();
    assert_eq!((&page["items"][0]["format"], &page["next"]), (&json!("maven"), &json!("maven")));
    // Each is what a repository can be made with.
    for format in listed["items"].as_array().expect("formats") {
        let path = format!("/api/v1/repositories/team/new-{}", format["format"].as_str().expect("a word"));
        hub.admin().send(Ask::put(path).json(&json!({ "format": format["format"] }))).await.is(201);
    }
}

/// 400 is what the description refuses, 409 what a rule or the state does, 403 what the caller lacks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_have_codes() {
    let hub = Server::with(Organisation::team()).await;
    let admin = hub.admin();
    let mut table = String::new();
    let (grants, tokens) = ("/api/v1/projects/team/grants", "/api/v1/tokens");
    let raw = |ask: Ask, body: &'static str| ask.header("content-type", "application/json").body(body);
    for ask in [
        raw(Ask::put(grants), r#"{"to":"member:bob","role":"viewer","role":"manager"}"#),
        raw(Ask::put(grants), r#"{"to":"bob","roel":"viewer"}"#),
        raw(Ask::put(grants), r#"{"to":"member:nobody","role":"viewer"}"#),
        raw(Ask::put(grants), r#"{"to":"member:bob","role":"nothing"}"#),
        raw(Ask::put(grants), r#"{"to":"member:bob","permissions":["directory-view"]}"#),
        raw(Ask::post(tokens), r#"{"name":"late","expires":"2001-01-01T00:00:00Z"}"#),
        raw(Ask::post(tokens), r#"{"name":"x","limits":[{"on":"no/thing","permissions":["read"]}]}"#),
        Ask::get("/api/v1/tokens?limt=1"),
        Ask::delete("/api/v1/projects/team/grants?to=member:bob&role=guest"),
        Ask::delete(grants),
        Ask::post(grants),
        Ask::get("/api/v1/nothing"),
        Ask::put(grants).header("content-type", "text/plain").body("{}"),
    ] {
        let line = format!("{} {}", ask.method, ask.target);
        let answer = admin.send(ask).await;
        let problem = answer.json();
        assert_eq!(problem["request_id"], answer.must_have("x-request-id"), "{answer}");
        assert_eq!(problem["status"], answer.status.as_u16(), "{answer}");
        let detail = problem["detail"].as_str().expect("words");
        table.push_str(&format!("{line}\n  {} {} {detail}\n", problem["status"], problem["code"]));
        let kind = problem["type"].as_str().expect("an address").to_owned();
        hub.stranger().send(Ask::get(kind)).await.is(200);
    }
    expect![[r#"
        PUT /api/v1/projects/team/grants
          400 "malformed" a name stands twice in one object (line 1, column 52)
        PUT /api/v1/projects/team/grants
          400 "invalid" roel: there is no such field; to: write member:, collaborator:, guest:, application: or team: and a name; a grant has either a role or permissions
        PUT /api/v1/projects/team/grants
          409 "unknown-name" unknown member:nobody
        PUT /api/v1/projects/team/grants
          409 "unknown-name" unknown nothing
        PUT /api/v1/projects/team/grants
          409 "rule" one of the permissions means something on the organisation only
        POST /api/v1/tokens
          409 "rule" the token would have expired already
        POST /api/v1/tokens
          409 "rule" a limit names something that is not there, or that its owner may not know
        GET /api/v1/tokens?limt=1
          400 "unknown-parameter" limt: there is no such parameter; did you mean `limit`?
        DELETE /api/v1/projects/team/grants?to=member:bob&role=guest
          404 "absent" it does not exist here
        DELETE /api/v1/projects/team/grants
          400 "invalid" to: it is missing
        POST /api/v1/projects/team/grants
          405 "method" the path knows GET, PUT, DELETE
        GET /api/v1/nothing
          404 "no-route" there is no such path
        PUT /api/v1/projects/team/grants
          415 "not-json" send the body with `Content-Type: application/json`, in UTF-8
    "#]].assert_eq(&table);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_may_read_the_description() {
    let hub = Server::with(Organisation::team()).await;
    let answer = hub.stranger().send(Ask::get("/api/openapi.json")).await.is(200);
    let (served, committed) = (answer.json(), include_str!("../../docs/openapi.json"));
    assert_eq!(served, serde_json::from_str::<Value>(committed).expect("JSON"));
    hub.stranger().send(Ask::head("/api/openapi.json")).await.is(200);
    hub.stranger().send(Ask::post("/api/openapi.json")).await.is(401);
}

async fn who_watches_sees_how_it_is(hub: Server) {
    let admin = hub.admin();
    let health = admin.send(Ask::get("/api/v1/health")).await.is(200).json();
    assert_eq!(
        (&health["ready"], &health["database"], &health["unstored"]),
        (&json!(true), &json!(true), &json!(0))
    );
    assert_eq!(health["audit"]["lost"], 0);
    until("a worker that did something", async || {
        let list = admin.send(Ask::get("/api/v1/workers")).await.is(200).json();
        list["items"].as_array().is_some_and(|items| items.iter().any(|item| !item["last_ok_at"].is_null()))
    })
    .await;
    for path in ["/api/v1/health", "/api/v1/workers"] {
        hub.actor("alice").send(Ask::get(path)).await.is(403);
        hub.stranger().send(Ask::get(path)).await.is(401);
    }
}
