//! Who is made, which teams follow from groups, and what ends.

use serde_json::{Value, json};

use super::{PROVIDER, comes, known, let_in, linked, provided, wanted};
use crate::support::browser::text;
use crate::support::{Ask, Browser, Issuer, Server, on_both_databases};

on_both_databases!(in super::super::organisation;
    groups_put_people_into_teams_and_out_again,
    the_last_administrator_stays,
    who_is_suspended_stays_outside,
    a_provider_that_is_deleted_takes_its_sessions_along,
    nobody_takes_away_the_way_they_came_in,
    what_a_provider_may_do_is_given_by_who_may_it,
);

fn groups() -> Value {
    json!({
        "make": "member", "claims": { "groups": "groups" },
        "groups": [
            { "value": "dev", "team": "crew" },
            { "value": "dev", "team": "pilots" },
            { "value": "ops", "team": "org-admins" },
        ],
    })
}

async fn teams(hub: &Server, person: &str) -> Value {
    let path = format!("/api/v1/people/{person}");
    let person = hub.actor("root").send(Ask::get(path)).await.is(200).json();
    person["about"]["teams"].clone()
}

async fn groups_put_people_into_teams_and_out_again(hub: Server) {
    let issuer = provided(&hub, groups()).await;
    linked(&hub, &issuer).await;
    // pat is a pilot by hand.
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:pilots"]));
    let come = async |groups: Value| {
        let mut browser = let_in(&hub, &issuer, move |claims| claims["groups"] = groups).await;
        known(&mut browser).await;
    };
    come(json!(["dev", "ops", 7, "none"])).await;
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:crew", "team:org-admins", "team:pilots"]));
    come(json!("dev")).await;
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:crew", "team:pilots"]));
    come(Value::Null).await;
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:pilots"]), "by hand she stays");
    // A team that was put into org-admins since lets nobody in there.
    come(json!(["dev"])).await;
    let body = json!({ "members": ["member:root", "team:crew"] });
    hub.admin().send(Ask::put("/api/v1/teams/org-admins").json(&body)).await.is(200);
    come(json!(["dev"])).await;
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:pilots"]));
    let refused = hub.admin().send(Ask::put(PROVIDER).json(&wanted(&issuer, groups()))).await;
    assert!(text(&refused.is(409)).contains("org-admins"));
    // Externals join none.
    let guests = json!({ "make": "guest", "claims": { "groups": "groups" }, "groups": [{ "value": "ops", "team": "org-admins" }] });
    hub.admin().send(Ask::put(PROVIDER).json(&wanted(&issuer, guests))).await.is(200);
    let mut guest = let_in(&hub, &issuer, |claims| {
        claims["sub"] = json!("g-1");
        claims["preferred_username"] = json!("Gesine@corp.example");
        claims["groups"] = json!(["ops"]);
    })
    .await;
    assert_eq!(known(&mut guest).await["ref"], "guest:gesine");
    assert_eq!(teams(&hub, "guest:gesine").await, json!([]));
}

async fn the_last_administrator_stays(hub: Server) {
    let issuer = provided(&hub, groups()).await;
    let mut boss = let_in(&hub, &issuer, |claims| claims["groups"] = json!(["ops"])).await;
    assert_eq!(known(&mut boss).await["ref"], "member:p-1");
    let root = hub.admin();
    let suspended = Ask::put("/api/v1/principals/member:root/suspended").json(&json!({ "suspended": true }));
    root.send(suspended).await.is(200);
    let mut boss = let_in(&hub, &issuer, |claims| claims["groups"] = json!([])).await;
    let me = known(&mut boss).await;
    assert!(me["rights_on_organisation"].to_string().contains("organisation-manage"), "{me}");
    // Nor does the provider go: it is what makes her one, and how she came in.
    let delete = Ask::delete(PROVIDER).header("sec-fetch-site", "same-origin");
    boss.ask(delete).await.is(409);
}

async fn who_is_suspended_stays_outside(hub: Server) {
    let issuer = provided(&hub, json!({})).await;
    linked(&hub, &issuer).await;
    let mut before = let_in(&hub, &issuer, |_| {}).await;
    let suspended = Ask::put("/api/v1/principals/member:pat/suspended").json(&json!({ "suspended": true }));
    hub.admin().send(suspended).await.is(200);
    before.open("/-/me").await.is(303);
    let mut browser = Browser::of_nobody(&hub);
    let page = text(&comes(&mut browser, &issuer, |_| {}).await.is(401));
    assert!(!page.contains("suspended") && browser.cookie(super::SESSION).is_none(), "{page}");
    let refused = &super::events(&hub, "session.refused").await[0];
    assert!(refused["reason"].as_str().expect("words").contains("suspended"), "{refused}");
}

async fn a_provider_that_is_deleted_takes_its_sessions_along(hub: Server) {
    let issuer = provided(&hub, groups()).await;
    let mut by_password = linked(&hub, &issuer).await;
    let mut by_provider = let_in(&hub, &issuer, |claims| claims["groups"] = json!(["dev"])).await;
    by_provider.page("/-/me").await;
    hub.admin().send(Ask::delete(PROVIDER)).await.is(200);
    by_provider.open("/-/me").await.is(303);
    by_password.page("/-/me").await;
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:pilots"]));
    let mine = hub.actor("pat").send(Ask::get("/api/v1/me/identities")).await.is(200).json();
    assert_eq!(mine["items"], json!([]));
    // One of the same name is another one.
    hub.admin().send(Ask::put(PROVIDER).json(&wanted(&issuer, json!({})))).await.is(201);
    let mut browser = Browser::of_nobody(&hub);
    comes(&mut browser, &issuer, |_| {}).await.is(403);
}

async fn nobody_takes_away_the_way_they_came_in(hub: Server) {
    let issuer = provided(&hub, groups()).await;
    let mut made = let_in(&hub, &issuer, |claims| claims["sub"] = json!("m-1")).await;
    let unlink = || Ask::delete("/api/v1/me/identities/corp").header("sec-fetch-site", "same-origin");
    let refused = text(&made.ask(unlink()).await.is(409));
    assert!(refused.contains("set one before"), "{refused}");
    linked(&hub, &issuer).await;
    let mut pat = let_in(&hub, &issuer, |claims| claims["groups"] = json!(["dev"])).await;
    pat.page("/-/me/identities/corp/delete").await;
    pat.fill("/-/me/identities/corp/delete", &[]).await.is(303);
    pat.open("/-/me").await.is(303);
    assert_eq!(teams(&hub, "member:pat").await, json!(["team:pilots"]));
    hub.actor("pat").send(Ask::delete("/api/v1/me/identities/corp")).await.is(404);
    let gone = &super::events(&hub, "identity.unlink").await[0];
    assert_eq!(gone["before"]["subject"], "p-1");
}

async fn what_a_provider_may_do_is_given_by_who_may_it(hub: Server) {
    let issuer = Issuer::new().await;
    let bob = hub.actor("bob");
    let put = |more: Value| Ask::put(PROVIDER).json(&wanted(&issuer, more));
    for more in [groups(), json!({ "make": "member" }), json!({ "make": "guest" })] {
        bob.send(put(more)).await.is(403);
    }
    bob.send(put(json!({}))).await.is(201);
    hub.actor("pat").send(Ask::get(PROVIDER)).await.is(403);
    // Whom people are there means the same for as long as somebody is linked.
    linked(&hub, &issuer).await;
    let other = put(json!({ "client_id": "another" }));
    assert_eq!(hub.admin().send(other).await.is(409).json()["code"], "in-use");
    let elsewhere = Issuer::new().await;
    let other = Ask::put(PROVIDER).json(&wanted(&elsewhere, json!({})));
    assert_eq!(hub.admin().send(other).await.is(409).json()["code"], "in-use");
    // It is asked before it is saved.
    let test = |body: Value| Ask::post(format!("{PROVIDER}/test")).json(&body);
    let told = hub.admin().send(test(json!({}))).await.is(200).json();
    assert_eq!(
        (&told["keys"], &told["token_endpoint"]),
        (&json!(1), &json!(format!("{}/token", issuer.url())))
    );
    hub.admin().send(test(json!({ "issuer": elsewhere.url(), "private": true }))).await.is(200);
    hub.admin().send(test(json!({ "issuer": elsewhere.url() }))).await.is(409);
}
