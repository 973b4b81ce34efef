use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use domain::{
    BuiltinRole, Format, GrantFact, GrantedWhat, Mode, Permissions, PolicyFacts, PolicyVersion,
    PrincipalKind, ProjectId, ProjectKey, Repository, RepositoryId, RepositoryPath, RoleFact, Timestamp,
};

use crate::ids::{IdMap, IdSet};

mod change;
mod closure;
mod lists;

#[cfg(not(loom))]
pub(crate) use closure::Reach;
pub(crate) use closure::{ClassSubjects, Closure};
use lists::{add, remove};

/// The facts with the indexes a change needs to find what it touches. Held by the one writer; readers never see it.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) version: PolicyVersion,
    now: Timestamp,
    principals: IdMap<Principal>,
    /// Team → who is in it directly, ascending; the computed teams are not here.
    members: IdMap<Vec<u32>>,
    /// Project → who holds `project-member` on it directly, ascending.
    holders: IdMap<Vec<u32>>,
    /// Subject → the teams it is in directly, one entry for each way it is in.
    containers: IdMap<Vec<u32>>,
    roles: IdMap<RoleFact>,
    projects: IdMap<ProjectEntry>,
    /// Computed team → its project.
    team_projects: IdMap<Vec<u32>>,
    repositories: IdMap<RepositoryEntry>,
    project_repositories: IdMap<Vec<u32>>,
    grants: IdMap<GrantFact>,
    /// Node → its grants, each with the subject: most are passed over for that alone.
    node_grants: IdMap<Vec<(u32, u32)>>,
    role_grants: IdMap<Vec<u32>>,
    subject_grants: IdMap<u32>,
    expiries: BTreeMap<Timestamp, Vec<u32>>,
}

#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) kind: PrincipalKind,
    /// The requested rights and the authorised projects, ascending.
    pub(crate) scope: Option<(Permissions, Box<[u32]>)>,
}

#[derive(Debug)]
struct ProjectEntry {
    key: Arc<ProjectKey>,
    team: u32,
}

#[derive(Debug)]
struct RepositoryEntry {
    project: u32,
    format: Format,
    mode: Mode,
    path: Arc<RepositoryPath>,
}

/// What a batch of changes touched, and so what has to be compiled again.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Everybody at or below these may be in other teams now.
    subjects: IdSet,
    /// Projects whose `project-member` grants may have changed.
    projects: IdSet,
    /// Principals whose row may be another.
    pub(crate) principals: IdSet,
    /// Nodes whose grants may be others.
    pub(crate) nodes: IdSet,
    /// Whether what the computed teams are in may have changed.
    pub(crate) classes: bool,
    /// Projects and repositories whose name may be another.
    pub(crate) names: IdSet,
    /// Names that led to these until now.
    pub(crate) old_projects: Vec<domain::Project>,
    /// The same for repositories.
    pub(crate) old_repositories: Vec<Repository>,
}

/// A node as it is in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelNode {
    Organisation,
    Project,
    Repository { project: u32 },
}

impl Model {
    /// Indexes the facts as they are at `now`.
    pub(crate) fn new(facts: PolicyFacts, now: Timestamp) -> Self {
        let mut model = Self::empty(facts.version, now);
        let mut touched = Touched::default();
        let PolicyFacts { version: _, principals, teams, roles, projects, repositories, grants } = facts;
        for fact in roles {
            model.set_role(fact.id.get(), Some(fact), &mut touched);
        }
        for fact in principals {
            model.set_principal(fact.id.get(), Some(fact), &mut touched);
        }
        for fact in teams {
            model.set_team(fact.id.get(), Some(fact), &mut touched);
        }
        for fact in projects {
            model.set_project(fact.id.get(), Some(fact), &mut touched);
        }
        for fact in repositories {
            model.set_repository(fact.id.get(), Some(fact), &mut touched);
        }
        for fact in grants {
            model.set_grant(fact.id.get(), Some(fact), &mut touched);
        }
        model.settle_holders(&mut touched);
        model
    }

    /// Every principal that has a row.
    pub(crate) fn principal_ids(&self) -> impl Iterator<Item = u32> {
        self.principals.keys().copied()
    }

    /// Every node there may be a row for.
    pub(crate) fn node_ids(&self) -> impl Iterator<Item = u32> {
        let below = self.projects.keys().chain(self.repositories.keys()).copied();
        std::iter::once(domain::NodeId::ORGANISATION.get()).chain(below)
    }

    pub(crate) fn principal(&self, id: u32) -> Option<&Principal> {
        self.principals.get(&id)
    }

    /// What and where a node is; a repository is nowhere without its project.
    pub(crate) fn place(&self, node: u32) -> Option<ModelNode> {
        if node == domain::NodeId::ORGANISATION.get() {
            return Some(ModelNode::Organisation);
        }
        if self.projects.contains_key(&node) {
            return Some(ModelNode::Project);
        }
        let project = self.repositories.get(&node)?.project;
        self.projects.contains_key(&project).then_some(ModelNode::Repository { project })
    }

    pub(crate) fn project_node(&self, id: u32) -> Option<domain::Project> {
        let entry = self.projects.get(&id)?;
        Some(domain::Project::new(ProjectId::new(id), Arc::clone(&entry.key)))
    }

    pub(crate) fn repository_node(&self, id: u32) -> Option<Repository> {
        let entry = self.repositories.get(&id)?;
        self.projects.get(&entry.project)?;
        let project = ProjectId::new(entry.project);
        let (id, path) = (RepositoryId::new(id), Arc::clone(&entry.path));
        Some(Repository::new(id, project, entry.format, entry.mode, path))
    }

    pub(crate) fn project_nodes(&self) -> Vec<domain::Project> {
        self.projects.keys().filter_map(|id| self.project_node(*id)).collect()
    }

    pub(crate) fn repository_nodes(&self) -> Vec<Repository> {
        self.repositories.keys().filter_map(|id| self.repository_node(*id)).collect()
    }

    /// The grants at exactly this node that are in force at a moment: subject and closed mask, in no order, several of one subject
    /// possible.
    pub(crate) fn grants_at(&self, node: u32, at: Timestamp) -> impl Iterator<Item = (u32, Permissions)> {
        self.live_at(node, at).map(|grant| (grant.subject.get(), self.gives(grant).closed()))
    }

    /// What a grant comes to, not closed.
    pub(crate) fn gives(&self, grant: &GrantFact) -> Permissions {
        match grant.what {
            GrantedWhat::Permissions(permissions) => permissions,
            GrantedWhat::Role(role) => {
                self.roles.get(&role.get()).map_or(Permissions::NONE, |role| role.permissions)
            }
        }
    }

    /// The grants at exactly this node to subjects that are reached, also those that ran out, in no order.
    #[cfg(not(loom))]
    pub(crate) fn grant_facts(&self, node: u32, reach: &Reach) -> impl Iterator<Item = &GrantFact> {
        let grants = self.node_grants.get(&node).map_or(&[][..], Vec::as_slice);
        let reached = grants.iter().filter(|(_, subject)| reach.has(*subject));
        reached.filter_map(|(id, _)| self.grants.get(id))
    }

    /// Whether a grant is in force at the present moment of the model.
    #[cfg(not(loom))]
    pub(crate) fn is_live(&self, grant: &GrantFact) -> bool {
        is_live(grant, self.now)
    }

    /// When the next grant runs out, if any does.
    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        let after = (Bound::Excluded(self.now), Bound::Unbounded);
        self.expiries.range(after).next().map(|(at, _)| *at)
    }

    /// The moment that everything in force is compiled for.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// A node and those it lies in.
    pub(crate) fn path(&self, node: u32) -> Vec<u32> {
        let project = match self.place(node) {
            None => return Vec::new(),
            Some(ModelNode::Organisation | ModelNode::Project) => None,
            Some(ModelNode::Repository { project }) => Some(project),
        };
        crate::ids::sorted([node, domain::NodeId::ORGANISATION.get()].into_iter().chain(project).collect())
    }

    fn live_at(&self, node: u32, at: Timestamp) -> impl Iterator<Item = &GrantFact> {
        let ids = self.node_grants.get(&node).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|(id, _)| self.grants.get(id)).filter(move |grant| is_live(grant, at))
    }

    fn is_project_member(&self, grant: &GrantFact) -> bool {
        let GrantedWhat::Role(role) = grant.what else { return false };
        self.roles.get(&role.get()).is_some_and(|role| role.builtin == Some(BuiltinRole::ProjectMember))
    }

    fn empty(version: PolicyVersion, now: Timestamp) -> Self {
        Self {
            version,
            now,
            principals: IdMap::default(),
            members: IdMap::default(),
            holders: IdMap::default(),
            containers: IdMap::default(),
            roles: IdMap::default(),
            projects: IdMap::default(),
            team_projects: IdMap::default(),
            repositories: IdMap::default(),
            project_repositories: IdMap::default(),
            grants: IdMap::default(),
            node_grants: IdMap::default(),
            role_grants: IdMap::default(),
            subject_grants: IdMap::default(),
            expiries: BTreeMap::new(),
        }
    }
}

fn is_live(grant: &GrantFact, at: Timestamp) -> bool {
    grant.expires.is_none_or(|expires| at < expires)
}
