use domain::{
    Caller, Ceilings, Decision, NodeId, NodeName, Organisation, Outcome, Permission, Permissions,
    PolicyVersion, PrincipalId, PrincipalKind, ProjectId, RepositoryId, ResolvedNode, RightKind, Timestamp,
    Who,
};

use crate::class::Class;
use crate::names::Names;
use crate::page::{
    Grant, NODES_PER_PAGE, NodeKind, NodePage, NodeRow, PrincipalRow, SUBJECTS_PER_PAGE, SubjectPage, locate,
};
use crate::paged::Paged;

/// The whole matrix at one version; never changed once built.
///
/// A decision walks at most three nodes, intersects two sorted lists at each, and combines masks. It is bounded by the
/// lengths of those lists, takes no lock, allocates nothing and hashes nothing but the name that was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) version: PolicyVersion,
    /// When the next grant runs out; the writer looks at it, decisions do not.
    pub(crate) next_expiry: Option<Timestamp>,
    pub(crate) subjects: Paged<SubjectPage>,
    pub(crate) nodes: Paged<NodePage>,
    pub(crate) names: Names,
}

/// The way from a node up to the organisation.
#[derive(Debug, Clone, Copy)]
struct Path {
    nodes: [NodeId; 3],
    len: usize,
}

impl Snapshot {
    /// May this caller do this there? The definition is access.md 2.1, its naive form the oracle.
    pub(crate) fn decide(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Decision {
        let outcome = self.resolve(name).map_or(Outcome::Refused { may_know: false }, |node| {
            let held = self.held(caller, Path::to(&node));
            if held.intersects(right.any_of()) {
                Outcome::Allowed { node, held }
            } else {
                Outcome::Refused { may_know: held.intersects(RightKind::Probe.any_of()) }
            }
        });
        Decision { outcome, version: self.version }
    }

    /// Everything the caller may do at a node named by its id; nothing if there is no such node.
    pub(crate) fn effective(&self, caller: &Caller, node: NodeId) -> Permissions {
        self.path(node.get()).map_or(Permissions::NONE, |path| self.held(caller, path))
    }

    /// The repositories the caller may read, ascending.
    pub(crate) fn readable(&self, caller: &Caller) -> Vec<RepositoryId> {
        let all = self.ids_of(NodeKind::Repository);
        all.filter(|id| self.may_read(caller, NodeId::new(*id))).map(RepositoryId::new).collect()
    }

    /// The projects the caller takes part in, or may read something in, ascending.
    pub(crate) fn visible_projects(&self, caller: &Caller) -> Vec<ProjectId> {
        let mut visible: Vec<u32> = self
            .ids_of(NodeKind::Project)
            .filter(|id| self.takes_part(caller, *id) || self.may_read(caller, NodeId::new(*id)))
            .collect();
        let readable = self.readable(caller);
        visible.extend(readable.into_iter().map(|repository| self.node(repository.get()).parent));
        crate::ids::sorted(visible).into_iter().map(ProjectId::new).collect()
    }

    /// `(E(p,r) ∧ limits of the token) ∨ E(anonymous,r)`, all masks closed when they were compiled.
    fn held(&self, caller: &Caller, path: Path) -> Permissions {
        let Who::Principal(principal, _) = caller.who() else { return self.anonymous(path) };
        let row = self.principal(principal);
        let mut granted = 0;
        let mut anonymous = 0;
        for id in path.ids() {
            let node = self.node(id.get());
            granted |= node.class(row.class) | overlap(row.subjects, node.grants);
            anonymous |= node.class(Class::Anonymous);
        }
        let own = row.scope.map_or_else(
            || Permissions::from_bits(granted),
            |scope| {
                let authorised = path.ids().iter().any(|id| scope.projects.binary_search(&id.get()).is_ok());
                if authorised { scope.permissions } else { Permissions::NONE }
            },
        );
        let through_token =
            own.intersection(row.ceiling).intersection(caller.limits().allowed_on(path.ids()));
        through_token.union(Permissions::from_bits(anonymous))
    }

    fn anonymous(&self, path: Path) -> Permissions {
        let nodes = path.ids().iter().map(|id| self.node(id.get()).class(Class::Anonymous));
        Permissions::from_bits(nodes.fold(0, |sum, mask| sum | mask))
    }

    fn may_read(&self, caller: &Caller, node: NodeId) -> bool {
        self.effective(caller, node).contains(Permission::Read)
    }

    /// Whether a grant at the project itself names the caller or one of its teams, be it an empty one (design §2,
    /// `collaborator`). A token sees this only if its limits reach the project.
    fn takes_part(&self, caller: &Caller, project: u32) -> bool {
        let Who::Principal(principal, _) = caller.who() else { return false };
        let Some(path) = self.path(project) else { return false };
        let row = self.principal(principal);
        !caller.limits().allowed_on(path.ids()).is_empty()
            && row.scope.is_none()
            && shared(row.subjects, self.node(project).grants).next().is_some()
    }

    fn resolve(&self, name: NodeName<'_>) -> Option<ResolvedNode> {
        Some(match name {
            NodeName::Organisation => ResolvedNode::Organisation(Organisation),
            NodeName::Project(key) => ResolvedNode::Project(self.names.project(key)?.clone()),
            NodeName::Repository(path) => ResolvedNode::Repository(self.names.repository(path)?.clone()),
        })
    }

    fn path(&self, id: u32) -> Option<Path> {
        let node = self.node(id);
        let id = NodeId::new(id);
        match node.kind {
            NodeKind::Absent => None,
            NodeKind::Organisation => Some(Path::of(id, id, 1)),
            NodeKind::Project => Some(Path::of(id, NodeId::ORGANISATION, 2)),
            NodeKind::Repository => Some(Path::of(id, NodeId::new(node.parent), 3)),
        }
    }

    /// The row of a principal; an absent one has nothing of its own.
    pub(crate) fn principal(&self, id: PrincipalId) -> PrincipalRow<'_> {
        let (page, place) = locate(id.get(), SUBJECTS_PER_PAGE);
        self.subjects.page(page).and_then(|page| page.row(place)).unwrap_or(PrincipalRow::ABSENT)
    }

    /// The row of a node; an absent one has no grants.
    pub(crate) fn node(&self, id: u32) -> NodeRow<'_> {
        let (page, place) = locate(id, NODES_PER_PAGE);
        self.nodes.page(page).and_then(|page| page.row(place)).unwrap_or(NodeRow::ABSENT)
    }

    fn ids_of(&self, kind: NodeKind) -> impl Iterator<Item = u32> {
        self.nodes.pages().flat_map(move |(number, page)| {
            (0..NODES_PER_PAGE)
                .filter(move |place| page.row(*place).is_some_and(|row| row.kind == kind))
                .filter_map(move |place| u32::try_from(number * NODES_PER_PAGE + place).ok())
        })
    }

    /// Bytes of memory: the matrix, and the names that lead into it.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let subjects: usize = self.subjects.pages().map(|(_, page)| page.bytes()).sum();
        let nodes: usize = self.nodes.pages().map(|(_, page)| page.bytes()).sum();
        (subjects + nodes + self.subjects.bytes() + self.nodes.bytes(), self.names.bytes())
    }
}

impl Path {
    const fn of(node: NodeId, project: NodeId, len: usize) -> Self {
        Self { nodes: [node, project, NodeId::ORGANISATION], len }
    }

    fn to(node: &ResolvedNode) -> Self {
        match node {
            ResolvedNode::Organisation(_) => Self::of(NodeId::ORGANISATION, NodeId::ORGANISATION, 1),
            ResolvedNode::Project(node) => Self::of(node.id().into(), NodeId::ORGANISATION, 2),
            ResolvedNode::Repository(node) => Self::of(node.id().into(), node.project().into(), 3),
        }
    }

    fn ids(&self) -> &[NodeId] {
        self.nodes.get(..self.len).unwrap_or(&[])
    }
}

/// The masks of the grants whose subject is in the list, united.
fn overlap(subjects: &[u32], grants: &[Grant]) -> u16 {
    shared(subjects, grants).fold(0, |sum, mask| sum | mask)
}

/// The masks of the grants whose subject is in the list. Both are sorted: the shorter is walked, the longer searched
/// from where the last hit was, or both are walked if their lengths are alike.
fn shared<'a>(subjects: &'a [u32], grants: &'a [Grant]) -> Shared<'a> {
    Shared { subjects, grants }
}

struct Shared<'a> {
    subjects: &'a [u32],
    grants: &'a [Grant],
}

/// From this ratio of lengths on, searching the longer list beats walking it.
const SEARCH_RATIO: usize = 16;

impl Iterator for Shared<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        loop {
            let (subject, grant) = (*self.subjects.first()?, *self.grants.first()?);
            if subject == grant.subject {
                self.subjects = self.subjects.get(1..)?;
                self.grants = self.grants.get(1..)?;
                return Some(grant.mask);
            }
            if subject < grant.subject {
                let far = self.subjects.len() / SEARCH_RATIO > self.grants.len();
                let skip = if far { self.subjects.partition_point(|one| *one < grant.subject) } else { 1 };
                self.subjects = self.subjects.get(skip..)?;
            } else {
                let far = self.grants.len() / SEARCH_RATIO > self.subjects.len();
                let skip = if far { self.grants.partition_point(|one| one.subject < subject) } else { 1 };
                self.grants = self.grants.get(skip..)?;
            }
        }
    }
}

/// What the anonymous principal can have at most, applied when its masks are compiled.
pub(crate) const ANONYMOUS_CEILING: Permissions = Ceilings::of(PrincipalKind::Anonymous);
