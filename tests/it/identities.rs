//! Machines that publish without a secret: they show the token of somebody who vouches for them.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::issuer::{now_secs, part};
use crate::support::process::run;
use crate::support::{Answer, Ask, Issuer, Lie, Organisation, Server, image, on_both_databases, until};

mod dialects;
mod direct;
mod rules;

on_both_databases!(in super::organisation;
    a_machine_publishes_without_a_secret,
    names_mean_the_ids_that_they_first_had,
    what_a_rule_made_ends_with_it,
);

pub(crate) const HERE: &str = "https://hub.example";
pub(crate) const ISSUER: &str = "/api/v1/organisation/issuers/ci";
pub(crate) const RULE: &str = "/api/v1/projects/team/publishers/release";

pub(crate) fn organisation() -> Organisation {
    Organisation::team().member("lead").role("member:lead", "project-admin", "team")
}

/// Lets the gateway believe an issuer of this kind.
pub(super) async fn believe(hub: &Server, issuer: &Issuer, kind: &str) {
    let body = json!({ "url": issuer.url(), "kind": kind, "audiences": [HERE], "private": true });
    hub.admin().send(Ask::put(ISSUER).json(&body)).await.is(201);
}

/// A rule of `team` for whatever machine of the issuer is called `job-7`.
pub(crate) fn rule(on: &[&str], permissions: &[&str]) -> Value {
    json!({ "issuer": "ci", "claims": { "sub": "job-7" }, "on": on, "permissions": permissions })
}

pub(super) async fn exchange(hub: &Server, token: &str, publisher: Option<&str>) -> Answer {
    let body = json!({ "token": token, "publisher": publisher });
    hub.stranger().send(Ask::post("/api/v1/exchange").json(&body)).await
}

/// The events of an action in the project, newest first.
pub(super) async fn events(hub: &Server, action: &str) -> Vec<Value> {
    let path = format!("/api/v1/projects/team/audit?action={action}");
    let answer = hub.admin().send(Ask::get(path)).await.is(200).json();
    answer["items"].as_array().expect("items").clone()
}

async fn a_machine_publishes_without_a_secret(hub: Server) {
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let lead = hub.actor("lead");
    let made = lead.send(Ask::put(RULE).json(&rule(&["team/app"], &["read", "publish"]))).await.is(201);
    assert_eq!(made.must_have("location"), RULE);
    let made = made.json();
    assert_eq!((&made["application"], &made["minutes"]), (&json!("ci-team-release"), &json!(15)));
    let shown = lead.send(Ask::get(RULE)).await.is(200);
    assert_eq!(shown.json(), made);
    let same = lead.send(Ask::put(RULE).json(&made)).await.is(200);
    assert_eq!((same.must_have("wharfinger-changed"), same.json()), ("false", made.clone()));

    let token = issuer.signs(&issuer.claims(HERE));
    let tried = hub
        .stranger()
        .send(Ask::post("/api/v1/exchange?dry_run=true").json(&json!({ "token": token })))
        .await;
    assert_eq!(tried.is(200).json().get("token"), None, "there is nothing to tell");
    let got = exchange(&hub, &token, None).await.is(200).json();
    let (ours, name) = (got["token"].as_str().expect("a token"), got["username"].as_str().expect("a name"));
    assert!(ours.starts_with("whfs_") && ours.len() == 62, "{got}");
    assert_eq!((&got["on"], &got["permissions"]), (&json!(["team/app"]), &json!(["read", "publish"])));
    let machine = hub.claiming(name, ours);
    machine.docker().push("team/app/web:1.0", &image("made by a machine")).await.done();
    machine.docker().pull("team/app/web:1.0").await.gives(&image("made by a machine"));
    // Where the rule does not reach, the application may and the token may not.
    machine.send(Ask::post("/v2/p/team/dense/web/blobs/uploads/")).await.is(403);
    machine.send(Ask::get("/api/v1/repositories/other/app")).await.is(403);
    // It is none of the permanent ones, and it makes no other.
    machine.send(Ask::get("/api/v1/tokens")).await.is(403);
    machine.send(Ask::post("/api/v1/tokens").json(&json!({ "name": "more" }))).await.is(403);
    let tokens = "/api/v1/principals/application:ci-team-release/tokens";
    let permanent = hub.admin().send(Ask::get(tokens)).await.is(200).json();
    assert_eq!(permanent["items"], json!([]));
    let listed = hub.admin().send(Ask::get(format!("{tokens}?kind=s"))).await.is(200).json();
    assert_eq!(listed["items"][0]["id"], got["token_id"]);
    assert_eq!(listed["items"][0]["name"], "team/release job-7");
    // Nor does anybody make it last.
    let id = got["token_id"].as_str().expect("an id");
    let rotated = hub.admin().send(Ask::post(format!("{tokens}/{id}/rotate")).json(&json!({}))).await;
    assert!(rotated.is(409).to_string().contains("exchange another"));
    // Once.
    let again = exchange(&hub, &token, None).await.is(403).json();
    assert_eq!(again["code"], "no-rule");
    assert!(again["detail"].as_str().expect("words").contains("exchanged before"), "{again}");

    let done = &events(&hub, "exchange.done").await[0];
    assert_eq!(
        (&done["class"], &done["actor"]["ref"]),
        (&json!("access"), &json!("application:ci-team-release"))
    );
    assert_eq!((&done["after"]["sub"], &done["object"]["name"]), (&json!("job-7"), &json!("release")));
    assert_eq!(events(&hub, "exchange.refused").await.len(), 1);
    assert!(
        !hub.admin().send(Ask::get("/api/v1/organisation/audit")).await.is(200).to_string().contains(ours)
    );
}

async fn names_mean_the_ids_that_they_first_had(hub: Server) {
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "github").await;
    let lead = hub.actor("lead");
    let mut body = rule(&["team"], &["read", "publish"]);
    body["claims"] = json!({ "repository": "acme/app", "workflow": "release.yml", "ref": "refs/tags/v*" });
    let made = lead.send(Ask::put(RULE).json(&body)).await.is(201).json();
    assert!(made["about"]["pin_until"].is_string() && made["about"]["pinned"].is_null(), "{made}");
    let claims = |owner: &str| {
        let mut claims = issuer.claims(HERE);
        let more = json!({
            "repository": "acme/app", "repository_id": "7", "repository_owner_id": owner, "event_name": "push",
            "workflow_ref": "acme/app/.github/workflows/release.yml@refs/tags/v1", "ref": "refs/tags/v1",
            "run_id": "99", "sha": "abc", "actor": "ada",
        });
        claims.as_object_mut().expect("claims").extend(more.as_object().expect("claims").clone());
        claims
    };
    exchange(&hub, &issuer.signs(&claims("8")), None).await.is(200);
    let pinned = lead.send(Ask::get(RULE)).await.is(200).json();
    assert_eq!(pinned["about"]["pinned"], json!({ "repository_id": "7", "repository_owner_id": "8" }));
    assert!(pinned["about"]["pin_until"].is_null() && pinned["about"]["last_used_at"].is_string());
    assert_eq!(events(&hub, "publisher.pin").await.len(), 1);
    let run = "https://github.com/acme/app/actions/runs/99";
    assert_eq!(events(&hub, "exchange.done").await[0]["after"]["run"], run);
    exchange(&hub, &issuer.signs(&claims("8")), None).await.is(200);
    // Whoever comes to have the name is somebody else. What is wanted stands in the audit and not in the answer.
    let stolen = issuer.signs(&claims("666"));
    exchange(&hub, &stolen, None).await.is(403);
    let refused = exchange(&hub, &stolen, Some("team/release")).await.is(403).json();
    let detail = refused["detail"].as_str().expect("words");
    assert!(detail.contains("the pinned ids") && !detail.contains('8'), "{refused}");
    let told = &events(&hub, "exchange.refused").await[0];
    assert_eq!(told["after"]["wanted"], r#"{"repository_id":"7","repository_owner_id":"8"}"#);
    // Another branch, another file, an event that a stranger begins: each is said by its name.
    for (claim, value) in [
        ("ref", json!("refs/heads/main")),
        ("repository", json!("acme/other")),
        ("event_name", json!("pull_request_target")),
    ] {
        let mut claims = claims("8");
        claims[claim] = value;
        let token = issuer.signs(&claims);
        let refused = exchange(&hub, &token, Some("team/release")).await.is(403).json();
        let words = format!("`{claim}`");
        assert!(refused["detail"].as_str().expect("words").contains(&words), "{refused}");
        // Tried by an administrator, it says what is wanted, and makes nothing.
        let tried =
            lead.send(Ask::post(format!("{RULE}/try")).json(&json!({ "token": token }))).await.is(200).json();
        assert_eq!((&tried["takes"], &tried["reasons"][0]["claim"]), (&json!(false), &json!(claim)));
        assert!(
            tried["reasons"][0]["wanted"].is_string() && tried["reasons"][0]["found"].is_string(),
            "{tried}"
        );
    }
    // Others claims are another rule: it pins anew.
    body["claims"]["ref"] = json!("refs/heads/main");
    let anew = lead.send(Ask::put(RULE).json(&body)).await.is(200).json();
    assert!(anew["about"]["pinned"].is_null() && anew["about"]["pin_until"].is_string(), "{anew}");
}

async fn what_a_rule_made_ends_with_it(hub: Server) {
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let lead = hub.actor("lead");
    let body = rule(&["team"], &["read", "publish"]);
    lead.send(Ask::put(RULE).json(&body)).await.is(201);
    let got = async || {
        let got = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200).json();
        let text = |field: &str| got[field].as_str().expect("a text").to_owned();
        hub.claiming(&text("username"), &text("token"))
    };
    let tags = || Ask::get("/api/v1/repositories/team/app");
    let first = got().await;
    first.send(tags()).await.is(200);
    // Only the minutes are others: what there is stays.
    let mut longer = body.clone();
    longer["minutes"] = json!(30);
    lead.send(Ask::put(RULE).json(&longer)).await.is(200);
    first.send(tags()).await.is(200);
    let mut narrower = body.clone();
    narrower["on"] = json!(["team/jars"]);
    lead.send(Ask::put(RULE).json(&narrower)).await.is(200);
    first.send(tags()).await.is(401);
    let second = got().await;
    second.send(tags()).await.is(403);
    second.send(Ask::get("/api/v1/repositories/team/jars")).await.is(200);
    // The place goes: what is left is good for nothing, and nothing is made any more.
    hub.admin().send(Ask::delete("/api/v1/repositories/team/jars?confirm=team/jars")).await.is(200);
    second.send(Ask::get("/api/v1/repositories/team/jars")).await.is(403);
    let refused = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    lead.send(Ask::put(RULE).json(&body)).await.is(200);
    let third = got().await;
    third.send(tags()).await.is(200);
    // Its application goes with it and not before, and has no other tokens.
    let application = "/api/v1/applications/ci-team-release";
    let kept =
        hub.admin().send(Ask::delete(format!("{application}?confirm=ci-team-release"))).await.is(409).json();
    assert_eq!(kept["code"], "in-use");
    let tokens = "/api/v1/principals/application:ci-team-release/tokens";
    let refused = hub.admin().send(Ask::post(tokens).json(&json!({ "name": "kept" }))).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    hub.admin().send(Ask::delete(ISSUER)).await.is(409);
    lead.send(Ask::delete(RULE)).await.is(200);
    third.send(tags()).await.is(401);
    hub.admin().send(Ask::get(application)).await.is(404);
    lead.send(Ask::get(RULE)).await.is(404);
    // A whole project takes its rules along.
    lead.send(Ask::put(RULE).json(&body)).await.is(201);
    let fourth = got().await;
    let project = "/api/v1/projects/team?confirm=team&with_repositories=true";
    hub.admin().send(Ask::delete(project)).await.is(200);
    fourth.send(tags()).await.is(401);
    hub.admin().send(Ask::get(application)).await.is(404);
    hub.admin().send(Ask::delete(ISSUER)).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_believed_that_the_issuer_did_not_sign_for_this_server_and_now() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    hub.actor("lead").send(Ask::put(RULE).json(&rule(&["team"], &["read"]))).await.is(201);
    let now = now_secs();
    let with = |field: &str, value: Value| {
        let mut claims = issuer.claims(HERE);
        claims[field] = value;
        claims
    };
    // Genuine, and not for us, or not for now: a rule is looked for by none of them.
    for (field, value) in [
        ("aud", json!("https://www.nuget.org")),
        ("aud", json!([HERE, "https://elsewhere.example"])),
        ("aud", json!([])),
        ("exp", json!(now - 61)),
        ("exp", json!(now + 3700)),
        ("iat", json!(now + 600)),
        ("nbf", json!(now + 600)),
        ("exp", Value::Null),
        ("sub", json!("job-8")),
    ] {
        let refused = exchange(&hub, &issuer.signs(&with(field, value.clone())), None).await.is(403).json();
        assert_eq!(refused["code"], "no-rule", "{field}: {value}");
    }
    assert_eq!(
        hub.admin().send(Ask::get("/api/v1/organisation/audit?action=exchange.refused")).await.is(200).json()
            ["items"]
            .as_array()
            .map(Vec::len),
        Some(9)
    );
    // Not genuine.
    let good = issuer.claims(HERE);
    let key_id = json!("key-1");
    let stranger = Issuer::new().await;
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "kid": key_id })), part(&good));
    let public = issuer.keys()["keys"][0].to_string();
    let mac_of = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": key_id })), part(&good));
    let mac_key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
    let mac = aws_lc_rs::hmac::sign(&mac_key, mac_of.as_bytes());
    let mac = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, mac.as_ref());
    let forged = [
        unsigned,
        format!("{mac_of}.{mac}"),
        stranger.signs(&good),
        stranger.signs(&stranger.claims(HERE)),
        issuer.signs_with(&json!({ "alg": "RS256", "kid": key_id }), &good),
        issuer.signs_with(&json!({ "alg": "ES256", "kid": "key-2" }), &good),
        issuer.signs(&with("iss", json!("https://issuer.example"))),
        "whfp_not.a.token".to_owned(),
    ];
    for token in forged {
        let refused = exchange(&hub, &token, None).await.is(401).json();
        assert_eq!(refused["code"], "bad-credentials", "{refused}");
    }
    let long = "a".repeat(8193);
    assert_eq!(exchange(&hub, &long, None).await.status, StatusCode::BAD_REQUEST);
    exchange(&hub, &issuer.signs(&good), None).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_that_lies_is_not_asked_again_and_again_and_believed_in_nothing() {
    let hub = Server::with(organisation()).await;
    for lie in [
        Lie::OtherIssuer,
        Lie::KeysElsewhere,
        Lie::Huge,
        Lie::Silent,
        Lie::Redirect,
        Lie::Failing,
        Lie::Babble,
        Lie::NoKeys,
    ] {
        let issuer = Issuer::new().await;
        issuer.lies(lie);
        believe(&hub, &issuer, "any").await;
        let tested =
            hub.admin().send(Ask::post(format!("{ISSUER}/test")).json(&json!({}))).await.is(409).json();
        assert_eq!(tested["code"], "rule", "{lie:?}");
        let fetches = issuer.key_fetches();
        for _ in 0..3 {
            let refused = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(503).json();
            assert_eq!(refused["code"], "unavailable", "{lie:?}");
        }
        assert_eq!(issuer.key_fetches(), fetches, "{lie:?}: within a minute nobody asks again");
        hub.admin().send(Ask::delete(ISSUER)).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_is_fetched_once_and_old_ones_stay_good_while_there_is_nobody_to_ask() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    hub.actor("lead").send(Ask::put(RULE).json(&rule(&["team"], &["read"]))).await.is(201);
    // Many at once are one fetch.
    let tokens: Vec<String> = (0..6).map(|_| issuer.signs(&issuer.claims(HERE))).collect();
    let all = tokens.iter().map(|token| exchange(&hub, token, None));
    for answer in futures_util::future::join_all(all).await {
        answer.is(200);
    }
    assert_eq!(issuer.key_fetches(), 1);
    issuer.rotates("key-2");
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
    assert_eq!(issuer.key_fetches(), 2);
    // Keys that nobody has are looked for no more often than once in a minute.
    for _ in 0..3 {
        let unknown = json!({ "alg": "ES256", "kid": "key-3" });
        exchange(&hub, &issuer.signs_with(&unknown, &issuer.claims(HERE)), None).await.is(401);
    }
    assert_eq!(issuer.key_fetches(), 2);
    issuer.lies(Lie::Failing);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
    hub.admin().send(Ask::post(format!("{ISSUER}/test")).json(&json!({}))).await.is(409);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
    // Keys that are said need nobody.
    let body = json!({ "url": issuer.url(), "kind": "any", "audiences": [HERE], "jwks": issuer.keys() });
    hub.admin().send(Ask::put(ISSUER).json(&body)).await.is(200);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_known_does_not_wait_while_the_issuer_is_asked_for_somebody_else() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    hub.actor("lead").send(Ask::put(RULE).json(&rule(&["team"], &["read"]))).await.is(201);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
    let before = issuer.discoveries();
    issuer.lies(Lie::Silent);
    let unknown = issuer.signs_with(&json!({ "alg": "ES256", "kid": "key-2" }), &issuer.claims(HERE));
    let waiting = exchange(&hub, &unknown, None);
    let known = async {
        until("it is asked", async || issuer.discoveries() > before).await;
        exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200);
    };
    let (waiting, known) = (std::pin::pin!(waiting), std::pin::pin!(known));
    match futures_util::future::select(waiting, known).await {
        futures_util::future::Either::Left((answer, _)) => panic!("it did not wait: {}", answer.status),
        futures_util::future::Either::Right(((), waiting)) => drop(waiting.await.is(401)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_address_is_the_audience_where_none_is_said() {
    let url = "https://packages.example";
    let hub = Server::tuned(organisation(), |config| {
        config.server.public_url = wharfinger::config::ServerUrl::parse(url);
    })
    .await;
    let issuer = Issuer::new().await;
    let body = json!({ "url": issuer.url(), "kind": "any", "private": true });
    hub.admin().send(Ask::put(ISSUER).json(&body)).await.is(201);
    hub.actor("lead").send(Ask::put(RULE).json(&rule(&["team"], &["read"]))).await.is(201);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(403);
    exchange(&hub, &issuer.signs(&issuer.claims(url)), None).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_sets_a_machine_up_and_exchanges_its_token() {
    let issuer = Issuer::new().await;
    let hub = Server::with(organisation()).await;
    let (server, token) = (format!("http://{}", hub.address()), hub.login("root").secret.clone());
    let variables = [("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", &*token)];
    let folder = hub.folder().root().to_owned();
    let told = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        tokio::task::block_in_place(|| run(&folder, &words, &variables))
    };
    let file = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    let url = issuer.url().to_owned();
    told(&format!("issuer put ci --url {url} --kind any --audience {HERE}")).fails_with(7);
    told(&format!("issuer put ci --url {url} --kind any --audience {HERE} --private")).succeeds();
    let tested = told("issuer test ci").succeeds();
    assert!(tested.out.contains('1'), "{}", tested.out);
    told("publisher put team/release --issuer ci --claim sub=job-7 --permissions read,publish --on team/app")
        .succeeds();
    let listed = told("publisher list team").succeeds();
    assert!(listed.out.contains("release") && listed.out.contains("team/app"), "{}", listed.out);
    let mut other = issuer.claims(HERE);
    other["sub"] = json!("job-8");
    file("other.jwt", &issuer.signs(&other));
    let tried = told("publisher try team/release @other.jwt").fails_with(1);
    assert!(tried.out.contains("sub: wanted job-7, found job-8"), "{}", tried.out);
    file("token.jwt", &issuer.signs(&issuer.claims(HERE)));
    told("publisher try team/release @token.jwt").succeeds();
    let only_tried = told("exchange @token.jwt --dry-run").succeeds();
    assert_eq!(only_tried.out, "");
    let got = told("exchange @token.jwt --publisher team/release").succeeds();
    assert!(got.out.starts_with("whfs_"), "{}", got.out);
    told("exchange @token.jwt").fails_with(5);
    let shown = told("token list --of application:ci-team-release --short-lived").succeeds();
    assert!(shown.out.contains("team/release job-7"), "{}", shown.out);
    told("publisher delete team/release").succeeds();
    told("publisher show team/release").fails_with(6);
    told("issuer delete ci").succeeds();
    told("issuer show ci").fails_with(6);
}
