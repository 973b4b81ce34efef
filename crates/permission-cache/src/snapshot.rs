use std::cmp::Ordering;

use domain::{
    Caller, Ceilings, Decision, NodeId, NodeName, Organisation, Outcome, Permission, Permissions,
    PolicyVersion, PrincipalId, PrincipalKind, Project, ProjectId, RepositoryId, Requested, ResolvedNode,
    RightKind, Timestamp, TokenLimits, Who,
};

use crate::class::Class;
use crate::ids::{IdMap, sorted};
use crate::names::{ARC_BYTES, Names};
use crate::page::{
    Grant, NODES_PER_PAGE, NodeKind, NodeRow, Page, PrincipalRow, SUBJECTS_PER_PAGE, Scope, locate,
};
use crate::paged::Paged;
use crate::trace::{Trace, Untraced};

#[cfg(not(loom))]
mod lists;

/// The whole matrix at one version; never changed once built.
///
/// A decision walks at most three nodes, intersects two sorted lists at each, and combines masks. It is bounded by the
/// lengths of those lists, takes no lock, allocates nothing and hashes nothing but the name that was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    pub(crate) version: PolicyVersion,
    /// When the next grant runs out; the writer looks at it, decisions do not.
    pub(crate) next_expiry: Option<Timestamp>,
    pub(crate) subjects: Paged<Page>,
    pub(crate) nodes: Paged<Page>,
    pub(crate) names: Names,
}

/// The way from a node up to the organisation.
#[derive(Debug, Clone, Copy)]
struct Path {
    nodes: [NodeId; 3],
    len: usize,
}

/// What grants along a path come to, before anything is cut off.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    granted: u16,
    anonymous: u16,
}

impl Snapshot {
    /// May this caller do this there? The definition is docs/access.md 2.1, its naive form the oracle.
    pub(crate) fn decide(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Decision {
        self.decide_traced(caller, name, right, &mut Untraced)
    }

    /// The same, told to somebody while it is made.
    pub(crate) fn decide_traced(
        &self,
        caller: &Caller,
        name: NodeName<'_>,
        right: RightKind,
        trace: &mut impl Trace,
    ) -> Decision {
        let outcome = self.resolve(name).map_or(Outcome::Refused { may_know: false }, |node| {
            let held = self.held_traced(caller, Path::to(&node), trace);
            if held.intersects(right.any_of()) {
                Outcome::Allowed { node, held }
            } else {
                Outcome::Refused { may_know: held.intersects(RightKind::Probe.any_of()) }
            }
        });
        Decision { outcome, version: self.version }
    }

    /// Why that is so, which is the first stage that leaves nothing of the right, and what is left of others.
    #[cfg(not(loom))]
    pub(crate) fn verdict(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> domain::Verdict {
        let version = self.version;
        let Some(node) = self.resolve(name) else { return domain::Verdict::nothing_known(version) };
        let mut stages = domain::Stages::NOTHING;
        let held = self.held_traced(caller, Path::to(&node), &mut stages);
        domain::Verdict { reason: stages.reason(right.any_of()), held, version }
    }

    /// Everything the caller may do at a node named by its id; nothing if there is no such node.
    pub(crate) fn effective(&self, caller: &Caller, node: NodeId) -> Permissions {
        self.path(node.get()).map_or(Permissions::NONE, |path| self.held(caller, path))
    }

    /// The same for a principal without any token.
    pub(crate) fn of_principal(&self, principal: PrincipalId, node: u32) -> Permissions {
        let Some(path) = self.path(node) else { return Permissions::NONE };
        let row = self.principal(principal);
        self.own(&row, path)
    }

    /// What everybody of a class has at a node.
    pub(crate) fn of_class(&self, class: Class, node: u32) -> Permissions {
        let Some(path) = self.path(node) else { return Permissions::NONE };
        let masks = path.ids().iter().map(|id| self.node(id.get()).class(class));
        Permissions::from_bits(masks.fold(0, |sum, mask| sum | mask))
    }

    /// Everything a principal may do at a node or somewhere in it, without the limits of any token. Walks all nodes but for a
    /// repository: for what is given away, not for every request.
    pub(crate) fn somewhere(&self, principal: PrincipalId, name: NodeName<'_>) -> Permissions {
        let Some(node) = self.resolve(name) else { return Permissions::NONE };
        let row = self.principal(principal);
        let held = |path: Path| self.own(&row, path);
        let own = held(Path::to(&node));
        let lies_in = |repository: &NodeRow<'_>| match &node {
            ResolvedNode::Organisation(_) => true,
            ResolvedNode::Project(project) => repository.parent == project.id().get(),
            ResolvedNode::Repository(_) => false,
        };
        let projects = self.nodes_of(NodeKind::Project);
        let projects = projects.filter(|_| matches!(node, ResolvedNode::Organisation(_)));
        let repositories = self.nodes_of(NodeKind::Repository).filter(|(_, row)| lies_in(row));
        let below = projects.chain(repositories).filter_map(|(id, _)| self.path(id));
        below.fold(own, |sum, path| sum.union(held(path)))
    }

    /// The repositories the caller may read, ascending. What the nodes above give is worked out once each.
    pub(crate) fn readable(&self, caller: &Caller) -> Vec<RepositoryId> {
        let row = self.row_of(caller);
        let organisation = self.at(&row, NodeId::ORGANISATION, &mut Untraced);
        let projects: IdMap<Sum> = self
            .nodes_of(NodeKind::Project)
            .map(|(id, node)| (id, organisation.plus(Sum::at(&row, NodeId::new(id), &node, &mut Untraced))))
            .collect();
        let may_read = |(id, node): (u32, NodeRow<'_>)| {
            let above = projects.get(&node.parent).copied().unwrap_or_default();
            let path = Path::of(NodeId::new(id), NodeId::new(node.parent), 3);
            let sum = above.plus(Sum::at(&row, NodeId::new(id), &node, &mut Untraced));
            let held = sum.held(&row, caller.limits(), path, &mut Untraced);
            held.contains(Permission::Read).then_some(RepositoryId::new(id))
        };
        self.nodes_of(NodeKind::Repository).filter_map(may_read).collect()
    }

    /// The projects the caller takes part in, or may read something in, ascending.
    pub(crate) fn visible_projects(&self, caller: &Caller) -> Vec<ProjectId> {
        let mut visible: Vec<u32> = self
            .nodes_of(NodeKind::Project)
            .map(|(id, _)| id)
            .filter(|id| self.takes_part(caller, *id) || self.may_read(caller, NodeId::new(*id)))
            .collect();
        let readable = self.readable(caller);
        visible.extend(readable.into_iter().map(|repository| self.node(repository.get()).parent));
        sorted(visible).into_iter().map(ProjectId::new).collect()
    }

    /// The same with their names, and with what the caller may do in each as a whole.
    pub(crate) fn known_projects(&self, caller: &Caller) -> Vec<(Project, Permissions)> {
        let visible = self.visible_projects(caller);
        let (projects, _) = self.names.nodes();
        let known = projects.into_iter().filter(|project| visible.binary_search(&project.id()).is_ok());
        let held =
            |project: &Project| self.held(caller, Path::of(project.id().into(), NodeId::ORGANISATION, 2));
        known.map(|project| (project.clone(), held(project))).collect()
    }

    /// `(E(p,r) ∧ limits of the token) ∨ E(anonymous,r)`, all masks closed when they were compiled.
    fn held(&self, caller: &Caller, path: Path) -> Permissions {
        self.held_traced(caller, path, &mut Untraced)
    }

    fn held_traced(&self, caller: &Caller, path: Path, trace: &mut impl Trace) -> Permissions {
        let row = self.row_of(caller);
        self.sum(&row, path, trace).held(&row, caller.limits(), path, trace)
    }

    /// Without the limits of any token.
    fn own(&self, row: &PrincipalRow<'_>, path: Path) -> Permissions {
        self.sum(row, path, &mut Untraced).held(row, &TokenLimits::Full, path, &mut Untraced)
    }

    fn sum(&self, row: &PrincipalRow<'_>, path: Path, trace: &mut impl Trace) -> Sum {
        path.ids().iter().fold(Sum::default(), |sum, id| sum.plus(self.at(row, *id, trace)))
    }

    fn at(&self, row: &PrincipalRow<'_>, id: NodeId, trace: &mut impl Trace) -> Sum {
        Sum::at(row, id, &self.node(id.get()), trace)
    }

    /// The anonymous caller has nothing of its own either: what it has comes in by the last term.
    pub(crate) fn row_of(&self, caller: &Caller) -> PrincipalRow<'_> {
        match caller.who() {
            Who::Anonymous => PrincipalRow::ABSENT,
            Who::Principal(id, _) => self.principal(id),
        }
    }

    fn may_read(&self, caller: &Caller, node: NodeId) -> bool {
        self.effective(caller, node).contains(Permission::Read)
    }

    /// Whether a grant at the project itself names the caller or one of its teams, be it an empty one (docs/design.md 2,
    /// `collaborator`). A token sees this only if its limits reach the project.
    fn takes_part(&self, caller: &Caller, project: u32) -> bool {
        let Who::Principal(principal, _) = caller.who() else { return false };
        let Some(path) = self.path(project) else { return false };
        let row = self.principal(principal);
        !caller.limits().allowed_on(path.ids()).is_empty()
            && row.scope.is_none()
            && Shared { subjects: row.subjects, grants: self.node(project).grants }.next_grant().is_some()
    }

    pub(crate) fn resolve(&self, name: NodeName<'_>) -> Option<ResolvedNode> {
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
        self.subjects.page(page).map_or(PrincipalRow::ABSENT, |page| PrincipalRow::read(page, place))
    }

    /// The row of a node; an absent one has no grants.
    pub(crate) fn node(&self, id: u32) -> NodeRow<'_> {
        let (page, place) = locate(id, NODES_PER_PAGE);
        self.nodes.page(page).map_or(NodeRow::ABSENT, |page| NodeRow::read(page, place))
    }

    fn nodes_of(&self, kind: NodeKind) -> impl Iterator<Item = (u32, NodeRow<'_>)> {
        self.nodes.pages().flat_map(move |(number, page)| {
            let rows = (0..NODES_PER_PAGE)
                .map(move |place| (number * NODES_PER_PAGE + place, NodeRow::read(page, place)));
            rows.filter(move |(_, row)| row.kind == kind)
                .filter_map(|(id, row)| Some((u32::try_from(id).ok()?, row)))
        })
    }

    /// Bytes of memory: the matrix, and the names that lead into it.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let pages = self.subjects.pages().chain(self.nodes.pages());
        let pages: usize = pages.map(|(_, page)| ARC_BYTES + size_of_val(page)).sum();
        (pages + self.subjects.bytes() + self.nodes.bytes(), self.names.bytes())
    }
}

impl Sum {
    fn at(row: &PrincipalRow<'_>, id: NodeId, node: &NodeRow<'_>, trace: &mut impl Trace) -> Self {
        let (class, anonymous) = (node.class(row.class), node.class(Class::Anonymous));
        trace.class(id, class | anonymous);
        let granted = class | overlap(row.subjects, node.grants, |grant| trace.grant(id, grant));
        Self { granted, anonymous }
    }

    const fn plus(self, other: Self) -> Self {
        Self { granted: self.granted | other.granted, anonymous: self.anonymous | other.anonymous }
    }

    /// Ceiling, the principal's own limits, the token's limits; and never less than what everybody has.
    fn held(
        self,
        row: &PrincipalRow<'_>,
        limits: &TokenLimits,
        path: Path,
        trace: &mut impl Trace,
    ) -> Permissions {
        trace.sum(self.granted, self.anonymous);
        let own = match row.scope {
            None => Permissions::from_bits(self.granted),
            Some(Scope { permissions, projects }) => {
                let authorised = path.ids().iter().any(|id| projects.binary_search(&id.get()).is_ok());
                trace.requested(Requested { permissions, authorised });
                if authorised { permissions } else { Permissions::NONE }
            }
        };
        trace.cuts(row.ceiling, || limits.allowed_on(path.ids()));
        let own = own.intersection(row.ceiling);
        // Without anything to cut the limits need not be looked through.
        let through_token =
            if own.is_empty() { own } else { own.intersection(limits.allowed_on(path.ids())) };
        through_token.union(Permissions::from_bits(self.anonymous))
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

/// The masks of the grants whose subject is in the list, united; each is told of.
fn overlap(subjects: &[u32], grants: &[Grant], mut tell: impl FnMut(Grant)) -> u16 {
    let mut sum = 0;
    let mut rest = Shared { subjects, grants };
    while let Some(grant) = rest.next_grant() {
        tell(grant);
        sum |= grant[1];
    }
    #[expect(clippy::cast_possible_truncation, reason = "masks have 16 bits, as they were compiled")]
    {
        sum as u16
    }
}

/// Two ascending lists on the way to what they share. Lists alike in length are walked together; if one is much longer,
/// it is searched for each item of the other.
struct Shared<'a> {
    subjects: &'a [u32],
    grants: &'a [Grant],
}

/// From this ratio of lengths on, searching the longer list beats walking it.
const SEARCH_RATIO: usize = 16;

impl Shared<'_> {
    /// The next grant whose subject is in the list.
    fn next_grant(&mut self) -> Option<Grant> {
        loop {
            let ([subject, subjects @ ..], [grant, grants @ ..]) = (self.subjects, self.grants) else {
                return None;
            };
            let [named, _] = *grant;
            match subject.cmp(&named) {
                Ordering::Equal => {
                    (self.subjects, self.grants) = (subjects, grants);
                    return Some(*grant);
                }
                Ordering::Less if subjects.len() / SEARCH_RATIO > grants.len() => {
                    let skip = subjects.partition_point(|one| *one < named);
                    self.subjects = subjects.get(skip..)?;
                }
                Ordering::Less => self.subjects = subjects,
                Ordering::Greater if grants.len() / SEARCH_RATIO > subjects.len() => {
                    let skip = grants.partition_point(|[one, _]| one < subject);
                    self.grants = grants.get(skip..)?;
                }
                Ordering::Greater => self.grants = grants,
            }
        }
    }
}

/// What the anonymous principal can have at most, applied when its masks are compiled.
pub(crate) const ANONYMOUS_CEILING: Permissions = Ceilings::of(PrincipalKind::Anonymous);
