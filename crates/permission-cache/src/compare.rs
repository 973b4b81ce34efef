use domain::PrincipalId;

use crate::page::{NODES_PER_PAGE, SUBJECTS_PER_PAGE};
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

/// Compares row by row, whatever the pages look like.
pub(crate) fn differences(one: &Snapshot, other: &Snapshot) -> Differences {
    let pages =
        |snapshot: &Snapshot| snapshot.subjects.pages().map(|(number, _)| number + 1).last().unwrap_or(0);
    let principals = ids(pages(one).max(pages(other)) * SUBJECTS_PER_PAGE)
        .filter(|id| one.principal(PrincipalId::new(*id)) != other.principal(PrincipalId::new(*id)))
        .count();
    let pages =
        |snapshot: &Snapshot| snapshot.nodes.pages().map(|(number, _)| number + 1).last().unwrap_or(0);
    let nodes = ids(pages(one).max(pages(other)) * NODES_PER_PAGE)
        .filter(|id| one.node(*id) != other.node(*id))
        .count();
    let (projects, repositories) = one.names.nodes();
    let (other_projects, other_repositories) = other.names.nodes();
    let names = unlike(&projects, &other_projects) + unlike(&repositories, &other_repositories);
    Differences { principals, nodes, names }
}

fn ids(end: usize) -> impl Iterator<Item = u32> {
    0..=u32::try_from(end).unwrap_or(u32::MAX)
}

fn unlike<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).filter(|(a, b)| a != b).count() + one.len().abs_diff(other.len())
}
