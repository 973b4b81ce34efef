//! The same file applied again and again, as a gateway does at each start, between changes of administrators and of the file.

use domain::{
    Access, AccessManage, Permission, Permissions, RepositorySettings, Timestamp, TokenState, Visibility,
};

use super::access::{key, may, people, role};
use super::stories;
use crate::testing::{Bench, Place, system};
use crate::{Applied, GrantSpec, Plan, RoleSpec};

stories! {
    what_an_administrator_closed_stays_closed
    a_deleted_grant_stays_deleted
    a_changed_file_is_applied_once
    what_both_changed_stays
    lists_are_merged_by_element
    what_the_file_does_not_name_is_left
    what_was_there_before_the_file_stays
    the_last_administrator_stays
    teams_in_a_circle_stay_apart
    what_a_file_names_may_be_gone
}

fn grant(to: &str, on: &str, what: crate::GrantedSpec) -> GrantSpec {
    GrantSpec { to: to.into(), on: on.into(), what, expires: None }
}

/// `alpha/images` is public, and alice reads `beta`.
fn open() -> Plan {
    let mut plan = people();
    plan.projects[0].repositories[0].visibility = Visibility::Public;
    plan.grants = vec![
        grant("member:alice", "beta", role("viewer")),
        grant("team:releasers", "alpha", may(&[Permission::Read, Permission::Publish])),
    ];
    plan
}

async fn apply(bench: &Bench, plan: &Plan) -> Applied {
    let applied = bench.opened.directory.apply(&system(), plan.clone()).await.expect("applies");
    bench.refresh().await;
    applied
}

async fn visibility(bench: &Bench) -> Visibility {
    let settings = bench.on::<RepositorySettings>("alpha/images");
    bench.opened.directory.visibility(&settings).await.expect("reads")
}

async fn set_visibility(bench: &Bench, visibility: Visibility) {
    let settings = bench.on("alpha/images");
    bench.opened.directory.set_visibility(&settings, visibility).await.expect("sets");
}

/// The grants on a project: to whom, and until when.
async fn grants(bench: &Bench, project: &str) -> Vec<(String, Option<Timestamp>)> {
    let may = bench.on_project::<AccessManage>(bench.actor(), project);
    let listed = bench.opened.directory.grants(&may, None, domain::Limit::MAX).await.expect("lists");
    let made = listed.iter().filter(|grant| &*grant.to != "team:org-members");
    made.map(|grant| (grant.to.to_string(), grant.expires)).collect()
}

fn lines(lines: &[Box<str>]) -> Vec<&str> {
    lines.iter().map(|line| &**line).collect()
}

async fn what_an_administrator_closed_stays_closed(place: Place) {
    let bench = Bench::with(place, open()).await;
    set_visibility(&bench, Visibility::Private).await;
    let bench = bench.reopened().await;
    if bench.facts().await.repositories.is_empty() {
        return;
    }
    for _ in 0..2 {
        let again = apply(&bench, &open()).await;
        assert_eq!((again.changed, visibility(&bench).await), (0, Visibility::Private), "{again:?}");
        let [kept] = again.warnings.as_slice() else { panic!("{again:?}") };
        assert_eq!(
            &**kept,
            "kept: visibility of repository alpha/images is private, the file says public; \
             last changed by member:root at 2027-01-15T08:00:00Z"
        );
    }
    // Nor is anybody let in again whom the file lets in, who was shut out since.
    let mut plan = open();
    plan.persons[1].suspended = Some(false);
    assert_eq!(apply(&bench, &plan).await.changed, 0);
    let directory = &bench.opened.directory;
    directory
        .set_suspended(&bench.on_organisation(bench.actor()), "member:alice", true)
        .await
        .expect("suspends");
    let again = apply(&bench, &plan).await;
    assert_eq!((again.changed, again.warnings.len()), (0, 2), "{again:?}");
}

async fn a_deleted_grant_stays_deleted(place: Place) {
    let bench = Bench::with(place, open()).await;
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    let directory = &bench.opened.directory;
    directory.delete_grant(&beta, "member:alice", Some("viewer")).await.expect("deletes");
    let again = apply(&bench, &open()).await;
    assert_eq!(again.changed, 0);
    assert!(
        again.warnings.iter().any(|warning| warning
            .starts_with("kept: grant of viewer to member:alice on beta was removed and stays so; last")),
        "{again:?}"
    );
    assert_eq!(grants(&bench, "beta").await, []);
    // A file that gives it for longer does not bring it back either; nor does one that left it out in between.
    let mut plan = open();
    plan.grants[0].expires = Some(Timestamp::from_millis(4_000_000_000_000));
    assert_eq!(apply(&bench, &plan).await.changed, 0);
    plan.grants.remove(0);
    assert_eq!(apply(&bench, &plan).await.changed, 0);
    assert_eq!(apply(&bench, &open()).await.changed, 0);
    assert_eq!(grants(&bench, "beta").await, []);
    // Who puts it back by hand has the file agree again.
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    directory.put_grant(&beta, "member:alice", role("viewer"), None).await.expect("puts");
    assert_eq!(apply(&bench, &open()).await, Applied::default());
}

async fn a_changed_file_is_applied_once(place: Place) {
    let bench = Bench::with(place, open()).await;
    let mut plan = open();
    plan.projects[0].repositories[0].visibility = Visibility::Private;
    let narrowed = apply(&bench, &plan).await;
    assert_eq!((narrowed.changed, visibility(&bench).await), (1, Visibility::Private));
    assert_eq!(lines(&narrowed.set), ["visibility of repository alpha/images: public -> private"]);
    let widened = apply(&bench, &open()).await;
    assert_eq!((widened.changed, visibility(&bench).await), (1, Visibility::Public));
    set_visibility(&bench, Visibility::Private).await;
    assert_eq!(apply(&bench, &open()).await.changed, 0, "the file said so before");
    // What an administrator did, the file says too, and then something else.
    assert_eq!(apply(&bench, &plan).await, Applied::default());
    assert_eq!(apply(&bench, &open()).await.changed, 1, "the file changed, and nobody else did");
}

async fn what_both_changed_stays(place: Place) {
    let ends = |millis| Some(Timestamp::from_millis(millis));
    let mut plan = open();
    plan.grants[0].expires = ends(4_000_000_000_000);
    let bench = Bench::with(place, plan.clone()).await;
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    let earlier = ends(3_000_000_000_000);
    let put = bench.opened.directory.put_grant(&beta, "member:alice", role("viewer"), earlier).await;
    put.expect("shortens it");
    assert_eq!(apply(&bench, &plan).await.changed, 0);
    plan.grants[0].expires = ends(5_000_000_000_000);
    for _ in 0..2 {
        let both = apply(&bench, &plan).await;
        assert_eq!((both.changed, both.warnings.len()), (0, 1), "{both:?}");
        assert!(both.warnings[0].contains("both changed it"), "{both:?}");
    }
    assert_eq!(grants(&bench, "beta").await, [("member:alice".to_owned(), earlier)]);
}

async fn lists_are_merged_by_element(place: Place) {
    let mut plan = open();
    let held = Permissions::of(&[Permission::Read, Permission::Publish]);
    plan.projects[0].roles = vec![RoleSpec { name: "own".into(), permissions: held }];
    let bench = Bench::with(place, plan.clone()).await;
    let members = async || {
        let facts = bench.facts().await;
        let releasers = facts.teams.iter().max_by_key(|team| team.id).expect("releasers");
        releasers.members.len()
    };
    assert_eq!(members().await, 2);
    // The file takes one out and brings one in.
    plan.teams[1].members = vec!["member:alice".into(), "member:root".into()];
    plan.projects[0].roles[0].permissions = Permissions::of(&[Permission::Read]);
    let merged = apply(&bench, &plan).await;
    assert_eq!((merged.changed, members().await), (2, 2));
    assert_eq!(
        lines(&merged.set),
        [
            "permissions of role own in alpha: -publish",
            "members of team:releasers: +member:root -application:build"
        ]
    );
    assert_eq!(apply(&bench, &plan).await, Applied::default());
}

async fn what_the_file_does_not_name_is_left(place: Place) {
    let bench = Bench::with(place, open()).await;
    let mut plan = open();
    // What is named for the first time is a change of the file, as far as nobody else made one.
    plan.projects[0].access = Some(Access::Internal);
    plan.projects[0].title = Some("Alpha".into());
    let named = apply(&bench, &plan).await;
    assert_eq!(named.set.len(), 2, "{named:?}");
    assert_eq!(apply(&bench, &open()).await, Applied::default(), "what left the file stays as it is");
    assert_eq!(apply(&bench, &plan).await, Applied::default());
    let gone = Plan { grants: Vec::new(), teams: Vec::new(), ..open() };
    assert_eq!(apply(&bench, &gone).await, Applied::default());
    assert_eq!(grants(&bench, "beta").await.len(), 1);
}

async fn what_was_there_before_the_file_stays(place: Place) {
    let bench = Bench::with(place, people()).await;
    let maker = bench.actor();
    let directory = &bench.opened.directory;
    let new =
        crate::NewProject { key: key("gamma"), title: "Gamma".into(), description: "".into(), access: None };
    directory.create_project(&bench.on_organisation(maker), new, super::whatever()).await.expect("is new");
    let mut plan = people();
    let mut gamma = plan.projects[1].clone();
    gamma.key = key("gamma");
    gamma.access = Some(Access::Internal);
    gamma.repositories.clear();
    plan.projects.push(gamma);
    let named = apply(&bench, &plan).await;
    assert_eq!((named.changed, named.warnings.len()), (0, 1), "{named:?}");
    assert!(named.warnings[0].contains("access of project gamma is closed, the file says internal; it was"));
    let tokens = bench.credentials().await.tokens;
    assert!(tokens.iter().all(|token| token.state == TokenState::Active));
}

/// A file that has somebody else administer than who does is no reason not to start.
async fn the_last_administrator_stays(place: Place) {
    let bench = Bench::with(place, open()).await;
    let mut plan = open();
    plan.teams[0].members.clear();
    plan.persons[0].suspended = Some(true);
    for _ in 0..2 {
        let again = apply(&bench, &plan).await;
        assert_eq!((again.changed, again.warnings.len()), (0, 2), "{again:?}");
        let rule = "the last active administrator can be neither removed nor suspended";
        assert_eq!(
            lines(&again.warnings),
            [
                format!("kept: suspended of member:root: {rule}"),
                format!("kept: members of team:org-admins: {rule}"),
            ]
        );
    }
    assert!(bench.opened.directory.has_administrator(&system()).await.expect("asks"));
    // With somebody in their place they go, in whatever order the file has it.
    plan.persons[0].suspended = None;
    plan.teams[0].members = vec!["team:ops".into()];
    plan.teams.push(crate::TeamSpec {
        title: None,
        name: "ops".into(),
        members: vec!["member:alice".into()],
    });
    let done = apply(&bench, &plan).await;
    assert!(done.warnings.is_empty(), "{done:?}");
    let may = bench.on_organisation::<domain::DirectoryManage>(bench.actor());
    let admins = bench.opened.directory.team(&may, "org-admins").await.expect("shows");
    assert_eq!(lines(&admins.members), ["team:ops"]);
}

/// An administrator put one team into the other; the file then wants the other way round.
async fn teams_in_a_circle_stay_apart(place: Place) {
    let mut plan = open();
    plan.teams.push(crate::TeamSpec { title: None, name: "ops".into(), members: Vec::new() });
    let bench = Bench::with(place, plan.clone()).await;
    let may = bench.on_organisation::<domain::DirectoryManage>(bench.actor());
    bench.opened.directory.set_team_member(&may, ("ops", "team:releasers"), true).await.expect("adds");
    plan.teams[1].members.push("team:ops".into());
    for _ in 0..2 {
        let again = apply(&bench, &plan).await;
        assert_eq!(again.changed, 0, "{again:?}");
        let [kept] = again.warnings.as_slice() else { panic!("{again:?}") };
        assert!(
            kept.starts_with("kept: members of team:releasers: team:releasers would be a member of itself")
        );
    }
    bench.opened.directory.set_team_member(&may, ("ops", "team:releasers"), false).await.expect("removes");
    assert_eq!(apply(&bench, &plan).await.changed, 1, "it was only put off");
}

/// What a file refers to and does not make itself was there once.
async fn what_a_file_names_may_be_gone(place: Place) {
    let bench = Bench::with(place, people()).await;
    let only = Plan { grants: vec![grant("member:alice", "beta", role("viewer"))], ..Plan::default() };
    assert_eq!(apply(&bench, &only).await.changed, 1);
    let (directory, root) = (&bench.opened.directory, bench.actor());
    let (delete, also) = (bench.on_project(root, "beta"), bench.on_project(root, "beta"));
    directory.remove_project(&delete, &also, true, super::whatever()).await.expect("removes");
    let again = apply(&bench, &only).await;
    assert_eq!(again.changed, 0);
    assert_eq!(
        lines(&again.warnings),
        ["kept: grant of viewer to member:alice on beta needs beta, which was removed"]
    );
    // What was never there is the file's fault.
    let wrong = Plan { grants: vec![grant("member:alice", "gamma", role("viewer"))], ..Plan::default() };
    assert!(directory.apply(&system(), wrong).await.is_err());
}
