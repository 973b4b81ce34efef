//! Nobody gives, makes or takes more than they hold.

use serde_json::{Value, json};

use crate::support::{Ask, Organisation, Server, image, token};

fn organisation() -> Organisation {
    Organisation::team()
        .member("lead")
        .role("member:lead", "project-admin", "team")
        .token("lead", "narrow", &[("team/app", "read access-manage")])
        .member("keeper")
        .may("member:keeper", "access-manage", "team/app")
}

async fn put_grant(hub: &Server, who: &str, place: &str, body: &Value) -> u16 {
    let put = Ask::put(format!("/api/v1/{place}/grants")).json(body);
    hub.actor(who).send(put).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grants_give_what_the_giver_holds() {
    let hub = Server::with(organisation()).await;
    let (app, team, other, root) =
        ("repositories/team/app", "projects/team", "projects/other", "organisation");
    let to_bob = |permissions: &[&str]| json!({ "to": "member:bob", "permissions": permissions });
    let as_role = |role: &str| json!({ "to": "member:bob", "role": role });
    for (who, place, body, status) in [
        ("lead", app, to_bob(&["read"]), 200),
        ("lead", team, as_role("project-member"), 200),
        ("lead", other, to_bob(&["read"]), 403),
        ("lead", root, to_bob(&["read"]), 403),
        // Who keeps one repository reads it too, by closure, and holds nothing else.
        ("keeper", app, to_bob(&["read"]), 200),
        ("keeper", app, to_bob(&["access-manage"]), 200),
        ("keeper", app, to_bob(&["publish"]), 403),
        ("keeper", app, as_role("manager"), 403),
        ("keeper", team, to_bob(&["read"]), 403),
        ("keeper", "repositories/team/open", to_bob(&["publish"]), 403),
        // A narrow token gives no more than itself, whatever its owner holds.
        ("lead/narrow", app, to_bob(&["read"]), 200),
        ("lead/narrow", app, to_bob(&["publish"]), 403),
        ("lead/narrow", team, to_bob(&["read"]), 403),
        ("alice", app, to_bob(&["read"]), 403),
        ("robot", app, to_bob(&["read"]), 403),
    ] {
        assert_eq!(put_grant(&hub, who, place, &body).await, status, "{who} at {place}: {body}");
    }
    // Nothing of what was refused has come to be.
    let mine = json!({ "to": "member:keeper", "permissions": ["access-manage", "publish"] });
    assert_eq!(put_grant(&hub, "keeper", app, &mine).await, 403);
    let post = Ask::post("/v2/p/team/app/web/blobs/uploads/");
    hub.actor("keeper").send(post).await.is(403);
    // What means something on the organisation only is an error elsewhere, for everybody.
    let misplaced = put_grant(&hub, "root", team, &to_bob(&["directory-view"])).await;
    assert!(matches!(misplaced, 400 | 403 | 409 | 422), "{misplaced}");
}

/// What ends makes nothing that ends later, and says so by a code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_longer_than_they_hold() {
    let hub = Server::with(organisation()).await;
    let (app, ends) = ("repositories/team/app", "2090-01-01T00:00:00Z");
    let to = |who: &str, permissions: &[&str], expires: Option<&str>| {
        let mut body = json!({ "to": who, "permissions": permissions });
        if let Some(expires) = expires {
            body["expires"] = json!(expires);
        }
        body
    };
    let keeping = ["access-manage"];
    assert_eq!(put_grant(&hub, "root", app, &to("member:bob", &keeping, Some(ends))).await, 200);
    for who in ["member:bob", "member:keeper", "team:everyone"] {
        for expires in [None, Some("2090-01-01T00:00:01Z")] {
            let put = Ask::put(format!("/api/v1/{app}/grants")).json(&to(who, &keeping, expires));
            let answer = hub.actor("bob").send(put).await.is(403).json();
            assert_eq!(answer["code"], "beyond-own", "{answer}");
            assert_eq!(answer["type"], "/api/problems/beyond-own", "{answer}");
        }
    }
    assert_eq!(put_grant(&hub, "bob", app, &to("member:alice", &keeping, Some(ends))).await, 200);
    // A right one lacks lies in wait in no token.
    let limits = json!([{ "on": "team/app", "permissions": ["read", "publish"] }]);
    let post = Ask::post("/api/v1/tokens").json(&json!({ "name": "later", "limits": limits }));
    let answer = hub.actor("bob").send(post).await.is(403).json();
    assert_eq!(answer["code"], "beyond-own", "{answer}");
    // Nor does a token that ends give what stays.
    let body = json!({ "name": "ends", "expires": "2080-01-01T00:00:00Z" });
    let made = hub.actor("lead").send(Ask::post("/api/v1/tokens").json(&body)).await.is(201).json();
    let ending = hub.claiming("lead", made["secret"].as_str().expect("a secret"));
    let put = |expires| Ask::put(format!("/api/v1/{app}/grants")).json(&to("member:bob", &["read"], expires));
    assert_eq!(ending.send(put(None)).await.is(403).json()["code"], "beyond-own");
    ending.send(put(Some("2080-01-01T00:00:00Z"))).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_administrator_stays() {
    let hub = Server::with(organisation()).await;
    let take = Ask::delete("/api/v1/organisation/grants?to=team:org-admins&role=organisation-admin");
    let answer = hub.admin().send(take).await;
    assert!(answer.status.is_client_error(), "{answer}");
    let suspend = Ask::put("/api/v1/principals/member:root/suspended").json(&json!({ "suspended": true }));
    let answer = hub.admin().send(suspend).await;
    assert!(answer.status.is_client_error(), "{answer}");
    hub.admin().send(Ask::get("/api/v1/organisation/grants")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_no_wider_than_what_made_them() {
    let hub = Server::with(organisation()).await;
    let create =
        async |who: &str, body: Value| hub.actor(who).send(Ask::post("/api/v1/tokens").json(&body)).await;
    let limit = |on: &str, permissions: &[&str]| json!([{ "on": on, "permissions": permissions }]);
    for (who, limits, status) in [
        ("alice/reader", json!(null), 403),
        ("alice/reader", limit("team/app", &["read", "publish"]), 403),
        ("alice/reader", limit("team", &["read"]), 403),
        ("alice/reader", limit("/", &["read"]), 403),
        ("alice/reader", limit("other/app", &["read"]), 403),
        ("alice/reader", limit("team/app", &["read"]), 201),
        ("alice", limit("team/app", &["read"]), 201),
        // Nobody learns by asking whether a repository is there.
        ("bob", limit("team/app", &["read"]), 403),
        ("bob", limit("team/absent", &["read"]), 403),
    ] {
        let mut body = json!({ "name": format!("{who} {limits}") });
        if !limits.is_null() {
            body["limits"] = limits.clone();
        }
        let answer = create(who, body).await;
        assert!(
            answer.status == status || (status == 403 && answer.status == 409),
            "{who} {limits}: {answer}"
        );
    }
    let text = async |on: &str| {
        create("bob", json!({ "name": "x", "limits": limit(on, &["read"]) })).await.bytes_but(&[on])
    };
    assert_eq!(text("team/app").await, text("team/zzz").await);
    assert_eq!(text("team/app").await, text("zzzz/app").await);

    // A token that ends makes none that ends later.
    let body = json!({ "name": "ends", "expires": "2090-01-01T00:00:00Z" });
    let ends = create("alice", body).await.is(201).json()["secret"].as_str().expect("a secret").to_owned();
    let ends = hub.claiming("alice", &ends);
    for (expires, status) in
        [(json!("2080-01-01T00:00:00Z"), 201), (json!("2091-01-01T00:00:00Z"), 403), (json!(null), 403)]
    {
        let mut body = json!({ "name": format!("later {expires}") });
        if !expires.is_null() {
            body["expires"] = expires.clone();
        }
        let answer = ends.send(Ask::post("/api/v1/tokens").json(&body)).await;
        assert_eq!(answer.status, status, "{expires}: {answer}");
    }
    // A limited token neither sees nor ends its siblings.
    let listed = hub.actor("alice/reader").send(Ask::get("/api/v1/tokens")).await.is(200).json();
    assert_eq!(listed["items"].as_array().expect("rows").len(), 1, "{listed}");
    let sibling = token::id(&hub.login("alice").secret).to_owned();
    let put = Ask::put(format!("/api/v1/tokens/{sibling}/state")).json(&json!({ "state": "revoked" }));
    let answer = hub.actor("alice/reader").send(put).await;
    assert!(matches!(answer.status.as_u16(), 403 | 404), "{answer}");
    hub.actor("alice").send(Ask::get("/v2/")).await.is(200);
    // Itself it may end.
    let own = token::id(&hub.login("alice/reader").secret).to_owned();
    let put = Ask::put(format!("/api/v1/tokens/{own}/state")).json(&json!({ "state": "revoked" }));
    hub.actor("alice/reader").send(put).await.is(200);
    hub.actor("alice/reader").send(Ask::get("/v2/")).await.is(401);
}

/// A token's limits are cut by what its owner may now, and never grow with a project made later under the same name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_never_outlives_the_rights_of_its_owner() {
    let hub = Server::with(organisation()).await;
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    hub.actor("alice/reader").docker().pull("team/app/web:1.0").await.gives(&image("hello"));
    let leave = Ask::delete("/api/v1/projects/team/grants?to=member:alice&role=project-member");
    hub.admin().send(leave).await.is(200);
    hub.actor("alice/reader").docker().pull("team/app/web:1.0").await.refused_with(403);
    hub.actor("alice/pusher").docker().push("team/app/web:2.0", &image("other")).await.refused_with(403);
}

/// Documents are documents: a form that a browser sends by itself is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_page_changes_nothing() {
    let hub = Server::with(organisation()).await;
    let before = hub.actor("alice").send(Ask::get("/api/v1/tokens")).await.is(200).json();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let post = Ask::post("/api/v1/tokens").header("content-type", content_type);
        let post = post.header("origin", "https://elsewhere.example").body("{\"name\":\"made by a form\"}");
        let answer = hub.actor("alice").send(post).await;
        assert!(answer.status.is_client_error(), "{content_type}: {answer}");
    }
    let after = hub.actor("alice").send(Ask::get("/api/v1/tokens")).await.is(200).json();
    assert_eq!(before["items"].as_array().map(Vec::len), after["items"].as_array().map(Vec::len));
}

/// A token of an application in `org-admins` would otherwise make others, which outlive it when it is found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_makes_no_token_for_itself() {
    let (id, other) = ("22222222-2222-4333-8444-555555555555", "33333333-2222-4333-8444-555555555555");
    let organisation = organisation()
        .service_account("bot", id)
        .service_account("other-bot", other)
        .administrator("application:bot");
    let hub = Server::with(organisation).await;
    let narrow = json!({ "name": "sibling", "limits": [{ "on": "team/app", "permissions": ["read"] }] });
    let (bot, full) = (hub.actor("bot"), json!({ "name": "sibling" }));
    let of = |name: &str| format!("/api/v1/principals/application:{name}/tokens");
    for name in ["bot", id, "BOT"] {
        for wanted in [&narrow, &full] {
            let answer = bot.send(Ask::post(of(name)).json(wanted)).await.is(403).json();
            assert_eq!(answer["code"], "own-tokens", "{name}: {answer}");
        }
    }
    bot.send(Ask::post("/api/v1/tokens").json(&narrow)).await.is(403);
    bot.send(Ask::post(of("other-bot")).json(&full)).await.is(201);
    hub.admin().send(Ask::post(of("bot")).json(&full)).await.is(201);
}

/// Who may look at people sees their tokens, and changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_people_sees_their_tokens() {
    let hub =
        Server::with(organisation().member("auditor").may("member:auditor", "directory-view", "/")).await;
    let auditor = hub.actor("auditor");
    let alices = "/api/v1/principals/member:alice/tokens";
    let listed = auditor.send(Ask::get(alices)).await.is(200).json();
    let id = listed["items"][0]["id"].as_str().expect("a token").to_owned();
    auditor.send(Ask::get(format!("{alices}/{id}"))).await.is(200);
    auditor.send(Ask::get("/api/v1/principals/member:nobody/tokens")).await.is(404);
    auditor.send(Ask::post(alices).json(&json!({ "name": "mine" }))).await.is(403);
    let state = Ask::put(format!("{alices}/{id}/state")).json(&json!({ "state": "revoked" }));
    auditor.send(state).await.is(403);
    hub.actor("bob").send(Ask::get(alices)).await.is(403);
}

/// Somebody who is removed from a project keeps nothing in it, also not on single repositories.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_keeps_nothing() {
    let hub = Server::with(organisation().may("member:alice", "read publish", "team/app")).await;
    let pull = || Ask::get("/v2/p/team/app/web/manifests/1.0");
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    let remove = |who: &str| Ask::delete(format!("/api/v1/projects/team/participants/{who}"));
    hub.actor("alice").send(remove("member:alice")).await.is(403);
    hub.actor("lead").send(remove("member:alice")).await.is(200);
    hub.actor("alice").send(pull()).await.is(403);
    hub.actor("lead").send(remove("member:alice")).await.is(404);
    hub.actor("lead").send(remove("member:nobody")).await.is(404);
    let kept = hub.actor("lead").send(remove("team:org-members")).await.is(409).json();
    assert_eq!(kept["code"], "builtin", "{kept}");
}

/// What tells programs why: a code of its own for each rule.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_have_codes_of_their_own() {
    let hub = Server::with(organisation()).await;
    let suspend = Ask::put("/api/v1/principals/member:root/suspended").json(&json!({ "suspended": true }));
    let grants = "/api/v1/organisation/grants?to=team:org-admins&role=organisation-admin";
    for (who, ask, status, code) in [
        ("root", suspend, 409, "last-admin"),
        ("root", Ask::delete(grants), 409, "builtin"),
        (
            "alice/reader",
            Ask::post("/api/v1/tokens").json(&json!({ "name": "all" })),
            403,
            "wider-than-token",
        ),
    ] {
        let answer = hub.actor(who).send(ask).await.is(status).json();
        assert_eq!(answer["code"], code, "{answer}");
    }
    // A slash that is written as a percent sign and two digits is part of a name and ends none.
    let slash = Ask::get("/api/v1/principals/application%3Aa%2Fb/tokens");
    assert_eq!(hub.admin().send(slash).await.is(404).json()["code"], "absent");
    let inside = Ask::delete("/api/v1/projects/team/participants/team%3Aa%2Fb");
    assert_eq!(hub.admin().send(inside).await.is(404).json()["code"], "absent");
}
