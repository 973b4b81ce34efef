//! What holds for everybody, set while the gateway runs.

use serde_json::{Value, json};

use crate::support::{Ask, Server, on_both_databases};

const HERE: &str = "/api/v1/organisation";

on_both_databases!(
    it_is_shown_to_whom_it_concerns_and_put_as_it_was_got,
    other_names_are_known_from_the_next_request_on,
    members_make_projects_where_they_may,
    passwords_and_names_are_as_strict_as_it_says,
    tokens_last_as_long_as_it_says,
);

async fn it_is_shown_to_whom_it_concerns_and_put_as_it_was_got(hub: Server) {
    let admin = hub.admin();
    let answer = admin.send(Ask::get(HERE)).await.is(200);
    let (shown, etag) = (answer.json(), answer.must_have("etag").to_owned());
    assert_eq!((&shown["name"], &shown["password_chars_min"]), (&json!("acme"), &json!(12)), "{shown}");
    let titled = hub.actor("rita").send(Ask::get(HERE)).await.is(200).json();
    assert_eq!(titled, json!({ "name": "acme", "title": "Wharfinger" }));
    hub.stranger().send(Ask::get(HERE)).await.is(401);
    let same = admin.send(Ask::put(HERE).json(&shown)).await.is(200);
    assert_eq!((same.must_have("wharfinger-changed"), same.json()), ("false", shown.clone()));

    let whole = json!({
        "name": "acme", "title": "The Acme company", "aliases": ["zeta", "alfa", "zeta"], "new_projects": "internal",
        "members_make_projects": true, "password_log_in": false, "password_on_packages": false,
        "strict_user_names": false, "password_chars_min": 20, "token_days_max": 90,
        "audit": { "admin_days": 365, "transfer_days": 7, "denial_days": 14 },
    });
    let tried = admin.send(Ask::put(format!("{HERE}?dry_run=true")).json(&whole)).await.is(200).json();
    assert_eq!(admin.send(Ask::get(HERE)).await.is(200).json(), shown, "it was only tried");
    let put = admin.send(Ask::put(HERE).header("if-match", &etag).json(&whole)).await.is(200).json();
    assert_eq!((&put, &put["aliases"]), (&tried, &json!(["alfa", "zeta"])));
    assert_eq!(put["audit"], whole["audit"]);
    assert_eq!(admin.send(Ask::get(HERE)).await.is(200).json(), put);
    admin.send(Ask::put(HERE).header("if-match", &etag).json(&whole)).await.is(412);
    // What is absent is as in a new installation.
    let bare = admin.send(Ask::put(HERE).json(&json!({ "name": "acme" }))).await.is(200).json();
    let mut new = shown.clone();
    new["title"] = json!("acme");
    assert_eq!(bare, new);
    hub.actor("alice").send(Ask::put(HERE).json(&whole)).await.is(403);

    let wrong = json!({ "name": "Not A Name", "password_chars_min": 7, "token_days_max": 0, "sittings": {} });
    let problem = admin.send(Ask::put(HERE).json(&wrong)).await.is(400).json();
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(4), "{problem}");
    // Who could keep what was administered for a day could hide anything.
    let hiding = json!({ "audit": { "admin_days": 29 } });
    let problem = admin.send(Ask::patch(HERE).merge(&hiding)).await.is(400).json();
    assert_eq!(problem["errors"][0]["pointer"], "/audit/admin_days", "{problem}");
    let kept = json!({ "audit": { "denial_days": 60 } });
    let kept = admin.send(Ask::patch(HERE).merge(&kept)).await.is(200).json();
    assert_eq!(kept["audit"], json!({ "admin_days": 730, "transfer_days": 90, "denial_days": 60 }));
}

async fn other_names_are_known_from_the_next_request_on(hub: Server) {
    let (admin, alice) = (hub.admin(), hub.actor("alice"));
    let host = format!("maven.pkg.localhost:{}", hub.address().port());
    let ask = async |organisation: &str| {
        let target = format!("/{organisation}/p/team/jars/a/b/1/b-1.jar");
        alice.send(Ask::get(target).header("host", &host)).await.status.as_u16()
    };
    assert_eq!((ask("acme").await, ask("globex").await), (404, 403));
    let set = json!({ "name": "initech", "aliases": ["globex"] });
    admin.send(Ask::put(HERE).json(&set)).await.is(200);
    assert_eq!((ask("initech").await, ask("globex").await, ask("acme").await), (404, 404, 403));
}

async fn members_make_projects_where_they_may(hub: Server) {
    let (admin, bob) = (hub.admin(), hub.actor("bob"));
    let make = |key: &str| Ask::put(format!("/api/v1/projects/{key}")).json(&json!({}));
    bob.send(make("bobs")).await.is(403);
    admin.send(Ask::patch(HERE).merge(&json!({ "members_make_projects": true }))).await.is(200);
    bob.send(make("bobs")).await.is(201);
    // It is a grant, and no second truth.
    let grants = admin.send(Ask::get("/api/v1/organisation/grants")).await.is(200).json();
    let given = |grants: &Value| {
        grants["items"].as_array().is_some_and(|items| {
            items
                .iter()
                .any(|one| one["to"] == "team:org-members" && one["permissions"] == json!(["project-create"]))
        })
    };
    assert!(given(&grants), "{grants}");
    admin.send(Ask::delete("/api/v1/organisation/grants?to=team:org-members")).await.is(200);
    assert_eq!(admin.send(Ask::get(HERE)).await.json()["members_make_projects"], false);
    bob.send(make("others")).await.is(403);

    // Who manages the organisation and not access there cannot open that door.
    let some = json!({ "to": "member:bob", "permissions": ["organisation-manage"] });
    admin.send(Ask::put("/api/v1/organisation/grants").json(&some)).await.is(200);
    let refused = bob.send(Ask::patch(HERE).merge(&json!({ "members_make_projects": true }))).await.is(403);
    assert_eq!(
        (&refused.json()["code"], &refused.json()["missing"]),
        (&json!("denied"), &json!("access-manage"))
    );
    bob.send(Ask::patch(HERE).merge(&json!({ "title": "By bob" }))).await.is(200);
    let some = json!({ "to": "member:bob", "permissions": ["organisation-manage", "access-manage"] });
    admin.send(Ask::put("/api/v1/organisation/grants").json(&some)).await.is(200);
    let refused = bob.send(Ask::patch(HERE).merge(&json!({ "members_make_projects": true }))).await.is(403);
    assert_eq!(refused.json()["code"], "beyond-own");
}

async fn passwords_and_names_are_as_strict_as_it_says(hub: Server) {
    let (admin, pat) = (hub.admin(), hub.actor("pat/password"));
    let set = async |change: Value| admin.send(Ask::patch(HERE).merge(&change)).await.is(200);
    let (me, tags) = ("/api/v1/me", "/v2/p/team/app/web/tags/list");
    assert_eq!(
        (pat.send(Ask::get(me)).await.status.as_u16(), pat.send(Ask::get(tags)).await.status.as_u16()),
        (200, 404)
    );
    let bearer = format!("Bearer {}", pat.bearer().await);
    let by_bearer = async || hub.stranger().send(Ask::get(tags).authorization(&bearer)).await.status.as_u16();
    assert_eq!(by_bearer().await, 404);
    set(json!({ "password_on_packages": false })).await;
    assert_eq!(
        (pat.send(Ask::get(me)).await.status.as_u16(), pat.send(Ask::get(tags)).await.status.as_u16()),
        (200, 401)
    );
    assert_eq!((by_bearer().await, pat.asks_for_bearer().await.status.as_u16()), (401, 401));
    set(json!({ "password_log_in": false, "password_on_packages": true })).await;
    assert_eq!(
        (pat.send(Ask::get(me)).await.status.as_u16(), pat.send(Ask::get(tags)).await.status.as_u16()),
        (401, 401)
    );
    set(json!({ "password_log_in": null })).await;
    pat.send(Ask::get(me)).await.is(200);

    let nicknamed = hub.claiming("whoever", &hub.login("alice").secret);
    nicknamed.send(Ask::get(tags)).await.is(401);
    set(json!({ "strict_user_names": false })).await;
    nicknamed.send(Ask::get(tags)).await.is(404);
    set(json!({ "strict_user_names": true })).await;
    nicknamed.send(Ask::get(tags)).await.is(401);

    // Nobody locks themselves out with the password they ask with.
    let some = json!({ "to": "member:pat", "permissions": ["organisation-manage"] });
    admin.send(Ask::put("/api/v1/organisation/grants").json(&some)).await.is(200);
    let refused = pat.send(Ask::patch(HERE).merge(&json!({ "password_log_in": false }))).await.is(409).json();
    assert_eq!(refused["code"], "rule");
}

async fn tokens_last_as_long_as_it_says(hub: Server) {
    let (admin, alice) = (hub.admin(), hub.actor("alice"));
    admin.send(Ask::patch(HERE).merge(&json!({ "token_days_max": 30 }))).await.is(200);
    let make = |name: &str, expires: Value| {
        Ask::post("/api/v1/tokens").json(&json!({ "name": name, "expires": expires }))
    };
    let refused = alice.send(make("for ever", Value::Null)).await.is(409).json();
    assert_eq!(refused["code"], "rule", "{refused}");
    alice.send(make("too long", json!("2090-01-01T00:00:00Z"))).await.is(409);
    admin.send(Ask::patch(HERE).merge(&json!({ "token_days_max": null }))).await.is(200);
    alice.send(make("for ever", Value::Null)).await.is(201);
}
