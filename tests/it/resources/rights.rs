//! Who may, and what rules there are.

use serde_json::{Value, json};

use super::team;
use crate::support::{Ask, Server};

async fn code(hub: &Server, who: &str, ask: Ask) -> (u16, String) {
    let answer = hub.actor(who).send(ask).await;
    let status = answer.status.as_u16();
    (status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_makes_a_project_administers_it() {
    let hub = team().await;
    let admin = hub.admin();
    let put = || Ask::put("/api/v1/projects/mine").json(&json!({}));
    assert_eq!(code(&hub, "bob", put()).await, is(403, "denied"));
    let makers = json!({ "to": "member:bob", "permissions": ["project-create"] });
    admin.send(Ask::put("/api/v1/organisation/grants").json(&makers)).await.is(200);
    let bob = hub.actor("bob");
    let made = bob.send(put()).await.is(201).json();
    let mine = made["about"]["my_permissions"].as_array().expect("words");
    assert!(mine.contains(&json!("access-manage")) && mine.contains(&json!("repository-delete")), "{made}");
    // What others have is said to be taken, and nothing else of it.
    assert_eq!(
        code(&hub, "bob", Ask::put("/api/v1/projects/other").json(&json!({}))).await,
        is(409, "name-taken")
    );
    assert_eq!(code(&hub, "bob", Ask::get("/api/v1/projects/other")).await, is(403, "denied"));
    bob.send(Ask::put("/api/v1/repositories/mine/jars").json(&json!({ "format": "maven" }))).await.is(201);
    // Those of others are not even listed.
    let keys = |list: Value| {
        let items = list["items"].as_array().expect("items").clone();
        items.iter().map(|item| item["about"]["key"].to_string()).collect::<Vec<_>>()
    };
    let listed = keys(bob.send(Ask::get("/api/v1/projects")).await.is(200).json());
    // `team` has a public repository, so everybody may know of it.
    assert_eq!(listed, ["\"mine\"", "\"team\""]);
    let rita = keys(hub.actor("rita").send(Ask::get("/api/v1/projects?query=MIN")).await.is(200).json());
    assert_eq!(rita, Vec::<String>::new());
    let names = bob.send(Ask::get("/api/v1/repositories?project=mine")).await.is(200).json();
    assert_eq!(names["items"][0]["about"]["path"], "mine/jars");
    // The computed team of a project is shown to who administers access there; of others nothing is said, not even whether they are.
    let shown = bob.send(Ask::get("/api/v1/teams/project-team:mine")).await.is(200).json();
    assert_eq!(shown["about"]["name"], "project-team:mine");
    let hers = json!({ "to": "member:rita", "role": "project-member" });
    bob.send(Ask::put("/api/v1/projects/mine/grants").json(&hers)).await.is(200);
    let inside = bob.send(Ask::get("/api/v1/teams/project-team:mine/members")).await.is(200).json();
    assert_eq!(inside["items"], json!([{ "ref": "member:rita" }]));
    for other in ["project-team:other", "project-team:nothing", "project-team:", "everyone"] {
        for (who, rest) in [("bob", ""), ("bob", "/members"), ("rita", "")] {
            let ask = Ask::get(format!("/api/v1/teams/{other}{rest}"));
            assert_eq!(code(&hub, who, ask).await, is(403, "denied"), "{who} {other}{rest}");
        }
    }
    assert_eq!(code(&hub, "rita", Ask::get("/api/v1/teams/project-team:mine")).await, is(403, "denied"));
    bob.send(Ask::delete("/api/v1/projects/mine?confirm=mine&with_repositories=true")).await.is(200);
}

/// Who may know a project is not told of repositories there that they may not read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repositories_are_counted_by_who_may_read_them() {
    let hub = team().await;
    let counts = async |who: &str| {
        let shown = hub.actor(who).send(Ask::get("/api/v1/projects/team")).await.is(200).json();
        shown["about"]["repositories_by_format"].clone()
    };
    assert_eq!(counts("root").await, json!({ "maven": 1, "oci": 4 }));
    assert_eq!(counts("bob").await, json!({ "oci": 1 }));
    let grant = json!({ "to": "member:bob", "permissions": ["read"] });
    hub.admin().send(Ask::put("/api/v1/repositories/team/jars/grants").json(&grant)).await.is(200);
    assert_eq!(counts("bob").await, json!({ "maven": 1, "oci": 1 }));
    hub.admin().send(Ask::delete("/api/v1/repositories/team/jars?confirm=team/jars")).await.is(200);
    assert_eq!(counts("bob").await, json!({ "oci": 1 }));
    let patch = Ask::patch("/api/v1/projects/team").header("content-type", "application/merge-patch+json");
    let changed = hub.admin().send(patch.body(r#"{"title":"Ours"}"#.to_owned())).await.is(200).json();
    assert_eq!(changed["about"]["repositories_by_format"], counts("root").await);
    let listed = hub.admin().send(Ask::get("/api/v1/projects")).await.is(200).json();
    assert_eq!(listed["items"][0]["about"]["repositories_by_format"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_members_may_read_takes_the_right_to_manage_access() {
    let hub = team().await;
    let settings = json!({ "to": "member:bob", "permissions": ["repository-settings"] });
    hub.admin().send(Ask::put("/api/v1/projects/team/grants").json(&settings)).await.is(200);
    let patch = |body: &str| {
        let ask = Ask::patch("/api/v1/projects/team");
        ask.header("content-type", "application/merge-patch+json").body(body.to_owned())
    };
    assert_eq!(code(&hub, "bob", patch(r#"{"title":"Ours"}"#)).await.0, 200);
    let refused = hub.actor("bob").send(patch(r#"{"access":"internal"}"#)).await.is(403).json();
    assert_eq!((&refused["code"], &refused["missing"]), (&json!("denied"), &json!("access-manage")));
    let rita = hub.actor("rita");
    rita.send(Ask::get("/api/v1/repositories/team/jars")).await.is(403);
    hub.admin().send(patch(r#"{"access":"internal"}"#)).await.is(200);
    rita.send(Ask::get("/api/v1/repositories/team/jars")).await.is(200);
    hub.admin().send(patch(r#"{"access":null,"title":null}"#)).await.is(200);
    let typed = Ask::patch("/api/v1/projects/team").json(&json!({}));
    assert_eq!(code(&hub, "root", typed).await, is(415, "not-json"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_are_edited_within_what_one_holds() {
    let hub = team().await;
    let admin = hub.admin();
    let lead = json!({ "to": "member:bob", "permissions": ["access-manage"] });
    admin.send(Ask::put("/api/v1/projects/team/grants").json(&lead)).await.is(200);
    let put = |role: &str, permissions: &[&str]| {
        let body = json!({ "permissions": permissions });
        Ask::put(format!("/api/v1/projects/team/roles/{role}")).json(&body)
    };
    assert_eq!(code(&hub, "bob", put("reviewer", &["read"])).await.0, 201);
    assert_eq!(code(&hub, "bob", put("reviewer", &["read", "publish"])).await, is(403, "beyond-own"));
    assert_eq!(
        code(&hub, "bob", put("project-member", &["repository-settings"])).await,
        is(403, "beyond-own")
    );
    for (role, permissions, expected) in [
        ("collaborator", vec!["read"], "builtin"),
        ("organisation-member", vec!["read"], "builtin"),
        ("viewer", vec!["read"], "builtin"),
        ("reviewer", vec!["directory-view"], "rule"),
        ("reviewer", vec!["directory-manage"], "rule"),
    ] {
        let (status, code) = code(&hub, "root", put(role, &permissions)).await;
        assert_eq!((status, &*code), (409, expected), "{role} {permissions:?}");
    }
    // It holds for everybody from the next request on, and is taken back by a reset.
    let sue = hub.actor("sue");
    sue.send(Ask::get("/api/v1/repositories/team/jars")).await.is(200);
    admin.send(put("project-member", &[])).await.is(200);
    sue.send(Ask::get("/api/v1/repositories/team/jars")).await.is(403);
    let reset = || Ask::post("/api/v1/projects/team/roles/project-member/reset").json(&json!({}));
    assert_eq!(code(&hub, "bob", reset()).await, is(403, "beyond-own"));
    let role = admin.send(reset()).await.is(200).json();
    assert_eq!(role["about"]["differs_from_template"], false);
    sue.send(Ask::get("/api/v1/repositories/team/jars")).await.is(200);
    // In the other project it was as it is all the time; a custom one goes with its grants, if they may go.
    let grant = json!({ "to": "member:rita", "role": "reviewer" });
    admin.send(Ask::put("/api/v1/projects/team/grants").json(&grant)).await.is(200);
    let delete = |query: &str| Ask::delete(format!("/api/v1/projects/team/roles/reviewer{query}"));
    assert_eq!(code(&hub, "root", delete("")).await, is(409, "in-use"));
    admin.send(delete("?with_grants=true")).await.is(200);
    assert_eq!(
        code(&hub, "root", Ask::delete("/api/v1/projects/team/roles/automation")).await,
        is(409, "builtin")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_gets_what_it_requests_where_that_is_authorised() {
    let hub = team().await;
    let admin = hub.admin();
    let application = "/api/v1/applications/robot";
    let project = "/api/v1/projects/other/applications/robot";
    let robot = hub.actor("robot");
    robot.send(Ask::get("/api/v1/repositories/other/app")).await.is(403);
    let lead = json!({ "to": "member:bob", "permissions": ["access-manage"] });
    admin.send(Ask::put("/api/v1/projects/other/grants").json(&lead)).await.is(200);
    assert_eq!(code(&hub, "bob", Ask::put(project).json(&json!({}))).await, is(403, "beyond-own"));
    admin.send(Ask::put(project).json(&json!({}))).await.is(200);
    robot.send(Ask::get("/api/v1/repositories/other/app")).await.is(200);
    let shown = admin.send(Ask::get(application)).await.is(200).json();
    assert_eq!(shown["authorised"], json!(["other", "team"]));
    let listed = hub.actor("bob").send(Ask::get("/api/v1/projects/other/applications")).await.is(200).json();
    assert_eq!(listed["items"][0]["name"], "robot");
    hub.actor("bob").send(Ask::delete(project)).await.is(200);
    robot.send(Ask::get("/api/v1/repositories/other/app")).await.is(403);
    assert_eq!(code(&hub, "bob", Ask::delete(project)).await, is(404, "absent"));
    // A client ID is for life, and what is requested means something in projects only.
    let other = json!({ "client_id": "another", "requested": ["read"], "authorised": ["team"] });
    assert_eq!(code(&hub, "root", Ask::put(application).json(&other)).await, is(409, "rule"));
    let wide = json!({ "requested": ["directory-view"] });
    assert_eq!(code(&hub, "root", Ask::put(application).json(&wide)).await, is(409, "rule"));
    let nowhere = json!({ "requested": ["read"], "authorised": ["nowhere"] });
    assert_eq!(code(&hub, "root", Ask::put(application).json(&nowhere)).await, is(409, "unknown-name"));
    admin.send(Ask::delete(format!("{application}?confirm=robot"))).await.is(200);
    robot.send(Ask::get("/api/v1/me")).await.is(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn teams_and_people_have_rules() {
    let hub = team().await;
    let team = |name: &str, members: &[&str]| {
        Ask::put(format!("/api/v1/teams/{name}")).json(&json!({ "members": members }))
    };
    hub.admin().send(team("inner", &["member:bob"])).await.is(201);
    hub.admin().send(team("outer", &["team:inner"])).await.is(201);
    for (ask, status, expected) in [
        (team("inner", &["team:outer"]), 409, "cycle"),
        (team("inner", &["team:inner"]), 409, "cycle"),
        (team("everyone", &["member:bob"]), 409, "builtin"),
        (team("org-admins", &[]), 409, "last-admin"),
        (team("inner", &["member:nobody"]), 409, "unknown-name"),
        (team("in:ner", &[]), 409, "rule"),
        (Ask::delete("/api/v1/teams/org-admins?confirm=org-admins"), 409, "builtin"),
        (Ask::delete("/api/v1/teams/org-admins/members/member:root"), 409, "last-admin"),
        (Ask::delete("/api/v1/teams/inner/members/member:rita"), 404, "absent"),
        (Ask::put("/api/v1/teams/inner/members/member:nobody").json(&json!({})), 404, "absent"),
        (Ask::put("/api/v1/people/member:root").json(&json!({ "suspended": true })), 409, "last-admin"),
        (Ask::delete("/api/v1/people/member:root?confirm=member:root"), 409, "last-admin"),
        (Ask::put("/api/v1/people/member:new").json(&json!({ "emails": ["alice"] })), 409, "rule"),
        (Ask::put("/api/v1/people/member:n%20w").json(&json!({})), 403, "denied"),
        (Ask::put("/api/v1/people/application:new").json(&json!({})), 403, "denied"),
    ] {
        let what = format!("{} {}", ask.method, ask.target);
        assert_eq!(code(&hub, "root", ask).await, is(status, expected), "{what}");
    }
    // Who sees the directory changes nothing in it.
    let view = json!({ "to": "member:bob", "permissions": ["directory-view"] });
    hub.admin().send(Ask::put("/api/v1/organisation/grants").json(&view)).await.is(200);
    hub.actor("bob").send(Ask::get("/api/v1/teams/outer")).await.is(200);
    assert_eq!(code(&hub, "bob", team("outer", &[])).await, is(403, "denied"));
    assert_eq!(code(&hub, "alice", Ask::get("/api/v1/teams/outer")).await, is(403, "denied"));
    // Everybody in it, at whatever depth.
    let inside =
        hub.actor("bob").send(Ask::get("/api/v1/teams/outer/members?limit=1000")).await.is(200).json();
    assert_eq!(inside["items"], json!([{ "ref": "member:bob" }, { "ref": "team:inner" }]));
    let members = async |rest: &str| {
        let at = format!("/api/v1/teams/{rest}limit=1000");
        let page = hub.actor("bob").send(Ask::get(at)).await.is(200).json();
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["ref"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(members("outer/members?indirect=false&").await, ["team:inner"]);
    assert_eq!(
        members("project-team:team/members?").await,
        members("project-team:team/members?indirect=false&").await
    );
    assert!(members("project-team:team/members?").await.contains(&"member:alice".to_owned()));
    assert!(!members("project-team:team/members?").await.contains(&"member:rita".to_owned()));
    let (everyone, members_only) =
        (members("everyone/members?").await, members("org-members/members?").await);
    assert!(everyone.iter().any(|name| name.starts_with("application:")), "{everyone:?}");
    assert!(members_only.iter().all(|name| name.starts_with("member:")), "{members_only:?}");
    assert!(members_only.iter().all(|name| everyone.contains(name)), "{everyone:?}");
    assert_eq!(members("anyone/members?").await, [""; 0]);
    // A team counts at once.
    let grant = json!({ "to": "team:outer", "permissions": ["read"] });
    hub.admin().send(Ask::put("/api/v1/projects/other/grants").json(&grant)).await.is(200);
    hub.actor("bob").send(Ask::get("/api/v1/repositories/other/app")).await.is(200);
    hub.admin().send(Ask::delete("/api/v1/teams/inner/members/member:bob")).await.is(200);
    hub.actor("bob").send(Ask::get("/api/v1/repositories/other/app")).await.is(403);
    hub.admin().send(Ask::put("/api/v1/teams/inner/members/member:bob").json(&json!({}))).await.is(200);
    hub.actor("bob").send(Ask::get("/api/v1/repositories/other/app")).await.is(200);
    hub.admin().send(Ask::delete("/api/v1/teams/outer?confirm=outer")).await.is(200);
    hub.actor("bob").send(Ask::get("/api/v1/repositories/other/app")).await.is(403);
}
