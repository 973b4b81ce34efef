//! The set-ups that people of Space and Feedz bring along work as they are written down (docs/access.md 2.6): each as a recipe,
//! with what it must allow and what it must not.

mod guide;
mod pages;

use serde_json::json;

use crate::support::process::run;
use crate::support::{Ask, Folder, Organisation, Server, image};

const CI: &str = "11111111-2222-4333-8444-555555555555";

fn repositories() -> Organisation {
    Organisation::empty()
        .repository("team/app", "oci", "private", "")
        .repository("team/lib", "oci", "private", "")
        .repository("other/app", "oci", "private", "")
        .member("alice")
        .may("member:alice", "read publish overwrite delete-package", "/")
        .member("bob")
}

/// Starts it, with an image in every repository.
async fn start(organisation: Organisation) -> Server {
    let hub = Server::with(organisation).await;
    for repository in ["team/app", "team/lib", "other/app"] {
        hub.actor("alice").docker().push(&format!("{repository}/web:1.0"), &image("hello")).await.done();
    }
    hub
}

/// Who pulls where, as a word of three letters: `y` or `n` for `team/app`, `team/lib`, `other/app`.
async fn pulls(hub: &Server, who: &str) -> String {
    let mut word = String::new();
    for repository in ["team/app", "team/lib", "other/app"] {
        let get = Ask::get(format!("/v2/p/{repository}/web/manifests/1.0"));
        let status = hub.actor(who).send(get).await.status.as_u16();
        assert!(matches!(status, 200 | 403), "{who} on {repository}: {status}");
        word.push(if status == 200 { 'y' } else { 'n' });
    }
    word
}

async fn pushes(hub: &Server, who: &str) -> String {
    let mut word = String::new();
    for repository in ["team/app", "team/lib", "other/app"] {
        let post = Ask::post(format!("/v2/p/{repository}/web/blobs/uploads/"));
        let status = hub.actor(who).send(post).await.status.as_u16();
        assert!(matches!(status, 202 | 403), "{who} on {repository}: {status}");
        word.push(if status == 202 { 'y' } else { 'n' });
    }
    word
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_reads_one_repository() {
    let organisation =
        repositories().team_of("auditors", "member:bob").may("team:auditors", "read", "team/app");
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "bob").await, "ynn");
    assert_eq!(pushes(&hub, "bob").await, "nnn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_account_pushes_where_its_team_may() {
    let organisation = repositories().service_account("ci", CI).team_of("builders", "application:ci").may(
        "team:builders",
        "publish overwrite delete-package",
        "team/app",
    );
    let hub = start(organisation).await;
    // Who publishes reads: nothing else need be ticked.
    assert_eq!(pulls(&hub, "ci").await, "ynn");
    assert_eq!(pushes(&hub, "ci").await, "ynn");
    let ci = hub.actor("ci");
    ci.docker().push("team/app/web:1.0", &image("replaced")).await.done();
    ci.send(Ask::delete("/v2/p/team/app/web/manifests/1.0")).await.is(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn developers_have_everything() {
    let all = "read publish overwrite delete-package";
    let organisation = repositories()
        .service_account("ci", CI)
        .external("guests", "gus")
        .role("guest:gus", "guest", "team")
        .may("team:everyone", all, "/");
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "bob").await, "yyy");
    assert_eq!(pushes(&hub, "bob").await, "yyy");
    // Everyone is members and applications, and nobody from outside.
    assert_eq!(pushes(&hub, "ci").await, "yyy");
    assert_eq!(pulls(&hub, "gus").await, "nnn");
    hub.stranger().send(Ask::get("/v2/p/team/app/web/manifests/1.0")).await.is(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_adds_repositories_sees_all_of_them() {
    let hub = start(repositories().may("member:bob", "repository-create", "/")).await;
    assert_eq!(pulls(&hub, "bob").await, "yyy");
    assert_eq!(pushes(&hub, "bob").await, "nnn");
    let hub = start(repositories().may("member:bob", "repository-create", "team")).await;
    assert_eq!(pulls(&hub, "bob").await, "yyn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_managed_by_administrators_only() {
    let hub = start(repositories()).await;
    for body in [
        json!({ "to": "member:bob", "permissions": ["directory-manage"] }),
        json!({ "to": "member:bob", "role": "organisation-admin" }),
        json!({ "to": "team:anyone", "permissions": ["read"] }),
    ] {
        let answer = hub.admin().send(Ask::put("/api/v1/organisation/grants").json(&body)).await;
        assert!(answer.status.is_client_error(), "{body}: {answer}");
    }
    hub.actor("bob").send(Ask::get("/api/v1/principals/member:alice/tokens")).await.is(403);
    // A file cannot do it either.
    let folder = Folder::new("directory-manage");
    let organisation = repositories().may("member:bob", "directory-manage", "/");
    let file = folder.path("bootstrap.toml");
    std::fs::write(&file, organisation.to_toml()).expect("a file");
    let variables: Vec<(&str, &str)> =
        organisation.variables().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let said =
        run(folder.root(), &["config", "check", "--bootstrap", &file.display().to_string()], &variables);
    said.fails_with(3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_external_works_in_one_project_until_removed() {
    let organisation = repositories()
        .external("collaborators", "carol")
        .role("collaborator:carol", "collaborator", "team")
        .may("collaborator:carol", "read publish", "team/app");
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "carol").await, "ynn");
    assert_eq!(pushes(&hub, "carol").await, "ynn");
    // Not beyond the project she was added to, and no role of others.
    for (target, body) in [
        ("/api/v1/projects/other/grants", json!({ "to": "collaborator:carol", "permissions": ["read"] })),
        ("/api/v1/projects/team/grants", json!({ "to": "collaborator:carol", "role": "project-member" })),
        (
            "/api/v1/projects/team/grants",
            json!({ "to": "collaborator:carol", "permissions": ["access-manage"] }),
        ),
    ] {
        let answer = hub.admin().send(Ask::put(target).json(&body)).await;
        assert!(answer.status.is_client_error(), "{body}: {answer}");
    }
    let remove = Ask::delete("/api/v1/projects/team/grants?to=collaborator:carol&role=collaborator");
    hub.admin().send(remove).await.is(200);
    assert_eq!(pulls(&hub, "carol").await, "nnn");
    hub.actor("carol").send(Ask::get("/v2/")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn automation_has_its_role_as_it_stands() {
    let base = || repositories().service_account("ci", CI).role("application:ci", "automation", "team");
    let organisation = base();
    let hub = Server::on_disk(organisation, Folder::new("automation")).await;
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    assert_eq!(pushes(&hub, "ci").await, "yyn");
    let (organisation, folder) = hub.stop().await;
    // Edited in this project; nothing was granted anew.
    let hub = Server::on_disk(organisation.project_role("team", "automation", "read"), folder).await;
    assert_eq!(pushes(&hub, "ci").await, "nnn");
    hub.actor("ci").docker().pull("team/app/web:1.0").await.gives(&image("hello"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn teams_hold_teams() {
    let organisation = repositories()
        .team_of("inner", "member:bob")
        .team_of("middle", "team:inner")
        .team_of("outer", "team:middle")
        .may("team:outer", "read publish", "team");
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "bob").await, "yyn");
    assert_eq!(pushes(&hub, "bob").await, "yyn");
}

/// Who is a member of the project is in its team, and what the team is granted elsewhere is theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_team_of_a_project_is_computed() {
    let organisation = repositories()
        .team_of("newcomers", "member:bob")
        .role("team:newcomers", "project-member", "team")
        .may("team:project-team:team", "read", "other/app");
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "bob").await, "yyy");
    let leave = Ask::delete("/api/v1/projects/team/grants?to=team:newcomers&role=project-member");
    hub.admin().send(leave).await.is(200);
    assert_eq!(pulls(&hub, "bob").await, "nnn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_internal_project_is_open_to_members() {
    let organisation = Organisation::empty()
        .internal("house")
        .repository("house/app", "oci", "private", "")
        .member("alice")
        .role("member:alice", "project-member", "house")
        .member("bob")
        .service_account("ci", CI)
        .external("collaborators", "carol");
    let hub = Server::with(organisation).await;
    hub.actor("alice").docker().push("house/app/web:1.0", &image("hello")).await.done();
    hub.actor("bob").docker().pull("house/app/web:1.0").await.gives(&image("hello"));
    hub.actor("bob").docker().push("house/app/web:2.0", &image("hello")).await.refused_with(403);
    for outsider in ["ci", "carol"] {
        hub.actor(outsider).docker().pull("house/app/web:1.0").await.refused_with(403);
    }
    hub.stranger().docker().pull("house/app/web:1.0").await.refused_with(401);
}

/// Requested rights are a grant and a limit: whatever team it is in, it has no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_has_what_it_requested_and_no_more() {
    let organisation = repositories().application("robot", CI, "read publish", "team").may(
        "team:everyone",
        "read publish overwrite delete-package",
        "/",
    );
    let hub = start(organisation).await;
    assert_eq!(pulls(&hub, "robot").await, "yyn");
    assert_eq!(pushes(&hub, "robot").await, "yyn");
    let robot = hub.actor("robot");
    robot.docker().push("team/app/web:1.0", &image("other")).await.refused_with(403);
    robot.send(Ask::delete("/v2/p/team/app/web/manifests/1.0")).await.is(403);
    // It requested nothing of the management.
    robot.send(Ask::post("/api/v1/tokens").json(&json!({ "name": "sibling" }))).await.is(403);
}

/// Guests read what everybody reads, whatever they are granted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_looks_at_what_is_public() {
    let organisation = repositories()
        .repository("team/open", "oci", "public", "")
        .external("guests", "gus")
        .role("guest:gus", "guest", "team");
    let hub = start(organisation).await;
    hub.actor("alice").docker().push("team/open/web:1.0", &image("hello")).await.done();
    assert_eq!(pulls(&hub, "gus").await, "nnn");
    hub.actor("gus").docker().pull("team/open/web:1.0").await.gives(&image("hello"));
    hub.actor("gus").docker().push("team/open/web:2.0", &image("hello")).await.refused_with(403);
}
