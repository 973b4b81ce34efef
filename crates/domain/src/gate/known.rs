//! Which projects somebody may know of: those they take part in, and those they may read something in (docs/access.md 2.7). To
//! others a project is not there.

use super::{CallerGate, Denied};
use crate::id::ProjectId;
use crate::name::ProjectKey;
use crate::node::{NodeName, Project};
use crate::permission::{Permission, Permissions};
use crate::rights::RightKind;

/// Proof of the set of projects a caller may know of.
#[must_use]
pub struct KnownProjects {
    projects: Vec<(Project, Permissions)>,
}

/// Proof that a caller may know of a project.
#[must_use]
pub struct KnownProject {
    project: Project,
    held: Permissions,
}

impl CallerGate {
    /// The projects this caller may know of.
    pub fn known_projects(&self) -> KnownProjects {
        KnownProjects { projects: self.gate.ports.policy.known_projects(&self.caller).0 }
    }

    /// Whether this caller may know of a project.
    ///
    /// # Errors
    /// `Denied` if not, or if there is no such project: the two look the same.
    pub fn known_project(&self, key: &ProjectKey) -> Result<KnownProject, Denied> {
        let (projects, version) = self.gate.ports.policy.known_projects(&self.caller);
        let found = projects.into_iter().find(|(project, _)| project.key() == key);
        let right = RightKind::Permission(Permission::Read);
        let asked = (NodeName::Project(key), right);
        self.gate.tell(&self.caller, &self.origin, asked, (found.is_some(), version));
        let authenticated = self.caller.is_authenticated();
        let refused = Denied { authenticated, may_know: false, right };
        found.map(|(project, held)| KnownProject { project, held }).ok_or(refused)
    }
}

impl KnownProjects {
    /// What the caller may do in a project as a whole; `None` for one it may not know of.
    #[must_use]
    pub fn held(&self, project: ProjectId) -> Option<Permissions> {
        let found = self.projects.binary_search_by_key(&project, |(known, _)| known.id());
        found.ok().and_then(|index| self.projects.get(index)).map(|(_, held)| *held)
    }

    /// Their ids, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<ProjectId> {
        self.projects.iter().map(|(project, _)| project.id()).collect()
    }
}

impl KnownProject {
    /// Which one.
    #[must_use]
    pub const fn node(&self) -> &Project {
        &self.project
    }

    /// What the caller may do in it as a whole.
    #[must_use]
    pub const fn held(&self) -> Permissions {
        self.held
    }
}
