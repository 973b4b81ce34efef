//! Random organisations from small pools of ids, so that everything meets everything: dangling references, teams in
//! circles, computed teams inside others, projects that share a key.

use domain::{
    AuthorisedScope, BuiltinRole, Caller, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId, Permissions,
    PolicyChange, PolicyFacts, PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact,
    ProjectId, ProjectKey, RepositoryFact, RepositoryId, RepositoryName, RepositoryPath, RoleFact, RoleId,
    SubjectId, TeamFact, TeamId, Timestamp, TokenLimits,
};
use proptest::prelude::*;

pub(crate) const PRINCIPALS: std::ops::Range<u32> = 16..23;
const TEAMS: std::ops::Range<u32> = 30..36;
pub(crate) const PROJECT_TEAMS: std::ops::Range<u32> = 40..43;
pub(crate) const PROJECTS: std::ops::Range<u32> = 16..19;
pub(crate) const REPOSITORIES: std::ops::Range<u32> = 60..68;
const ROLES: std::ops::Range<u32> = 1..7;
const GRANTS: std::ops::Range<u32> = 1..20;
const MOMENTS: std::ops::Range<i64> = 0..10;
const KEYS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const NAMES: [&str; 4] = ["jars", "images", "feed", "misc"];

/// One thing that happens to an organisation.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Changes(Vec<PolicyChange>),
    Time(Timestamp),
}

pub(crate) fn facts() -> impl Strategy<Value = PolicyFacts> {
    let all = |count: usize, one: BoxedStrategy<PolicyChange>| prop::collection::vec(one, 0..count);
    (
        all(9, principal(0)),
        all(9, team(0)),
        all(9, role(0)),
        all(5, project(0)),
        all(12, repository(0)),
        all(24, grant(0)),
    )
        .prop_map(|(principals, teams, roles, projects, repositories, grants)| {
            let mut facts = PolicyFacts { version: PolicyVersion::new(1), ..PolicyFacts::default() };
            for change in [principals, teams, roles, projects, repositories, grants].concat() {
                crate::oracle::apply(&mut facts, &change);
            }
            facts
        })
}

pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let changes = prop::collection::vec(change(), 1..5).prop_map(Edit::Changes);
    prop::collection::vec(prop_oneof![4 => changes, 1 => moment().prop_map(Edit::Time)], 1..7)
}

pub(crate) fn change() -> BoxedStrategy<PolicyChange> {
    // One in four takes something away.
    prop_oneof![
        2 => principal(3),
        3 => team(3),
        2 => role(3),
        2 => project(3),
        2 => repository(3),
        5 => grant(3),
    ]
    .boxed()
}

pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    MOMENTS.prop_map(Timestamp::from_millis)
}

/// Upserts `keep` times as often as deletes; 0 never deletes.
fn maybe<F: std::fmt::Debug + Clone + 'static>(
    keep: u32,
    fact: impl Strategy<Value = F> + 'static,
) -> BoxedStrategy<Option<F>> {
    if keep == 0 {
        return fact.prop_map(Some).boxed();
    }
    prop_oneof![keep => fact.prop_map(Some), 1 => Just(None)].boxed()
}

fn principal(keep: u32) -> BoxedStrategy<PolicyChange> {
    let kinds = prop_oneof![
        4 => Just(PrincipalKind::Member),
        1 => Just(PrincipalKind::Collaborator),
        1 => Just(PrincipalKind::Guest),
        2 => Just(PrincipalKind::Application),
    ];
    let scope = (permissions(), prop::collection::vec(PROJECTS, 0..3)).prop_map(|(permissions, projects)| {
        AuthorisedScope { permissions, projects: projects.into_iter().map(ProjectId::new).collect() }
    });
    (PRINCIPALS, maybe(keep, (kinds, prop::option::weighted(0.4, scope))))
        .prop_map(|(id, fact)| {
            let id = PrincipalId::new(id);
            PolicyChange::Principal(id, fact.map(|(kind, requested)| PrincipalFact { id, kind, requested }))
        })
        .boxed()
}

fn team(keep: u32) -> BoxedStrategy<PolicyChange> {
    // `org-admins`, ordinary teams, and now and then rows for computed teams that should have none.
    let ids = prop_oneof![8 => TEAMS, 1 => Just(TeamId::ORG_ADMINS.get()), 1 => PROJECT_TEAMS, 1 => 1u32..4];
    (ids, maybe(keep, prop::collection::vec(subject(), 0..4)))
        .prop_map(|(id, members)| {
            let id = TeamId::new(id);
            PolicyChange::Team(id, members.map(|members| TeamFact { id, members }))
        })
        .boxed()
}

fn role(keep: u32) -> BoxedStrategy<PolicyChange> {
    let builtin = prop_oneof![
        2 => Just(Some(BuiltinRole::ProjectMember)),
        1 => Just(Some(BuiltinRole::Collaborator)),
        2 => Just(None),
    ];
    let project = prop::option::of(PROJECTS.prop_map(ProjectId::new));
    (ROLES, maybe(keep, (project, builtin, permissions())))
        .prop_map(|(id, fact)| {
            let id = RoleId::new(id);
            let fact =
                fact.map(|(project, builtin, permissions)| RoleFact { id, project, builtin, permissions });
            PolicyChange::Role(id, fact)
        })
        .boxed()
}

fn project(keep: u32) -> BoxedStrategy<PolicyChange> {
    let team = prop_oneof![6 => PROJECT_TEAMS, 1 => TEAMS];
    (PROJECTS, maybe(keep, (prop::sample::select(&KEYS), team)))
        .prop_map(|(id, fact)| {
            let id = ProjectId::new(id);
            let fact = fact.map(|(key, team)| ProjectFact { id, key: key_of(key), team: TeamId::new(team) });
            PolicyChange::Project(id, fact)
        })
        .boxed()
}

fn repository(keep: u32) -> BoxedStrategy<PolicyChange> {
    let path = (PROJECTS, prop::sample::select(&KEYS), prop::sample::select(&NAMES));
    (REPOSITORIES, maybe(keep, path))
        .prop_map(|(id, fact)| {
            let id = RepositoryId::new(id);
            let fact = fact.map(|(project, key, name)| RepositoryFact {
                id,
                project: ProjectId::new(project),
                path: path_of(key, name),
                format: Format::new("oci"),
                mode: Mode::Hosted,
            });
            PolicyChange::Repository(id, fact)
        })
        .boxed()
}

pub(crate) fn grant(keep: u32) -> BoxedStrategy<PolicyChange> {
    let node = prop_oneof![1 => Just(NodeId::ORGANISATION.get()), 3 => PROJECTS, 3 => REPOSITORIES, 1 => 100u32..102];
    let what = prop_oneof![
        3 => ROLES.prop_map(|id| GrantedWhat::Role(RoleId::new(id))),
        2 => permissions().prop_map(GrantedWhat::Permissions),
    ];
    (GRANTS, maybe(keep, (subject(), node, what, prop::option::weighted(0.3, moment()))))
        .prop_map(|(id, fact)| {
            let id = GrantId::new(id);
            let fact = fact.map(|(subject, node, what, expires)| GrantFact {
                id,
                subject,
                node: NodeId::new(node),
                what,
                expires,
            });
            PolicyChange::Grant(id, fact)
        })
        .boxed()
}

fn subject() -> BoxedStrategy<SubjectId> {
    prop_oneof![5 => PRINCIPALS, 4 => TEAMS, 2 => PROJECT_TEAMS, 2 => 1u32..6]
        .prop_map(SubjectId::new)
        .boxed()
}

fn permissions() -> BoxedStrategy<Permissions> {
    // A few at a time: with all fourteen at random nearly every mask would hold nearly everything.
    prop::collection::vec(prop::sample::select(&domain::Permission::ALL), 0..4)
        .prop_map(|some| some.into_iter().collect())
        .boxed()
}

/// Everybody who may call: the anonymous one, and each principal with several tokens.
pub(crate) fn callers() -> Vec<Caller> {
    let only = |pairs: &[(u32, Permissions)]| {
        TokenLimits::Only(pairs.iter().map(|(node, some)| (NodeId::new(*node), *some)).collect())
    };
    let publish = Permissions::of(&[domain::Permission::Publish]);
    let some = Permissions::of(&[domain::Permission::Read, domain::Permission::Overwrite]);
    let limits = [
        TokenLimits::Full,
        only(&[]),
        only(&[(1, publish)]),
        only(&[(PROJECTS.start, some), (REPOSITORIES.start + 1, Permissions::ALL), (200, Permissions::ALL)]),
    ];
    // One more than there are, and one whose kind is not what the facts say: the facts decide.
    let principals = PRINCIPALS.start..PRINCIPALS.end + 1;
    let each = principals.flat_map(|id| limits.clone().map(|limits| caller(id, limits)));
    std::iter::once(Caller::anonymous()).chain(each).collect()
}

pub(crate) fn caller(id: u32, limits: TokenLimits) -> Caller {
    Caller::assertion(PrincipalId::new(id), PrincipalKind::Member, None, limits)
}

/// Every node there can be, and some there cannot.
pub(crate) fn node_ids() -> impl Iterator<Item = NodeId> {
    [0, 1, 2, 101].into_iter().chain(PROJECTS).chain(REPOSITORIES).map(NodeId::new)
}

pub(crate) fn keys() -> impl Iterator<Item = ProjectKey> {
    KEYS.into_iter().chain(["nothing"]).map(key_of)
}

pub(crate) fn paths() -> impl Iterator<Item = RepositoryPath> {
    KEYS.into_iter().chain(["nothing"]).flat_map(|key| NAMES.map(|name| path_of(key, name)))
}

pub(crate) fn key_of(key: &str) -> ProjectKey {
    ProjectKey::parse(key).unwrap()
}

pub(crate) fn path_of(key: &str, name: &str) -> RepositoryPath {
    RepositoryPath { project: key_of(key), repository: RepositoryName::parse(name).unwrap() }
}
