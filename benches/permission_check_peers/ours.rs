//! The scenario for the permission cache.

use std::sync::Arc;

use domain::{
    BoxFuture, Caller, Changes, Clock, FactSource, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId,
    NodeName, Outcome, Permission, Permissions, Policy, PolicyChange, PolicyFacts, PolicyPoint,
    PolicyVersion, PrincipalFact, PrincipalId, PrincipalKind, ProjectFact, ProjectId, ProjectKey,
    RepositoryFact, RepositoryId, RepositoryPath, RightKind, SourceError, SubjectId, TeamFact, TeamId,
    Timestamp, TokenLimits,
};
use permission_cache::PermissionCache;

use crate::scenario::{self, ACTIONS, Node, Question, Scenario};

const FIRST_USER: u32 = 16;
const FIRST_GROUP: u32 = FIRST_USER + scenario::USERS;
const FIRST_PROJECT_TEAM: u32 = FIRST_GROUP + scenario::GROUPS;
const FIRST_PROJECT: u32 = 16;
const FIRST_REPOSITORY: u32 = FIRST_PROJECT + scenario::PROJECTS;

pub(crate) struct Ours(Arc<PermissionCache>);

/// What a request has at hand when it asks.
pub(crate) struct Asked {
    caller: Caller,
    path: RepositoryPath,
    node: NodeId,
    right: RightKind,
}

struct Fixed(PolicyFacts);
struct StillClock;

impl Ours {
    pub(crate) fn new(scenario: &Scenario, runtime: &tokio::runtime::Runtime) -> Self {
        let source = Arc::new(Fixed(facts(scenario)));
        let cache = runtime.block_on(PermissionCache::open(source, Arc::new(StillClock)));
        Self(cache.expect("facts in memory"))
    }

    pub(crate) fn asked(scenario: &Scenario, question: Question) -> Asked {
        let user = PrincipalId::new(FIRST_USER + question.user);
        let right = Permission::parse(ACTIONS[question.action]).expect("a permission");
        Asked {
            caller: Caller::assertion(user, PrincipalKind::Member, None, TokenLimits::Full),
            path: path(scenario, question.repository),
            node: NodeId::new(FIRST_REPOSITORY + question.repository),
            right: RightKind::Permission(right),
        }
    }

    pub(crate) fn allows(&self, asked: &Asked) -> bool {
        let decision = self.0.decide(&asked.caller, NodeName::Repository(&asked.path), asked.right);
        matches!(decision.outcome, Outcome::Allowed { .. })
    }

    pub(crate) fn allows_by_id(&self, asked: &Asked) -> bool {
        self.0.effective(&asked.caller, asked.node).intersects(asked.right.any_of())
    }
}

fn facts(scenario: &Scenario) -> PolicyFacts {
    let member = |number| PrincipalFact {
        id: PrincipalId::new(FIRST_USER + number),
        kind: PrincipalKind::Member,
        requested: None,
    };
    let team = |(number, users): (u32, &Vec<u32>)| TeamFact {
        id: TeamId::new(FIRST_GROUP + number),
        members: users.iter().map(|user| SubjectId::new(FIRST_USER + user)).collect(),
    };
    let project = |number| ProjectFact {
        id: ProjectId::new(FIRST_PROJECT + number),
        key: key(number),
        team: TeamId::new(FIRST_PROJECT_TEAM + number),
    };
    let repository = |(number, project): (u32, &u32)| RepositoryFact {
        id: RepositoryId::new(FIRST_REPOSITORY + number),
        project: ProjectId::new(FIRST_PROJECT + project),
        path: path(scenario, number),
        format: Format::new("oci"),
        mode: Mode::Hosted,
    };
    let grant = |(id, ((group, node), actions)): (u32, (&(u32, Node), &usize))| GrantFact {
        id: GrantId::new(id),
        subject: SubjectId::new(FIRST_GROUP + group),
        node: match node {
            Node::Project(number) => NodeId::new(FIRST_PROJECT + number),
            Node::Repository(number) => NodeId::new(FIRST_REPOSITORY + number),
        },
        what: GrantedWhat::Permissions(permissions(*actions)),
        expires: None,
    };
    PolicyFacts {
        version: PolicyVersion::new(1),
        principals: (0..scenario::USERS).map(member).collect(),
        teams: (0..).zip(&scenario.groups).map(team).collect(),
        roles: Vec::new(),
        projects: (0..scenario::PROJECTS).map(project).collect(),
        repositories: (0..).zip(&scenario.repositories).map(repository).collect(),
        grants: (1..).zip(&scenario.grants).map(grant).collect(),
    }
}

fn permissions(actions: usize) -> Permissions {
    ACTIONS[..actions].iter().map(|action| Permission::parse(action).expect("a permission")).collect()
}

fn key(project: u32) -> ProjectKey {
    ProjectKey::parse(&format!("project-{project}")).expect("a key")
}

fn path(scenario: &Scenario, repository: u32) -> RepositoryPath {
    let project = scenario.repositories[scenario::as_index(repository)];
    RepositoryPath::parse(&format!("project-{project}/repository-{repository}")).expect("a path")
}

impl FactSource<PolicyFacts> for Fixed {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, PolicyFacts), SourceError>> {
        Box::pin(async { Ok((PolicyPoint::default(), self.0.clone())) })
    }

    fn changes_since(
        &self,
        reached: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<PolicyChange>, SourceError>> {
        Box::pin(async move { Ok(Changes::Each { reached, changes: Vec::new() }) })
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}
