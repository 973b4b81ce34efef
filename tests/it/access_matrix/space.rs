//! Space's table of who may what (docs/access.md 2.4), cell by cell by the routes that clients take: each role, each right, public and
//! private, every format. And what a right brings along (docs/access.md 2.1).

use domain::{Format, Permission as P, RightKind};
use frontend::{Example, Needs, examples};
use serde_json::json;

use super::ask;
use crate::support::nuget::Packed;
use crate::support::{Actor, Ask, Organisation, Server, image};

/// Every role and its rows that are on: Create, Read, Write, Admin, Delete. The first six are Space's.
const TABLE: [(&str, &str); 10] = [
    ("project-admin", "crwad"),
    ("project-member", "crwd"),
    // Whoever is of the organisation and in no project: what an internal project is open to.
    ("organisation-member", ""),
    ("collaborator", ""),
    ("guest", ""),
    ("automation", "rw"),
    ("viewer", "r"),
    ("writer", "rw"),
    ("manager", "rwad"),
    ("package-manager", "rwd"),
];
/// One that is closed and one that is open to all members.
const PROJECTS: [(&str, bool); 2] = [("closed", false), ("open", true)];
const PLACES: [&str; 2] = ["private", "public"];
/// Those that bring READ along.
const IMPLY_READ: [P; 7] = [
    P::Publish,
    P::Overwrite,
    P::DeletePackage,
    P::RepositoryCreate,
    P::RepositorySettings,
    P::RepositoryDelete,
    P::AccessManage,
];

fn formats() -> Vec<Format> {
    frontend::formats().iter().map(|known| known.format).collect()
}

fn path(project: &str, format: Format, place: &str) -> String {
    format!("{project}/{}-{place}", format.as_str())
}

/// Repositories in which everything may be replaced by whoever may overwrite.
fn places(mut organisation: Organisation) -> Organisation {
    organisation = organisation.internal("open");
    for format in formats() {
        let policy = match format.as_str() {
            "maven" => "releases = \"replace\"",
            "nuget" => "duplicates = \"always\"",
            _ => "",
        };
        for (project, _) in PROJECTS {
            for place in PLACES {
                organisation =
                    organisation.repository(&path(project, format, place), format.as_str(), place, policy);
            }
        }
    }
    organisation
}

/// One of each role, called by it.
fn roles() -> Organisation {
    let mut organisation = places(Organisation::empty());
    for (role, _) in TABLE {
        let (kind, made) = match role {
            "collaborator" => ("collaborator", organisation.external("collaborators", role)),
            "guest" => ("guest", organisation.external("guests", role)),
            "automation" => {
                ("application", organisation.service_account(role, "22222222-3333-4444-8555-666666666666"))
            }
            _ => ("member", organisation.member(role)),
        };
        organisation = made;
        for (project, _) in PROJECTS.iter().filter(|_| role != "organisation-member") {
            organisation = organisation.role(&format!("{kind}:{role}"), role, project);
        }
    }
    organisation
}

/// What a role may there: its rows, what all members may, what everybody may.
fn rows(role: &str, on: &str, internal: bool, place: &str) -> String {
    let is_member = !matches!(role, "collaborator" | "guest" | "automation");
    let read = (internal && is_member) || place == "public";
    format!("{on}{}", if read { "r" } else { "" })
}

/// The row of a right.
fn may(rows: &str, right: RightKind) -> bool {
    match right {
        RightKind::Probe => rows.contains(['r', 'w']),
        RightKind::Permission(P::Read) => rows.contains('r'),
        RightKind::Permission(P::Publish | P::Overwrite) => rows.contains('w'),
        RightKind::Permission(P::DeletePackage) => rows.contains('d'),
        RightKind::Permission(P::RepositoryCreate) => rows.contains('c'),
        RightKind::Permission(P::RepositorySettings | P::RepositoryDelete) => rows.contains('a'),
        RightKind::Permission(other) => panic!("no route of packages asks for {other:?}"),
    }
}

fn is_let_in(status: u16, what: &str) -> bool {
    assert!(status != 401 && status < 500, "{what}: {status}");
    status != 403
}

/// The routes that are about one repository, with what they need.
fn routes(of: Format) -> impl Iterator<Item = (Example, RightKind)> {
    let all = examples().into_iter().filter(move |(format, _)| *format == of);
    all.filter_map(|(_, example)| match example.needs {
        Needs::Right(right) => Some((example, right)),
        Needs::Open | Needs::Browse => None,
    })
}

/// Of the management, what the rows Create and Admin are about; only tried.
fn administration(project: &str, format: Format, place: &str) -> [(Ask, RightKind); 3] {
    let (here, word) = (path(project, format, place), format.as_str());
    let at = |path: &str| format!("/api/v1/repositories/{path}");
    let put = |path: String, body| Ask::put(format!("{}?dry_run=true", at(&path))).json(&body);
    let delete = Ask::delete(format!("{}?confirm={here}&dry_run=true", at(&here)));
    [
        (
            put(format!("{project}/new-{word}"), json!({ "format": word })),
            RightKind::Permission(P::RepositoryCreate),
        ),
        (
            put(format!("{here}/visibility"), json!({ "visibility": place })),
            RightKind::Permission(P::RepositorySettings),
        ),
        (delete, RightKind::Permission(P::RepositoryDelete)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_the_table_holds_on_every_route() {
    let hub = Server::with(roles()).await;
    for (role, on) in TABLE {
        let actor = hub.actor(role);
        for (project, internal) in PROJECTS {
            for place in PLACES {
                let rows = rows(role, on, internal, place);
                for format in formats() {
                    let here = path(project, format, place);
                    for (example, right) in routes(format) {
                        let status = actor.send(ask(&example, &here)).await.status.as_u16();
                        let what = format!("{} on {here} as {role}", example.name);
                        assert_eq!(is_let_in(status, &what), may(&rows, right), "{what}: {status}");
                    }
                    for (ask, right) in administration(project, format, place) {
                        let what = format!("{} {} as {role}", ask.method, ask.target);
                        let status = actor.send(ask).await.status.as_u16();
                        assert_eq!(is_let_in(status, &what), may(&rows, right), "{what}: {status}");
                    }
                }
            }
        }
    }
}

/// Puts bytes that only this mark has under a name that is always the same.
async fn publish(actor: &Actor, repository: &str, mark: &str) -> u16 {
    let answer = match repository.split(['/', '-']).nth(1) {
        Some("oci") => {
            let image = image(mark);
            let put = Ask::put(format!("/v2/p/{repository}/web/manifests/latest"));
            actor.send(put.header("content-type", image.media_type).body(image.manifest)).await
        }
        Some("maven") => actor.jars(repository).put("a/b/1/b-1.jar", mark.to_owned()).await,
        Some("nuget") => actor.feed(repository).push(&Packed::unlike("A.Package", "1.0.0", mark)).await,
        Some("files") => {
            actor.send(Ask::put(format!("/files/p/{repository}/a.txt")).body(mark.to_owned())).await
        }
        _ => panic!("{repository}: how is that published to?"),
    };
    answer.status.as_u16()
}

/// The row Write is both: to publish, and to put something else where something is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_overwrites_and_nobody_else() {
    let publisher = roles().member("publisher").may("member:publisher", "publish", "closed").may(
        "member:publisher",
        "publish",
        "open",
    );
    let hub = Server::with(publisher).await;
    for (project, _) in PROJECTS {
        for place in PLACES {
            for format in formats() {
                let here = path(project, format, place);
                for mark in TABLE.iter().map(|(role, _)| *role).chain(["publisher", "first"]) {
                    if format.as_str() == "oci" {
                        hub.admin().docker().push(&format!("{here}/web:{mark}"), &image(mark)).await.done();
                    }
                }
                let first = publish(&hub.admin(), &here, "first").await;
                assert!((200..300).contains(&first), "{here}: {first}");
                for (role, on) in TABLE {
                    let status = publish(&hub.actor(role), &here, role).await;
                    let done = (200..300).contains(&status);
                    assert!(done || status == 403, "{role} on {here}: {status}");
                    assert_eq!(done, on.contains('w'), "{role} overwrites on {here}: {status}");
                }
                // NuGet's clients take a 409 for a package that is there already.
                let status = publish(&hub.actor("publisher"), &here, "publisher").await;
                assert!(matches!(status, 403 | 409), "who may only publish on {here}: {status}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_brings_reading_along_where_it_means_something() {
    let holds = |permission: P, level: &str| format!("{}-at-{level}", permission.as_str());
    let levels = |permission: P| {
        let nodes = ["/", "closed", "closed/maven-private"].into_iter().zip([
            "organisation",
            "project",
            "repository",
        ]);
        nodes.filter(move |(node, _)| {
            // What means nothing there is not given there; administrators alone manage the directory.
            let misplaced = permission.organisation_only() && *node != "/"
                || permission == P::RepositoryCreate && node.contains("closed/");
            !misplaced && permission != P::DirectoryManage
        })
    };
    let mut organisation = places(Organisation::empty());
    for permission in P::ALL {
        for (node, level) in levels(permission) {
            let who = holds(permission, level);
            let to = format!("member:{who}");
            organisation = organisation.member(&who).may(&to, permission.as_str(), node);
        }
    }
    let hub = Server::with(organisation).await;
    for permission in P::ALL {
        for (node, level) in levels(permission) {
            let (who, reads) =
                (holds(permission, level), permission == P::Read || IMPLY_READ.contains(&permission));
            let actor = hub.actor(&who);
            for format in
                formats().into_iter().filter(|format| !node.contains('-') || format.as_str() == "maven")
            {
                let here = path("closed", format, "private");
                for (example, _) in
                    routes(format).filter(|(_, right)| *right == RightKind::Permission(P::Read))
                {
                    let what = format!("{} on {here} as {who}", example.name);
                    let status = actor.send(ask(&example, &here)).await.status.as_u16();
                    assert_eq!(is_let_in(status, &what), reads, "{what}: {status}");
                }
            }
        }
    }
}
