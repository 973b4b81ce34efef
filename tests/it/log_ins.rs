//! People who log in by a provider (OpenID Connect): who is let in as whom, and what a provider that lies, a browser that began nothing and
//! whoever stands between them get.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::answer::Answer;
use crate::support::browser::{hidden, text, unescaped};
use crate::support::{Ask, Browser, Issuer, Organisation, Server, on_both_databases};

mod lies;
mod people;

on_both_databases!(in super::organisation;
    who_is_linked_logs_in_by_the_provider,
    nobody_is_linked_by_an_address,
    a_session_is_fresh_if_the_provider_says_when,
    passwords_that_are_off_end_no_session_of_a_provider,
);

const PROVIDER: &str = "/api/v1/organisation/login-providers/corp";
const SESSION: &str = "wharfinger-local";
const PENDING: &str = "wharfinger-local-log-in";
const CLIENT: &str = "hub";

fn organisation() -> Organisation {
    crate::console::organisation().team_of("crew", "member:sue").team_of("pilots", "member:pat").may(
        "member:bob",
        "organisation-manage",
        "/",
    )
}

/// Lets people log in by a provider on loopback.
async fn provided(hub: &Server, more: Value) -> Issuer {
    let issuer = Issuer::new().await;
    hub.admin().send(Ask::put(PROVIDER).json(&wanted(&issuer, more))).await.is(201);
    issuer
}

fn wanted(issuer: &Issuer, more: Value) -> Value {
    let mut wanted = json!({
        "title": "Corp", "issuer": issuer.url(), "client_id": CLIENT, "client_secret": "a secret: of/the client",
        "private": true,
    });
    for (name, value) in more.as_object().expect("fields") {
        wanted[name] = value.clone();
    }
    wanted
}

/// Where a browser is sent that begins, by the parameters.
struct Begun(Vec<(String, String)>);

impl Begun {
    fn of(page: &str) -> Self {
        let location = page.split("content=\"0;url=").nth(1).and_then(|rest| rest.split('"').next());
        let location = unescaped(location.expect("it goes on"));
        let (endpoint, query) = location.split_once("&response_type=").expect("a request");
        assert!(endpoint.ends_with("/authorize?tenant=1"), "{location}");
        let query = format!("response_type={query}");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect())
    }

    fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// Claims of somebody that are of this log-in.
    fn claims(&self, issuer: &Issuer, subject: &str) -> Value {
        let mut claims = issuer.claims(CLIENT);
        claims["sub"] = json!(subject);
        claims["nonce"] = json!(self.get("nonce"));
        claims["preferred_username"] = json!(format!("{subject}@corp.example"));
        claims["auth_time"] = claims["iat"].clone();
        claims
    }
}

/// A value as it was before it stood in an address.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_at(2);
        let byte = u8::from_str_radix(code, 16).expect("two digits");
        format!("{text}{}{rest}", char::from(byte))
    })
}

/// Presses the button of the provider on a page, with these fields besides.
async fn begin(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) -> Begun {
    let shown = browser.page(page).await;
    let token = hidden(&shown).into_iter().find(|(name, _)| name == "form").expect("a form").1;
    let fields: Vec<_> = [("form", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
    Begun::of(&text(&browser.send("/-/login/with/corp", &fields).await.is(200)))
}

/// Comes back from the provider, as browsers do: another site sends them.
async fn back(browser: &mut Browser, query: &[(&str, &str)]) -> Answer {
    let encoded = |value: &str| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let mut text = String::new();
        for letter in value.chars() {
            if plain(letter) {
                text.push(letter);
            } else {
                let _ = write!(text, "%{:02X}", u32::from(letter));
            }
        }
        text
    };
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let ask = Ask::get(format!("/-/login/back?{}", query.join("&")));
    browser.ask(ask.header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate")).await
}

/// The whole way of somebody whom the provider says this of.
async fn comes(browser: &mut Browser, issuer: &Issuer, change: impl FnOnce(&mut Value)) -> Answer {
    let begun = begin(browser, "/-/login", &[("to", "/p/team")]).await;
    let mut claims = begun.claims(issuer, "p-1");
    change(&mut claims);
    issuer.gives("code-1", issuer.signs(&claims));
    back(browser, &[("state", begun.get("state")), ("code", "code-1")]).await
}

/// Somebody who was let in as this, or made so.
async fn let_in(hub: &Server, issuer: &Issuer, change: impl FnOnce(&mut Value)) -> Browser {
    let mut browser = Browser::of_nobody(hub);
    let answer = comes(&mut browser, issuer, change).await.is(303);
    assert_eq!(answer.must_have("location"), "/p/team");
    browser
}

/// Links `pat` to `p-1`.
async fn linked(hub: &Server, issuer: &Issuer) -> Browser {
    let mut pat = Browser::of(hub, "pat").await;
    let begun = begin(&mut pat, "/-/me", &[("link", "yes")]).await;
    issuer.gives("code-0", issuer.signs(&begun.claims(issuer, "p-1")));
    let answer = back(&mut pat, &[("state", begun.get("state")), ("code", "code-0")]).await.is(303);
    assert_eq!(answer.must_have("location"), "/-/me?done=linked");
    pat
}

async fn events(hub: &Server, action: &str) -> Vec<Value> {
    let path = format!("/api/v1/organisation/audit?action={action}");
    hub.admin().send(Ask::get(path)).await.is(200).json()["items"].as_array().expect("items").clone()
}

/// As whom a browser is known.
async fn known(browser: &mut Browser) -> Value {
    browser.ask(Ask::get("/api/v1/me").header("sec-fetch-site", "same-origin")).await.is(200).json()
}

async fn who_is_linked_logs_in_by_the_provider(hub: Server) {
    let issuer = provided(&hub, json!({})).await;
    let mut pat = linked(&hub, &issuer).await;
    let profile = pat.page("/-/me").await;
    assert!(profile.contains("p-1") && profile.contains("/-/me/identities/corp/delete"), "{profile}");
    assert!(pat.cookie(PENDING).is_none(), "what was pending is over");

    let mut browser = Browser::of_nobody(&hub);
    let page = browser.page("/-/login?to=/p/team").await;
    let (sso, password) = (page.find("Log in with Corp"), page.find("id=\"password\""));
    assert!(sso < password && sso.is_some(), "{page}");
    let begun = begin(&mut browser, "/-/login", &[("to", "/p/team")]).await;
    let here = format!("http://{}/-/login/back", hub.address());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", &here),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("prompt", ""),
    ] {
        assert_eq!(begun.get(name), value, "{name}");
    }
    let pending = browser.cookie(PENDING).expect("what is pending").to_owned();
    for name in ["state", "nonce", "code_challenge"] {
        assert!(begun.get(name).len() == 43 && !pending.contains(begun.get(name)), "{name}");
    }
    issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
    let answer = back(&mut browser, &[("state", begun.get("state")), ("code", "code-1")]).await.is(303);
    assert_eq!(answer.must_have("location"), "/p/team");
    assert!(browser.cookie(SESSION).is_some() && browser.cookie(PENDING).is_none());
    assert_eq!(known(&mut browser).await["ref"], "member:pat");

    // The exchange proves that it is of whoever began, and shows the secret to the provider alone.
    let (head, form) = issuer.exchange();
    assert!(head.contains("authorization: Basic aHViOmErc2VjcmV0JTNBK29mJTJGdGhlK2NsaWVudA=="), "{head}");
    let sent = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    assert_eq!((sent("grant_type"), sent("client_secret")), (Some("authorization_code"), None));
    let verifier = sent("code_verifier").expect("a verifier");
    assert_eq!(challenge(verifier), begun.get("code_challenge"));

    let begun = &events(&hub, "session.create").await[0];
    assert_eq!(
        (&begun["after"]["method"], &begun["after"]["provider"]),
        (&json!("provider"), &json!("corp"))
    );
    assert_eq!(begun["actor"]["ref"], "member:pat");
    let link = &events(&hub, "identity.link").await[0];
    assert_eq!((&link["after"]["subject"], &link["object"]["name"]), (&json!("p-1"), &json!("corp")));
    let mine = hub.actor("pat").send(Ask::get("/api/v1/me/identities")).await.is(200).json();
    assert_eq!(
        (&mine["items"][0]["provider"], &mine["items"][0]["subject"]),
        (&json!("corp"), &json!("p-1"))
    );
    assert!(mine["items"][0]["used_at"].is_string(), "{mine}");
    // Nothing that is shown has the secret.
    for path in [PROVIDER, "/api/v1/organisation/audit", "/api/v1/export"] {
        let shown = hub.admin().send(Ask::get(path)).await.is(200).to_string();
        assert!(!shown.contains("a secret"), "{path}: {shown}");
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

async fn nobody_is_linked_by_an_address(hub: Server) {
    let issuer = provided(&hub, json!({})).await;
    let claim = |claims: &mut Value| {
        claims["email"] = json!("pat@example.org");
        claims["email_verified"] = json!(true);
        claims["preferred_username"] = json!("pat");
    };
    let mut browser = Browser::of_nobody(&hub);
    let page = text(&comes(&mut browser, &issuer, claim).await.is(403));
    assert!(page.contains("Nobody here is linked to that log-in"), "{page}");
    assert!(browser.cookie(SESSION).is_none());
    let refused = &events(&hub, "session.refused").await[0];
    assert_eq!((&refused["after"]["subject"], &refused["outcome"]), (&json!("p-1"), &json!("refused")));

    // Whoever is made is somebody else, though they are called the same.
    hub.admin().send(Ask::put(PROVIDER).json(&wanted(&issuer, json!({ "make": "member" })))).await.is(200);
    let mut made = let_in(&hub, &issuer, claim).await;
    assert_eq!(known(&mut made).await["ref"], "member:pat-2");
    let person = hub.admin().send(Ask::get("/api/v1/people/member:pat-2")).await.is(200).json();
    assert_eq!((&person["emails"], &person["about"]["has_password"]), (&json!([]), &json!(false)));
    made.open("/p/other").await.is(403);
    // The same person comes back, whatever they are called by now.
    let mut again = let_in(&hub, &issuer, |claims| claims["preferred_username"] = json!("root")).await;
    assert_eq!(known(&mut again).await["ref"], "member:pat-2");
    // One whom it vouches for is one person here.
    let mut alice = Browser::of(&hub, "bob").await;
    let begun = begin(&mut alice, "/-/me", &[("link", "yes")]).await;
    issuer.gives("code-3", issuer.signs(&begun.claims(&issuer, "p-1")));
    let answer = back(&mut alice, &[("state", begun.get("state")), ("code", "code-3")]).await;
    assert!(text(&answer.is(409)).contains("linked there already"));
}

async fn a_session_is_fresh_if_the_provider_says_when(hub: Server) {
    let issuer = provided(&hub, json!({})).await;
    linked(&hub, &issuer).await;
    let fresh = async |browser: &mut Browser| {
        let body = json!({ "name": "whole" });
        let ask =
            Ask::post("/api/v1/tokens?dry_run=true").json(&body).header("sec-fetch-site", "same-origin");
        let status = browser.ask(ask).await.status.as_u16();
        assert!(matches!(status, 200 | 201 | 403), "{status}");
        status != 403
    };
    let mut at_once = let_in(&hub, &issuer, |_| {}).await;
    let at_once = fresh(&mut at_once).await;
    for change in [
        (|claims: &mut Value| claims["auth_time"] = json!(claims["iat"].as_i64().expect("a time") - 1000))
            as fn(&mut Value),
        |claims| drop(claims.as_object_mut().expect("claims").remove("auth_time")),
    ] {
        let mut browser = let_in(&hub, &issuer, change).await;
        assert_eq!((at_once, fresh(&mut browser).await), (true, false));
        // She proves it anew: the provider is to ask her, whoever it knows her as.
        let begun = begin(&mut browser, "/-/login?again=1", &[("again", "yes")]).await;
        assert_eq!((begun.get("prompt"), begun.get("max_age")), ("login", "0"));
        issuer.gives("code-2", issuer.signs(&begun.claims(&issuer, "p-1")));
        back(&mut browser, &[("state", begun.get("state")), ("code", "code-2")]).await.is(303);
        assert!(fresh(&mut browser).await);
    }
}

async fn passwords_that_are_off_end_no_session_of_a_provider(hub: Server) {
    let issuer = provided(&hub, json!({})).await;
    let mut by_password = linked(&hub, &issuer).await;
    let mut by_provider = let_in(&hub, &issuer, |_| {}).await;
    let off = Ask::patch("/api/v1/organisation").header("content-type", "application/merge-patch+json");
    hub.admin().send(off.body(json!({ "password_log_in": false }).to_string())).await.is(200);
    by_password.open("/-/me").await.is(303);
    by_provider.page("/-/me").await;
    let_in(&hub, &issuer, |_| {}).await.page("/-/me").await;
}
