//! The definition of docs/access.md 2.1, as literally as possible: no indexes, no compilation, nothing remembered. Slow, and
//! meant to be read. Tests and benchmarks hold the permission cache against it.

use std::collections::BTreeSet;

use domain::{
    BuiltinRole, Caller, Ceilings, GrantFact, GrantedWhat, NodeId, NodeName, Permission, Permissions,
    PolicyChange, PolicyFacts, PrincipalFact, PrincipalId, PrincipalKind, ProjectId, RepositoryId, RightKind,
    SubjectId, TeamId, Timestamp, Who,
};

/// The facts as they hold at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Oracle<'a> {
    facts: &'a PolicyFacts,
    now: Timestamp,
}

/// What the oracle says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, on this node, where the caller holds these.
    Allowed(NodeId, Permissions),
    /// No.
    Refused {
        /// Whether the caller holds Probe there.
        may_know: bool,
    },
}

impl<'a> Oracle<'a> {
    /// Judges these facts at this moment.
    #[must_use]
    pub const fn new(facts: &'a PolicyFacts, now: Timestamp) -> Self {
        Self { facts, now }
    }

    /// allow(token t of p, action a, r) ⇔ `need(a)` ⊆ ((`E(p,r)` ∧ OR of t's limits on `path(r)`) ∨ `E(anonymous,r)`)
    #[must_use]
    pub fn decide(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Answer {
        let Some(node) = self.resolve(name) else { return Answer::Refused { may_know: false } };
        let held = self.effective(caller, node);
        if held.intersects(right.any_of()) {
            return Answer::Allowed(node, held);
        }
        Answer::Refused { may_know: held.contains(Permission::Read) || held.contains(Permission::Publish) }
    }

    /// (`E(p,r)` ∧ OR of t's limits on `path(r)`) ∨ `E(anonymous,r)`
    #[must_use]
    pub fn effective(&self, caller: &Caller, node: NodeId) -> Permissions {
        let path = self.path(node);
        let through_token = match caller.who() {
            Who::Anonymous => Permissions::NONE,
            Who::Principal(id, _) => self.principal(id).map_or(Permissions::NONE, |fact| {
                self.e(fact, &path).intersection(caller.limits().allowed_on(&path))
            }),
        };
        through_token.union(self.e(&ANONYMOUS, &path))
    }

    /// The repositories this caller may read.
    #[must_use]
    pub fn readable(&self, caller: &Caller) -> Vec<RepositoryId> {
        let all: BTreeSet<RepositoryId> =
            self.facts.repositories.iter().map(|repository| repository.id).collect();
        all.into_iter().filter(|id| self.effective(caller, (*id).into()).contains(Permission::Read)).collect()
    }

    /// The projects the caller takes part in by a grant at the project that reaches them other than through the computed
    /// teams of the whole organisation, or may read something in.
    #[must_use]
    pub fn visible_projects(&self, caller: &Caller) -> Vec<ProjectId> {
        let all: BTreeSet<ProjectId> = self.facts.projects.iter().map(|project| project.id).collect();
        let readable = self.readable(caller);
        let reads_in = |project| {
            let mut inside =
                self.facts.repositories.iter().filter(|repository| repository.project == project);
            inside.any(|repository| readable.contains(&repository.id))
        };
        let reads = |project: ProjectId| self.effective(caller, project.into()).contains(Permission::Read);
        all.into_iter()
            .filter(|project| self.takes_part(caller, *project) || reads(*project) || reads_in(*project))
            .collect()
    }

    /// `E(p,r)` = `G(p,r)` ∧ `ceiling[kind(p)]` ∧ OR of p's own limits on `path(r)`
    fn e(&self, principal: &PrincipalFact, path: &[NodeId]) -> Permissions {
        let g = self.g(principal, path).intersection(Ceilings::of(principal.kind));
        self.requested(principal, path).map_or(g, |limit| g.intersection(limit))
    }

    /// `G(p,r)` = closure of the OR of the masks of all unexpired grants whose subject is in `subjects(p)` and whose
    /// node is in `path(r)`; requested rights are one such grant on each authorised project.
    fn g(&self, principal: &PrincipalFact, path: &[NodeId]) -> Permissions {
        let subjects = self.subjects(principal);
        let grants =
            self.unexpired().filter(|grant| subjects.contains(&grant.subject) && path.contains(&grant.node));
        let granted = grants.fold(Permissions::NONE, |sum, grant| sum.union(self.mask(grant)));
        granted.union(self.requested(principal, path).unwrap_or_default()).closed()
    }

    /// Own limits: only an application that names requested rights has them.
    fn requested(&self, principal: &PrincipalFact, path: &[NodeId]) -> Option<Permissions> {
        let scope = principal.requested.as_ref().filter(|_| principal.kind == PrincipalKind::Application)?;
        let authorised = scope.projects.iter().any(|project| path.contains(&(*project).into()));
        Some(if authorised { scope.permissions } else { Permissions::NONE })
    }

    /// `subjects(p)` = p itself, every team that contains p transitively, and p's built-in teams, among them the computed
    /// team of each project on which an unexpired grant of `project-member` names one of `subjects(p)`.
    fn subjects(&self, principal: &PrincipalFact) -> BTreeSet<SubjectId> {
        let computed: &[TeamId] = match principal.kind {
            PrincipalKind::Member => &[TeamId::ANYONE, TeamId::EVERYONE, TeamId::ORG_MEMBERS],
            PrincipalKind::Application => &[TeamId::ANYONE, TeamId::EVERYONE],
            PrincipalKind::Collaborator | PrincipalKind::Guest | PrincipalKind::Anonymous => {
                &[TeamId::ANYONE]
            }
        };
        let itself = std::iter::once(principal.id.into());
        self.least_fixed_point(itself.chain(computed.iter().map(|team| (*team).into())).collect())
    }

    fn least_fixed_point(&self, mut subjects: BTreeSet<SubjectId>) -> BTreeSet<SubjectId> {
        loop {
            let before = subjects.len();
            for team in self.facts.teams.iter().filter(|team| !COMPUTED.contains(&team.id)) {
                if team.members.iter().any(|member| subjects.contains(member)) {
                    subjects.insert(team.id.into());
                }
            }
            for project in &self.facts.projects {
                let mut members = self.unexpired().filter(|grant| {
                    grant.node == project.id.into() && self.builtin(grant) == Some(BuiltinRole::ProjectMember)
                });
                if members.any(|grant| subjects.contains(&grant.subject)) {
                    subjects.insert(project.team.into());
                }
            }
            if subjects.len() == before {
                return subjects;
            }
        }
    }

    fn takes_part(&self, caller: &Caller, project: ProjectId) -> bool {
        let Who::Principal(id, _) = caller.who() else { return false };
        let Some(principal) = self.principal(id) else { return false };
        if principal.requested.is_some() && principal.kind == PrincipalKind::Application {
            return false;
        }
        let in_particular = self.least_fixed_point(BTreeSet::from([id.into()]));
        let mut named = self.unexpired().filter(|grant| grant.node == project.into());
        let reached = !caller.limits().allowed_on(&self.path(project.into())).is_empty();
        reached && named.any(|grant| in_particular.contains(&grant.subject))
    }

    fn path(&self, node: NodeId) -> Vec<NodeId> {
        let project = |id: ProjectId| self.facts.projects.iter().any(|project| project.id == id);
        if node == NodeId::ORGANISATION || project(ProjectId::new(node.get())) {
            return BTreeSet::from([node, NodeId::ORGANISATION]).into_iter().collect();
        }
        let repository =
            self.facts.repositories.iter().find(|repository| NodeId::from(repository.id) == node);
        match repository {
            Some(found) if project(found.project) => vec![node, found.project.into(), NodeId::ORGANISATION],
            _ => Vec::new(),
        }
    }

    fn resolve(&self, name: NodeName<'_>) -> Option<NodeId> {
        match name {
            NodeName::Organisation => Some(NodeId::ORGANISATION),
            NodeName::Project(key) => {
                let found = self.facts.projects.iter().filter(|project| project.key == *key);
                found.map(|project| project.id.into()).min()
            }
            NodeName::Repository(path) => {
                let in_project = |id| {
                    self.facts.projects.iter().any(|project| project.id == id && project.key == path.project)
                };
                let found = self.facts.repositories.iter().filter(|repository| {
                    repository.path.repository == path.repository && in_project(repository.project)
                });
                found.map(|repository| repository.id.into()).min()
            }
        }
    }

    fn principal(&self, id: PrincipalId) -> Option<&PrincipalFact> {
        self.facts.principals.iter().find(|fact| fact.id == id && id != PrincipalId::ANONYMOUS)
    }

    fn unexpired(&self) -> impl Iterator<Item = &'a GrantFact> {
        let now = self.now;
        self.facts.grants.iter().filter(move |grant| grant.expires.is_none_or(|at| now < at))
    }

    fn mask(&self, grant: &GrantFact) -> Permissions {
        match grant.what {
            GrantedWhat::Permissions(permissions) => permissions,
            GrantedWhat::Role(id) => {
                let role = self.facts.roles.iter().find(|role| role.id == id);
                role.map_or(Permissions::NONE, |role| role.permissions)
            }
        }
    }

    fn builtin(&self, grant: &GrantFact) -> Option<BuiltinRole> {
        let GrantedWhat::Role(id) = grant.what else { return None };
        self.facts.roles.iter().find(|role| role.id == id)?.builtin
    }
}

const ANONYMOUS: PrincipalFact =
    PrincipalFact { id: PrincipalId::ANONYMOUS, kind: PrincipalKind::Anonymous, requested: None };

const COMPUTED: [TeamId; 3] = [TeamId::ANYONE, TeamId::EVERYONE, TeamId::ORG_MEMBERS];

/// Makes the facts what they are after a change.
pub fn apply(facts: &mut PolicyFacts, change: &PolicyChange) {
    macro_rules! put {
        ($list:ident, $id:expr, $fact:expr) => {{
            facts.$list.retain(|one| one.id != *$id);
            facts.$list.extend($fact.clone());
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
