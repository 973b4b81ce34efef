//! Why somebody may or may not do something: told by what decides, to who may know.

use serde_json::Value;

use crate::support::{Ask, Organisation, Server};

fn organisation() -> Organisation {
    Organisation::team()
        .team_of("web", "member:bob")
        .team_of("dev", "team:web")
        .role("team:dev", "project-member", "team")
        .member("lead")
        .role("member:lead", "project-admin", "team")
        .token("lead", "narrow", &[("team/app", "read access-manage")])
        .team_of("reviewers", "member:rita")
        .may("team:reviewers", "read", "/")
        .external("collaborators", "carol")
        .external("guests", "gus")
        .role("collaborator:carol", "collaborator", "team")
}

async fn explain(hub: &Server, who: &str, query: &str) -> Value {
    let answer = hub.actor(who).send(Ask::get(format!("/api/v1/explain?{query}"))).await.is(200);
    answer.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reason_is_told_with_what_it_comes_from() {
    let hub = Server::with(organisation()).await;
    hub.actor("root")
        .send(Ask::put("/api/v1/principals/member:sue/suspended").json(&suspended()))
        .await
        .is(200);
    for (who, query, reason, sentence) in [
        (
            "bob",
            "may=publish&on=team/app",
            "granted",
            "Yes. publish comes from role project-member on team, granted to team:dev, of which member:bob is a \
             member through team:web.",
        ),
        (
            "bob",
            "may=read&on=team/open&who=member:bob",
            "granted",
            "Yes. read comes from a grant of read on team/open, granted to team:anyone",
        ),
        ("lead", "may=read&on=team/open&who=guest:gus", "public", "Yes. Everybody may read on team/open"),
        (
            "rita",
            "may=publish&on=team/app",
            "no-grant",
            "No. member:rita holds read on team/app by a grant of read on team/app, granted to member:rita and other \
             grants; publish is not among it.",
        ),
        ("lead", "may=publish&on=team/app&who=collaborator:carol", "no-grant", "No. No grant gives"),
        (
            "lead",
            "may=publish&on=team/app&who=application:robot",
            "granted",
            "Yes. application:robot requests publish",
        ),
        (
            "lead",
            "may=delete-package&on=team/app&who=application:robot",
            "application-rights",
            "No. application:robot requests",
        ),
        (
            "root",
            "may=publish&on=other/app&who=application:robot",
            "application-project",
            "No. application:robot requests",
        ),
        (
            "alice/reader",
            "may=publish&on=team/app",
            "token-limits",
            "No. member:alice may publish on team/app, but the token",
        ),
        ("lead", "may=publish&on=team/app&who=member:sue", "suspended", "No. member:sue is suspended"),
        ("bob", "may=read&on=other/app", "nothing-known", "Nothing is known of other/app"),
    ] {
        let told = explain(&hub, who, query).await;
        assert_eq!(told["reason"], reason, "{who} {query}: {told}");
        let allowed = matches!(reason, "granted" | "public");
        assert_eq!(told["allowed"], allowed, "{who} {query}: {told}");
        let said = told["sentence"].as_str().expect("a sentence");
        assert!(said.starts_with(sentence), "{who} {query}: {said}");
    }
}

fn suspended() -> Value {
    serde_json::json!({ "suspended": true })
}

/// What is over: the token's state, and a grant's time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_is_said_so() {
    let hub = Server::with(organisation()).await;
    let token = crate::support::token::id(&hub.login("alice/spare").secret).to_owned();
    let query = format!("may=publish&on=team/app&token={token}");
    assert_eq!(explain(&hub, "alice", &query).await["reason"], "granted");
    for state in ["disabled", "revoked"] {
        let put =
            Ask::put(format!("/api/v1/tokens/{token}/state")).json(&serde_json::json!({ "state": state }));
        hub.actor("alice").send(put).await.is(200);
        let told = explain(&hub, "alice", &query).await;
        assert_eq!(
            (told["reason"].as_str(), told["allowed"].as_bool()),
            (Some(&*format!("token-{state}")), Some(false))
        );
    }
    let ended =
        serde_json::json!({ "to": "member:rita", "role": "writer", "expires": "2020-01-01T00:00:00Z" });
    hub.actor("lead").send(Ask::put("/api/v1/repositories/team/dense/grants").json(&ended)).await.is(200);
    let told = explain(&hub, "lead", "may=publish&on=team/dense&who=member:rita").await;
    assert_eq!(told["reason"], "grant-expired", "{told}");
    let command = "wharfinger grant put --to member:rita --on team/dense --role writer";
    assert_eq!(told["remedy"]["command"], command, "{told}");
}

/// What is told is what the gate does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_what_a_request_gets() {
    let hub = Server::with(organisation()).await;
    for who in ["alice", "alice/reader", "alice/pusher", "bob", "pat", "rita", "robot", "lead", "sue"] {
        for (on, place) in [("team/app", "team/app"), ("team/open", "team/open"), ("other/app", "other/app")]
        {
            let told = explain(&hub, who, &format!("may=publish&on={on}")).await["allowed"] == true;
            let post = Ask::post(format!("/v2/p/{place}/web/blobs/uploads/"));
            let done = hub.actor(who).send(post).await.status.as_u16() == 202;
            assert_eq!(told, done, "{who} at {on}");
        }
    }
}

/// What is not there and what one may not know of are the same bytes, but for the name; and about others only who administers
/// access there is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_that_one_may_not_know() {
    let hub = Server::with(organisation()).await;
    let ask = async |who: &str, query: &str| {
        hub.actor(who).send(Ask::get(format!("/api/v1/explain?{query}"))).await
    };
    let absent = explain(&hub, "bob", "may=read&on=other/gone").await.to_string();
    let hidden = explain(&hub, "bob", "may=read&on=other/app").await.to_string();
    assert_eq!(absent.replace("other/gone", "X"), hidden.replace("other/app", "X"));
    for (who, query) in [
        ("bob", "may=read&on=team/app&who=member:alice"),
        ("bob", "may=read&on=team/app&who=member:absent"),
        ("lead", "may=read&on=other/app&who=member:alice"),
        ("lead", "may=read&on=other/gone&who=member:alice"),
        ("lead/narrow", "may=read&on=team&who=member:alice"),
        ("robot", "may=read&on=team/app&who=member:alice"),
    ] {
        assert_eq!(ask(who, query).await.is(403).json()["code"], "denied", "{who} {query}");
    }
    // The tokens of others are for who sees the directory.
    let token = crate::support::token::id(&hub.login("alice/reader").secret).to_owned();
    let of_alice = format!("may=publish&on=team/app&who=member:alice&token={token}");
    ask("lead", &of_alice).await.is(403);
    assert_eq!(explain(&hub, "root", &of_alice).await["reason"], "token-limits");
    assert_eq!(
        explain(&hub, "alice", &format!("may=publish&on=team/app&token={token}")).await["reason"],
        "token-limits"
    );
    ask("alice/pusher", &format!("may=publish&on=team/app&token={token}")).await.is(403);
    ask("root", &format!("may=read&on=team/app&who=member:bob&token={token}")).await.is(409);
    ask("root", "may=read&on=team/app&who=member:absent").await.is(409);
    for query in
        ["may=read", "on=team", "may=fly&on=team", "may=read&on=team/a/b", "may=read&on=team&who=team:dev"]
    {
        ask("root", query).await.is(400);
    }
    // Whose rights come through the organisation is not a project's business.
    let told = explain(&hub, "lead", "may=read&on=team/jars&who=member:rita").await;
    let way = &told["steps"]["grants"][0];
    assert_eq!((way["to"].as_str(), way["on"].as_str()), (Some("organisation"), Some("/")), "{told}");
    assert!(!told.to_string().contains("reviewers"), "{told}");
    let told = explain(&hub, "root", "may=read&on=team/jars&who=member:rita").await;
    assert_eq!(told["steps"]["grants"][0]["to"], "team:reviewers", "{told}");
}

/// A remedy, done, is one; and only who could do it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remedy_helps() {
    let hub = Server::with(organisation()).await;
    let query = "may=publish&on=team/app&who=member:rita";
    let told = explain(&hub, "lead", query).await;
    let command = "wharfinger grant put --to member:rita --on team/app --permissions read,publish";
    assert_eq!(told["remedy"]["command"], command, "{told}");
    assert!(explain(&hub, "rita", "may=publish&on=team/app").await["remedy"].is_null());
    let body = serde_json::json!({ "to": "member:rita", "permissions": ["read", "publish"] });
    hub.actor("lead").send(Ask::put("/api/v1/repositories/team/app/grants").json(&body)).await.is(200);
    assert_eq!(explain(&hub, "lead", query).await["allowed"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_are_listed_by_whom_and_by_where() {
    let hub = Server::with(organisation()).await;
    let get = async |who: &str, path: &str| hub.actor(who).send(Ask::get(format!("/api/v1/{path}"))).await;
    let column = |list: &Value, name: &str| -> Vec<String> {
        let items = list["items"].as_array().expect("items").iter();
        items.map(|item| item[name].as_str().expect("a text").to_owned()).collect()
    };
    let mine = get("bob", "me/rights").await.is(200).json();
    assert_eq!(
        column(&mine, "on"),
        ["team", "team/app", "team/dense", "team/frozen", "team/jars", "team/open"]
    );
    assert_eq!(mine["items"][0]["via"][0]["through"], serde_json::json!(["team:web"]));
    let limited = get("alice/reader", "me/rights").await.is(200).json();
    assert_eq!(column(&limited, "on"), ["team/app", "team/open"], "{limited}");
    // A walk of small pages is the one large page.
    let first = get("bob", "me/rights?limit=4").await.is(200).json();
    let next = first["next"].as_str().expect("another page").replace('/', "%2F");
    let second = get("bob", &format!("me/rights?limit=4&after={next}")).await.is(200).json();
    assert_eq!([column(&first, "on"), column(&second, "on")].concat(), column(&mine, "on"));
    let here = get("bob", "me/rights?on=team&below=false").await.is(200).json();
    assert_eq!(column(&here, "on"), ["team"]);

    let of_alice = get("root", "principals/member:alice/rights?on=other").await.is(200).json();
    assert_eq!(column(&of_alice, "on"), ["other", "other/app"]);
    let of_alice = get("lead", "principals/member:alice/rights?on=team/app").await.is(200).json();
    assert_eq!(column(&of_alice, "on"), ["team/app"]);
    for path in ["principals/member:alice/rights", "principals/member:alice/rights?on=other"] {
        get("lead", path).await.is(403);
    }
    get("root", "principals/member:absent/rights").await.is(404);

    let access = get("lead", "repositories/team/app/access?may=publish").await.is(200).json();
    let mut who = column(&access, "ref");
    assert_eq!(who.remove(0), "team:anyone", "everybody comes first");
    who.sort_unstable();
    let publishers = [
        "application:robot",
        "member:alice",
        "member:bob",
        "member:lead",
        "member:pat",
        "member:root",
        "member:sue",
    ];
    assert_eq!(who, publishers);
    assert_eq!(access["items"][0]["permissions"], serde_json::json!([]));
    let open = get("lead", "repositories/team/open/access?kind=application").await.is(200).json();
    assert_eq!(column(&open, "ref"), ["team:anyone", "application:robot"]);
    assert_eq!(open["items"][0]["permissions"], serde_json::json!(["read"]));
    // Of who has no more than everybody it is not told, not even that they are.
    let open = get("lead", "repositories/team/open/access").await.is(200).json();
    let who = column(&open, "ref");
    assert!(!who.contains(&"guest:gus".to_owned()) && who.contains(&"member:bob".to_owned()), "{who:?}");
    get("bob", "projects/team/access").await.is(403);
    get("root", "organisation/access").await.is(200);
}
