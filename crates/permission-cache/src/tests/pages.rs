use std::sync::Arc;

use domain::{
    Format, Mode, NodeId, Permission, Permissions, PolicyChange, PolicyFacts, PrincipalFact, PrincipalId,
    PrincipalKind, Project, ProjectFact, ProjectId, ProjectKey, RepositoryFact, RepositoryId, SubjectId,
    TeamFact, TeamId, Timestamp, TokenLimits,
};

use super::world;
use crate::cell::Cell;
use crate::compare::{Differences, differences};
use crate::names::Index;
use crate::paged::Paged;
use crate::writer::Writer;

#[test]
fn pages_come_and_go_without_touching_a_copy() {
    let mut table = Paged::default();
    table.set(5, Some(Arc::new('a')));
    table.set(1 << 20, Some(Arc::new('b')));
    let copy = table.clone();
    table.set(5, None);
    table.set(6, Some(Arc::new('c')));
    table.set(1 << 24, None);
    assert_eq!(copy.pages().collect::<Vec<_>>(), [(5, &'a'), (1 << 20, &'b')]);
    assert_eq!(table.pages().collect::<Vec<_>>(), [(6, &'c'), (1 << 20, &'b')]);
    assert_eq!(table.page(7), None);
    assert_eq!(table.page(usize::MAX), None);
}

#[test]
fn the_highest_ids_are_ids_like_others() {
    let most = u32::MAX;
    let facts = PolicyFacts {
        principals: vec![member(most - 1)],
        teams: vec![TeamFact { id: TeamId::new(most), members: vec![SubjectId::new(most - 1)] }],
        grants: vec![grant(1, most, NodeId::ORGANISATION.get())],
        projects: vec![project(most - 3, "alpha")],
        repositories: vec![repository(most, most - 3)],
        ..PolicyFacts::default()
    };
    let mut writer = Writer::new(facts.clone(), Timestamp::from_millis(0));
    let caller = world::caller(most - 1, TokenLimits::Full);
    for node in [most, most - 3, 1] {
        assert!(
            writer.current().effective(&caller, NodeId::new(node)).contains(Permission::Publish),
            "{node}"
        );
    }
    let cell = Cell::new(writer.current().clone());
    let gone = vec![PolicyChange::Team(TeamId::new(most), None)];
    writer.follow(gone, facts.version, Timestamp::from_millis(0), &cell);
    assert!(cell.load().effective(&caller, NodeId::new(most)).is_empty());
}

/// Names added one by one outgrow the index they started in, and each is found on the way.
#[test]
fn the_index_of_names_grows() {
    let mut index: Index<Project> = Index::default();
    let node = |id: u32| Project::new(ProjectId::new(id), Arc::new(key(&format!("project-{id}"))));
    for id in 0..2000 {
        index.insert(&node(id));
    }
    for id in 0..2000 {
        assert_eq!(index.find(&key(&format!("project-{id}"))).map(Project::id), Some(ProjectId::new(id)));
    }
    for id in (0..2000).step_by(2) {
        index.remove(&key(&format!("project-{id}")), id);
        // Not under this name any more: nothing happens.
        index.remove(&key(&format!("project-{}", id + 1)), id);
    }
    for id in 0..2000 {
        assert_eq!(index.find(&key(&format!("project-{id}"))).is_some(), id % 2 == 1, "{id}");
    }
}

/// Names whose hashes are the same are told apart by their text.
#[test]
fn equal_hashes_are_not_equal_names() {
    #[derive(Default)]
    struct Constant;
    impl std::hash::Hasher for Constant {
        fn finish(&self) -> u64 {
            7
        }
        fn write(&mut self, _: &[u8]) {}
    }
    let mut index: Index<Project, std::hash::BuildHasherDefault<Constant>> = Index::default();
    for id in 0..100 {
        index.insert(&Project::new(ProjectId::new(id), Arc::new(key(&format!("project-{id}")))));
    }
    index.remove(&key("project-50"), 50);
    for id in 0..101 {
        let found = index.find(&key(&format!("project-{id}"))).map(|node| node.id().get());
        assert_eq!(found, (id < 100 && id != 50).then_some(id));
    }
}

#[test]
fn two_repositories_swap_their_names() {
    let (one, other) =
        (repository(60, 16), RepositoryFact { path: world::path_of("alpha", "feed"), ..repository(61, 16) });
    let facts = PolicyFacts {
        projects: vec![project(16, "alpha")],
        repositories: vec![one.clone(), other.clone()],
        ..PolicyFacts::default()
    };
    let mut writer = Writer::new(facts.clone(), Timestamp::from_millis(0));
    let cell = Cell::new(writer.current().clone());
    let swapped = vec![
        PolicyChange::Repository(one.id, Some(RepositoryFact { path: other.path.clone(), ..one.clone() })),
        PolicyChange::Repository(other.id, Some(RepositoryFact { path: one.path.clone(), ..other.clone() })),
    ];
    writer.follow(swapped, facts.version, Timestamp::from_millis(0), &cell);
    assert_eq!(cell.load().names.repository(&one.path).map(domain::Repository::id), Some(other.id));
    assert_eq!(cell.load().names.repository(&other.path).map(domain::Repository::id), Some(one.id));
}

/// Long lists are searched, short ones walked: both find the same. A principal in many teams, a node with many grants.
#[test]
fn long_lists_meet_short_ones() {
    for (teams, grants) in [(1, 3000), (3000, 1), (3000, 3000), (40, 2), (2, 40)] {
        let mut facts = PolicyFacts { principals: vec![member(16)], ..PolicyFacts::default() };
        // The two lists have only their last subject in common.
        let in_common = 100_000;
        let mine = (0..teams - 1).map(|at| 1000 + 2 * at).chain([in_common]);
        let granted = (0..grants - 1).map(|at| 1001 + 2 * at).chain([in_common]);
        facts.teams =
            mine.map(|id| TeamFact { id: TeamId::new(id), members: vec![SubjectId::new(16)] }).collect();
        facts.grants =
            granted.enumerate().map(|(id, subject)| grant(u32::try_from(id).unwrap(), subject, 1)).collect();
        let caller = world::caller(16, TokenLimits::Full);
        let now = Timestamp::from_millis(0);
        let held = |facts: &PolicyFacts| {
            Writer::new(facts.clone(), now).current().effective(&caller, NodeId::new(1))
        };
        assert!(held(&facts).contains(Permission::Publish), "{teams} teams, {grants} grants");
        facts.grants.pop();
        assert!(held(&facts).is_empty(), "{teams} teams, {grants} grants");
    }
}

/// Rows too long for their place keep all they hold when a neighbour in the same page changes.
#[test]
fn long_rows_survive_a_neighbours_change() {
    let teams = (1000..1040).map(|id| TeamFact { id: TeamId::new(id), members: vec![SubjectId::new(16)] });
    let scope = domain::AuthorisedScope {
        permissions: Permissions::of(&[Permission::Publish]),
        projects: (100..140).map(ProjectId::new).collect(),
    };
    let application =
        PrincipalFact { id: PrincipalId::new(17), kind: PrincipalKind::Application, requested: Some(scope) };
    let mut facts = PolicyFacts {
        principals: vec![member(16), application, member(18)],
        teams: teams.collect(),
        projects: vec![project(100, "alpha"), project(139, "beta"), project(140, "gamma")],
        repositories: vec![
            repository(141, 100),
            RepositoryFact { id: RepositoryId::new(142), ..repository(141, 139) },
        ],
        grants: (1..30).map(|id| grant(id, 2000 + id, 141)).collect(),
        ..PolicyFacts::default()
    };
    facts.grants.push(grant(90, 1039, 141));
    let now = Timestamp::from_millis(0);
    let mut writer = Writer::new(facts.clone(), now);
    let cell = Cell::new(writer.current().clone());
    let changes = vec![
        PolicyChange::Principal(PrincipalId::new(18), None),
        PolicyChange::Grant(domain::GrantId::new(91), Some(grant(91, 18, 142))),
    ];
    writer.follow(changes, facts.version, now, &cell);
    let publishes = |who, node| {
        cell.load()
            .effective(&world::caller(who, TokenLimits::Full), NodeId::new(node))
            .contains(Permission::Publish)
    };
    assert!(publishes(16, 141) && !publishes(16, 142), "teams of one in many");
    assert!(publishes(17, 100) && publishes(17, 139) && publishes(17, 141), "all authorised projects");
    assert!(!publishes(17, 140) && !publishes(17, 1), "and no other");
}

/// A team that is `project-member` of every project does not put every project's team into its members' rows; the
/// first grant that names such a team does.
#[test]
fn project_teams_nobody_names_take_no_room() {
    let projects: Vec<u32> = (100..400).collect();
    let role = domain::RoleFact {
        id: domain::RoleId::new(1),
        project: None,
        builtin: Some(domain::BuiltinRole::ProjectMember),
        permissions: Permissions::of(&[Permission::Read]),
    };
    let facts = PolicyFacts {
        principals: vec![member(16)],
        teams: vec![TeamFact { id: TeamId::new(20), members: vec![SubjectId::new(16)] }],
        roles: vec![role],
        projects: projects.iter().map(|id| project(*id, &format!("p{id}"))).collect(),
        grants: projects
            .iter()
            .map(|id| domain::GrantFact {
                what: domain::GrantedWhat::Role(domain::RoleId::new(1)),
                ..grant(*id, 20, *id)
            })
            .collect(),
        ..PolicyFacts::default()
    };
    let now = Timestamp::from_millis(0);
    let mut writer = Writer::new(facts.clone(), now);
    let cell = Cell::new(writer.current().clone());
    assert_eq!(cell.load().principal(PrincipalId::new(16)).subjects, [16, 20]);
    let team = SubjectId::new(project(100, "p100").team.get());
    let naming = grant(7, team.get(), 101);
    let changes = vec![PolicyChange::Grant(naming.id, Some(naming.clone()))];
    writer.follow(changes, facts.version, now, &cell);
    let caller = world::caller(16, TokenLimits::Full);
    assert_eq!(cell.load().principal(PrincipalId::new(16)).subjects, [16, 20, team.get()]);
    assert!(cell.load().effective(&caller, NodeId::new(101)).contains(Permission::Publish));
    let changes = vec![PolicyChange::Grant(naming.id, None)];
    writer.follow(changes, facts.version, now, &cell);
    assert_eq!(cell.load().principal(PrincipalId::new(16)).subjects, [16, 20]);
    assert_eq!(differences(&cell.load(), Writer::new(facts, now).current()), Differences::default());
}

/// The comparison of the nightly build sees one bit, one name and one membership.
#[test]
fn the_comparison_sees_small_things() {
    let facts = PolicyFacts {
        principals: vec![member(16)],
        teams: vec![TeamFact { id: TeamId::new(20), members: vec![SubjectId::new(16)] }],
        projects: vec![project(30, "alpha")],
        repositories: vec![repository(60, 30)],
        grants: vec![grant(1, 20, 60)],
        ..PolicyFacts::default()
    };
    let now = Timestamp::from_millis(0);
    let whole = Writer::new(facts.clone(), now);
    let with = |edit: fn(&mut PolicyFacts)| {
        let mut other = facts.clone();
        edit(&mut other);
        differences(whole.current(), Writer::new(other, now).current())
    };
    assert_eq!(with(|_| ()), Differences::default());
    let one = |principals, nodes, names| Differences { principals, nodes, names };
    assert_eq!(with(|facts| facts.teams.clear()), one(1, 0, 0));
    assert_eq!(with(|facts| facts.principals[0].kind = PrincipalKind::Guest), one(1, 0, 0));
    assert_eq!(with(|facts| facts.grants.clear()), one(0, 1, 0));
    assert_eq!(with(|facts| facts.repositories[0].format = Format::new("oci")), one(0, 0, 1));
    assert_eq!(with(|facts| facts.repositories[0].mode = Mode::Virtual), one(0, 0, 1));
    assert_eq!(with(|facts| facts.repositories.clear()), one(0, 1, 1));
    assert_eq!(with(|facts| facts.repositories[0].id = RepositoryId::new(1 << 30)), one(0, 2, 1));
}

fn member(id: u32) -> PrincipalFact {
    PrincipalFact { id: PrincipalId::new(id), kind: PrincipalKind::Member, requested: None }
}

fn grant(id: u32, subject: u32, node: u32) -> domain::GrantFact {
    domain::GrantFact {
        id: domain::GrantId::new(id),
        subject: SubjectId::new(subject),
        node: NodeId::new(node),
        what: domain::GrantedWhat::Permissions(Permissions::of(&[Permission::Publish])),
        expires: None,
    }
}

fn project(id: u32, name: &str) -> ProjectFact {
    ProjectFact { id: ProjectId::new(id), key: key(name), team: TeamId::new(id.wrapping_mul(2)) }
}

fn repository(id: u32, project: u32) -> RepositoryFact {
    RepositoryFact {
        id: RepositoryId::new(id),
        project: ProjectId::new(project),
        path: world::path_of("alpha", "jars"),
        format: Format::new("maven"),
        mode: Mode::Hosted,
    }
}

fn key(text: &str) -> ProjectKey {
    ProjectKey::parse(text).unwrap()
}
