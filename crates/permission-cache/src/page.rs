//! The rows of the snapshot as plain words. Consecutive rows share a page; each has a fixed place in it and room for what
//! most rows hold, so that reading a row that is in no cache costs one miss. Longer lists spill to the end of the page.
//!
//! ```text
//! page      := pad row[rows] spilled*
//! row       := word[8]                       all zero: absent
//! principal := head list                     head = ceiling | class << 16 | scoped << 20 | spilled << 21 | length << 24
//! node      := head parent class[0, 1] class[2, 3] list      head = kind | spilled << 21 | length << 24
//! list      := the words themselves, or where they begin and end in the page if they spilled
//! ```
//!
//! The list of a principal holds its subjects, or the mask and the projects of its requested rights; the list of a node
//! holds subject and mask of each grant. All are ascending.

use std::sync::Arc;

use domain::{Permissions, PrincipalKind};

use crate::class::{CLASSES, Class};

/// Principals per page: a touched page is copied whole, so it is a few KB.
pub(crate) const SUBJECTS_PER_PAGE: usize = 128;
/// Nodes per page.
pub(crate) const NODES_PER_PAGE: usize = 64;

/// Words of a row: half a cache line.
const ROW_WORDS: usize = 8;
/// Words before the first row, so that with the counters of an `Arc` before them no row crosses a cache line.
const PAD_WORDS: usize = 4;

const SCOPED: u32 = 1 << 20;
const SPILLED: u32 = 1 << 21;
const LENGTH_SHIFT: u32 = 24;

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

/// The requested rights of an application: grant and limit at once, so they are exactly what it has (docs/access.md 2.1).
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
        let Some([head, inline @ ..]) = row(page, place) else { return Self::ABSENT };
        let list = list(page, *head, inline);
        let ceiling = Permissions::from_bits(low(*head));
        let class = Class::ALL.get((head >> 16 & 0xF) as usize).copied().unwrap_or_default();
        if head & SCOPED == 0 {
            return PrincipalRow { subjects: list, class, ceiling, scope: None };
        }
        let scope = list.split_first().map(|(mask, projects)| {
            let permissions = Permissions::from_bits(low(*mask));
            Scope { permissions, projects }
        });
        PrincipalRow { subjects: &[], class, ceiling, scope }
    }

    /// Writes this row to its place.
    pub(crate) fn write(&self, words: &mut Vec<u32>, place: usize) {
        let head = u32::from(self.ceiling.bits()) | (self.class as u32) << 16;
        match self.scope {
            None => put(words, place, [head], self.subjects),
            Some(Scope { permissions, projects }) => {
                let list = [&[permissions.bits().into()], projects].concat();
                put(words, place, [head | SCOPED], &list);
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
        let Some([head, parent, first, second, inline @ ..]) = row(page, place) else { return Self::ABSENT };
        let classes = [low(*first), low(first >> 16), low(*second), low(second >> 16)];
        let grants = list(page, *head, inline).as_chunks().0;
        NodeRow { kind: NodeKind::from_word(head & 0xF), parent: *parent, classes, grants }
    }

    /// Writes this row to its place.
    pub(crate) fn write(&self, words: &mut Vec<u32>, place: usize) {
        let [anonymous, external, application, member] = self.classes.map(u32::from);
        let first = [self.kind as u32, self.parent, anonymous | external << 16, application | member << 16];
        put(words, place, first, self.grants.as_flattened());
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

/// Lays out a page of this many rows; `write` writes the row of a place, or nothing if it is absent.
pub(crate) fn lay_out(rows: usize, mut write: impl FnMut(usize, &mut Vec<u32>)) -> Arc<Page> {
    let mut words = vec![0; PAD_WORDS + rows * ROW_WORDS];
    for place in 0..rows {
        write(place, &mut words);
    }
    words.into()
}

/// Splits an id into the number of its page and its place there.
pub(crate) const fn locate(id: u32, per_page: usize) -> (usize, usize) {
    let id = id as usize;
    (id / per_page, id % per_page)
}

/// Writes the first words of a row and its list, which goes to the end of the page if it does not fit.
fn put<const FIRST: usize>(words: &mut Vec<u32>, place: usize, first: [u32; FIRST], list: &[u32]) {
    let fits = list.len() <= ROW_WORDS - FIRST;
    // No page holds 2³² words: that would be 16 GB.
    let [start, end] =
        [words.len(), words.len() + list.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
    if !fits {
        words.extend_from_slice(list);
    }
    let (inline, mark) = if fits { (list, inline_mark(list.len())) } else { (&[start, end][..], SPILLED) };
    let at = PAD_WORDS + place * ROW_WORDS;
    let Some(row) = words.get_mut(at..at + ROW_WORDS) else { return };
    let values = first.iter().chain(inline);
    row.iter_mut().zip(values).for_each(|(word, value)| *word = *value);
    if let Some(head) = row.first_mut() {
        *head |= mark;
    }
}

fn inline_mark(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(0) << LENGTH_SHIFT
}

fn row(page: &Page, place: usize) -> Option<&[u32; ROW_WORDS]> {
    page.get(PAD_WORDS..)?.as_chunks().0.get(place)
}

fn list<'a>(page: &'a Page, head: u32, inline: &'a [u32]) -> &'a [u32] {
    if head & SPILLED == 0 {
        return inline.get(..(head >> LENGTH_SHIFT) as usize).unwrap_or(&[]);
    }
    let [start, end, ..] = inline else { return &[] };
    page.get(*start as usize..*end as usize).unwrap_or(&[])
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low(word: u32) -> u16 {
    word as u16
}
