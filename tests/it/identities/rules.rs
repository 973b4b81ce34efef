//! Who may let machines in, for what, and how often.

use serde_json::{Value, json};

use super::{HERE, ISSUER, RULE, believe, exchange, organisation, rule};
use crate::support::{Ask, Issuer, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_lets_a_machine_do_what_they_may_not() {
    let organisation = organisation()
        .member("keeper")
        .may("member:keeper", "read access-manage", "team")
        .token("lead", "narrow", &[("team", "read access-manage")])
        .service_account("other-bot", "2f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10");
    let hub = Server::with(organisation).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let put = async |who: &str, body: &Value| {
        let answer = hub.actor(who).send(Ask::put(RULE).json(body)).await;
        (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    let beyond = (403, "beyond-own".to_owned());
    let reads = rule(&["team"], &["read"]);
    let publishes = rule(&["team"], &["read", "publish"]);
    assert_eq!(put("alice", &reads).await, (403, "denied".to_owned()));
    assert_eq!(put("keeper", &publishes).await, beyond);
    assert_eq!(put("lead/narrow", &publishes).await, beyond);
    // Its own application has the role of automation, which whoever makes it holds too.
    assert_eq!(put("keeper", &reads).await, beyond);
    let refused = |code: &str| (409, code.to_owned());
    assert_eq!(put("lead", &rule(&["team"], &["access-manage"])).await, refused("rule"));
    assert_eq!(put("lead", &rule(&["team"], &[])).await, refused("rule"));
    for on in [["other"], ["other/app"], ["/"], ["team/absent"], ["absent"]] {
        assert_eq!(put("lead", &rule(&on, &["read"])).await, refused("unknown-name"), "{on:?}");
    }
    let with = |field: &str, value: Value| {
        let mut body = reads.clone();
        body[field] = value;
        body
    };
    assert_eq!(put("lead", &with("issuer", json!("absent"))).await, refused("unknown-name"));
    assert_eq!(put("lead", &with("claims", json!({ "team": "x" }))).await, refused("rule"));
    assert_eq!(put("lead", &with("minutes", json!(61))).await.0, 400);
    assert_eq!(put("lead", &with("direct", json!(true))).await, refused("rule"));
    // Of applications elsewhere nothing is told; one that takes part is as good as another, and stays.
    for name in ["other-bot", "absent"] {
        assert_eq!(put("lead", &with("application", json!(name))).await, refused("unknown-name"), "{name}");
    }
    assert_eq!(put("keeper", &with("application", json!("robot"))).await.0, 201);
    let got = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), None).await.is(200).json();
    let machine =
        hub.claiming(got["username"].as_str().expect("a name"), got["token"].as_str().expect("a token"));
    machine.send(Ask::get("/api/v1/repositories/team/app")).await.is(200);
    machine.send(Ask::post("/v2/p/team/app/web/blobs/uploads/")).await.is(403);
    // One of its own in its place, and back.
    let own = hub.actor("lead").send(Ask::put(RULE).json(&reads)).await.is(200).json();
    assert_eq!(own["about"]["own_application"], true);
    machine.send(Ask::get("/api/v1/repositories/team/app")).await.is(401);
    hub.actor("lead").send(Ask::put(RULE).json(&with("application", json!("robot")))).await.is(200);
    hub.admin().send(Ask::get("/api/v1/applications/ci-team-release")).await.is(404);
    let kept = hub.admin().send(Ask::delete("/api/v1/applications/robot?confirm=robot")).await.is(409).json();
    assert_eq!(kept["code"], "in-use");
    hub.actor("lead").send(Ask::delete(RULE)).await.is(200);
    hub.admin().send(Ask::get("/api/v1/applications/robot")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn issuers_are_the_organisations_alone() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    let body = json!({ "url": issuer.url(), "kind": "github", "audiences": [HERE, HERE], "private": true });
    for ask in [Ask::get(ISSUER), Ask::put(ISSUER).json(&body), Ask::delete(ISSUER)] {
        hub.actor("lead").send(ask).await.is(403);
    }
    let made = hub.admin().send(Ask::put(ISSUER).json(&body)).await.is(201).json();
    assert_eq!(made["audiences"], json!([HERE]));
    let same = hub.admin().send(Ask::put(ISSUER).json(&made)).await.is(200);
    assert_eq!(same.must_have("wharfinger-changed"), "false");
    let with = |field: &str, value: Value| {
        let mut body = body.clone();
        body[field] = value;
        body
    };
    let other =
        |name: &str, body: &Value| Ask::put(format!("/api/v1/organisation/issuers/{name}")).json(body);
    let rule = async |ask: Ask| {
        let refused = hub.admin().send(ask).await.is(409).json();
        assert_eq!(refused["code"], "rule", "{refused}");
    };
    rule(other("twin", &body)).await;
    for url in ["http://issuer.example", "http://10.0.0.1", "https://169.254.169.254/latest"] {
        rule(other("odd", &with("url", json!(url)))).await;
    }
    rule(other("odd", &json!({ "url": "https://127.0.0.1:1", "kind": "any" }))).await;
    for audience in ["https://www.nuget.org", "https://NuGet.org/x", "api.nuget.org:443"] {
        rule(other(
            "odd",
            &json!({ "url": "https://issuer.example", "kind": "any", "audiences": [audience] }),
        ))
        .await;
    }
    rule(other("odd", &json!({ "url": "https://issuer.example", "kind": "any", "jwks": { "keys": [] } })))
        .await;
    for url in
        ["https://user@issuer.example", "https://issuer.example/?a", "issuer.example", "https://i.example/#x"]
    {
        hub.admin().send(other("odd", &with("url", json!(url)))).await.is(400);
    }
    // A place that is private for one issuer is so for that one alone, and says nothing of itself.
    let body = json!({ "url": "https://issuer.example", "kind": "any", "jwks": issuer.keys() });
    hub.admin().send(other("given", &body)).await.is(201);
    let tested =
        hub.admin().send(Ask::post("/api/v1/organisation/issuers/given/test").json(&json!({}))).await;
    assert_eq!(tested.is(200).json()["keys"], 1);
    let listed = hub.admin().send(Ask::get("/api/v1/organisation/issuers?limit=1")).await.is(200).json();
    let next = listed["next"].as_str().expect("another page");
    let rest =
        hub.admin().send(Ask::get(format!("/api/v1/organisation/issuers?after={next}"))).await.is(200).json();
    assert_eq!(
        (&listed["items"][0]["about"]["name"], &rest["items"][0]["about"]["name"]),
        (&json!("ci"), &json!("given"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_rules_is_named_and_none_is_used_too_often() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    believe(&hub, &issuer, "any").await;
    let lead = hub.actor("lead");
    let second = "/api/v1/projects/team/publishers/nightly";
    for path in [RULE, second] {
        lead.send(Ask::put(path).json(&rule(&["team/app"], &["read"]))).await.is(201);
    }
    let token = issuer.signs(&issuer.claims(HERE));
    let refused = exchange(&hub, &token, None).await.is(409).json();
    assert_eq!(refused["code"], "ambiguous-rule");
    let absent = exchange(&hub, &token, Some("team/absent")).await.is(403).json();
    assert_eq!(absent["code"], "no-rule");
    exchange(&hub, &token, Some("team/release")).await.is(200);
    // The application tells them apart too.
    let token = issuer.signs(&issuer.claims(HERE));
    let body = json!({ "token": token, "application": "ci-team-nightly" });
    hub.stranger().send(Ask::post("/api/v1/exchange").json(&body)).await.is(200);
    for number in 2..=20 {
        let answer = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), Some("team/release")).await;
        assert_eq!(answer.status.as_u16(), 200, "{number}");
    }
    let often = exchange(&hub, &issuer.signs(&issuer.claims(HERE)), Some("team/release")).await.is(429);
    assert_eq!(often.json()["code"], "throttled");
    assert!(often.header("retry-after").is_some());
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), Some("team/nightly")).await.is(200);
    // Who is suspended gets nothing, and what they have is good for nothing.
    hub.admin()
        .send(
            Ask::put("/api/v1/principals/application:ci-team-nightly/suspended")
                .json(&json!({ "suspended": true })),
        )
        .await
        .is(200);
    exchange(&hub, &issuer.signs(&issuer.claims(HERE)), Some("team/nightly")).await.is(403);
}
