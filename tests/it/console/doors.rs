//! Log-in, log-out, passwords that must be changed, invitations; and what forms are believed.

use serde_json::json;
use wharfinger::config::ServerUrl;

use crate::support::browser::{hidden, text};
use crate::support::{Ask, Browser, Server, on_both_databases};

const SESSION: &str = "wharfinger-local";

on_both_databases!(
    in super::super::organisation;
    who_logs_in_is_led_back_and_out_again,
    every_failure_says_the_same,
    another_site_sends_no_form,
    a_password_that_was_given_is_changed_at_the_door,
    who_was_invited_sets_a_password,
    a_look_is_kept,
);

async fn who_logs_in_is_led_back_and_out_again(hub: Server) {
    let mut pat = Browser::of_nobody(&hub);
    let fields = [("user", "pat"), ("password", "a password of pat"), ("to", "/p/team?after=x")];
    let answer = pat.fill("/-/login", &fields).await.is(303);
    assert_eq!(answer.must_have("location"), "/p/team?after=x");
    assert!(pat.cookie(SESSION).is_some());
    assert_eq!(pat.open("/-/login").await.is(303).must_have("location"), "/", "she is in already");
    let page = pat.page("/").await;
    assert!(page.contains("<span>pat</span>"), "{page}");
    for elsewhere in
        ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "p"]
    {
        let mut pat = Browser::of_nobody(&hub);
        let fields = [("user", "pat"), ("password", "a password of pat"), ("to", elsewhere)];
        let answer = pat.fill("/-/login", &fields).await.is(303);
        assert_eq!(answer.must_have("location"), "/", "{elsewhere}");
    }
    let token = hidden(&page).into_iter().find(|(name, _)| name == "form").expect("a token").1;
    let out = pat.send("/-/logout", &[("form", &token)]).await.is(303);
    assert_eq!(out.must_have("location"), "/-/login?done=out");
    assert!(pat.cookie(SESSION).is_none());
    assert!(pat.page("/-/login?done=out").await.contains("You are logged out."));
}

async fn every_failure_says_the_same(hub: Server) {
    let mut pages = Vec::new();
    for (name, password) in [("pat", "wrong"), ("nobody-here", "wrong"), ("alice", "wrong"), (" ", "wrong")] {
        let mut browser = Browser::of_nobody(&hub);
        let page = text(&browser.log_in(name, password).await.is(401));
        assert!(browser.cookie(SESSION).is_none());
        assert!(!page.contains("value=\"wrong\""), "a password is never sent back");
        let token = hidden(&page).into_iter().find(|(name, _)| name == "form").expect("a token").1;
        pages.push(page.replace(&format!("value=\"{name}\""), "value=\"NAME\"").replace(&token, "TOKEN"));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
}

async fn another_site_sends_no_form(hub: Server) {
    let mut pat = Browser::of(&hub, "pat").await;
    let page = pat.page("/-/me/tokens/new").await;
    let token = hidden(&page).into_iter().find(|(name, _)| name == "form").expect("a token").1;
    let make = |form: &str| {
        Ask::post("/-/me/tokens/new").form(&[
            ("form", form),
            ("name", "stolen"),
            ("days", "30"),
            ("what", "all"),
        ])
    };
    let origin = format!("http://{}", hub.address());
    let foreign = [
        make(&token).header("origin", "https://evil.example"),
        make(&token).header("origin", "null"),
        make(&token).header("sec-fetch-site", "cross-site"),
        make(&token).header("sec-fetch-site", "same-site"),
        make(&token).header("origin", &origin).header("sec-fetch-site", "cross-site"),
        make(&token),
        make("").header("origin", &origin),
        make("00000000000000000000000000000000").header("origin", &origin),
    ];
    for ask in foreign {
        let shown = format!("{:?}", ask.headers);
        let answer = pat.ask(ask).await;
        assert_eq!(answer.status.as_u16(), 403, "{shown}");
    }
    let mut bob = Browser::of(&hub, "bob").await;
    bob.ask(make(&token).header("origin", &origin)).await.is(403);
    assert!(!pat.page("/-/me/tokens").await.contains("stolen"));
    let answer = pat.ask(make(&token).header("origin", &origin)).await.is(200);
    assert!(text(&answer).contains("whfp_"));
    // A token opens nothing here, and no other credentials either.
    let actor = hub.actor("root");
    actor.send(Ask::get("/-/me/tokens")).await.is(303);
    // Nothing is done by looking.
    pat.open("/-/logout").await.is(303);
    assert!(pat.page("/").await.contains("<span>pat</span>"));
}

async fn a_password_that_was_given_is_changed_at_the_door(hub: Server) {
    let body = json!({ "password": "given by an administrator", "must_change": true });
    hub.admin().send(Ask::put("/api/v1/people/member:pat/password").json(&body)).await.is(200);
    let mut pat = Browser::of_nobody(&hub);
    let answer = pat.log_in("pat", "given by an administrator").await.is(303);
    let place = answer.must_have("location").to_owned();
    assert_eq!(place, "/-/password?user=pat&to=%2F");
    let page = pat.page(&place).await;
    let form = hidden(&page).into_iter().find(|(name, _)| name == "form").expect("a token").1;
    let fields = |old: &'static str, new: &'static str| {
        [
            ("form", form.clone()),
            ("user", "pat".to_owned()),
            ("password", old.to_owned()),
            ("new", new.to_owned()),
        ]
    };
    for (old, new, told) in [
        ("wrong", "a harbour of lanterns", "do not fit together"),
        ("given by an administrator", "short", "The password would be guessed"),
    ] {
        let fields = fields(old, new);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = text(&pat.send("/-/password", &fields).await.is(400));
        assert!(page.contains(told), "{page}");
    }
    let fields = fields("given by an administrator", "a harbour of lanterns");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    pat.send("/-/password", &fields).await.is(303);
    pat.log_in("pat", "a harbour of lanterns").await.is(303);
    assert!(pat.cookie(SESSION).is_some());
}

async fn who_was_invited_sets_a_password(hub: Server) {
    let made = hub
        .admin()
        .send(Ask::post("/api/v1/people/member:sue/invitations").json(&json!({ "purpose": "invite" })))
        .await
        .is(201);
    let code = made.json()["code"].as_str().expect("a code").to_owned();
    let mut sue = Browser::of_nobody(&hub);
    let wrong = sue.fill("/-/invitation", &[("code", "whfi_none"), ("new", "a harbour of lanterns")]).await;
    assert!(matches!(wrong.status.as_u16(), 400 | 409), "{wrong:?}");
    sue.fill("/-/invitation", &[("code", &code), ("new", "a harbour of lanterns")]).await.is(303);
    sue.log_in("sue", "a harbour of lanterns").await.is(303);
    assert!(sue.cookie(SESSION).is_some());
}

async fn a_look_is_kept(hub: Server) {
    let mut nobody = Browser::of_nobody(&hub);
    assert!(nobody.page("/").await.contains("<html lang=\"en\">"));
    let german = Ask::get("/").header("accept-language", "fr, de-CH;q=0.9, en;q=0.8");
    assert!(text(&nobody.ask(german).await.is(200)).contains("<html lang=\"de\">"));
    let chosen = [("theme", "dark"), ("language", "de"), ("keys", "off"), ("to", "/-/search")];
    assert_eq!(nobody.send("/-/look", &chosen).await.is(303).must_have("location"), "/-/search");
    let page = nobody.page("/").await;
    assert!(page.contains("<html lang=\"de\" data-theme=\"dark\" data-keys=\"off\">"), "{page}");
    let foreign = Ask::post("/-/look").form(&[("theme", "light")]).header("origin", "https://evil.example");
    nobody.ask(foreign).await.is(403);
    assert!(nobody.page("/").await.contains("data-theme=\"dark\""));
}

/// Where others on the way could read a password nobody is asked for one, and the page says what mends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_tls_nobody_logs_in_from_elsewhere() {
    let url = ServerUrl::parse("http://packages.example").expect("an address");
    let hub = Server::tuned(super::organisation(), |config| config.server.public_url = Some(url)).await;
    let mut pat = Browser::of_nobody(&hub);
    let page = pat.page("/-/login").await;
    assert!(page.contains("No log-in over plain HTTP") && !page.contains("type=\"password\""), "{page}");
    assert!(
        page.contains("href=\"/docs/install#4-tls\"") && page.contains("/docs/install#5-behind-a-proxy"),
        "{page}"
    );
    let nowhere = text(&pat.open("/docs/none").await.is(404));
    assert!(nowhere.contains("href=\"/docs/access#8-why-or-why-not\""), "{nowhere}");
    let origin = "http://packages.example";
    let form = [("user", "pat"), ("password", "a password of pat")];
    let sent =
        Ask::post("/-/login").form(&form).header("origin", origin).header("sec-fetch-site", "same-origin");
    let answer = text(&pat.ask(sent).await.is(200));
    assert!(answer.contains("No log-in over plain HTTP"), "{answer}");
    assert!(pat.cookie(SESSION).is_none() && pat.cookie("__Host-wharfinger").is_none());
    assert!(pat.page("/").await.contains("/p/team/public-files"), "public pages go on");
    hub.stop().await;
}
