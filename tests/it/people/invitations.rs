//! Codes by which people set a password of their own, handed on without mail.

use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::{Answer, Ask, Server, on_both_databases};

const BOBS: &str = "/api/v1/people/member:bob/invitations";
const REDEEM: &str = "/api/v1/invitations/redeem";
const PHRASE: &str = "a phrase of bob's own";

on_both_databases!(
    who_has_the_code_sets_a_password_once,
    one_of_many_at_once_wins,
    a_new_code_ends_the_old_and_a_withdrawn_one_is_over,
    codes_that_are_not_good_all_look_the_same,
    only_who_manages_people_makes_codes,
);

async fn invited(admin: &Actor, at: &str) -> Value {
    admin.send(Ask::post(at).json(&json!({ "purpose": "invite" }))).await.is(201).json()
}

fn redeem(code: &str, password: &str) -> Ask {
    Ask::post(REDEEM).json(&json!({ "code": code, "password": password }))
}

fn code(made: &Value) -> &str {
    made["code"].as_str().expect("a code")
}

async fn who_has_the_code_sets_a_password_once(hub: Server) {
    let (admin, stranger) = (hub.admin(), hub.stranger());
    let made = invited(&admin, BOBS).await;
    assert!(code(&made).starts_with("whfi_"), "{made}");
    let listed = admin.send(Ask::get(BOBS)).await.is(200).json();
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["created_by"]),
        (&made["id"], &json!("member:root"))
    );
    assert_eq!(listed["items"][0].get("code"), None);
    // The code is no credential, in whatever place.
    hub.claiming("bob", code(&made)).send(Ask::get("/api/v1/me")).await.is(401);
    stranger.send(Ask::get("/api/v1/me").authorization(&format!("Bearer {}", code(&made)))).await.is(401);
    // A password that is not taken leaves the code as it is.
    let weak = stranger.send(redeem(code(&made), "password1234")).await.is(409).json();
    assert_eq!(weak["code"], "weak-password");
    let done = stranger.send(redeem(code(&made), PHRASE)).await.is(200);
    assert_eq!(done.json(), json!({ "ref": "member:bob" }));
    assert_eq!(done.header("set-cookie"), None, "nobody is logged in by it");
    hub.claiming("bob", PHRASE).send(Ask::get("/api/v1/me")).await.is(200);
    let again = stranger.send(redeem(code(&made), "quite another phrase")).await.is(409).json();
    assert_eq!(again["code"], "expired");
    hub.claiming("bob", PHRASE).send(Ask::get("/api/v1/me")).await.is(200);
    assert_eq!(admin.send(Ask::get(BOBS)).await.is(200).json()["items"], json!([]));
}

async fn one_of_many_at_once_wins(hub: Server) {
    let made = invited(&hub.admin(), BOBS).await;
    let strangers: Vec<Actor> = (0..4).map(|_| hub.stranger()).collect();
    let tries = strangers.iter().enumerate().map(|(number, stranger)| {
        let phrase = format!("phrase of number {number} alone");
        let code = code(&made).to_owned();
        async move { stranger.send(redeem(&code, &phrase)).await.status.as_u16() }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
}

async fn a_new_code_ends_the_old_and_a_withdrawn_one_is_over(hub: Server) {
    let (admin, stranger) = (hub.admin(), hub.stranger());
    let old = invited(&admin, BOBS).await;
    let keyed = || Ask::post(BOBS).header("idempotency-key", "bobs").json(&json!({ "purpose": "invite" }));
    let new = admin.send(keyed()).await.is(201).json();
    // Asked again because the answer never came: the code that was made stays.
    assert_eq!(admin.send(keyed()).await.is(409).json()["code"], "already-made");
    let listed = admin.send(Ask::get(BOBS)).await.is(200).json();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][1]), (&new["id"], &Value::Null));
    stranger.send(redeem(code(&old), PHRASE)).await.is(409);
    let id = new["id"].as_str().expect("an id");
    // Under another name it is not there.
    admin.send(Ask::delete(format!("/api/v1/people/member:alice/invitations/{id}"))).await.is(404);
    admin.send(Ask::delete(format!("{BOBS}/{id}?dry_run=true"))).await.is(200);
    admin.send(Ask::delete(format!("{BOBS}/{id}"))).await.is(200);
    admin.send(Ask::delete(format!("{BOBS}/{id}"))).await.is(404);
    stranger.send(redeem(code(&new), PHRASE)).await.is(409);
    // Who is suspended gets no password, and who is deleted none at all.
    let made = invited(&admin, BOBS).await;
    let suspend = |suspended: bool| {
        Ask::put("/api/v1/principals/member:bob/suspended").json(&json!({ "suspended": suspended }))
    };
    admin.send(suspend(true)).await.is(200);
    stranger.send(redeem(code(&made), PHRASE)).await.is(409);
    admin.send(suspend(false)).await.is(200);
    admin.send(Ask::delete("/api/v1/people/member:bob?confirm=member:bob")).await.is(200);
    stranger.send(redeem(code(&made), PHRASE)).await.is(409);
}

async fn codes_that_are_not_good_all_look_the_same(hub: Server) {
    let (admin, stranger) = (hub.admin(), hub.stranger());
    let used = invited(&admin, BOBS).await;
    stranger.send(redeem(code(&used), PHRASE)).await.is(200);
    let token = hub.login("alice").secret;
    let mut told: Vec<String> = Vec::new();
    for bad in [code(&used), "whfi_", "anything", "", &token] {
        let answer: Answer = stranger.send(redeem(bad, PHRASE)).await.is(409);
        let mut problem = answer.json();
        problem["request_id"] = Value::Null;
        told.push(problem.to_string());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    hub.actor("alice").send(Ask::get("/api/v1/me")).await.is(200);
    // Tried as slowly as log-ins are.
    let mut last = 409;
    for _ in 0..1_100 {
        last = stranger.send(redeem("anything", PHRASE)).await.status.as_u16();
        if last != 409 {
            break;
        }
    }
    assert_eq!(last, 429);
    // A good code is not kept waiting by what others tried there.
    let good = invited(&admin, BOBS).await;
    stranger.send(redeem(code(&good), "the phrase after all that")).await.is(200);
}

async fn only_who_manages_people_makes_codes(hub: Server) {
    let ask = || Ask::post(BOBS).json(&json!({ "purpose": "reset" }));
    for who in ["alice", "bob", "robot"] {
        hub.actor(who).send(ask()).await.is(403);
        hub.actor(who).send(Ask::get(BOBS)).await.is(403);
    }
    hub.stranger().send(ask()).await.is(401);
    hub.admin()
        .send(Ask::post("/api/v1/people/member:nobody/invitations").json(&json!({ "purpose": "reset" })))
        .await
        .is(404);
    let odd = json!({ "purpose": "both", "expires_secs": 604_801 });
    let problem = hub.admin().send(Ask::post(BOBS).json(&odd)).await.is(400).json();
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem}");
    let dry = Ask::post(format!("{BOBS}?dry_run=true")).json(&json!({ "purpose": "reset" }));
    assert_eq!(hub.admin().send(dry).await.is(200).json().get("code"), None);
}
