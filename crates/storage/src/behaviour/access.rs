use domain::{
    AccessManage, BuiltinRole, Format, GrantedWhat, NodeId, Permission, Permissions, PolicyChange,
    PolicyFacts, PolicyVersion, PrincipalKind, ProjectCreate, ProjectKey, RepositoryCreate, RepositoryName,
    RepositoryPolicy, RepositorySettings, SubjectId, TeamId, Timestamp, Visibility,
};

use super::{stories, two_projects};
use crate::testing::{Bench, Place, system};
use crate::{
    ApplicationSpec, Error, GrantSpec, GrantedSpec, NewProject, NewRepository, OrganisationSpec, PersonSpec,
    Plan, RoleSpec, TeamSpec,
};

stories! {
    a_new_installation_has_the_builtin_rows
    a_plan_applied_twice_changes_nothing
    a_plan_fails_whole
    each_project_has_its_own_roles
    internal_is_a_grant_to_members
    public_is_a_grant_to_anyone
    grants_follow_the_rules
    externals_get_little
    nobody_gives_what_they_do_not_hold
    what_changed_since_the_gate_decided_is_asked_again
    an_application_is_not_named_like_a_client_id
    the_last_administrator_stays
    a_change_is_in_force_before_it_returns
    followers_see_every_change
    makers_administer_their_projects
    every_change_is_audited
}

fn person(kind: PrincipalKind, username: &str) -> PersonSpec {
    PersonSpec {
        kind,
        username: username.into(),
        email: Some(format!("{username}@example.org").into()),
        password_hash: None,
        suspended: None,
        tokens: Vec::new(),
    }
}

/// Two projects and some people; alice is principal 18 or above, whoever asks goes by name.
fn people() -> Plan {
    let persons = vec![
        person(PrincipalKind::Member, "root"),
        person(PrincipalKind::Member, "alice"),
        person(PrincipalKind::Collaborator, "carol"),
        person(PrincipalKind::Guest, "gus"),
    ];
    let applications = vec![ApplicationSpec {
        name: "build".into(),
        client_id: None,
        client_id_if_new: Some(domain::Login::parse("6f1d").expect("a login")),
        requested: Some(Permissions::of(&[Permission::Read])),
        authorised: vec![key("alpha")],
        suspended: None,
        tokens: Vec::new(),
    }];
    let teams = vec![
        TeamSpec { name: "org-admins".into(), members: vec!["member:root".into()] },
        TeamSpec {
            name: "releasers".into(),
            members: vec!["member:alice".into(), "application:build".into()],
        },
    ];
    Plan { persons, applications, teams, ..two_projects() }
}

fn key(text: &str) -> ProjectKey {
    ProjectKey::parse(text).expect("a key")
}

fn role(name: &str) -> GrantedSpec {
    GrantedSpec::Role(name.into())
}

fn may(permissions: &[Permission]) -> GrantedSpec {
    GrantedSpec::Permissions(Permissions::of(permissions))
}

fn id_of(facts: &PolicyFacts, project: &str) -> NodeId {
    facts.projects.iter().find(|fact| fact.key.as_str() == project).expect("the project").id.into()
}

async fn a_new_installation_has_the_builtin_rows(place: Place) {
    let bench = Bench::open(place).await;
    let facts = bench.facts().await;
    assert_eq!(facts.version, PolicyVersion::new(1));
    for builtin in BuiltinRole::ALL {
        let stored = facts.roles.iter().find(|role| role.builtin == Some(builtin)).expect("a template");
        assert_eq!(stored.permissions, builtin.template(), "{}", builtin.as_str());
        assert_eq!(stored.project, None);
    }
    assert_eq!(facts.teams.iter().map(|team| team.id).collect::<Vec<_>>(), [TeamId::ORG_ADMINS]);
    assert_eq!(facts.principals, []);
    let [grant] = facts.grants.as_slice() else { panic!("{:?}", facts.grants) };
    assert_eq!((grant.subject, grant.node), (TeamId::ORG_ADMINS.into(), NodeId::ORGANISATION));
    assert!(!bench.opened.directory.has_administrator(&system()).await.expect("asks"));
    bench.opened.directory.apply(&system(), people()).await.expect("applies");
    let facts = bench.facts().await;
    assert!(facts.principals.iter().all(|fact| fact.id.get() >= SubjectId::FIRST_FREE));
    assert!(
        facts.projects.iter().all(|fact| fact.id.get() >= 16 && fact.team.get() >= SubjectId::FIRST_FREE)
    );
    assert!(bench.opened.directory.has_administrator(&system()).await.expect("asks"));
}

async fn a_plan_applied_twice_changes_nothing(place: Place) {
    let mut plan = people();
    plan.organisation = Some(OrganisationSpec {
        name: "acme".into(),
        title: Some("Acme Ltd.".into()),
        aliases: vec!["acme-corp".into(), "a".into()],
        new_projects: None,
    });
    plan.roles.push(RoleSpec {
        name: "release-manager".into(),
        permissions: Permissions::of(&[Permission::Publish]),
    });
    let grant = |to: &str, on: &str, what| GrantSpec { to: to.into(), on: on.into(), what, expires: None };
    plan.grants = vec![
        grant("member:alice", "alpha", role("project-member")),
        grant("team:releasers", "alpha/images", role("release-manager")),
        grant("collaborator:carol", "alpha", role("collaborator")),
        grant("collaborator:carol", "alpha/images", may(&[Permission::Read])),
        grant("application:6f1d", "alpha", role("automation")),
    ];
    let bench = Bench::open(place).await;
    let first = bench.opened.directory.apply(&system(), plan.clone()).await.expect("applies");
    assert!(first.changed > 10, "{first:?}");
    assert_eq!(first.client_ids_made.len(), 1);
    let before = bench.facts().await;
    let second = bench.opened.directory.apply(&system(), plan.clone()).await.expect("applies again");
    assert_eq!((second.changed, second.client_ids_made.len()), (0, 0));
    let after = bench.facts().await;
    assert_eq!(after.version, before.version);
    assert_eq!(after.grants, before.grants);
    let organisation = bench.opened.directory.organisation(&system()).await.expect("reads");
    assert_eq!((&*organisation.name, organisation.aliases.len()), ("acme", 2));
    plan.grants[0].expires = Some(Timestamp::from_millis(4_000_000_000_000));
    plan.teams[1].members.pop();
    let third = bench.opened.directory.apply(&system(), plan).await.expect("applies");
    assert_eq!(third.changed, 2);
}

async fn a_plan_fails_whole(place: Place) {
    let bench = Bench::open(place).await;
    let mut plan = people();
    plan.teams[1].members.push("member:mallory".into());
    let refused = bench.opened.directory.apply(&system(), plan).await;
    assert!(matches!(&refused, Err(Error::Unknown(name)) if &**name == "member:mallory"), "{refused:?}");
    let facts = bench.facts().await;
    assert_eq!((facts.principals.len(), facts.projects.len(), facts.version), (0, 0, PolicyVersion::new(1)));
}

async fn each_project_has_its_own_roles(place: Place) {
    let mut plan = two_projects();
    let fewer = Permissions::of(&[Permission::Read]);
    plan.projects[0].roles = vec![
        RoleSpec { name: "automation".into(), permissions: fewer },
        RoleSpec { name: "own".into(), permissions: fewer },
    ];
    let bench = Bench::with(place, plan).await;
    let facts = bench.facts().await;
    let automation = |project: &str| {
        let id = id_of(&facts, project);
        let own = facts.roles.iter().filter(|role| role.project.map(NodeId::from) == Some(id));
        own.filter(|role| role.builtin == Some(BuiltinRole::Automation))
            .map(|role| role.permissions)
            .collect::<Vec<_>>()
    };
    assert_eq!(automation("alpha"), [fewer]);
    assert_eq!(automation("beta"), [BuiltinRole::Automation.template()]);
    for (name, permissions) in [
        ("guest", fewer),
        ("organisation-member", Permissions::of(&[Permission::Publish])),
        ("mine", Permissions::of(&[Permission::DirectoryManage])),
        ("mine", Permissions::of(&[Permission::ProjectCreate])),
    ] {
        let mut plan = two_projects();
        plan.projects[0].roles = vec![RoleSpec { name: name.into(), permissions }];
        let refused = bench.opened.directory.apply(&system(), plan).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{name}: {refused:?}");
    }
}

async fn internal_is_a_grant_to_members(place: Place) {
    let bench = Bench::with(place, two_projects()).await;
    let members = |facts: &PolicyFacts| {
        let alpha = id_of(facts, "alpha");
        let grant = facts
            .grants
            .iter()
            .find(|grant| grant.node == alpha && grant.subject == TeamId::ORG_MEMBERS.into());
        let Some(GrantedWhat::Role(role)) = grant.map(|grant| grant.what) else {
            panic!("{:?}", facts.grants)
        };
        facts.roles.iter().find(|fact| fact.id == role).expect("its role").permissions
    };
    assert_eq!(members(&bench.facts().await), Permissions::NONE);
    let mut plan = two_projects();
    plan.projects[0].access = Some(domain::Access::Internal);
    bench.opened.directory.apply(&system(), plan).await.expect("applies");
    assert_eq!(members(&bench.facts().await), Permissions::of(&[Permission::Read]));
}

async fn public_is_a_grant_to_anyone(place: Place) {
    let bench = Bench::with(place, people()).await;
    let settings = || bench.on::<RepositorySettings>("alpha/images");
    let directory = &bench.opened.directory;
    for (visibility, changed) in [
        (Visibility::Private, false),
        (Visibility::Public, true),
        (Visibility::Public, false),
        (Visibility::Private, true),
    ] {
        let done = directory.set_visibility(&settings(), visibility).await.expect("sets");
        assert_eq!(done.changed, changed);
        assert_eq!(directory.visibility(&settings()).await.expect("reads"), visibility);
        let grants = bench.facts().await.grants;
        let public = grants.iter().filter(|grant| grant.subject == TeamId::ANYONE.into());
        assert_eq!(public.count(), usize::from(visibility == Visibility::Public));
    }
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
    assert!(matches!(kept, Err(Error::Refused(_))), "{kept:?}");
    let kept = directory.delete_grant(&root, "team:org-admins", Some("organisation-admin")).await;
    assert!(matches!(kept, Err(Error::Refused(_))), "{kept:?}");
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

async fn nobody_gives_what_they_do_not_hold(place: Place) {
    let bench = Bench::with(place, people()).await;
    let some = Permissions::of(&[Permission::AccessManage, Permission::Read]);
    let poor = bench.holding::<AccessManage, domain::Project>(&key("alpha"), some);
    let directory = &bench.opened.directory;
    for what in [may(&[Permission::Publish]), role("project-member"), role("project-admin")] {
        let refused = directory.put_grant(&poor, "member:alice", what, None).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    directory.put_grant(&poor, "member:alice", may(&[Permission::Read]), None).await.expect("holds it");
}

async fn the_last_administrator_stays(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let facts = bench.facts().await;
    let build = facts.principals.iter().find(|fact| fact.kind == PrincipalKind::Application).expect("build");
    let manage = bench.on_organisation(build.id.get());
    let refused = directory.set_suspended(&manage, "member:root", true).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let mut plan = people();
    plan.teams[0].members.clear();
    assert!(matches!(directory.apply(&system(), plan.clone()).await, Err(Error::Refused(_))));
    plan.teams[0].members = vec!["member:root".into(), "team:releasers".into()];
    directory.apply(&system(), plan).await.expect("a nested team counts");
    directory.set_suspended(&manage, "member:root", true).await.expect("alice and build are left");
    directory.set_suspended(&manage, "member:alice", true).await.expect("build is left");
    let refused = directory.set_suspended(&manage, "application:6F1D", true).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    directory.set_suspended(&manage, "member:root", false).await.expect("is let in again");
    let credentials = bench.opened.credentials.load().await.expect("loads");
    let suspended: Vec<&str> = credentials
        .principals
        .iter()
        .filter(|principal| principal.suspended)
        .filter_map(|principal| principal.logins.first().map(domain::Login::as_str))
        .collect();
    assert_eq!(suspended, ["alice"]);
}

async fn a_change_is_in_force_before_it_returns(place: Place) {
    let bench = Bench::with(place, people()).await;
    let done = bench
        .opened
        .directory
        .set_visibility(&bench.on("alpha/images"), Visibility::Public)
        .await
        .expect("sets");
    assert_eq!(bench.forced.versions().last(), Some(&done.version));
    let before = bench.forced.versions().len();
    let same = bench
        .opened
        .directory
        .set_visibility(&bench.on("alpha/images"), Visibility::Public)
        .await
        .expect("sets");
    assert_eq!((same.version, same.changed), (done.version, false));
    assert_eq!(bench.forced.versions().len(), before, "nothing changed, nobody waits");
    assert!(bench.forced.versions().windows(2).all(|pair| pair[0] < pair[1]), "versions only grow");
}

async fn followers_see_every_change(place: Place) {
    let bench = Bench::with(place, people()).await;
    let mut followed = bench.facts().await;
    let directory = &bench.opened.directory;
    let alpha = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let none = bench.opened.grants.changes_since(followed.version).await.expect("reads");
    assert_eq!((none.version, none.changes.len()), (followed.version, 0));
    directory.put_grant(&alpha, "member:alice", role("project-admin"), None).await.expect("puts");
    directory.set_visibility(&bench.on("alpha/images"), Visibility::Public).await.expect("sets");
    directory.delete_grant(&alpha, "member:alice", Some("project-admin")).await.expect("deletes");
    let mut plan = people();
    plan.projects[0].access = Some(domain::Access::Internal);
    plan.teams[1].members.pop();
    plan.applications[0].requested = Some(Permissions::ALL);
    plan.projects[1].repositories.push(crate::RepositorySpec {
        name: RepositoryName::parse("new").expect("a name"),
        format: Format::Maven,
        visibility: Visibility::Public,
        policy: None,
    });
    directory.apply(&system(), plan).await.expect("applies");
    let changes = bench.opened.grants.changes_since(followed.version).await.expect("reads");
    followed.version = changes.version;
    for change in changes.changes {
        follow(&mut followed, change);
    }
    let now = bench.facts().await;
    assert_eq!(followed.version, now.version);
    assert_eq!(followed.principals, now.principals);
    assert_eq!(followed.teams, now.teams);
    assert_eq!(followed.roles, now.roles);
    assert_eq!(followed.projects, now.projects);
    assert_eq!(followed.repositories, now.repositories);
    assert_eq!(followed.grants, now.grants);
    let unknown = bench.opened.grants.changes_since(PolicyVersion::new(0)).await.expect("reads");
    assert!(matches!(unknown.changes.as_slice(), [PolicyChange::Rebuild]));
}

/// What a follower does with a change.
fn follow(facts: &mut PolicyFacts, change: PolicyChange) {
    macro_rules! put {
        ($list:ident, $id:expr, $fact:expr) => {{
            facts.$list.retain(|known| known.id != $id);
            facts.$list.extend($fact);
            facts.$list.sort_by_key(|known| known.id);
        }};
    }
    match change {
        PolicyChange::Principal(id, fact) => put!(principals, id, fact),
        PolicyChange::Team(id, fact) => put!(teams, id, fact),
        PolicyChange::Role(id, fact) => put!(roles, id, fact),
        PolicyChange::Project(id, fact) => put!(projects, id, fact),
        PolicyChange::Repository(id, fact) => put!(repositories, id, fact),
        PolicyChange::Grant(id, fact) => put!(grants, id, fact),
        PolicyChange::Rebuild => panic!("so few changes are told one by one"),
    }
}

async fn makers_administer_their_projects(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let maker_id = bench.facts().await.principals[1].id.get();
    let maker = bench.on_organisation::<ProjectCreate>(maker_id);
    let new = |key| NewProject { key, title: "Gamma".into(), access: None };
    let project = directory.create_project(&maker, new(key("gamma"))).await.expect("is new");
    assert!(matches!(directory.create_project(&maker, new(key("gamma"))).await, Err(Error::Exists)));
    bench.refresh().await;
    let facts = bench.facts().await;
    let admin = facts
        .roles
        .iter()
        .find(|role| role.project == Some(project.id()) && role.builtin == Some(BuiltinRole::ProjectAdmin))
        .expect("its own copy");
    let held =
        facts.grants.iter().find(|grant| grant.what == GrantedWhat::Role(admin.id)).expect("is granted");
    assert_eq!((held.subject, held.node), (SubjectId::new(maker_id), project.id().into()));
    let repository = || NewRepository {
        name: RepositoryName::parse("jars").expect("a name"),
        format: Format::Maven,
        visibility: Visibility::Public,
        policy: RepositoryPolicy::default(),
    };
    let may = bench.on_project::<RepositoryCreate>(maker_id, "gamma");
    let made = directory.create_repository(&may, repository()).await.expect("is new");
    assert_eq!((made.path().to_string().as_str(), made.format()), ("gamma/jars", Format::Maven));
    assert!(matches!(directory.create_repository(&may, repository()).await, Err(Error::Exists)));
    bench.refresh().await;
    let listed = directory.repositories(&bench.visible(), None, domain::Limit::MAX).await.expect("lists");
    assert_eq!(listed.last().map(|last| last.id()), Some(made.id()));
}

async fn every_change_is_audited(place: Place) {
    let bench = Bench::with(place, people()).await;
    let root = bench.facts().await.principals[0].id.get();
    let settings = bench.by::<RepositorySettings>(root, "alpha/images");
    let done = bench.opened.directory.set_visibility(&settings, Visibility::Public).await.expect("sets");
    let rows = bench.opened.directory.audit_rows().await;
    let last = rows.last().expect("an event");
    assert_eq!(
        last.as_str(),
        format!(
            "grant.put|member|root|0000000000000007|suite|team:anyone on alpha/images|{}",
            done.version.get()
        )
    );
    let refused = bench
        .opened
        .directory
        .set_suspended(&bench.on_organisation(bench.actor()), "member:root", true)
        .await;
    assert!(refused.is_err());
    assert_eq!(
        bench.opened.directory.audit_rows().await.len(),
        rows.len(),
        "what did not happen is no event"
    );
    assert!(rows.iter().any(|row| row.starts_with("member.create|system|suite|")), "{rows:?}");
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

async fn an_application_is_not_named_like_a_client_id(place: Place) {
    let bench = Bench::open(place).await;
    let mut plan = people();
    plan.applications[0].name = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10".into();
    let refused = bench.opened.directory.apply(&system(), plan).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
