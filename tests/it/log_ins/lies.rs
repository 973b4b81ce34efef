//! What is wrong with what comes back. Whatever it is, one thing is said, and nobody is in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{CLIENT, PENDING, PROVIDER, SESSION, back, begin, comes, linked, organisation, provided};
use crate::support::browser::text;
use crate::support::issuer::{now_secs, part};
use crate::support::{Ask, Browser, Issuer, Lie, Server};

type Claim = fn(&mut Value);
/// Makes a token of claims: the provider, and another issuer, whose keys nobody believes.
type Sign = fn(&Issuer, &Issuer, &Value) -> String;

/// The page of who was not let in, without what differs by request.
fn nothing_came_of_it(browser: &Browser, answer: crate::support::answer::Answer) -> String {
    let page = text(&answer.is(401));
    assert!(browser.cookie(SESSION).is_none(), "nobody is in");
    let (before, rest) = page.split_once("<code>").expect("the number of the request");
    format!("{before}{}", rest.split_once("</code>").expect("its end").1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_of_this_log_in_lets_nobody_in() {
    let hub = Server::with(organisation()).await;
    let issuer = provided(&hub, json!({})).await;
    linked(&hub, &issuer).await;
    let mut pages = Vec::new();
    let lies: [(&str, Claim); 11] = [
        ("another nonce", |claims| claims["nonce"] = json!("another")),
        ("no nonce", |claims| drop(claims.as_object_mut().expect("claims").remove("nonce"))),
        ("another client", |claims| claims["aud"] = json!("another")),
        ("several clients", |claims| claims["aud"] = json!([CLIENT, "another"])),
        ("another party", |claims| claims["azp"] = json!("another")),
        ("another issuer", |claims| claims["iss"] = json!("https://issuer.example")),
        ("over", |claims| claims["exp"] = json!(now_secs() - 120)),
        ("not yet", |claims| claims["iat"] = json!(now_secs() + 120)),
        ("no end", |claims| drop(claims.as_object_mut().expect("claims").remove("exp"))),
        ("nobody", |claims| drop(claims.as_object_mut().expect("claims").remove("sub"))),
        ("several people", |claims| claims["sub"] = json!(["p-1", "p-2"])),
    ];
    for (what, lie) in lies {
        let mut browser = Browser::of_nobody(&hub);
        let answer = comes(&mut browser, &issuer, lie).await;
        assert_eq!(answer.status, 401, "{what}");
        pages.push(nothing_came_of_it(&browser, answer));
        assert!(browser.cookie(PENDING).is_none(), "{what}");
    }
    let stranger = Issuer::new().await;
    let signed: [(&str, Sign); 4] = [
        ("by another key", |_, stranger, claims| stranger.signs(claims)),
        ("by nobody", |_, _, claims| format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))),
        ("by the secret of the client", |_, _, claims| {
            let text = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"a secret: of/the client");
            let mac = aws_lc_rs::hmac::sign(&key, text.as_bytes());
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))
        }),
        ("as no token at all", |_, _, _| "x.y.z".to_owned()),
    ];
    for (what, sign) in signed {
        let mut browser = Browser::of_nobody(&hub);
        let begun = begin(&mut browser, "/-/login", &[]).await;
        issuer.gives("code-1", sign(&issuer, &stranger, &begun.claims(&issuer, "p-1")));
        let answer = back(&mut browser, &[("state", begun.get("state")), ("code", "code-1")]).await;
        assert_eq!(answer.status, 401, "{what}");
        pages.push(nothing_came_of_it(&browser, answer));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "one thing is said: {pages:#?}");
    // What failed so often from there is slowed down; who is honest is let in all the same.
    let mut browser = Browser::of_nobody(&hub);
    assert_eq!(comes(&mut browser, &issuer, |_| {}).await.status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_fails_lets_nobody_in() {
    let hub = Server::with(organisation()).await;
    let issuer = provided(&hub, json!({})).await;
    linked(&hub, &issuer).await;
    let before = issuer.key_fetches();
    for lie in
        [Lie::HugeExchange, Lie::RedirectedExchange, Lie::RefusedExchange, Lie::Babble, Lie::SilentExchange]
    {
        let mut browser = Browser::of_nobody(&hub);
        let begun = begin(&mut browser, "/-/login", &[]).await;
        issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
        issuer.lies(lie);
        let answer = back(&mut browser, &[("state", begun.get("state")), ("code", "code-1")]).await;
        issuer.lies(Lie::None);
        nothing_came_of_it(&browser, answer);
    }
    assert_eq!(issuer.key_fetches(), before, "nobody went where it sent them");
    // It says no, or is somebody else.
    let refused: [&[(&str, &str)]; 4] = [
        &[("error", "access_denied"), ("error_description", "<script>")],
        &[("code", "code-1"), ("iss", "https://issuer.example")],
        &[("code", "code-unknown")],
        &[],
    ];
    for more in refused {
        let mut browser = Browser::of_nobody(&hub);
        let begun = begin(&mut browser, "/-/login", &[]).await;
        issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
        let query: Vec<_> = [("state", begun.get("state"))].into_iter().chain(more.iter().copied()).collect();
        let answer = back(&mut browser, &query).await;
        assert!(!nothing_came_of_it(&browser, answer).contains("access_denied"), "{more:?}");
    }
    let mut browser = Browser::of_nobody(&hub);
    let begun = begin(&mut browser, "/-/login", &[]).await;
    issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
    let query = [("state", begun.get("state")), ("code", "code-1"), ("iss", issuer.url())];
    back(&mut browser, &query).await.is(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_who_they_are_has_to_say_it() {
    let hub = Server::with(organisation()).await;
    let issuer = Issuer::new().await;
    issuer.lies(Lie::SaysIssuer);
    hub.admin().send(Ask::put(PROVIDER).json(&super::wanted(&issuer, json!({})))).await.is(201);
    let mut browser = Browser::of_nobody(&hub);
    let answer = comes(&mut browser, &issuer, |_| {}).await;
    nothing_came_of_it(&browser, answer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_finishes_what_another_browser_began() {
    let hub = Server::with(organisation()).await;
    let issuer = provided(&hub, json!({ "make": "member" })).await;
    let (mut theirs, mut ours) = (Browser::of_nobody(&hub), Browser::of_nobody(&hub));
    let begun = begin(&mut theirs, "/-/login", &[]).await;
    issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
    let query = [("state", begun.get("state")), ("code", "code-1")];
    // Sent to somebody who began nothing, and to somebody who began something else.
    let answer = back(&mut ours, &query).await;
    nothing_came_of_it(&ours, answer);
    let other = begin(&mut ours, "/-/login", &[]).await;
    let answer = back(&mut ours, &query).await;
    nothing_came_of_it(&ours, answer);
    assert_eq!(issuer.exchange().1, "", "no code of somebody else's is exchanged");
    assert_ne!(other.get("state"), begun.get("state"));
    begin(&mut ours, "/-/login", &[]).await;
    let answer = back(&mut ours, &[("code", "code-1")]).await;
    nothing_came_of_it(&ours, answer);
    back(&mut ours, &[("code", "code-1")]).await.is(303);

    // It counts once, though a provider would take its code again and the browser kept what it was to forget.
    let kept = theirs.cookie(PENDING).expect("what is pending").to_owned();
    back(&mut theirs, &query).await.is(303);
    let mut thief = Browser::of_nobody(&hub);
    let path = format!("/-/login/back?state={}&code=code-1", begun.get("state"));
    let answer = thief.ask(Ask::get(path).header("cookie", &format!("{PENDING}={kept}"))).await;
    nothing_came_of_it(&thief, answer);

    // A form of another site begins nothing, and no address does.
    let forged = [("form", "forged"), ("to", "/")];
    assert_ne!(ours.send("/-/login/with/corp", &forged).await.status, 200);
    let elsewhere = Ask::post("/-/login/with/corp").form(&forged).header("origin", "https://evil.example");
    ours.ask(elsewhere.header("sec-fetch-site", "cross-site")).await.is(403);
    ours.open("/-/login/with/corp").await.is(303);
    // Nor does it lead elsewhere.
    for to in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let mut browser = Browser::of_nobody(&hub);
        let begun = begin(&mut browser, "/-/login", &[("to", to)]).await;
        issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
        let query = [("state", begun.get("state")), ("code", "code-1")];
        assert_eq!(back(&mut browser, &query).await.is(303).must_have("location"), "/", "{to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_links_is_who_began_to() {
    let hub = Server::with(organisation()).await;
    let issuer = provided(&hub, json!({})).await;
    let mut pat = Browser::of(&hub, "pat").await;
    let begun = begin(&mut pat, "/-/me", &[("link", "yes")]).await;
    issuer.gives("code-1", issuer.signs(&begun.claims(&issuer, "p-1")));
    let kept = pat.cookie(PENDING).expect("what is pending").to_owned();
    let path = format!("/-/login/back?state={}&code=code-1", begun.get("state"));
    // Whoever has carried it off links nobody: it is of her session.
    let bob = Browser::of(&hub, "bob").await;
    let cookies = format!("{PENDING}={kept}; {SESSION}={}", bob.cookie(SESSION).expect("a session"));
    hub.stranger().send(Ask::get(&path).header("cookie", &cookies)).await.is(401);
    hub.stranger().send(Ask::get(&path).header("cookie", &format!("{PENDING}={kept}"))).await.is(401);
    let theirs = hub.admin().send(Ask::get(PROVIDER)).await.is(200).json();
    assert_eq!(theirs["about"]["linked"], 0);
}
