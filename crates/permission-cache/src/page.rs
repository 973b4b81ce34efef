use domain::{Permissions, PrincipalKind};

use crate::class::{CLASSES, Class};

/// Principals per page: a touched page is copied whole, so it is a few KB.
pub(crate) const SUBJECTS_PER_PAGE: usize = 128;
/// Nodes per page.
pub(crate) const NODES_PER_PAGE: usize = 64;

/// The rows of consecutive principals.
#[derive(Debug)]
pub(crate) struct SubjectPage {
    rows: [SubjectRow; SUBJECTS_PER_PAGE],
    subjects: Box<[u32]>,
    scopes: Box<[Scope]>,
}

/// Where a principal's list lies in its page. All zero: there is no such principal.
#[derive(Debug, Clone, Copy, Default)]
struct SubjectRow {
    start: u32,
    len: u32,
    ceiling: u16,
    class: Class,
    /// One more than the place in `scopes`; 0 is none.
    scope: u8,
}

/// What the matrix knows about one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrincipalRow<'a> {
    /// Itself and every team it is in other than through the computed ones, ascending.
    pub(crate) subjects: &'a [u32],
    /// Which computed teams it is in.
    pub(crate) class: Class,
    /// What its kind can have at most.
    pub(crate) ceiling: Permissions,
    /// The requested rights of an application.
    pub(crate) scope: Option<&'a Scope>,
}

/// The requested rights of an application: grant and limit at once, so they are exactly what it has (access.md 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Its mask there, not closed: the limit cuts off what closure of the grant would add.
    pub(crate) permissions: Permissions,
    /// The authorised projects, ascending.
    pub(crate) projects: Box<[u32]>,
}

/// Consecutive nodes with their grants.
#[derive(Debug)]
pub(crate) struct NodePage {
    rows: [Row; NODES_PER_PAGE],
    grants: Box<[Grant]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    parent: u32,
    start: u32,
    len: u32,
    classes: [u16; CLASSES],
    kind: NodeKind,
}

/// What the matrix knows about one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeRow<'a> {
    /// Organisation, project, repository, or nothing at all.
    pub(crate) kind: NodeKind,
    /// The project of a repository; 0 for others.
    pub(crate) parent: u32,
    /// What each class of principals has through grants at this very node. For the anonymous class the ceiling is applied.
    pub(crate) classes: [u16; CLASSES],
    /// Grants at this very node, ascending by subject, one each.
    pub(crate) grants: &'a [Grant],
}

/// All that one subject has at one node by its own name, closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) subject: u32,
    pub(crate) mask: u16,
}

/// Which level of the tree a node is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum NodeKind {
    /// No such node.
    #[default]
    Absent,
    /// The root.
    Organisation,
    /// Below the root.
    Project,
    /// Below a project.
    Repository,
}

impl SubjectPage {
    /// Lays out the rows of one page, given in order from its first principal.
    pub(crate) fn new<'a>(rows: impl Iterator<Item = Option<PrincipalRow<'a>>>) -> Self {
        let mut page = [SubjectRow::default(); SUBJECTS_PER_PAGE];
        let mut subjects = Vec::new();
        let mut scopes = Vec::new();
        for (place, row) in page.iter_mut().zip(rows) {
            let Some(row) = row else { continue };
            scopes.extend(row.scope.cloned());
            *place = SubjectRow {
                start: length(subjects.len()),
                len: length(row.subjects.len()),
                ceiling: row.ceiling.bits(),
                class: row.class,
                scope: row.scope.map_or(0, |_| u8::try_from(scopes.len()).unwrap_or(0)),
            };
            subjects.extend_from_slice(row.subjects);
        }
        Self { rows: page, subjects: subjects.into(), scopes: scopes.into() }
    }

    /// The row at this place of the page.
    pub(crate) fn row(&self, place: usize) -> Option<PrincipalRow<'_>> {
        let row = self.rows.get(place)?;
        Some(PrincipalRow {
            subjects: part(&self.subjects, row.start, row.len),
            class: row.class,
            ceiling: Permissions::from_bits(row.ceiling),
            scope: row.scope.checked_sub(1).and_then(|at| self.scopes.get(usize::from(at))),
        })
    }

    /// Bytes of the page with all it holds.
    pub(crate) fn bytes(&self) -> usize {
        let projects: usize = self.scopes.iter().map(|scope| size_of_val(&*scope.projects)).sum();
        size_of::<Self>() + size_of_val(&*self.subjects) + size_of_val(&*self.scopes) + projects
    }
}

impl PrincipalRow<'_> {
    /// What an absent principal has: nothing of its own.
    pub(crate) const ABSENT: Self =
        PrincipalRow { subjects: &[], class: Class::Anonymous, ceiling: Permissions::NONE, scope: None };

    /// The class of a principal of this kind. There is one anonymous principal, and it has no row.
    pub(crate) const fn class_of(kind: PrincipalKind) -> Class {
        if let PrincipalKind::Anonymous = kind { Class::External } else { Class::of(kind) }
    }
}

impl NodePage {
    /// Lays out the rows of one page, given in order from its first node.
    pub(crate) fn new<'a>(rows: impl Iterator<Item = Option<NodeRow<'a>>>) -> Self {
        let mut page = [Row::default(); NODES_PER_PAGE];
        let mut grants = Vec::new();
        for (place, row) in page.iter_mut().zip(rows) {
            let Some(row) = row else { continue };
            *place = Row {
                parent: row.parent,
                start: length(grants.len()),
                len: length(row.grants.len()),
                classes: row.classes,
                kind: row.kind,
            };
            grants.extend_from_slice(row.grants);
        }
        Self { rows: page, grants: grants.into() }
    }

    /// The row at this place of the page.
    pub(crate) fn row(&self, place: usize) -> Option<NodeRow<'_>> {
        let row = self.rows.get(place)?;
        Some(NodeRow {
            kind: row.kind,
            parent: row.parent,
            classes: row.classes,
            grants: part(&self.grants, row.start, row.len),
        })
    }

    /// Bytes of the page with all it holds.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.grants)
    }
}

impl NodeRow<'_> {
    /// What this node alone gives to those classes and subjects.
    pub(crate) const ABSENT: Self =
        NodeRow { kind: NodeKind::Absent, parent: 0, classes: [0; CLASSES], grants: &[] };

    /// What the class has at this very node.
    pub(crate) fn class(&self, class: Class) -> u16 {
        self.classes.get(class as usize).copied().unwrap_or(0)
    }
}

/// Splits an id into the number of its page and its place there.
pub(crate) const fn locate(id: u32, per_page: usize) -> (usize, usize) {
    let id = id as usize;
    (id / per_page, id % per_page)
}

fn part<T>(all: &[T], start: u32, len: u32) -> &[T] {
    let start = start as usize;
    all.get(start..start + len as usize).unwrap_or(&[])
}

/// A length as it is kept in a row. No page holds 2³² items: that would be 16 GB.
fn length(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
