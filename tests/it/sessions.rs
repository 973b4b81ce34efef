//! Sessions of people in browsers: what a cookie is good for, what ends it, and what no page of another site may ask with it.

use http::header::{CACHE_CONTROL, SET_COOKIE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use wharfinger::config::ServerUrl;

use crate::support::answer::Answer;
use crate::support::{Actor, Ask, Organisation, Server, on_both_databases};

const SESSIONS: &str = "/api/v1/sessions";
const MINE: &str = "/api/v1/me/sessions";
const ME: &str = "/api/v1/me";
const PASSWORD: &str = "a password of pat";
const TAGS: &str = "/v2/p/team/app/web/tags/list";

on_both_databases!(
    who_signs_in_is_known_until_they_sign_out,
    sessions_are_listed_and_ended_one_by_one_or_all,
    whatever_ends_the_password_ends_the_session,
    who_may_not_sign_in_is_told_the_same,
    packages_know_no_session,
    how_long_they_last_is_set,
);

/// A browser: it keeps one cookie, and says where its pages are from.
struct Browser<'h> {
    hub: &'h Server,
    actor: Actor,
    cookie: String,
}

impl<'h> Browser<'h> {
    async fn signed_in(hub: &'h Server, name: &str, password: &str) -> Self {
        let actor = hub.stranger();
        let answer = actor.send(sign_in(name, password)).await.is(201);
        let cookie = answer.must_have(SET_COOKIE.as_str());
        let (pair, rest) = cookie.split_once(';').expect("attributes");
        assert!(pair.starts_with("wharfinger-local=whfc_"), "{cookie}");
        assert_eq!(rest, " Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
        assert_eq!(answer.must_have(CACHE_CONTROL.as_str()), "no-store");
        let (_, secret) = pair.split_once('=').expect("a value");
        assert!(!String::from_utf8_lossy(&answer.body).contains(secret), "no document has the secret");
        let (id, location) = (answer.json()["id"].clone(), answer.must_have("location"));
        assert_eq!(location, format!("{MINE}/{}", id.as_str().expect("an id")));
        let cookie = pair.to_owned();
        Self { hub, actor, cookie }
    }

    async fn pat(hub: &'h Server) -> Self {
        Self::signed_in(hub, "pat", PASSWORD).await
    }

    /// As a script of one of our pages.
    async fn send(&self, ask: Ask) -> Answer {
        self.actor.send(self.with_cookie(ask).header("sec-fetch-site", "same-origin")).await
    }

    fn with_cookie(&self, ask: Ask) -> Ask {
        ask.header("cookie", &format!("theme=dark; {}", self.cookie)).header("sec-fetch-mode", "cors")
    }

    async fn goes_on(&self) -> bool {
        let status = self.send(Ask::get(ME)).await.status.as_u16();
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }

    async fn sessions(&self) -> Vec<Value> {
        listed(&self.send(Ask::get(MINE)).await)
    }
}

fn sign_in(name: &str, password: &str) -> Ask {
    Ask::post(SESSIONS).json(&json!({ "name": name, "password": password }))
}

fn listed(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().expect("items").clone()
}

async fn who_signs_in_is_known_until_they_sign_out(hub: Server) {
    let pat = Browser::pat(&hub).await;
    let me = pat.send(Ask::get(ME)).await.is(200);
    assert_eq!((&me.json()["ref"], &me.json()["with"]), (&json!("member:pat"), &json!("session")));
    assert_eq!(me.must_have(CACHE_CONTROL.as_str()), "no-store");
    let title = Ask::put("/api/v1/me/title").json(&json!({ "title": "Pat" }));
    pat.send(title).await.is(200);
    // What was done says in which session.
    let id = pat.sessions().await[0]["id"].clone();
    let events = pat.send(Ask::get("/api/v1/me/audit")).await.is(200).json();
    let events = events["items"].as_array().expect("events").clone();
    let of = |action: &str| events.iter().find(|event| event["action"] == action).expect("an event").clone();
    assert_eq!((&of("principal.update")["session"], &of("principal.update")["token"]), (&id, &Value::Null));
    assert_eq!(of("session.create")["object"]["name"], id);
    assert_eq!(of("session.create")["class"], "access");

    let gone = pat.send(Ask::delete("/api/v1/sessions/current")).await.is(200);
    assert_eq!(
        gone.must_have(SET_COOKIE.as_str()),
        "wharfinger-local=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    );
    let refused = pat.send(Ask::get(ME)).await.is(401);
    assert_eq!(refused.json()["code"], "not-authenticated");
    assert_eq!(refused.must_have(WWW_AUTHENTICATE.as_str()), "Session", "no browser opens a box");
    let program = pat.actor.send(Ask::get(ME)).await.is(401);
    assert!(program.must_have(WWW_AUTHENTICATE.as_str()).starts_with("Basic "));
    // A cookie that is over is in nobody's way.
    pat.send(sign_in("pat", PASSWORD)).await.is(201);
    let tokens = hub.actor("pat").send(Ask::delete("/api/v1/sessions/current")).await.is(404);
    assert_eq!(tokens.json()["code"], "absent");
}

async fn sessions_are_listed_and_ended_one_by_one_or_all(hub: Server) {
    let (first, second, third) =
        (Browser::pat(&hub).await, Browser::pat(&hub).await, Browser::pat(&hub).await);
    let sessions = second.sessions().await;
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|one| one["current"] == true).count(), 1);
    assert!(sessions.iter().all(|one| one["address"] == "127.0.0.1"), "{sessions:?}");
    // A token that is not limited sees them too, and none of others.
    assert_eq!(listed(&hub.actor("pat").send(Ask::get(MINE)).await.is(200)).len(), 3);
    assert!(listed(&hub.actor("alice").send(Ask::get(MINE)).await.is(200)).is_empty());
    let refused = hub.actor("alice/reader").send(Ask::get(MINE)).await.is(403).json();
    assert_eq!(refused["code"], "wider-than-token");
    hub.actor("alice/reader").send(Ask::delete(MINE)).await.is(403);

    let id = |browser: &[Value]| {
        let current = browser.iter().find(|one| one["current"] == true).expect("the current one");
        current["id"].as_str().expect("an id").to_owned()
    };
    let ending = format!("{MINE}/{}", id(&first.sessions().await));
    hub.actor("alice").send(Ask::delete(&ending)).await.is(404);
    hub.actor("alice").send(Ask::delete(format!("{MINE}/nothing"))).await.is(404);
    let tried = second.send(Ask::delete(format!("{ending}?dry_run=true"))).await.is(200);
    assert!(tried.json()["changed"] == true && first.goes_on().await, "it was only tried");
    second.send(Ask::delete(&ending)).await.is(200);
    assert_eq!([first.goes_on().await, second.goes_on().await, third.goes_on().await], [false, true, true]);
    second.send(Ask::delete(&ending)).await.is(404);
    second.send(Ask::delete(MINE)).await.is(200);
    assert_eq!([second.goes_on().await, third.goes_on().await], [true, false]);
    // By a token all of them.
    hub.actor("pat").send(Ask::delete(MINE)).await.is(200);
    assert!(!second.goes_on().await);
    // The same browser has one.
    let fourth = Browser::pat(&hub).await;
    fourth.send(sign_in("pat", PASSWORD)).await.is(201);
    assert!(!fourth.goes_on().await);
    assert_eq!(listed(&hub.actor("pat").send(Ask::get(MINE)).await).len(), 1);
}

async fn whatever_ends_the_password_ends_the_session(hub: Server) {
    let root = hub.admin();
    let pats = "/api/v1/principals/member:pat";
    let suspend =
        |suspended: bool| Ask::put(format!("{pats}/suspended")).json(&json!({ "suspended": suspended }));
    let pat = Browser::pat(&hub).await;
    root.send(Ask::delete(format!("{pats}/sessions"))).await.is(200);
    assert!(!pat.goes_on().await, "ended by an administrator");

    let pat = Browser::pat(&hub).await;
    root.send(suspend(true)).await.is(200);
    assert!(!pat.goes_on().await, "suspended");
    root.send(suspend(false)).await.is(200);
    assert!(!pat.goes_on().await, "what a suspension ended does not come back");

    let (here, there) = (Browser::pat(&hub).await, Browser::pat(&hub).await);
    let other = json!({ "current": PASSWORD, "new": "quite another phrase 7" });
    here.send(Ask::put("/api/v1/me/password").json(&other)).await.is(200);
    assert_eq!([here.goes_on().await, there.goes_on().await], [false, false], "another password");

    let pat = Browser::signed_in(&hub, "pat", "quite another phrase 7").await;
    let off = Ask::patch("/api/v1/organisation");
    root.send(off.merge(&json!({ "password_log_in": false }))).await.is(200);
    assert!(!pat.goes_on().await, "passwords are good for nothing");
    let on = Ask::patch("/api/v1/organisation");
    root.send(on.merge(&json!({ "password_log_in": true, "password_on_packages": false }))).await.is(200);
    assert!(pat.goes_on().await, "a session is for no packages");
    pat.send(Ask::put("/api/v1/me/title").json(&json!({ "title": "Pat" }))).await.is(200);

    root.send(Ask::delete("/api/v1/people/member:pat?confirm=member:pat")).await.is(200);
    assert!(!pat.goes_on().await, "gone");
}

async fn who_may_not_sign_in_is_told_the_same(hub: Server) {
    let token = hub.login("alice").secret;
    let suspend = Ask::put("/api/v1/principals/member:pat/suspended").json(&json!({ "suspended": true }));
    hub.admin().send(suspend).await.is(200);
    let mut told = Vec::new();
    for (name, password) in [
        ("pat", "wrong"),
        ("pat", PASSWORD),
        ("nobody", "wrong"),
        ("bob", "no password"),
        ("alice", &*token),
        ("", ""),
    ] {
        let answer = hub.stranger().send(sign_in(name, password)).await;
        assert!(answer.headers.get(SET_COOKIE).is_none(), "{name}");
        if name.is_empty() {
            answer.is(400);
            continue;
        }
        let mut document = answer.is(401).json();
        document["request_id"] = Value::Null;
        told.push(document);
    }
    assert_eq!(told[0]["code"], "bad-credentials");
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    // Who is let in by other means begins no session by them.
    hub.actor("alice").send(sign_in("alice", "no password")).await.is(401);
}

async fn packages_know_no_session(hub: Server) {
    let pat = Browser::pat(&hub).await;
    for path in [TAGS, "/v2/", "/maven/p/team/jars/none", "/nuget/p/team/feed/v3/index.json", "/metrics"] {
        pat.send(Ask::get(path)).await.is(401);
    }
    // Beside credentials it is not looked at there.
    let login = hub.login("pat");
    let basic = crate::support::client::basic(&login);
    pat.actor.send(pat.with_cookie(Ask::get(TAGS)).authorization(&basic)).await.is(404);
    // Nor is its secret a token.
    let (_, secret) = pat.cookie.split_once('=').expect("a value");
    for value in [
        format!("Bearer {secret}"),
        crate::support::client::basic(&crate::support::organisation::Login {
            name: "pat".to_owned(),
            secret: secret.to_owned(),
        }),
    ] {
        pat.actor.send(Ask::get(TAGS).authorization(&value)).await.is(401);
        pat.actor.send(Ask::get(ME).authorization(&value)).await.is(401);
    }
    let leaks = pat.actor.send(Ask::post("/api/v1/leaks").json(&json!({ "tokens": [secret] }))).await.is(200);
    assert_eq!(leaks.json()["disabled"], json!([]));
    assert!(pat.goes_on().await);
}

async fn how_long_they_last_is_set(hub: Server) {
    let organisation = || Ask::patch("/api/v1/organisation");
    let shown = hub.admin().send(Ask::get("/api/v1/organisation")).await.is(200).json();
    assert_eq!(shown["session"], json!({ "idle_secs": 43_200, "total_secs": 604_800 }));
    for wrong in [json!({ "idle_secs": 899 }), json!({ "idle_secs": 86_401 }), json!({ "total_secs": 3599 })]
    {
        hub.admin().send(organisation().merge(&json!({ "session": wrong }))).await.is(400);
    }
    let short = json!({ "session": { "idle_secs": 7200, "total_secs": 3600 } });
    let set = hub.admin().send(organisation().merge(&short)).await.is(200).json();
    assert_eq!(set["session"], short["session"]);
    let cookie = hub.stranger().send(sign_in("pat", PASSWORD)).await.is(201);
    assert!(cookie.must_have(SET_COOKIE.as_str()).contains("; Max-Age=3600; "));
}

/// What browsers say of where a request is from decides, for all that changes something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_other_sites_change_nothing() {
    let hub = Server::start().await;
    let pat = Browser::pat(&hub).await;
    let title = || pat.with_cookie(Ask::put("/api/v1/me/title").json(&json!({ "title": "Pat" })));
    let own = format!("http://{}", hub.address());
    let code = async |ask: Ask| {
        let answer = pat.actor.send(ask).await;
        if answer.status == 200 {
            "done".to_owned()
        } else {
            answer.json()["code"].as_str().expect("a code").to_owned()
        }
    };
    assert_eq!(code(title()).await, "cross-site", "a browser that says nothing");
    assert_eq!(code(title().header("sec-fetch-site", "same-origin")).await, "done");
    assert_eq!(code(title().header("origin", &own)).await, "done");
    for site in ["cross-site", "same-site", "none"] {
        assert_eq!(code(title().header("sec-fetch-site", site)).await, "cross-site", "{site}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1", &format!("{own}0")] {
        assert_eq!(code(title().header("origin", origin)).await, "cross-site", "{origin}");
    }
    // Nor does another site sign anybody in, or send a form as JSON.
    assert_eq!(code(sign_in("pat", PASSWORD).header("sec-fetch-site", "cross-site")).await, "cross-site");
    assert_eq!(code(sign_in("pat", PASSWORD).header("origin", "https://evil.example")).await, "cross-site");
    let form =
        Ask::post(SESSIONS).header("content-type", "text/plain").body(r#"{"name":"pat","password":"x"}"#);
    assert_eq!(code(form).await, "not-json");
    let form = pat.with_cookie(Ask::put("/api/v1/me/title").header("content-type", "text/plain").body("{}"));
    assert_eq!(code(form.header("sec-fetch-site", "same-origin")).await, "not-json");
    // A cookie and other credentials, or two cookies: nobody can say who asks.
    let basic = crate::support::client::basic(&hub.login("pat"));
    assert_eq!(code(pat.with_cookie(Ask::get(ME)).authorization(&basic)).await, "malformed");
    assert_eq!(
        code(pat.with_cookie(Ask::get(ME)).header("x-nuget-apikey", &hub.login("pat").secret)).await,
        "malformed"
    );
    assert_eq!(code(pat.with_cookie(pat.with_cookie(Ask::get(ME)))).await, "malformed");
    // No page of another site reads an answer.
    let answer =
        pat.actor.send(pat.with_cookie(Ask::get(ME)).header("origin", "https://evil.example")).await.is(200);
    assert!(answer.headers.get("access-control-allow-origin").is_none());
}

/// Over TLS the cookie is for this host alone; without it, away from this machine, there is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_is_for_this_host_alone() {
    let reached = async |url: &str| {
        let url = ServerUrl::parse(url).expect("an address");
        Server::tuned(Organisation::team(), |config| config.server.public_url = Some(url)).await
    };
    let hub = reached("https://registry.example").await;
    let answer = hub.stranger().send(sign_in("pat", PASSWORD)).await.is(201);
    let cookie = answer.must_have(SET_COOKIE.as_str()).to_owned();
    assert!(cookie.starts_with("__Host-wharfinger=whfc_"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    let (pair, _) = cookie.split_once(';').expect("attributes");
    hub.stranger().send(Ask::get(ME).header("cookie", pair)).await.is(200);
    let (_, secret) = pair.split_once('=').expect("a value");
    hub.stranger().send(Ask::get(ME).header("cookie", &format!("wharfinger-local={secret}"))).await.is(401);
    let hub = reached("http://registry.example").await;
    let refused = hub.stranger().send(sign_in("pat", PASSWORD)).await.is(409).json();
    assert_eq!(refused["code"], "rule", "{refused}");
}

/// What gives power away takes a password that was given lately; whoever asks with a token has just shown it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_gives_power_away_takes_a_fresh_password() {
    let Some(hub) = Server::on_postgres(Organisation::team()).await else { return };
    let asked = [
        Ask::post("/api/v1/tokens").json(&json!({ "name": "full" })),
        Ask::post("/api/v1/principals/member:bob/tokens").json(&json!({ "name": "full" })),
        Ask::put("/api/v1/people/member:bob/password").json(&json!({ "password": "quite another phrase 7" })),
        Ask::post("/api/v1/people/member:bob/invitations").json(&json!({ "purpose": "reset" })),
        Ask::put("/api/v1/teams/org-admins/members/member:bob").json(&json!({})),
        Ask::patch("/api/v1/teams/org-admins").merge(&json!({ "title": "Administrators" })),
        Ask::put("/api/v1/organisation/grants").json(&json!({ "to": "member:bob", "permissions": ["read"] })),
        Ask::put("/api/v1/organisation/roles/watcher").json(&json!({ "permissions": ["read"] })),
        Ask::put("/api/v1/organisation/issuers/forge")
            .json(&json!({ "url": "https://issuer.example", "kind": "any", "audiences": ["a"] })),
        Ask::delete("/api/v1/projects/other?confirm=other&with_repositories=true"),
    ];
    let set = |must_change: bool| {
        let wanted = json!({ "password": PASSWORD, "must_change": must_change });
        Ask::put("/api/v1/people/member:root/password").json(&wanted)
    };
    hub.admin().send(set(true)).await.is(200);
    let refused = hub.stranger().send(sign_in("root", PASSWORD)).await.is(403).json();
    assert_eq!(refused["code"], "must-change-password", "what somebody else chose signs nobody in");
    hub.admin().send(set(false)).await.is(200);
    let root = Browser::signed_in(&hub, "root", PASSWORD).await;
    // A quarter of an hour passes: what another gateway finds in the rows.
    let past = "UPDATE session SET fresh_at = fresh_at - 901000";
    hub.database().expect("PostgreSQL").change(past);
    let other = hub.beside().await;
    let there = Browser { hub: &hub, actor: Actor::new(other.addr, None), cookie: root.cookie.clone() };
    for ask in asked {
        let what = format!("{} {}", ask.method, ask.target);
        let refused = there.send(ask).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!("not-fresh")), "{what}");
    }
    let limited = json!({ "name": "limited", "limits": [{ "on": "team", "permissions": ["read"] }] });
    there.send(Ask::post("/api/v1/tokens").json(&limited)).await.is(201);
    there.send(Ask::put("/api/v1/teams/new").json(&json!({ "title": "New" }))).await.is(201);
    let full = || Ask::post("/api/v1/tokens").json(&json!({ "name": "full" }));
    // Where the password was given lately it is not asked again.
    root.send(full()).await.is(201);
    assert_eq!(there.hub.address(), hub.address());
}
