//! Tokens of service accounts, shown as they are: by the kubelet, by pods, by whoever has one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{HERE, ISSUER, RULE, believe, events, exchange, organisation};
use crate::support::issuer::now_secs;
use crate::support::{Ask, Issuer, Lie, Server, image, on_both_databases, until};

on_both_databases!(in crate::identities::organisation;
    a_service_account_pulls_with_its_own_token,
    a_rule_that_changes_or_goes_refuses_the_next_request,
    what_is_not_taken_is_refused_in_the_clients_own_words,
);

const SUBJECT: &str = "system:serviceaccount:prod:web";
const PULL: &str = "/api/v1/projects/team/publishers/pull";
const TAGS: &str = "/v2/p/team/app/web/tags/list";

/// A rule that takes tokens of the service account as they are.
fn direct(on: &[&str], permissions: &[&str]) -> Value {
    json!({
        "issuer": "ci", "claims": { "sub": SUBJECT }, "on": on, "permissions": permissions, "direct": true,
    })
}

/// What the token of the service account says, of a pod that lives for hours.
fn claims(issuer: &Issuer, uid: &str) -> Value {
    let mut claims = issuer.claims(HERE);
    claims["sub"] = json!(SUBJECT);
    claims["exp"] = json!(now_secs() + 23 * 3600);
    claims["kubernetes.io"] = json!({ "namespace": "prod", "serviceaccount": { "name": "web", "uid": uid } });
    claims
}

/// An issuer that is believed, and the token of a service account that a rule takes as it is.
async fn believed(hub: &Server, permissions: &[&str]) -> (Issuer, String) {
    let issuer = Issuer::new().await;
    believe(hub, &issuer, "kubernetes").await;
    hub.actor("lead").send(Ask::put(PULL).json(&direct(&["team"], permissions))).await.is(201);
    let token = issuer.signs(&claims(&issuer, "uid-1"));
    (issuer, token)
}

async fn a_service_account_pulls_with_its_own_token(hub: Server) {
    let (issuer, token) = believed(&hub, &["read"]).await;
    hub.actor("lead").docker().push("team/app/web:1.0", &image("of the service account")).await.done();
    for (name, format) in [("papers", "files"), ("feed", "nuget")] {
        let body = json!({ "format": format });
        hub.admin().send(Ask::put(format!("/api/v1/repositories/team/{name}")).json(&body)).await.is(201);
    }
    // As password beside any name, as any client of images logs in, and wherever packages are.
    let pod = hub.claiming("anything", &token);
    pod.docker().login().await.done();
    pod.docker().pull("team/app/web:1.0").await.gives(&image("of the service account"));
    let bearer = format!("Bearer {token}");
    for path in [TAGS, "/maven/p/team/jars/", "/files/p/team/papers/", "/nuget/p/team/feed/v3/index.json"] {
        pod.send(Ask::get(path)).await.is(200);
        hub.stranger().send(Ask::get(path).authorization(&bearer)).await.is(200);
    }
    // For reading alone, and for nothing else than packages.
    pod.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(403);
    pod.send(Ask::get("/v2/p/other/app/web/tags/list")).await.is(403);
    for path in ["/api/v1/me", "/api/v1/repositories/team/app"] {
        let refused = pod.send(Ask::get(path)).await.is(401).json();
        assert!(refused["detail"].as_str().expect("words").contains("for packages alone"), "{refused}");
    }
    // It was looked at by its issuer's keys once; they may go, and what was looked at stays good.
    assert_eq!(issuer.key_fetches(), 1);
    issuer.lies(Lie::Failing);
    pod.send(Ask::get(TAGS)).await.is(200);

    // It is named wherever a token is: where it is listed, in the audit, by who asks why.
    let shown = hub.actor("lead").send(Ask::get(PULL)).await.is(200).json();
    assert_eq!((&shown["direct"], &shown["about"]["pinned"]), (&json!(true), &json!({ "uid": "uid-1" })));
    let id = shown["about"]["direct_token"].as_str().expect("an id");
    assert_eq!(events(&hub, "publisher.pin").await.len(), 1);
    let owner = "application:ci-team-pull";
    let listed = Ask::get(format!("/api/v1/principals/{owner}/tokens?kind=s"));
    let listed = hub.admin().send(listed).await.is(200).json();
    let name = format!("team/pull {SUBJECT}");
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["name"]), (&json!(id), &json!(name)));
    let why = format!("/api/v1/explain?who={owner}&token={id}&on=team/app&may=");
    let yes = hub.admin().send(Ask::get(format!("{why}read"))).await.is(200).json();
    let no = hub.admin().send(Ask::get(format!("{why}publish"))).await.is(200).json();
    assert_eq!(
        (&yes["allowed"], &no["allowed"], &no["reason"]),
        (&json!(true), &json!(false), &json!("token-limits"))
    );
    until("the audit knows who pulled", async || {
        let path = format!("/api/v1/projects/team/audit?action=package.fetch&token={id}");
        let all = hub.admin().send(Ask::get(path)).await.is(200).json();
        all["items"][0]["token"]["name"] == json!(name)
    })
    .await;
    assert!(
        !hub.admin().send(Ask::get("/api/v1/organisation/audit")).await.is(200).to_string().contains(&token)
    );
    // It may still be exchanged, as long as it is good for an hour.
    exchange(&hub, &token, None).await.is(403);
    let mut short = claims(&issuer, "uid-1");
    short["exp"] = json!(now_secs() + 600);
    exchange(&hub, &issuer.signs(&short), None).await.is(200);
}

async fn a_rule_that_changes_or_goes_refuses_the_next_request(hub: Server) {
    let (_issuer, token) = believed(&hub, &["read"]).await;
    let lead = hub.actor("lead");
    let pod = hub.claiming("kubernetes", &token);
    let bearer = async || format!("Bearer {}", pod.bearer().await);
    pod.send(Ask::get(TAGS)).await.is(404);
    let first = bearer().await;
    let jars = "/maven/p/team/jars/";
    let of_first = async |status| {
        hub.stranger().send(Ask::get(TAGS).authorization(&first)).await.is(status);
    };
    of_first(404).await;
    // Only the minutes of what is exchanged are others.
    let mut body = direct(&["team"], &["read"]);
    body["minutes"] = json!(5);
    lead.send(Ask::put(PULL).json(&body)).await.is(200);
    of_first(404).await;
    // Narrower: the same token is held against what the rule says now, and what was made of it before is over.
    lead.send(Ask::put(PULL).json(&direct(&["team/jars"], &["read"]))).await.is(200);
    of_first(401).await;
    pod.send(Ask::get(jars)).await.is(200);
    pod.send(Ask::get(TAGS)).await.is(403);
    let second = bearer().await;
    // For exchanges alone.
    body["direct"] = json!(false);
    lead.send(Ask::put(PULL).json(&body)).await.is(200);
    pod.send(Ask::get(jars)).await.is(401);
    hub.stranger().send(Ask::get(TAGS).authorization(&second)).await.is(401);
    body["direct"] = json!(true);
    let again = lead.send(Ask::put(PULL).json(&body)).await.is(200).json();
    pod.send(Ask::get(jars)).await.is(200);
    // Who revokes what it stands for ends it, until the rule is put again.
    let id = again["about"]["direct_token"].as_str().expect("an id").to_owned();
    let state = format!("/api/v1/principals/application:ci-team-pull/tokens/{id}/state");
    hub.admin().send(Ask::put(state).json(&json!({ "state": "revoked" }))).await.is(200);
    pod.send(Ask::get(jars)).await.is(401);
    let anew = lead.send(Ask::put(PULL).json(&again)).await.is(200);
    assert_eq!(anew.must_have("wharfinger-changed"), "true");
    pod.send(Ask::get(jars)).await.is(200);
    // Suspended, and back.
    let suspended = "/api/v1/principals/application:ci-team-pull/suspended";
    for (said, status) in [(true, 401), (false, 200)] {
        hub.admin().send(Ask::put(suspended).json(&json!({ "suspended": said }))).await.is(200);
        pod.send(Ask::get(jars)).await.is(status);
    }
    lead.send(Ask::delete(PULL)).await.is(200);
    pod.send(Ask::get(jars)).await.is(401);
}

async fn what_is_not_taken_is_refused_in_the_clients_own_words(hub: Server) {
    let (issuer, token) = believed(&hub, &["read", "publish"]).await;
    let machine = hub.claiming("kubernetes", &token);
    // The rule says more than reading.
    machine.docker().push("team/app/web:1.0", &image("by a service account")).await.done();
    let with = |field: &str, value: Value| {
        let mut claims = claims(&issuer, "uid-1");
        claims[field] = value;
        issuer.signs(&claims)
    };
    let now = now_secs();
    let stranger = Issuer::new().await;
    let refusals = [
        (with("exp", json!(now - 61)), "it is over"),
        (with("exp", json!(now + 25 * 3600)), "longer than a day"),
        (with("aud", json!("https://kubernetes.default.svc")), "its audience"),
        (with("sub", json!("system:serviceaccount:prod:other")), "no publisher takes"),
        (issuer.signs(&claims(&issuer, "uid-2")), "no publisher takes"),
        (stranger.signs(&claims(&stranger, "uid-1")), "its issuer (`iss`) is not known here"),
        (format!("{token}x"), "its signature is wrong"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "not signed by"),
    ];
    for (token, words) in &refusals {
        let pod = hub.claiming("kubernetes", token);
        let of_images = pod.send(Ask::get(TAGS)).await.is(401).json();
        let message = of_images["errors"][0]["message"].as_str().expect("words").to_owned();
        assert_eq!(
            (&of_images["errors"][0]["code"], message.contains(words)),
            (&json!("UNAUTHORIZED"), true),
            "{message}"
        );
        let of_files = pod.send(Ask::get("/maven/p/team/jars/")).await.is(401);
        assert!(of_files.must_have("www-authenticate").starts_with("Basic"));
        assert!(of_files.to_string().contains(words), "{words}: {of_files}");
        let of_bearers = pod.asks_for_bearer().await.is(401);
        assert!(of_bearers.to_string().contains(words), "{words}: {of_bearers}");
    }
    // Why a rule did not take a genuine one, its administrators are told, and nobody else.
    let told = &events(&hub, "exchange.refused").await[0];
    assert_eq!(
        (&told["after"]["claim"], &told["object"]["name"]),
        (&json!("the pinned ids"), &json!("pull"))
    );
    // Two rules of one service account: the name says which, and the issuer's other kinds are never taken so.
    let lead = hub.actor("lead");
    let other = "/api/v1/projects/team/publishers/other";
    lead.send(Ask::put(other).json(&direct(&["team/jars"], &["read"]))).await.is(201);
    let fresh = issuer.signs(&claims(&issuer, "uid-1"));
    let ambiguous = hub.claiming("kubernetes", &fresh).send(Ask::get("/maven/p/team/jars/")).await.is(401);
    assert!(ambiguous.to_string().contains("PROJECT/PUBLISHER"), "{ambiguous}");
    hub.claiming("team/other", &fresh).send(Ask::get("/maven/p/team/jars/")).await.is(200);
    hub.claiming("team/other", &fresh).send(Ask::get(TAGS)).await.is(403);
    hub.claiming("team/pull", &fresh).send(Ask::get(TAGS)).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_service_accounts_are_taken_directly() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let lead = hub.actor("lead");
    let body =
        json!({ "issuer": "ci", "claims": { "sub": "job-7" }, "permissions": ["read"], "direct": true });
    let refused = lead.send(Ask::put(RULE).json(&body)).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    let mut exchanged = body.clone();
    exchanged["direct"] = json!(false);
    lead.send(Ask::put(RULE).json(&exchanged)).await.is(201);
    let pod = hub.claiming("x", &issuer.signs(&issuer.claims(HERE)));
    pod.send(Ask::get("/maven/p/team/jars/")).await.is(401);
    // Without the keys of its issuer nobody can say: that is not the client's fault.
    hub.admin().send(Ask::delete(format!("{RULE}?dry_run=true"))).await.is(200);
    let failing = Issuer::new().await;
    failing.lies(Lie::Failing);
    let body = json!({ "url": failing.url(), "kind": "kubernetes", "audiences": [HERE], "private": true });
    hub.admin().send(Ask::put(ISSUER.replace("/ci", "/down")).json(&body)).await.is(201);
    let pod = hub.claiming("x", &failing.signs(&claims(&failing, "uid-1")));
    pod.send(Ask::get("/maven/p/team/jars/")).await.is(503);
}

/// The plug-in that the page shows, run as the kubelet runs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plug_in_of_the_page_pulls_for_the_kubelet() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/identities.md"));
    let page = page.expect("the page");
    let (_, plug_in) = page.split_once("```sh file\n#!/bin/sh\n").expect("the plug-in");
    let (plug_in, _) = plug_in.split_once("```").expect("its end");
    assert!(plug_in.lines().count() <= 20, "{plug_in}");
    let hub = Server::with(organisation()).await;
    let (_issuer, token) = believed(&hub, &["read"]).await;
    hub.actor("lead").docker().push("team/app/web:1.0", &image("for the kubelet")).await.done();
    let answer = |request: &Value| {
        let mut plug_in = Command::new("sh")
            .args(["-c", plug_in])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let text = serde_json::to_string_pretty(request).expect("a request");
        plug_in.stdin.take().expect("its input").write_all(text.as_bytes()).expect("reads");
        plug_in.wait_with_output().expect("ends")
    };
    let request = json!({
        "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest",
        "image": format!("{}/team/app/web:1.0", hub.address()), "serviceAccountToken": token,
        "serviceAccountAnnotations": {},
    });
    let said = answer(&request);
    assert!(said.status.success());
    let said: Value = serde_json::from_slice(&said.stdout).expect("a document");
    assert_eq!(
        (&said["kind"], &said["apiVersion"]),
        (&json!("CredentialProviderResponse"), &request["apiVersion"])
    );
    let login = &said["auth"][hub.address().to_string()];
    let word = |name: &str| login[name].as_str().expect("a word").to_owned();
    let kubelet = hub.claiming(&word("username"), &word("password"));
    kubelet.docker().pull("team/app/web:1.0").await.gives(&image("for the kubelet"));
    let without = json!({ "kind": "CredentialProviderRequest", "image": "hub.example/a/b/c:1" });
    assert!(!answer(&without).status.success());
}
