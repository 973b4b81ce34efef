use std::fmt;
use std::sync::Arc;

use crate::id::{NodeId, ProjectId, RepositoryId};
use crate::name::{Format, Mode, ProjectKey, RepositoryName, RepositoryPath};

/// A place in the tree organisation → project → repository that a proof can be about.
pub trait Node: sealed::Sealed + Clone + Send + Sync + 'static {
    /// How it is asked for.
    type Name<'a>: Into<NodeName<'a>>;

    /// Takes the node out of the policy's answer; `None` if it is another kind of node.
    fn from_resolved(resolved: ResolvedNode) -> Option<Self>;

    /// Its id.
    fn node_id(&self) -> NodeId;
}

/// A node as it is asked for: parsed names, not yet known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeName<'a> {
    /// The organisation, `/`.
    Organisation,
    /// A project by key.
    Project(&'a ProjectKey),
    /// A repository by project key and name.
    Repository(&'a RepositoryPath),
}

/// A node as people write it, whether it is there or not: `/`, `alpha` or `alpha/jars`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenNode {
    /// The organisation.
    Organisation,
    /// A project.
    Project(ProjectKey),
    /// A repository.
    Repository(RepositoryPath),
}

/// A node as the policy knows it: never-reused ids with the names they had in the version that decided.
#[derive(Debug, Clone)]
pub enum ResolvedNode {
    /// The organisation.
    Organisation(Organisation),
    /// A project.
    Project(Project),
    /// A repository.
    Repository(Repository),
}

/// The organisation, root of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organisation;

/// A project that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    id: ProjectId,
    key: Arc<ProjectKey>,
}

/// A repository that exists: ids to work with and names to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    id: RepositoryId,
    project: ProjectId,
    format: Format,
    mode: Mode,
    path: Arc<RepositoryPath>,
}

impl WrittenNode {
    /// `None` for what no node can be called.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "/" {
            return Some(Self::Organisation);
        }
        let (key, name) = text.split_once('/').map_or((text, None), |(key, name)| (key, Some(name)));
        let project = ProjectKey::parse(key).ok()?;
        Some(match name {
            None => Self::Project(project),
            Some(name) => {
                let repository = RepositoryName::parse(name).ok()?;
                Self::Repository(RepositoryPath { project, repository })
            }
        })
    }

    /// As the matrix is asked for it.
    #[must_use]
    pub const fn name(&self) -> NodeName<'_> {
        match self {
            Self::Organisation => NodeName::Organisation,
            Self::Project(key) => NodeName::Project(key),
            Self::Repository(path) => NodeName::Repository(path),
        }
    }
}

impl From<NodeName<'_>> for WrittenNode {
    fn from(name: NodeName<'_>) -> Self {
        match name {
            NodeName::Organisation => Self::Organisation,
            NodeName::Project(key) => Self::Project(key.clone()),
            NodeName::Repository(path) => Self::Repository(path.clone()),
        }
    }
}

impl fmt::Display for WrittenNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organisation => f.write_str("/"),
            Self::Project(key) => key.fmt(f),
            Self::Repository(path) => path.fmt(f),
        }
    }
}

impl ResolvedNode {
    /// Its id.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        match self {
            Self::Organisation(node) => node.node_id(),
            Self::Project(node) => node.node_id(),
            Self::Repository(node) => node.node_id(),
        }
    }

    /// As people write it.
    #[must_use]
    pub fn written(&self) -> WrittenNode {
        match self {
            Self::Organisation(_) => WrittenNode::Organisation,
            Self::Project(node) => WrittenNode::Project(node.key().clone()),
            Self::Repository(node) => WrittenNode::Repository(node.path().clone()),
        }
    }
}

impl Project {
    /// For the policy, which resolves names, and for storage, which makes projects.
    #[must_use]
    pub const fn new(id: ProjectId, key: Arc<ProjectKey>) -> Self {
        Self { id, key }
    }

    /// Never-reused id.
    #[must_use]
    pub const fn id(&self) -> ProjectId {
        self.id
    }

    /// Its key in the version that resolved it.
    #[must_use]
    pub fn key(&self) -> &ProjectKey {
        &self.key
    }
}

impl Repository {
    /// For the policy, which resolves names, and for storage, which makes repositories.
    #[must_use]
    pub const fn new(
        id: RepositoryId,
        project: ProjectId,
        format: Format,
        mode: Mode,
        path: Arc<RepositoryPath>,
    ) -> Self {
        Self { id, project, format, mode, path }
    }

    /// Never-reused id.
    #[must_use]
    pub const fn id(&self) -> RepositoryId {
        self.id
    }

    /// The project it belongs to.
    #[must_use]
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    /// The protocol it speaks.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Where its names come from, in the version that resolved it.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Project key and name in the version that resolved it.
    #[must_use]
    pub fn path(&self) -> &RepositoryPath {
        &self.path
    }

    /// Its name in the version that resolved it.
    #[must_use]
    pub fn name(&self) -> &RepositoryName {
        &self.path.repository
    }
}

impl Node for Organisation {
    type Name<'a> = Self;

    fn from_resolved(resolved: ResolvedNode) -> Option<Self> {
        if let ResolvedNode::Organisation(node) = resolved { Some(node) } else { None }
    }

    fn node_id(&self) -> NodeId {
        NodeId::ORGANISATION
    }
}

impl Node for Project {
    type Name<'a> = &'a ProjectKey;

    fn from_resolved(resolved: ResolvedNode) -> Option<Self> {
        if let ResolvedNode::Project(node) = resolved { Some(node) } else { None }
    }

    fn node_id(&self) -> NodeId {
        self.id.into()
    }
}

impl Node for Repository {
    type Name<'a> = &'a RepositoryPath;

    fn from_resolved(resolved: ResolvedNode) -> Option<Self> {
        if let ResolvedNode::Repository(node) = resolved { Some(node) } else { None }
    }

    fn node_id(&self) -> NodeId {
        self.id.into()
    }
}

impl From<Organisation> for NodeName<'_> {
    fn from(_: Organisation) -> Self {
        Self::Organisation
    }
}

impl<'a> From<&'a ProjectKey> for NodeName<'a> {
    fn from(key: &'a ProjectKey) -> Self {
        Self::Project(key)
    }
}

impl<'a> From<&'a RepositoryPath> for NodeName<'a> {
    fn from(path: &'a RepositoryPath) -> Self {
        Self::Repository(path)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Organisation {}
    impl Sealed for super::Project {}
    impl Sealed for super::Repository {}
}
