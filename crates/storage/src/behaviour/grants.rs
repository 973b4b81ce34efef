use domain::{
    AccessManage, Permission, Permissions, PrincipalKind, RepositorySettings, Timestamp, Visibility,
};

use super::access::{may, people, person, role};
use super::stories;
use crate::testing::{Bench, Place, system};
use crate::{DirectoryError as Error, DirectoryRule as Rule, GrantSpec, GrantedSpec};

stories! {
    grants_follow_the_rules
    externals_get_little
    what_changed_since_the_gate_decided_is_asked_again
    a_participant_is_removed_with_everything
    the_last_administrator_stays
}

async fn grants_follow_the_rules(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let (alpha, root) = (
        bench.on_project::<AccessManage>(bench.actor(), "alpha"),
        bench.on_organisation::<AccessManage>(bench.actor()),
    );
    let images = bench.on::<AccessManage>("alpha/images");
    for (to, what) in [("member:nobody", role("viewer")), ("member:alice", role("no-such-role"))] {
        let unknown = directory.put_grant(&alpha, to, what.clone(), None).await;
        assert!(matches!(unknown, Err(Error::Unknown(_))), "{to} {what:?}: {unknown:?}");
    }
    let malformed = directory.put_grant(&alpha, "alice", role("viewer"), None).await;
    assert!(matches!(malformed, Err(Error::Invalid(_))), "{malformed:?}");
    for (to, what) in [
        ("team:anyone", may(&[Permission::Read])),
        ("member:alice", role("organisation-admin")),
        ("member:alice", role("organisation-member")),
        ("member:alice", role("collaborator")),
        ("member:alice", GrantedSpec::Permissions(Permissions::NONE)),
        ("member:alice", may(&[Permission::ProjectCreate])),
        ("member:alice", may(&[Permission::DirectoryManage])),
    ] {
        let refused = directory.put_grant(&alpha, to, what.clone(), None).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{to} {what:?}: {refused:?}");
    }
    for what in [role("project-member"), may(&[Permission::DirectoryManage]), role("organisation-admin")] {
        let refused = directory.put_grant(&root, "member:alice", what, None).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    let refused =
        directory.put_grant(&images, "member:alice", may(&[Permission::RepositoryCreate]), None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert!(
        directory
            .put_grant(&alpha, "member:ALICE", role("project-member"), None)
            .await
            .expect("names fold")
            .changed
    );
    let again =
        directory.put_grant(&alpha, "member:alice", role("project-member"), None).await.expect("is there");
    assert!(!again.changed);
    let expires = Some(Timestamp::from_millis(1));
    assert!(
        directory
            .put_grant(&alpha, "member:alice", role("project-member"), expires)
            .await
            .expect("edits")
            .changed
    );
    directory.put_grant(&images, "team:releasers", may(&[Permission::Read]), None).await.expect("puts");
    let listed = directory.grants(&alpha, None, domain::Limit::MAX).await.expect("lists");
    let alice: Vec<_> = listed.iter().filter(|grant| &*grant.to == "member:alice").collect();
    assert_eq!((alice.len(), &alice[0].what, alice[0].expires), (1, &role("project-member"), expires));
    directory.delete_grant(&alpha, "member:alice", Some("project-member")).await.expect("deletes");
    let gone = directory.delete_grant(&alpha, "member:alice", Some("project-member")).await;
    assert!(matches!(gone, Err(Error::Absent)), "{gone:?}");
    directory.delete_grant(&images, "team:releasers", None).await.expect("deletes");
    let kept = directory.delete_grant(&alpha, "team:org-members", Some("organisation-member")).await;
    assert!(matches!(kept, Err(Error::Forbidden(Rule::Builtin, _))), "{kept:?}");
    let kept = directory.delete_grant(&root, "team:org-admins", Some("organisation-admin")).await;
    assert!(matches!(kept, Err(Error::Forbidden(Rule::Builtin, _))), "{kept:?}");
    let soon = Some(Timestamp::from_millis(1_800_000_001_000));
    let kept = directory.put_grant(&root, "team:org-admins", role("organisation-admin"), soon).await;
    assert!(
        matches!(kept, Err(Error::Forbidden(Rule::Builtin, _))),
        "it would be gone in a second: {kept:?}"
    );
}

async fn externals_get_little(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let (alpha, root) = (
        bench.on_project::<AccessManage>(bench.actor(), "alpha"),
        bench.on_organisation::<AccessManage>(bench.actor()),
    );
    let (images, beta) = (bench.on::<AccessManage>("alpha/images"), bench.on::<AccessManage>("beta/images"));
    let read = || may(&[Permission::Read]);
    let early = directory.put_grant(&images, "collaborator:carol", read(), None).await;
    assert!(matches!(early, Err(Error::Refused(_))), "not added yet: {early:?}");
    for wrong in [role("project-member"), role("viewer"), role("guest")] {
        let refused = directory.put_grant(&alpha, "collaborator:carol", wrong, None).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    let refused = directory.put_grant(&images, "collaborator:carol", role("collaborator"), None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "added to a repository: {refused:?}");
    directory.put_grant(&alpha, "collaborator:carol", role("collaborator"), None).await.expect("is added");
    directory.put_grant(&images, "collaborator:carol", read(), None).await.expect("individually");
    directory.put_grant(&alpha, "guest:gus", role("guest"), None).await.expect("is added");
    for refused in [
        directory.put_grant(&beta, "collaborator:carol", read(), None).await,
        directory.put_grant(&root, "collaborator:carol", read(), None).await,
        directory.put_grant(&images, "collaborator:carol", may(&[Permission::AccessManage]), None).await,
        directory.put_grant(&images, "guest:gus", read(), None).await,
    ] {
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    let mut plan = people();
    plan.teams[1].members.push("collaborator:carol".into());
    let refused = directory.apply(&system(), plan).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    directory.delete_grant(&alpha, "collaborator:carol", Some("collaborator")).await.expect("is removed");
    let left = directory.grants(&images, None, domain::Limit::MAX).await.expect("lists");
    assert_eq!(left, [], "removing her takes everything");
}

/// Somebody who is removed from a project keeps nothing in it, wherever in it they had something.
async fn a_participant_is_removed_with_everything(place: Place) {
    let mut plan = people();
    let grant = |to: &str, on: &str, what| GrantSpec { to: to.into(), on: on.into(), what, expires: None };
    plan.grants = vec![
        grant("member:alice", "alpha", role("project-member")),
        grant("member:alice", "alpha", may(&[Permission::AccessManage])),
        grant("member:alice", "alpha/images", role("writer")),
        grant("member:alice", "alpha/other", may(&[Permission::Read])),
        grant("member:alice", "beta", role("viewer")),
        grant("team:releasers", "alpha/images", may(&[Permission::Read])),
        grant("team:releasers", "alpha", role("viewer")),
    ];
    let bench = Bench::with(place, plan).await;
    let directory = &bench.opened.directory;
    let alpha = || bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let grants = async || bench.facts().await.grants.len();
    let before = grants().await;
    directory.remove_participant(&alpha(), "member:alice").await.expect("she takes part");
    assert_eq!(grants().await, before - 4, "all of hers there, and none elsewhere");
    directory.remove_participant(&alpha(), "team:releasers").await.expect("a team takes part as well");
    assert_eq!(grants().await, before - 6);
    let again = directory.remove_participant(&alpha(), "member:alice").await;
    assert!(matches!(again, Err(Error::Absent)), "{again:?}");
    let unknown = directory.remove_participant(&alpha(), "member:nobody").await;
    assert!(matches!(unknown, Err(Error::Unknown(_))), "{unknown:?}");
    directory.set_visibility(&bench.on("alpha/images"), Visibility::Public).await.expect("is public");
    for builtin in ["team:org-members", "team:anyone"] {
        let kept = directory.remove_participant(&alpha(), builtin).await;
        assert!(matches!(kept, Err(Error::Forbidden(Rule::Builtin, _))), "{builtin}: {kept:?}");
    }
}

async fn what_changed_since_the_gate_decided_is_asked_again(place: Place) {
    let mut plan = people();
    plan.persons.push(person(PrincipalKind::Member, "second"));
    plan.teams[0].members.push("member:second".into());
    let bench = Bench::with(place, plan).await;
    let directory = &bench.opened.directory;
    let stale = directory.set_visibility(&bench.stale("alpha/images"), Visibility::Public).await;
    assert!(matches!(stale, Err(Error::Stale)), "decided at an earlier version: {stale:?}");
    directory
        .set_visibility(&bench.on("alpha/images"), Visibility::Public)
        .await
        .expect("decided at this one");
    let early = bench.on::<RepositorySettings>("alpha/images");
    directory
        .set_suspended(&bench.on_organisation(bench.actor()), "member:root", true)
        .await
        .expect("second is left");
    let late = directory.set_visibility(&early, Visibility::Private).await;
    assert!(matches!(late, Err(Error::Stale)), "the actor was suspended in between: {late:?}");
    assert_eq!(directory.visibility(&early).await.expect("reads"), Visibility::Public);
}

async fn the_last_administrator_stays(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let facts = bench.facts().await;
    let build = facts.principals.iter().find(|fact| fact.kind == PrincipalKind::Application).expect("build");
    let manage = bench.on_organisation(build.id.get());
    let refused = directory.set_suspended(&manage, "member:root", true).await;
    assert!(matches!(refused, Err(Error::Forbidden(Rule::LastAdministrator, _))), "{refused:?}");
    let mut plan = people();
    plan.teams[0].members.clear();
    let kept = directory.apply(&system(), plan.clone()).await.expect("no reason not to start");
    assert_eq!((kept.changed, kept.warnings.len()), (0, 1), "{kept:?}");
    plan.teams[0].members = vec!["member:root".into(), "team:releasers".into()];
    directory.apply(&system(), plan).await.expect("a nested team counts");
    directory.set_suspended(&manage, "member:root", true).await.expect("alice and build are left");
    directory.set_suspended(&manage, "member:alice", true).await.expect("build is left");
    let refused = directory.set_suspended(&manage, "application:6F1D", true).await;
    assert!(matches!(refused, Err(Error::Forbidden(Rule::LastAdministrator, _))), "{refused:?}");
    directory.set_suspended(&manage, "member:root", false).await.expect("is let in again");
    let credentials = bench.credentials().await;
    let suspended: Vec<&str> = credentials
        .principals
        .iter()
        .filter(|principal| principal.suspended)
        .filter_map(|principal| principal.logins.first().map(domain::Login::as_str))
        .collect();
    assert_eq!(suspended, ["alice"]);
}
