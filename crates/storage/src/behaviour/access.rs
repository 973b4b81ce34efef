use std::collections::BTreeMap;

use domain::{
    AccessManage, BuiltinRole, Changes, GrantedWhat, NodeId, Permission, Permissions, PolicyChange,
    PolicyFacts, PolicyPoint, PolicyVersion, PrincipalKind, ProjectCreate, ProjectKey, RepositoryCreate,
    RepositoryName, RepositorySettings, SubjectId, TeamId, Timestamp, Visibility,
};

use super::{stories, two_projects, whatever};
use crate::testing::{Bench, MAVEN, Place, system};
use crate::{
    ApplicationSpec, DirectoryError as Error, GrantSpec, GrantedSpec, NewProject, NewRepository,
    OrganisationSpec, PersonSpec, Plan, RoleSpec, TeamSpec,
};

stories! {
    a_new_installation_has_the_builtin_rows
    a_plan_applied_twice_changes_nothing
    a_plan_fails_whole
    each_project_has_its_own_roles
    internal_is_a_grant_to_members
    public_is_a_grant_to_anyone
    an_application_is_not_named_like_a_client_id
    a_change_is_in_force_before_it_returns
    followers_see_every_change
    another_history_is_told_from_the_one_followed
    makers_administer_their_projects
    every_change_is_audited
}

pub(super) fn person(kind: PrincipalKind, username: &str) -> PersonSpec {
    PersonSpec {
        title: None,
        kind,
        username: username.into(),
        email: Some(format!("{username}@example.org").into()),
        password_hash: None,
        suspended: None,
        tokens: Vec::new(),
    }
}

/// Two projects and some people; alice is principal 18 or above, whoever asks goes by name.
pub(crate) fn people() -> Plan {
    let persons = vec![
        person(PrincipalKind::Member, "root"),
        person(PrincipalKind::Member, "alice"),
        person(PrincipalKind::Collaborator, "carol"),
        person(PrincipalKind::Guest, "gus"),
    ];
    let applications = vec![ApplicationSpec {
        title: None,
        name: "build".into(),
        client_id: None,
        client_id_if_new: Some(domain::Login::parse("6f1d").expect("a login")),
        requested: Some(Permissions::of(&[Permission::Read])),
        authorised: vec![key("alpha")],
        suspended: None,
        tokens: Vec::new(),
    }];
    let teams = vec![
        TeamSpec { title: None, name: "org-admins".into(), members: vec!["member:root".into()] },
        TeamSpec {
            title: None,
            name: "releasers".into(),
            members: vec!["member:alice".into(), "application:build".into()],
        },
    ];
    Plan { persons, applications, teams, ..two_projects() }
}

/// The same with something of everything.
pub(crate) fn everything() -> Plan {
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
    plan
}

pub(super) fn key(text: &str) -> ProjectKey {
    ProjectKey::parse(text).expect("a key")
}

pub(super) fn role(name: &str) -> GrantedSpec {
    GrantedSpec::Role(name.into())
}

pub(super) fn may(permissions: &[Permission]) -> GrantedSpec {
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
    let mut plan = everything();
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
    let names = bench.opened.names.load().await.expect("reads").1.names;
    assert_eq!((names.first().map(|name| &**name), names.len()), (Some("acme"), 3));
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
    let (point, mut followed) = bench.opened.grants.load().await.expect("reads");
    let directory = &bench.opened.directory;
    let alpha = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let (reached, none) = each(&bench, point).await;
    assert_eq!((reached, none.len()), (point, 0));
    directory.put_grant(&alpha, "member:alice", role("project-admin"), None).await.expect("puts");
    directory.set_visibility(&bench.on("alpha/images"), Visibility::Public).await.expect("sets");
    directory.delete_grant(&alpha, "member:alice", Some("project-admin")).await.expect("deletes");
    let mut plan = people();
    plan.projects[0].access = Some(domain::Access::Internal);
    plan.teams[1].members.pop();
    plan.applications[0].requested = Some(Permissions::ALL);
    plan.projects[1].repositories.push(crate::RepositorySpec {
        description: None,
        name: RepositoryName::parse("new").expect("a name"),
        format: MAVEN,
        visibility: Visibility::Public,
        policy: None,
        webhooks: vec![],
    });
    directory.apply(&system(), plan).await.expect("applies");
    let (reached, changes) = each(&bench, point).await;
    followed.version = reached.version;
    for change in changes {
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
    let long_ago = PolicyPoint { version: PolicyVersion::new(0), ..reached };
    assert!(is_rebuilt(&bench, long_ago).await, "nobody knows what came after it");
}

/// What changed after a point, told one by one.
pub(super) async fn each(bench: &Bench, point: PolicyPoint) -> (PolicyPoint, Vec<PolicyChange>) {
    match bench.opened.grants.changes_since(point).await.expect("reads") {
        Changes::Each { reached, changes } => (reached, changes),
        Changes::Rebuild => panic!("so few changes are told one by one"),
    }
}

async fn is_rebuilt(bench: &Bench, point: PolicyPoint) -> bool {
    matches!(bench.opened.grants.changes_since(point).await.expect("reads"), Changes::Rebuild)
}

/// A database set back to a backup hands its numbers out again; who followed it before finds out by epoch, number or stamp.
async fn another_history_is_told_from_the_one_followed(place: Place) {
    let bench = Bench::with(place, people()).await;
    let (point, _) = bench.opened.grants.load().await.expect("reads");
    assert_ne!((point.epoch, point.stamp), (0, 0), "both are drawn at random");
    let elsewhere = [
        PolicyPoint { version: PolicyVersion::new(point.version.get() + 3), ..point },
        PolicyPoint { stamp: point.stamp ^ 1, ..point },
        PolicyPoint { epoch: point.epoch ^ 1, ..point },
    ];
    for other in elsewhere {
        let (before, _) = bench.opened.grants.load().await.expect("reads");
        let other = PolicyPoint {
            epoch: if other.epoch == point.epoch { before.epoch } else { other.epoch },
            ..other
        };
        assert!(is_rebuilt(&bench, other).await, "{other:?}");
        let (after, _) = bench.opened.grants.load().await.expect("reads");
        // Whoever finds it out first tells the others, once.
        assert_eq!(after.epoch == before.epoch, other.epoch != before.epoch, "{other:?}");
        assert!(!is_rebuilt(&bench, after).await);
    }
    let (present, _) = bench.opened.grants.load().await.expect("reads");
    let alpha = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    let directory = &bench.opened.directory;
    directory.put_grant(&alpha, "member:alice", role("project-admin"), None).await.expect("puts");
    assert!(!is_rebuilt(&bench, present).await, "an earlier point of this history");
    assert!(is_rebuilt(&bench, PolicyPoint { stamp: present.stamp ^ 1, ..present }).await, "not of this one");
}

/// What a follower does with a change.
pub(super) fn follow(facts: &mut PolicyFacts, change: PolicyChange) {
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
    }
}

async fn makers_administer_their_projects(place: Place) {
    let bench = Bench::with(place, people()).await;
    let directory = &bench.opened.directory;
    let maker_id = bench.facts().await.principals[1].id.get();
    let maker = bench.on_organisation::<ProjectCreate>(maker_id);
    let new = |key| NewProject { key, title: "Gamma".into(), description: "".into(), access: None };
    let create = async || directory.create_project(&maker, new(key("gamma")), whatever()).await;
    let (project, _) = create().await.expect("is new");
    assert!(matches!(create().await, Err(Error::Exists)));
    bench.refresh().await;
    let facts = bench.facts().await;
    let admin = facts
        .roles
        .iter()
        .find(|role| role.project == Some(project.id) && role.builtin == Some(BuiltinRole::ProjectAdmin))
        .expect("its own copy");
    let held =
        facts.grants.iter().find(|grant| grant.what == GrantedWhat::Role(admin.id)).expect("is granted");
    assert_eq!((held.subject, held.node), (SubjectId::new(maker_id), project.id.into()));
    let repository = || NewRepository {
        name: RepositoryName::parse("jars").expect("a name"),
        description: "".into(),
        format: MAVEN,
        visibility: Visibility::Public,
        policy: None,
    };
    let may = bench.on_project::<RepositoryCreate>(maker_id, "gamma");
    let create = async || directory.create_repository(&may, repository(), whatever()).await;
    let (made, _) = create().await.expect("is new");
    assert_eq!((made.path.to_string().as_str(), made.format), ("gamma/jars", MAVEN));
    assert!(matches!(create().await, Err(Error::Exists)));
    bench.refresh().await;
    let all = crate::RepositoryFilter::default();
    let listed =
        directory.repositories(&bench.visible(), all, None, domain::Limit::MAX).await.expect("lists");
    assert_eq!(listed.last().map(|last| last.id), Some(made.id));
    let by_format = directory.repositories_by_format(&bench.visible(), project.id).await.expect("counts");
    assert_eq!(by_format, BTreeMap::from([(MAVEN, 1)]));
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
            "repository.public|member|root|0000000000000007|suite|team:anyone on alpha/images|{}",
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

async fn an_application_is_not_named_like_a_client_id(place: Place) {
    let bench = Bench::open(place).await;
    let mut plan = people();
    plan.applications[0].name = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10".into();
    let refused = bench.opened.directory.apply(&system(), plan).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
