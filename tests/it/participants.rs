//! Who takes part in a project: added, listed and taken out, each in one step.

use serde_json::{Value, json};

use crate::support::{Ask, Organisation, Server, on_both_databases};

on_both_databases!(in super::organisation; participants_are_added_set_and_taken_out, externals_have_what_was_ticked,
    candidates_are_names_and_nothing_else);

const TEAM: &str = "/api/v1/projects/team/participants";

fn organisation() -> Organisation {
    Organisation::team()
        .member("lead")
        .role("member:lead", "project-admin", "team")
        .team_of("dev", "member:bob")
        .external("collaborators", "carol")
}

async fn participants_are_added_set_and_taken_out(hub: Server) {
    let lead = hub.actor("lead");
    let list = async |query: &str| -> Value {
        hub.actor("lead").send(Ask::get(format!("{TEAM}{query}"))).await.is(200).json()
    };
    let names = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().expect("items").iter();
        items.map(|item| item["ref"].as_str().expect("a name").to_owned()).collect()
    };
    let set = async |who: &str, body: Value, status: u16| {
        lead.send(Ask::put(format!("{TEAM}/{who}")).json(&body)).await.is(status).json()
    };
    set("team:dev", json!({ "roles": ["project-member"] }), 200).await;
    set("member:bob", json!({ "roles": ["project-member", "writer"] }), 200).await;
    let all = list("").await;
    let everybody = ["member:alice", "member:bob", "member:lead", "member:pat", "member:rita", "member:sue"];
    assert_eq!(names(&all)[..6], everybody);
    assert!(names(&all).contains(&"team:dev".to_owned()) && !names(&all).contains(&"team:anyone".to_owned()));
    // alice, sue, bob and the team.
    assert_eq!(
        (all["counts"]["project-member"].as_u64(), all["counts"]["project-admin"].as_u64()),
        (Some(4), Some(1))
    );
    assert_eq!(all["with_permissions"], 2);
    let bob = &all["items"][1];
    let roles: Vec<&str> =
        bob["direct"].as_array().expect("grants").iter().filter_map(|one| one["role"].as_str()).collect();
    assert_eq!((roles.len(), bob["through"][0]["to"].as_str()), (2, Some("team:dev")), "{bob}");
    assert_eq!(names(&list("?role=writer").await), ["member:bob"]);
    assert_eq!(names(&list("?kind=team&query=DEV").await), ["team:dev"]);
    assert_eq!(names(&list("?who=member:BOB").await), ["member:bob"]);
    assert!(names(&list("?who=member:bo").await).is_empty());
    let first = list("?limit=2").await;
    assert_eq!(
        names(&list(&format!("?limit=4&after={}", first["next"].as_str().expect("more"))).await),
        everybody[2..]
    );

    // Setting takes away what is not named; what is only tried changes nothing.
    let tried = Ask::put(format!("{TEAM}/member:bob?dry_run=true")).json(&json!({ "roles": [] }));
    lead.send(tried).await.is(200);
    set("member:bob", json!({ "roles": ["viewer"] }), 200).await;
    assert!(names(&list("?role=writer").await).is_empty());
    assert_eq!(set("member:bob", json!({ "roles": ["organisation-member"] }), 409).await["code"], "rule");
    assert_eq!(set("member:absent", json!({ "roles": ["viewer"] }), 404).await["code"], "absent");
    assert_eq!(set("member:bob", json!({ "roles": ["absent"] }), 409).await["code"], "unknown-name");
    let manager = Ask::put(format!("{TEAM}/member:bob")).json(&json!({ "roles": ["project-admin"] }));
    hub.actor("alice").send(manager).await.is(403);

    // Taken out, he is told to have what his team has.
    let gone = lead.send(Ask::delete(format!("{TEAM}/member:bob"))).await.is(200).json();
    assert_eq!(
        (gone["removed"].as_bool(), gone["remaining"][0]["on"].as_str()),
        (Some(true), Some("team")),
        "{gone}"
    );
    assert_eq!(gone["remaining"][0]["through"][0]["to"], "team:dev", "{gone}");
    lead.send(Ask::delete(format!("{TEAM}/member:bob"))).await.is(404);
    let gone = lead.send(Ask::delete(format!("{TEAM}/team:dev"))).await.is(200).json();
    assert!(gone["remaining"].is_null(), "{gone}");
    lead.send(Ask::delete(format!("{TEAM}/team:org-members"))).await.is(409);
    hub.actor("bob").send(Ask::get(TEAM)).await.is(403);
}

async fn externals_have_what_was_ticked(hub: Server) {
    let lead = hub.actor("lead");
    let (carol, own) =
        (format!("{TEAM}/collaborator:carol"), format!("{TEAM}/collaborator:carol/permissions"));
    let put = async |path: &str, body: Value| lead.send(Ask::put(path).json(&body)).await;
    let on = |on: &str, permissions: &[&str]| json!({ "on": on, "permissions": permissions });
    let grants = |grants: &[Value]| json!({ "grants": grants });
    // Not before she was added, and then within what her kind can have.
    assert_eq!(put(&own, grants(&[on("team", &["read"])])).await.is(409).json()["code"], "rule");
    put(&carol, json!({})).await.is(200);
    put(&own, grants(&[on("team", &["read"]), on("team/app", &["publish"])])).await.is(200);
    for wrong in [on("team", &["repository-settings"]), on("other", &["read"]), on("other/app", &["read"])] {
        put(&own, grants(&[wrong])).await.is(409);
    }
    put(&own, grants(&[on("team", &["read"]), on("team", &["publish"])])).await.is(409);
    let may = async |query: &str| -> bool {
        let ask = Ask::get(format!("/api/v1/explain?who=collaborator:carol&{query}"));
        hub.actor("lead").send(ask).await.is(200).json()["allowed"] == true
    };
    assert!(may("may=publish&on=team/app").await && may("may=read&on=team/jars").await);
    // All are replaced.
    put(&own, grants(&[on("team/app", &["read"])])).await.is(200);
    assert!(!may("may=publish&on=team/app").await && !may("may=read&on=team/jars").await);
    assert_eq!(put(&carol, json!({ "roles": ["viewer"] })).await.is(409).json()["code"], "rule");
    let bob = format!("{TEAM}/member:bob/permissions");
    assert_eq!(put(&bob, grants(&[on("team", &["read"])])).await.is(409).json()["code"], "rule");
    let gone = lead.send(Ask::delete(&carol)).await.is(200).json();
    assert_eq!(gone["remaining"].as_array().map(Vec::len), Some(1), "what everybody may: {gone}");
    assert!(!may("may=read&on=team/app").await);
}

async fn candidates_are_names_and_nothing_else(hub: Server) {
    let candidates = "/api/v1/projects/team/candidates";
    // By two who may, because each may ask five times a second.
    let ask_by = async |who: &str, query: &str| -> Vec<String> {
        let answer = hub.actor(who).send(Ask::get(format!("{candidates}{query}"))).await.is(200).json();
        assert!(answer["next"].is_null());
        let items = answer["items"].as_array().expect("items").iter();
        items
            .map(|item| {
                assert_eq!(item.as_object().expect("an object").len(), 2, "{item}");
                item["ref"].as_str().expect("a name").to_owned()
            })
            .collect()
    };
    let ask = async |query: &str| ask_by("lead", query).await;
    // Who is in the project already is none; nor is a team that is named after a project, or `anyone`.
    let some = ask("").await;
    assert_eq!(
        some,
        [
            "application:robot",
            "collaborator:carol",
            "member:bob",
            "member:rita",
            "member:root",
            "team:dev",
            "team:everyone",
            "team:org-admins"
        ],
    );
    assert_eq!(ask("?query=bOB").await, ["member:bob"]);
    // Addresses are not looked through: nobody learns them by trying.
    assert!(ask("?query=bob@example.org").await.is_empty());
    let suspended = Ask::put("/api/v1/principals/member:bob/suspended").json(&json!({ "suspended": true }));
    hub.admin().send(suspended).await.is(200);
    hub.admin()
        .send(Ask::put("/api/v1/people/member:rita").json(&json!({ "title": "Robert the Second" })))
        .await
        .is(200);
    assert!(ask("?query=bob").await.is_empty());
    assert_eq!(ask_by("root", "?query=ROBERT%20the").await, ["member:rita"]);
    // At most 20 are named.
    for number in 0..25 {
        hub.admin().send(Ask::put(format!("/api/v1/people/guest:g{number}")).json(&json!({}))).await.is(201);
    }
    assert_eq!(ask_by("root", "?query=g").await.len(), 20);
    hub.actor("alice").send(Ask::get(candidates)).await.is(403);
    hub.actor("lead").send(Ask::get("/api/v1/projects/other/candidates")).await.is(403);
    hub.actor("lead").send(Ask::get(format!("{candidates}?after=x"))).await.is(400);
}
