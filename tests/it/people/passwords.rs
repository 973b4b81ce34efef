//! Passwords that people change and administrators set.

use serde_json::{Value, json};

use crate::support::{Actor, Ask, Server, on_both_databases};

const OLD: &str = "a password of pat";
const NEW: &str = "quite another phrase 7";
const MINE: &str = "/api/v1/me/password";
const PATS: &str = "/api/v1/people/member:pat/password";
const TAGS: &str = "/v2/p/team/app/web/tags/list";

on_both_databases!(
    who_knows_the_present_one_changes_it_and_what_it_gave_out_ends,
    a_token_changes_no_password,
    an_administrator_sets_one,
    what_an_administrator_set_is_good_for_nothing_but_another_one,
    whoever_hands_out_a_code_changes_nothing_of_that,
    what_is_guessed_first_is_not_taken,
    what_a_password_gave_out_is_ended_and_it_stays,
    one_says_what_people_call_one,
);

fn change(current: &str, new: &str) -> Ask {
    Ask::put(MINE).json(&json!({ "current": current, "new": new }))
}

async fn who_knows_the_present_one_changes_it_and_what_it_gave_out_ends(hub: Server) {
    let (old, by_token) = (hub.actor("pat/password"), hub.actor("pat"));
    let bearer = format!("Bearer {}", old.bearer().await);
    let by_bearer = async || hub.stranger().send(Ask::get(TAGS).authorization(&bearer)).await.status.as_u16();
    assert_eq!(by_bearer().await, 404);
    let wrong = old.send(change("a password of pit", NEW)).await.is(401).json();
    assert_eq!(wrong["code"], "bad-credentials");
    old.send(Ask::put(format!("{MINE}?dry_run=true")).json(&json!({ "current": OLD, "new": NEW })))
        .await
        .is(200);
    assert_eq!(by_bearer().await, 404, "it was only tried");
    let done = old.send(change(OLD, NEW)).await.is(200);
    assert_eq!(done.must_have("wharfinger-changed"), "true");
    assert_eq!(by_bearer().await, 401);
    old.send(Ask::get("/api/v1/me")).await.is(401);
    hub.claiming("pat", NEW).send(Ask::get(TAGS)).await.is(404);
    by_token.send(Ask::get(TAGS)).await.is(404);
    // Back to the old one: what the first time gave out stays ended.
    hub.claiming("pat", NEW).send(change(NEW, OLD)).await.is(200);
    assert_eq!(by_bearer().await, 401);
    let said = String::from_utf8_lossy(&done.body);
    assert!(!said.contains(OLD) && !said.contains(NEW));
}

async fn a_token_changes_no_password(hub: Server) {
    for who in ["pat", "alice/reader", "robot"] {
        let refused = hub.actor(who).send(change(OLD, NEW)).await.is(403).json();
        assert_eq!(refused["code"], "denied", "{who}");
    }
    hub.stranger().send(change(OLD, NEW)).await.is(401);
    hub.actor("pat/password").send(Ask::get(TAGS)).await.is(404);
}

async fn an_administrator_sets_one(hub: Server) {
    let set = |at: &str| Ask::put(at).json(&json!({ "password": NEW, "must_change": false }));
    hub.actor("alice").send(set(PATS)).await.is(403);
    hub.admin().send(set("/api/v1/people/member:nobody/password")).await.is(404);
    // The proof comes before the body: who may not is not told what a password is.
    hub.actor("alice").send(Ask::put(PATS).json(&json!({ "password": "x" }))).await.is(403);
    hub.admin().send(set(PATS)).await.is(200);
    hub.actor("pat/password").send(Ask::get("/api/v1/me")).await.is(401);
    hub.claiming("pat", NEW).send(Ask::get("/api/v1/me")).await.is(200);
    // Also for who had none.
    hub.admin().send(set("/api/v1/people/member:bob/password")).await.is(200);
    hub.claiming("bob", NEW).send(Ask::get("/api/v1/me")).await.is(200);
    let shown = hub.admin().send(Ask::get("/api/v1/people/member:bob")).await.is(200).json();
    assert_eq!(shown["about"]["has_password"], true);
}

async fn what_an_administrator_set_is_good_for_nothing_but_another_one(hub: Server) {
    const MINE_NOW: &str = "a third phrase of pat 9";
    let by_token = hub.actor("pat");
    let must = async |who: &Actor| {
        let me = who.send(Ask::get("/api/v1/me")).await.is(200).json();
        me["must_change_password"].as_bool().expect("a flag")
    };
    assert!(!must(&by_token).await);
    hub.admin().send(Ask::put(PATS).json(&json!({ "password": NEW }))).await.is(200);
    let pat = hub.claiming("pat", NEW);
    assert!(must(&pat).await && must(&by_token).await);
    let shown = hub.admin().send(Ask::get("/api/v1/people/member:pat")).await.is(200).json();
    assert_eq!(shown["about"]["must_change_password"], true);
    // Nothing else of the management, as nobody's either, and what needs a right says the same.
    for ask in [
        Ask::get("/api/v1"),
        Ask::get("/api/v1/me/rights"),
        Ask::get("/api/v1/tokens"),
        Ask::get("/api/v1/organisation/grants"),
        Ask::post("/api/v1/tokens").json(&json!({ "name": "mine" })),
        Ask::put("/api/v1/me/title").json(&json!({ "title": "Pat" })),
    ] {
        let refused = pat.send(ask).await.is(403);
        assert_eq!(refused.json()["code"], "must-change-password", "{refused}");
    }
    pat.send(Ask::get("/metrics")).await.is(403);
    // Clients of packages are told in their own language, and are not asked for other credentials.
    for (path, language) in [
        ("/v2/", "errors"),
        (TAGS, "errors"),
        ("/v2/token?service=x&scope=repository:p/team/app/web:pull", "errors"),
        ("/maven/p/team/jars/org/example/a/1/a-1.jar", "detail"),
        ("/nuget/p/team/feed/v3/index.json", "detail"),
        ("/files/p/team/stuff/a.txt", "text"),
    ] {
        let refused = pat.send(Ask::get(path)).await.is(403);
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(said.contains("wharfinger me password"), "{path}: {said}");
        assert!(refused.header("www-authenticate").is_none(), "{path}");
        match language {
            "errors" => assert_eq!(refused.json()["errors"][0]["code"], "DENIED", "{said}"),
            "detail" => assert_eq!(refused.json()["status"], 403, "{said}"),
            _ => {}
        }
    }
    // Who knows it is still not told whether another one would be right, and the administrator's own is not kept.
    hub.claiming("pat", "something else").send(Ask::get("/api/v1/me")).await.is(401);
    assert_eq!(pat.send(change(NEW, NEW)).await.is(409).json()["code"], "weak-password");
    assert_eq!(pat.send(change("something else", MINE_NOW)).await.is(401).json()["code"], "bad-credentials");
    by_token.send(Ask::get(TAGS)).await.is(404);
    pat.send(change(NEW, MINE_NOW)).await.is(200);
    let pat = hub.claiming("pat", MINE_NOW);
    assert!(!must(&pat).await);
    pat.send(Ask::get(TAGS)).await.is(404);
    pat.send(Ask::get("/api/v1/tokens")).await.is(200);
}

async fn whoever_hands_out_a_code_changes_nothing_of_that(hub: Server) {
    hub.admin().send(Ask::put(PATS).json(&json!({ "password": NEW, "must_change": true }))).await.is(200);
    let reset = Ask::post("/api/v1/people/member:pat/invitations").json(&json!({ "purpose": "reset" }));
    let made = hub.admin().send(reset).await.is(201).json();
    let code = made["code"].as_str().expect("a code").to_owned();
    assert_eq!(
        hub.claiming("pat", NEW).send(Ask::get("/api/v1/tokens")).await.is(403).json()["code"],
        "must-change-password"
    );
    let redeem = json!({ "code": code, "password": "a phrase by a code 5" });
    hub.stranger().send(Ask::post("/api/v1/invitations/redeem").json(&redeem)).await.is(200);
    let pat = hub.claiming("pat", "a phrase by a code 5");
    pat.send(Ask::get("/api/v1/tokens")).await.is(200);
    assert_eq!(pat.send(Ask::get("/api/v1/me")).await.is(200).json()["must_change_password"], false);
}

async fn what_is_guessed_first_is_not_taken(hub: Server) {
    let admin = hub.admin();
    for weak in
        ["short", "password1234", "aaaaaaaaaaaaaaaaa", "patpatpatpat", "pat@example.org", "acmeacmeacme"]
    {
        let problem = admin.send(Ask::put(PATS).json(&json!({ "password": weak }))).await.is(409);
        assert_eq!(problem.json()["code"], "weak-password", "{weak}");
        assert!(!problem.json()["detail"].to_string().contains(weak), "{problem}");
    }
    let long = "word ".repeat(205);
    admin.send(Ask::put(PATS).json(&json!({ "password": long }))).await.is(400);
    // What is at least so many characters, the organisation says.
    let ten = json!({ "password": "tHq9-vv2kk" });
    admin.send(Ask::put(PATS).json(&ten)).await.is(409);
    admin.send(Ask::patch("/api/v1/organisation").merge(&json!({ "password_chars_min": 10 }))).await.is(200);
    admin.send(Ask::put(PATS).json(&ten)).await.is(200);
}

async fn what_a_password_gave_out_is_ended_and_it_stays(hub: Server) {
    let (pat, sessions) = (hub.actor("pat/password"), "/api/v1/principals/member:pat/sessions");
    let bearer = format!("Bearer {}", pat.bearer().await);
    let of_token = format!("Bearer {}", hub.actor("pat").bearer().await);
    let ask =
        async |bearer: &str| hub.stranger().send(Ask::get(TAGS).authorization(bearer)).await.status.as_u16();
    assert_eq!((ask(&bearer).await, ask(&of_token).await), (404, 404));
    hub.actor("alice").send(Ask::delete(sessions)).await.is(403);
    hub.admin().send(Ask::delete(sessions)).await.is(200);
    assert_eq!((ask(&bearer).await, ask(&of_token).await), (401, 404));
    pat.send(Ask::get(TAGS)).await.is(404);
    hub.admin().send(Ask::delete("/api/v1/principals/member:nobody/sessions")).await.is(404);
}

async fn one_says_what_people_call_one(hub: Server) {
    let title = |title: &str| Ask::put("/api/v1/me/title").json(&json!({ "title": title }));
    hub.actor("pat").send(title("Pat Doe")).await.is(200);
    let shown = hub.admin().send(Ask::get("/api/v1/people/member:pat")).await.is(200).json();
    assert_eq!(shown["title"], "Pat Doe");
    let limited = hub.actor("alice/reader").send(title("Somebody")).await.is(403).json();
    assert_eq!(limited["code"], "wider-than-token");
    hub.actor("robot").send(title("A person")).await.is(403);
    hub.actor("pat").send(Ask::put("/api/v1/me/title").json(&json!({ "title": Value::Null }))).await.is(400);
}
