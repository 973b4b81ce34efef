use crate::page::{NODES_PER_PAGE, NodeRow, Page, PrincipalRow, SUBJECTS_PER_PAGE};
use crate::paged::Paged;
use crate::snapshot::Snapshot;

/// How many rows of two snapshots are not alike. Equal rows decide equally, as a decision reads nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Differences {
    pub(crate) principals: usize,
    pub(crate) nodes: usize,
    pub(crate) names: usize,
}

impl Differences {
    /// Whether there is any.
    pub(crate) const fn any(self) -> bool {
        self.principals + self.nodes + self.names > 0
    }
}

/// Compares row by row. A page of absent rows is as good as none.
pub(crate) fn differences(one: &Snapshot, other: &Snapshot) -> Differences {
    let principals = unlike_rows(&one.subjects, &other.subjects, SUBJECTS_PER_PAGE, |a, b, place| {
        PrincipalRow::read(a, place) != PrincipalRow::read(b, place)
    });
    let nodes = unlike_rows(&one.nodes, &other.nodes, NODES_PER_PAGE, |a, b, place| {
        NodeRow::read(a, place) != NodeRow::read(b, place)
    });
    let (projects, repositories) = one.names.nodes();
    let (other_projects, other_repositories) = other.names.nodes();
    let names = unlike(&projects, &other_projects) + unlike(&repositories, &other_repositories);
    Differences { principals, nodes, names }
}

fn unlike_rows(
    one: &Paged<Page>,
    other: &Paged<Page>,
    rows: usize,
    differ: impl Fn(&Page, &Page, usize) -> bool,
) -> usize {
    let count = |a: &Page, b: &Page| (0..rows).filter(|place| differ(a, b, *place)).count();
    let in_one = one.pages().map(|(number, page)| count(page, other.page(number).unwrap_or(&[])));
    let only_in_other = other.pages().filter(|(number, _)| one.page(*number).is_none());
    in_one.sum::<usize>() + only_in_other.map(|(_, page)| count(&[], page)).sum::<usize>()
}

fn unlike<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).filter(|(a, b)| a != b).count() + one.len().abs_diff(other.len())
}
