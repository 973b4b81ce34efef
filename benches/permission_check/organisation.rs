//! A large organisation, the same on every run.

use domain::{
    BuiltinRole, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId, Permission, Permissions, PolicyFacts,
    PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact, ProjectId, ProjectKey,
    RepositoryFact, RepositoryId, RepositoryName, RepositoryPath, RoleFact, RoleId, SubjectId, TeamFact,
    TeamId,
};

/// How large it is (docs/design.md 9).
pub(crate) const PRINCIPALS: u32 = 200_000;
pub(crate) const TEAMS: u32 = 20_000;
pub(crate) const MEMBERSHIPS: u32 = 1_000_000;
pub(crate) const PROJECTS: u32 = 5_000;
pub(crate) const REPOSITORIES: u32 = 50_000;
pub(crate) const GRANTS: u32 = 90_000;

pub(crate) const FIRST_PRINCIPAL: u32 = SubjectId::FIRST_FREE;
const FIRST_TEAM: u32 = FIRST_PRINCIPAL + PRINCIPALS;
const FIRST_PROJECT_TEAM: u32 = FIRST_TEAM + TEAMS;
const FIRST_PROJECT: u32 = 16;
pub(crate) const FIRST_REPOSITORY: u32 = FIRST_PROJECT + PROJECTS;

/// Each project's own copies of these, in this order.
const ROLES: [BuiltinRole; 3] =
    [BuiltinRole::ProjectAdmin, BuiltinRole::ProjectMember, BuiltinRole::OrganisationMember];

/// Numbers that look random and never change (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed >> 33) % u64::from(end)).expect("below a u32")
    }
}

/// All of it. Nine in ten principals are members, one in twenty teams lies in another; every project has a role for the
/// organisation's members, an administrator and members; a tenth of the repositories is public.
pub(crate) fn facts() -> PolicyFacts {
    let mut dice = Dice::new(4);
    let mut facts = PolicyFacts { version: PolicyVersion::new(1), ..PolicyFacts::default() };
    facts.principals = (0..PRINCIPALS).map(principal).collect();
    facts.teams = teams(&mut dice);
    for number in 0..PROJECTS {
        let id = ProjectId::new(FIRST_PROJECT + number);
        let team = TeamId::new(FIRST_PROJECT_TEAM + number);
        facts.projects.push(ProjectFact { id, key: key(number), team });
        for (at, builtin) in ROLES.into_iter().enumerate() {
            let at = u32::try_from(at).expect("three");
            let permissions = builtin.template();
            facts.roles.push(RoleFact {
                id: role(number, at),
                project: Some(id),
                builtin: Some(builtin),
                permissions,
            });
        }
    }
    facts.repositories = (0..REPOSITORIES).map(|number| repository(number, project_of(number))).collect();
    grants(&mut facts, &mut dice);
    facts
}

/// The project a repository lies in: not its neighbours', as in a database that grew over years.
pub(crate) const fn project_of(repository: u32) -> u32 {
    repository.wrapping_mul(2_654_435_761) % PROJECTS
}

pub(crate) fn repository_id(number: u32) -> RepositoryId {
    RepositoryId::new(FIRST_REPOSITORY + number)
}

pub(crate) fn path(number: u32) -> RepositoryPath {
    let repository = RepositoryName::parse(&format!("repository-{number}")).expect("a name");
    RepositoryPath { project: key(project_of(number)), repository }
}

/// A grant nothing else depends on, for the writer of the benches.
pub(crate) fn extra_grant(number: u32, dice: &mut Dice) -> GrantFact {
    let node = NodeId::from(repository_id(dice.below(REPOSITORIES)));
    grant(GRANTS + 1 + number, team(dice), node, GrantedWhat::Permissions(read_publish()))
}

fn grants(facts: &mut PolicyFacts, dice: &mut Dice) {
    let mut next = 0;
    let mut add = |subject: SubjectId, node: NodeId, what: GrantedWhat| {
        next += 1;
        facts.grants.push(grant(next, subject, node, what));
    };
    for number in 0..PROJECTS {
        let project = NodeId::new(FIRST_PROJECT + number);
        add(person(dice), project, GrantedWhat::Role(role(number, 0)));
        add(TeamId::ORG_MEMBERS.into(), project, GrantedWhat::Role(role(number, 2)));
        for _ in 0..2 {
            add(team(dice), project, GrantedWhat::Role(role(number, 1)));
            add(person(dice), project, GrantedWhat::Role(role(number, 1)));
        }
    }
    for number in (0..REPOSITORIES).step_by(10) {
        let read = GrantedWhat::Permissions(Permissions::of(&[Permission::Read]));
        add(TeamId::ANYONE.into(), repository_id(number).into(), read);
    }
    for number in 0..100 {
        let read = GrantedWhat::Permissions(Permissions::of(&[Permission::Read]));
        add(SubjectId::new(FIRST_TEAM + number), NodeId::ORGANISATION, read);
    }
    for number in 0..500 {
        let other = SubjectId::new(FIRST_PROJECT_TEAM + dice.below(PROJECTS));
        add(other, repository_id(number).into(), GrantedWhat::Permissions(read_publish()));
    }
    let rest = GRANTS - u32::try_from(facts.grants.len()).expect("few");
    for number in 0..rest {
        let subject = if number % 8 == 0 { person(dice) } else { team(dice) };
        let node = repository_id(dice.below(REPOSITORIES)).into();
        let id = GRANTS - number;
        facts.grants.push(grant(id, subject, node, GrantedWhat::Permissions(read_publish())));
    }
}

fn teams(dice: &mut Dice) -> Vec<TeamFact> {
    let mut teams: Vec<TeamFact> = (0..TEAMS)
        .map(|number| TeamFact { id: TeamId::new(FIRST_TEAM + number), members: Vec::new() })
        .collect();
    // A team may lie in an earlier one: no circles, chains of a few.
    for number in (20..TEAMS).step_by(20) {
        let outer = usize::try_from(dice.below(number)).expect("an index");
        teams[outer].members.push(SubjectId::new(FIRST_TEAM + number));
    }
    let nested = u32::try_from(teams.iter().map(|team| team.members.len()).sum::<usize>()).expect("few");
    for membership in 0..MEMBERSHIPS - nested {
        let principal = membership % PRINCIPALS;
        if kind(principal).is_external() {
            continue;
        }
        let team = usize::try_from(dice.below(TEAMS)).expect("an index");
        teams[team].members.push(SubjectId::new(FIRST_PRINCIPAL + principal));
    }
    teams
}

fn principal(number: u32) -> PrincipalFact {
    PrincipalFact { id: PrincipalId::new(FIRST_PRINCIPAL + number), kind: kind(number), requested: None }
}

pub(crate) const fn kind(number: u32) -> PrincipalKind {
    match number % 100 {
        0 => PrincipalKind::Collaborator,
        1 => PrincipalKind::Guest,
        2..10 => PrincipalKind::Application,
        _ => PrincipalKind::Member,
    }
}

fn person(dice: &mut Dice) -> SubjectId {
    SubjectId::new(FIRST_PRINCIPAL + dice.below(PRINCIPALS))
}

fn team(dice: &mut Dice) -> SubjectId {
    SubjectId::new(FIRST_TEAM + dice.below(TEAMS))
}

fn role(project: u32, at: u32) -> RoleId {
    RoleId::new(1 + project * 3 + at)
}

fn key(project: u32) -> ProjectKey {
    ProjectKey::parse(&format!("project-{project}")).expect("a key")
}

fn repository(number: u32, project: u32) -> RepositoryFact {
    let formats = ["oci", "maven", "nuget"].map(Format::new);
    let format = formats[usize::try_from(number % 3).expect("an index")];
    RepositoryFact {
        id: repository_id(number),
        project: ProjectId::new(FIRST_PROJECT + project),
        path: path(number),
        format,
        mode: Mode::Hosted,
    }
}

fn grant(id: u32, subject: SubjectId, node: NodeId, what: GrantedWhat) -> GrantFact {
    GrantFact { id: GrantId::new(id), subject, node, what, expires: None }
}

const fn read_publish() -> Permissions {
    Permissions::of(&[Permission::Read, Permission::Publish])
}
