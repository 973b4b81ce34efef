//! The rows of the snapshot as plain words: consecutive rows share a page, and all that one row holds lies side by side,
//! so that reading a row that is in no cache costs one miss or two.
//!
//! ```text
//! page      := start[rows + 1] row*          start[i] is where row i begins, start[i + 1] where it ends; empty: absent
//! principal := head subject*                 ascending; head = ceiling | class << 16 | 0
//!            | head mask project*            ascending; head = ceiling | class << 16 | 1 << 24: requested rights
//! node      := kind parent class[0, 1] class[2, 3] (subject mask)*      ascending by subject, one each
//! ```

use std::sync::Arc;

use domain::{Permissions, PrincipalKind};

use crate::class::{CLASSES, Class};

/// Principals per page: a touched page is copied whole, so it is a few KB.
pub(crate) const SUBJECTS_PER_PAGE: usize = 128;
/// Nodes per page.
pub(crate) const NODES_PER_PAGE: usize = 64;

/// The words of a page.
pub(crate) type Page = [u32];

/// What the matrix knows about one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PrincipalRow<'a> {
    /// Itself and every team it is in other than through the computed ones, ascending. Empty if it has a scope.
    pub(crate) subjects: &'a [u32],
    /// Which computed teams it is in.
    pub(crate) class: Class,
    /// What its kind can have at most.
    pub(crate) ceiling: Permissions,
    /// The requested rights of an application.
    pub(crate) scope: Option<Scope<'a>>,
}

/// The requested rights of an application: grant and limit at once, so they are exactly what it has (access.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    /// Its mask there, not closed: the limit cuts off what closure of the grant would add.
    pub(crate) permissions: Permissions,
    /// The authorised projects, ascending.
    pub(crate) projects: &'a [u32],
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
    /// Grants at this very node to subjects by name: subject and closed mask, ascending by subject, one each.
    pub(crate) grants: &'a [Grant],
}

/// All that one subject has at one node by its own name: the subject, and its closed mask.
pub(crate) type Grant = [u32; 2];

/// Which level of the tree a node is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    /// No such node.
    Absent,
    /// The root.
    Organisation,
    /// Below the root.
    Project,
    /// Below a project.
    Repository,
}

impl<'a> PrincipalRow<'a> {
    /// What an absent principal has: nothing of its own.
    pub(crate) const ABSENT: Self =
        PrincipalRow { subjects: &[], class: Class::Anonymous, ceiling: Permissions::NONE, scope: None };

    /// The class of a principal of this kind. There is one anonymous principal, and it has no row.
    pub(crate) const fn class_of(kind: PrincipalKind) -> Class {
        if let PrincipalKind::Anonymous = kind { Class::External } else { Class::of(kind) }
    }

    /// Reads a row of a page.
    pub(crate) fn read(page: &'a Page, place: usize) -> Self {
        let Some((head, rest)) = row(page, place).split_first() else { return Self::ABSENT };
        let ceiling = Permissions::from_bits(low(*head));
        let class = Class::ALL.get((head >> 16 & 0xFF) as usize).copied().unwrap_or_default();
        if head >> 24 == 0 {
            return PrincipalRow { subjects: rest, class, ceiling, scope: None };
        }
        let scope = rest.split_first().map(|(mask, projects)| {
            let permissions = Permissions::from_bits(low(*mask));
            Scope { permissions, projects }
        });
        PrincipalRow { subjects: &[], class, ceiling, scope }
    }

    /// Adds the words of this row.
    pub(crate) fn write(&self, words: &mut Vec<u32>) {
        let scoped = u32::from(self.scope.is_some()) << 24;
        words.push(u32::from(self.ceiling.bits()) | (self.class as u32) << 16 | scoped);
        match self.scope {
            None => words.extend_from_slice(self.subjects),
            Some(scope) => {
                words.push(scope.permissions.bits().into());
                words.extend_from_slice(scope.projects);
            }
        }
    }
}

impl<'a> NodeRow<'a> {
    /// What no node gives to anybody.
    pub(crate) const ABSENT: Self =
        NodeRow { kind: NodeKind::Absent, parent: 0, classes: [0; CLASSES], grants: &[] };

    /// Reads a row of a page.
    pub(crate) fn read(page: &'a Page, place: usize) -> Self {
        let [kind, parent, first, second, grants @ ..] = row(page, place) else { return Self::ABSENT };
        let classes = [low(*first), low(first >> 16), low(*second), low(second >> 16)];
        NodeRow { kind: NodeKind::from_word(*kind), parent: *parent, classes, grants: grants.as_chunks().0 }
    }

    /// Adds the words of this row.
    pub(crate) fn write(&self, words: &mut Vec<u32>) {
        let [anonymous, external, application, member] = self.classes.map(u32::from);
        let classes = [anonymous | external << 16, application | member << 16];
        words.extend([self.kind as u32, self.parent].into_iter().chain(classes));
        words.extend_from_slice(self.grants.as_flattened());
    }

    /// What the class has at this very node.
    pub(crate) fn class(&self, class: Class) -> u16 {
        self.classes.get(class as usize).copied().unwrap_or(0)
    }
}

impl NodeKind {
    const fn from_word(word: u32) -> Self {
        match word {
            1 => Self::Organisation,
            2 => Self::Project,
            3 => Self::Repository,
            _ => Self::Absent,
        }
    }
}

/// Lays out a page of this many rows; `write` adds the words of the row at a place, or none if it is absent.
pub(crate) fn lay_out(rows: usize, mut write: impl FnMut(usize, &mut Vec<u32>)) -> Arc<Page> {
    let mut words = vec![0; rows + 1];
    for place in 0..rows {
        mark(&mut words, place);
        write(place, &mut words);
    }
    mark(&mut words, rows);
    words.into()
}

/// Splits an id into the number of its page and its place there.
pub(crate) const fn locate(id: u32, per_page: usize) -> (usize, usize) {
    let id = id as usize;
    (id / per_page, id % per_page)
}

/// Notes that the row at `place` begins where the words end now. No page holds 2³² words: that would be 16 GB.
fn mark(words: &mut [u32], place: usize) {
    let at = u32::try_from(words.len()).unwrap_or(u32::MAX);
    if let Some(start) = words.get_mut(place) {
        *start = at;
    }
}

fn row(page: &Page, place: usize) -> &[u32] {
    let Some(&[start, end]) = page.get(place..place + 2) else { return &[] };
    page.get(start as usize..end as usize).unwrap_or(&[])
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low(word: u32) -> u16 {
    word as u16
}
