//! Credentials that are none: each is refused, and none tells why.

use serde_json::json;

use crate::support::{Actor, Answer, Ask, Http, Organisation, Server, image, on_both_databases, token};

on_both_databases!(
    bad_credentials_look_the_same,
    a_token_without_a_name_says_whose_it_is,
    a_bearer_is_sealed
);

const PRIVATE: &str = "/v2/p/team/app/web/manifests/1.0";

async fn set_state(owner: &Actor, secret: &str, state: &str) {
    let put = Ask::put(format!("/api/v1/tokens/{}/state", token::id(secret)));
    owner.send(put.json(&json!({ "state": state }))).await.is(200);
}

/// The reason stands in the audit alone (docs/access.md 6, enumeration).
async fn bad_credentials_look_the_same(hub: Server) {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    let made = async |name: &str| {
        let made = alice.send(Ask::post("/api/v1/tokens").json(&json!({ "name": name }))).await.is(201);
        made.json()["secret"].as_str().expect("a secret").to_owned()
    };
    let (revoked, disabled) = (made("revoked").await, made("disabled").await);
    set_state(&alice, &revoked, "revoked").await;
    set_state(&alice, &disabled, "disabled").await;
    let suspend = Ask::put("/api/v1/principals/member:sue/suspended").json(&json!({ "suspended": true }));
    hub.admin().send(suspend).await.is(200);
    let (alices, sues) = (hub.login("alice").secret, hub.login("sue").secret);
    let mut mistyped = alices.clone();
    mistyped.replace_range(20..21, if &alices[20..21] == "0" { "1" } else { "0" });
    let unknown = token::generate('p');
    let another_kind = alices.replacen("whfp_", "whfa_", 1);
    let cases: [(&str, &str, &str); 10] = [
        ("an unknown token", "alice", &unknown),
        ("a mistyped token", "alice", &mistyped),
        ("a token of another kind", "alice", &another_kind),
        ("a revoked token", "alice", &revoked),
        ("a disabled token", "alice", &disabled),
        ("somebody else's token", "bob", &alices),
        ("an unknown name", "nobody", &alices),
        ("a suspended owner", "sue", &sues),
        ("a wrong password", "pat", "not the password of pat"),
        ("a password of nobody", "nobody", "a password of pat"),
    ];
    for target in [PRIVATE, "/v2/p/team/zzz/web/manifests/1.0", "/v2/", "/v2/token?service=x", "/api/v1/me"] {
        let mut first: Option<Answer> = None;
        for (what, name, secret) in cases {
            let answer = hub.claiming(name, secret).send(Ask::get(target)).await;
            assert_eq!(answer.status, 401, "{what} at {target}: {answer}");
            match &first {
                Some(first) => assert_eq!(answer.to_string(), first.to_string(), "{what} at {target}"),
                None => first = Some(answer),
            }
        }
    }
}

/// Debuggers and their tools have a field for the token only (dotnet/diagnostics#1320, microsoft/WinDbg-Feedback#104).
async fn a_token_without_a_name_says_whose_it_is(hub: Server) {
    let targets = ["/v2/", "/v2/token?service=x", "/api/v1/me"];
    for who in ["alice", "robot"] {
        let unnamed = hub.claiming("", &hub.login(who).secret);
        for target in targets {
            unnamed.send(Ask::get(target)).await.is(200);
        }
        let me = unnamed.send(Ask::get("/api/v1/me")).await;
        assert_eq!(me.json(), hub.actor(who).send(Ask::get("/api/v1/me")).await.json());
    }
    // A password needs its name, and a token that is none is none.
    for secret in ["a password of pat", &token::generate('p')] {
        for target in targets {
            hub.claiming("", secret).send(Ask::get(target)).await.is(401);
        }
    }
}

/// Nobody makes one, changes one, or carries one to another gateway.
async fn a_bearer_is_sealed(hub: Server) {
    let bearer = hub.actor("alice").bearer().await;
    let http = Http::new(hub.address());
    let status = async |bearer: &str| {
        http.send(Ask::get("/v2/").authorization(&format!("Bearer {bearer}"))).await.status.as_u16()
    };
    assert_eq!(status(&bearer).await, 200);
    for at in 0..bearer.len() {
        let mut changed = bearer.clone().into_bytes();
        // Another digit of the same alphabet; the last one may have bits that no byte has.
        changed[at] = if changed[at] == b'A' { b'Q' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(status(&changed).await, 401, "digit {at}");
    }
    for changed in
        [&bearer[1..], &bearer[..bearer.len() - 1], &format!("{bearer}A"), &format!("{bearer}{bearer}")]
    {
        assert_eq!(status(changed).await, 401);
    }
    let another = Server::with(Organisation::team()).await;
    let http = Http::new(another.address());
    let answer = http.send(Ask::get("/v2/").authorization(&format!("Bearer {bearer}"))).await;
    assert_eq!(answer.status, 401);
}
