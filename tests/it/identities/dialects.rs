//! The exchange in the words of others: RFC 8693, and what NuGet's log-in action sends.

use serde_json::{Value, json};

use super::{HERE, ISSUER, RULE, believe, organisation, rule};
use crate::support::{Actor, Ask, Issuer, Server};

const FORM: [(&str, &str); 2] = [
    ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
    ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
];

async fn told(hub: &Server, fields: &[(&str, &str)], status: u16) -> Value {
    let ask = Ask::post("/api/v1/exchange").form(&[&FORM, fields].concat());
    let answer = hub.stranger().send(ask).await.is(status);
    assert_eq!(answer.must_have("cache-control"), "no-store");
    answer.json()
}

/// As NuGet/login asks, in `src/index.ts`.
async fn log_in(hub: &Server, user: &str, token: &str, status: u16) -> Value {
    let ask = Ask::post("/api/v1/nuget/token")
        .header("user-agent", "nuget/login-action")
        .authorization(&format!("Bearer {token}"))
        .json(&json!({ "username": user, "tokenType": "ApiKey" }));
    hub.stranger().send(ask).await.is(status).json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_oauth_exchanges_by_form() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let lead = hub.actor("lead");
    for name in ["release", "nightly"] {
        let path = format!("/api/v1/projects/team/publishers/{name}");
        lead.send(Ask::put(path).json(&rule(&["team/app"], &["read"]))).await.is(201);
    }
    let token = issuer.signs(&issuer.claims(HERE));
    assert_eq!(told(&hub, &[("subject_token", &token)], 400).await["error"], "invalid_target");
    let named = [("subject_token", &*token), ("audience", "team/release")];
    let got = told(&hub, &named, 200).await;
    assert_eq!(got["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(got["token_type"], "Bearer");
    assert!((880..=900).contains(&got["expires_in"].as_i64().expect("seconds")), "{got}");
    let ours = got["access_token"].as_str().expect("a token");
    let ask = Ask::get("/api/v1/repositories/team/app").authorization(&format!("Bearer {ours}"));
    hub.stranger().send(ask).await.is(200);
    // Once, and what is wrong is said in the words of OAuth.
    let again = told(&hub, &named, 400).await;
    assert_eq!(again["error"], "invalid_request");
    assert!(again["error_description"].as_str().expect("words").contains("exchanged before"), "{again}");
    for fields in [
        &[("audience", "team/release")][..],
        &[("subject_token", "no token")],
        &[("subject_token", &token), ("subject_token", &token)],
        &[("subject_token", &token), ("actor_token", "x")],
        &[
            ("subject_token", &token),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        ],
    ] {
        assert_eq!(told(&hub, fields, 400).await["error"], "invalid_request", "{fields:?}");
    }
    let odd = [("subject_token", &*token), ("audience", "https://elsewhere.example")];
    assert_eq!(told(&hub, &odd, 400).await["error"], "invalid_target");
    let other = Ask::post("/api/v1/exchange").form(&[("grant_type", "password"), ("subject_token", &token)]);
    assert_eq!(hub.stranger().send(other).await.is(400).json()["error"], "invalid_request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_in_action_of_nuget_gets_a_key_as_from_its_gallery() {
    let hub = Server::with(organisation().repository("team/feed", "nuget", "private", "")).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    hub.actor("lead").send(Ask::put(RULE).json(&rule(&["team/feed"], &["read", "publish"]))).await.is(201);
    let token = || issuer.signs(&issuer.claims(HERE));
    let got = log_in(&hub, "team/release", &token(), 200).await;
    assert_eq!((got["tokenType"].as_str(), got["expires"].is_string()), (Some("ApiKey"), true), "{got}");
    let key = got["apiKey"].as_str().expect("a key").to_owned();
    // The key goes where NuGet sends one, and reaches no other feed.
    let index = |actor: &Actor| {
        let ask = Ask::get("/nuget/p/team/feed/v3/index.json").header("x-nuget-apikey", &key);
        (actor.logged_out(), ask)
    };
    let (stranger, ask) = index(&hub.admin());
    stranger.send(ask).await.is(200);
    // By its application too.
    log_in(&hub, "ci-team-release", &token(), 200).await;
    // What goes wrong is said in `error`, which the action prints, and never by 200.
    let used = token();
    log_in(&hub, "team/release", &used, 200).await;
    for (user, token, status, words) in [
        ("team/release", &*used, 403, "exchanged before"),
        ("team/absent", &token(), 403, "no publisher"),
        ("nobody", &token(), 403, "no publisher"),
        ("team/release", "not.a.token", 401, "cannot be believed"),
        ("team/release", &issuer.signs(&issuer.claims("https://www.nuget.org")), 403, "`aud`"),
    ] {
        let refused = log_in(&hub, user, token, status).await;
        assert!(refused["error"].as_str().expect("words").contains(words), "{refused}");
    }
    let body = json!({ "username": "team/release", "tokenType": "ApiKey" });
    let without = hub.stranger().send(Ask::post("/api/v1/nuget/token").json(&body)).await.is(400).json();
    assert!(without["error"].as_str().expect("words").contains("Bearer"), "{without}");
    let odd = Ask::post("/api/v1/nuget/token")
        .authorization(&format!("Bearer {}", token()))
        .json(&json!({ "username": "team/release", "tokenType": "Password" }));
    assert!(hub.stranger().send(odd).await.is(400).json()["error"].is_string());
    let get = hub.stranger().send(Ask::get("/api/v1/nuget/token")).await.is(405);
    assert_eq!(get.must_have("allow"), "POST");
    // Credentials of ours are none of theirs.
    let refused = log_in(&hub, "team/release", &hub.login("root").secret, 401).await;
    assert!(refused["error"].is_string(), "{refused}");
    hub.actor("lead").send(Ask::delete(RULE)).await.is(200);
    let (stranger, ask) = index(&hub.admin());
    stranger.send(ask).await.is(401);
    hub.admin().send(Ask::delete(ISSUER)).await.is(200);
}
