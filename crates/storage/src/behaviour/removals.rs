//! What is taken away leaves nothing behind, for those who follow and for whoever comes after under the same name.

use domain::{
    AccessManage, DirectoryManage, Permission, Permissions, PolicyFacts, PrincipalKind, Publish, Read,
    RepositoryCreate, RepositoryDelete, Visibility,
};

use super::access::{each, follow, may, people, role};
use super::{push, stories, tag, whatever};
use crate::testing::{Bench, Place, system};
use crate::{DirectoryError as Error, DirectoryRule, GrantSpec, NewRepository, Plan, TokenSpec};

stories! {
    what_is_removed_is_told_to_those_who_follow
    a_removed_repository_goes_in_pieces
    what_is_only_tried_changes_nothing
    the_last_administrator_is_not_removed
}

fn grant(to: &str, on: &str, what: crate::GrantedSpec) -> GrantSpec {
    GrantSpec { to: to.into(), on: on.into(), what, expires: None }
}

/// Two projects in which everything names everything.
fn entangled() -> Plan {
    let mut plan = people();
    plan.grants = vec![
        grant("member:alice", "alpha", role("project-member")),
        grant("member:alice", "beta/images", may(&[Permission::Read])),
        grant("team:releasers", "alpha/images", role("viewer")),
        grant("team:releasers", "beta", role("project-member")),
        grant("team:project-team:alpha", "beta", role("project-member")),
        grant("application:build", "beta", may(&[Permission::Publish])),
    ];
    plan.teams[1].members.push("team:project-team:alpha".into());
    plan.persons[1].tokens.push(TokenSpec {
        limits: Some(vec![("alpha/images".into(), Permissions::of(&[Permission::Read]))]),
        ..super::tokens::spec(4711, "narrow")
    });
    plan
}

fn is_same(one: &PolicyFacts, other: &PolicyFacts) {
    assert_eq!(one.principals, other.principals);
    assert_eq!(one.teams, other.teams);
    assert_eq!(one.roles, other.roles);
    assert_eq!(one.projects, other.projects);
    assert_eq!(one.repositories, other.repositories);
    assert_eq!(one.grants, other.grants);
}

async fn what_is_removed_is_told_to_those_who_follow(place: Place) {
    let bench = Bench::with(place, entangled()).await;
    let (point, mut followed) = bench.opened.grants.load().await.expect("reads");
    let actor = bench.actor();
    let directory = &bench.opened.directory;
    let (delete, manage) = (
        bench.on_project::<RepositoryDelete>(actor, "alpha"),
        bench.on_project::<AccessManage>(actor, "alpha"),
    );
    let refused = directory.remove_project(&delete, &manage, false, whatever()).await;
    assert!(matches!(refused, Err(Error::Forbidden(DirectoryRule::NotEmpty, _))), "{refused:?}");
    let (removed, _) = directory.remove_project(&delete, &manage, true, whatever()).await.expect("removes");
    assert_eq!(removed.repositories, 2);
    let people = bench.on_organisation::<DirectoryManage>(actor);
    directory.remove_team(&people, "releasers", whatever()).await.expect("removes");
    directory.remove_application(&people, "build", whatever()).await.expect("removes");
    let alice = (PrincipalKind::Member, "alice");
    directory.remove_person(&people, alice, whatever()).await.expect("removes");
    let (reached, changes) = each(&bench, point).await;
    followed.version = reached.version;
    for change in changes {
        follow(&mut followed, change);
    }
    let now = bench.facts().await;
    is_same(&followed, &now);
    assert_eq!(now.projects.len(), 1);
    assert!(
        now.grants
            .iter()
            .all(|grant| now.projects[0].id.get() != grant.node.get() || grant.subject.get() < 16),
        "nothing but what every project has: {:?}",
        now.grants
    );
    let told = bench.credentials_since(point).await;
    let gone = |change: &domain::CredentialChange| matches!(change, domain::CredentialChange::Token(_, None));
    assert!(told.iter().any(gone), "{told:?}");
    let known = bench.credentials().await;
    assert!(known.tokens.is_empty() && known.principals.iter().all(|one| one.logins[0].as_str() != "alice"));
}

async fn a_removed_repository_goes_in_pieces(place: Place) {
    let bench = Bench::with(place, people()).await;
    let actor = bench.actor();
    for (bytes, name) in [(b"one".as_slice(), "v1"), (b"two", "v2"), (b"three", "v3")] {
        push(&bench, "alpha/images", bytes, name, false).await.expect("pushes");
    }
    let publish = bench.by::<Publish>(actor, "alpha/images");
    let delete = bench.by::<RepositoryDelete>(actor, "alpha/images");
    let directory = &bench.opened.directory;
    directory.remove_repository(&delete, whatever()).await.expect("removes");
    let again = directory.remove_repository(&delete, whatever()).await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    bench.refresh().await;
    let made_of = publish.node().format();
    let new = NewRepository {
        name: domain::RepositoryName::parse("images").expect("a name"),
        description: "".into(),
        format: made_of,
        visibility: Visibility::Private,
        policy: None,
    };
    let may = bench.on_project::<RepositoryCreate>(actor, "alpha");
    let (made, _) = directory.create_repository(&may, new, whatever()).await.expect("the name is free");
    assert_ne!(made.id, publish.node().id());
    bench.refresh().await;
    let read = bench.by::<Read>(actor, "alpha/images");
    let tagged = bench.opened.storage.entry(&read, &tag("v1")).await;
    assert!(matches!(tagged, Err(crate::ContentError::Absent)), "it gives nothing back: {tagged:?}");
    let lease = bench.working("rows").await;
    let mut steps = 0;
    while !bench
        .opened
        .storage
        .sweep_rows(&lease, domain::Timestamp::from_millis(0))
        .await
        .expect("sweeps")
        .is_nothing()
    {
        steps += 1;
        assert!(steps < 20, "it ends");
    }
    assert!(steps >= 2, "rows first, then the repository: {steps}");
}

async fn what_is_only_tried_changes_nothing(place: Place) {
    let bench = Bench::with(place, entangled()).await;
    let (before, facts) = bench.opened.grants.load().await.expect("reads");
    let audited = bench.opened.directory.audit_rows().await;
    let actor = bench.actor();
    let tried = bench.opened.directory.rehearsing();
    let (delete, manage) = (
        bench.on_project::<RepositoryDelete>(actor, "alpha"),
        bench.on_project::<AccessManage>(actor, "alpha"),
    );
    let (removed, force) = tried.remove_project(&delete, &manage, true, whatever()).await.expect("would");
    assert_eq!((removed.repositories, force.changed, force.rehearsed, force.stored), (2, true, true, false));
    let people = bench.on_organisation::<DirectoryManage>(actor);
    let alice = (PrincipalKind::Member, "alice");
    assert!(tried.remove_person(&people, alice, whatever()).await.expect("would").changed);
    assert!(tried.set_suspended(&people, "member:alice", true).await.expect("would").changed);
    assert!(!tried.set_suspended(&people, "member:alice", false).await.expect("is so").changed);
    let refused = tried.set_suspended(&people, "member:root", true).await;
    assert!(matches!(refused, Err(Error::Forbidden(DirectoryRule::LastAdministrator, _))), "{refused:?}");
    let (after, now) = bench.opened.grants.load().await.expect("reads");
    assert_eq!(before, after);
    is_same(&facts, &now);
    assert_eq!(bench.opened.directory.audit_rows().await, audited);
    assert_eq!(bench.forced.versions().last(), Some(&before.version), "nobody is told of anything");
}

async fn the_last_administrator_is_not_removed(place: Place) {
    let bench = Bench::with(place, people()).await;
    let people = bench.on_organisation::<DirectoryManage>(bench.actor());
    let directory = &bench.opened.directory;
    let is_last =
        |done: Result<_, Error>| matches!(done, Err(Error::Forbidden(DirectoryRule::LastAdministrator, _)));
    let root = (PrincipalKind::Member, "root");
    assert!(is_last(directory.remove_person(&people, root, whatever()).await));
    assert!(is_last(directory.set_team_member(&people, ("org-admins", "member:root"), false).await));
    let nobody = crate::TeamWanted { title: None, members: Vec::new() };
    let emptied = directory.put_team(&people, "org-admins", nobody, whatever()).await;
    assert!(is_last(emptied.map(|(.., force)| force)));
    // Through a team it holds as well: who is in there is an administrator, and the team cannot go.
    directory.set_team_member(&people, ("org-admins", "team:releasers"), true).await.expect("adds");
    directory.set_team_member(&people, ("org-admins", "member:root"), false).await.expect("alice is one too");
    assert!(is_last(directory.remove_team(&people, "releasers", whatever()).await));
    let removed = directory.remove_application(&people, "build", whatever()).await;
    removed.expect("alice is left");
    let alice = (PrincipalKind::Member, "alice");
    assert!(is_last(directory.remove_person(&people, alice, whatever()).await));
    bench.opened.directory.has_administrator(&system()).await.expect("asks");
}
