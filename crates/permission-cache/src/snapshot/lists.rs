//! Rights as lists, for administration: the nodes where somebody has some, and who has some at a node.

use domain::{
    Caller, Holders, NodeId, NodeName, Organisation, Permissions, PrincipalId, ResolvedNode, TokenLimits,
};

use super::{Path, Shared, Snapshot, Sum};
use crate::page::{PrincipalRow, SUBJECTS_PER_PAGE};
use crate::trace::Untraced;

impl Snapshot {
    /// The nodes at and in one where the caller may do something, ascending by name, after a name, at most `most`.
    pub(crate) fn held_within(
        &self,
        caller: &Caller,
        name: NodeName<'_>,
        after: Option<&str>,
        most: usize,
    ) -> Vec<(ResolvedNode, Permissions)> {
        let Some(top) = self.resolve(name) else { return Vec::new() };
        let (projects, repositories) = self.names.nodes();
        let organisation = ResolvedNode::Organisation(Organisation);
        let projects = projects.into_iter().cloned().map(ResolvedNode::Project);
        let repositories = repositories.into_iter().cloned().map(ResolvedNode::Repository);
        let nodes = std::iter::once(organisation).chain(projects).chain(repositories);
        let inside = nodes.filter(|node| Path::to(node).ids().contains(&top.node_id()));
        let held = inside.map(|node| (self.held(caller, Path::to(&node)), node));
        let mut found: Vec<(String, ResolvedNode, Permissions)> = held
            .filter(|(held, _)| !held.is_empty())
            .map(|(held, node)| (node.written().to_string(), node, held))
            .filter(|(text, ..)| after.is_none_or(|after| text.as_str() > after))
            .collect();
        found.sort_unstable_by(|(one, ..), (other, ..)| one.cmp(other));
        found.truncate(most);
        found.into_iter().map(|(_, node, held)| (node, held)).collect()
    }

    /// Who may do any of these at a node by rights of their own, ascending by id, after an id, at most `most`.
    pub(crate) fn holders(
        &self,
        node: NodeId,
        any_of: Permissions,
        after: PrincipalId,
        most: usize,
    ) -> Holders {
        let Some(path) = self.path(node.get()) else { return Holders::default() };
        let anyone = self.held(&Caller::anonymous(), path);
        // What everybody has is told once, not once for everybody: who has nothing more, and is named by no grant, nor put in by a
        // project, is not told of here.
        let own = |id: u32| {
            let row = self.principal(PrincipalId::new(id));
            let sum = self.sum(&row, path, &mut Untraced);
            let sum = Sum { anonymous: 0, ..sum };
            let held = sum.held(&row, &TokenLimits::Full, path, &mut Untraced);
            let is_told = !anyone.contains_all(held) || row.scope.is_some() || self.is_named(&row, path);
            is_told.then_some((PrincipalId::new(id), held))
        };
        let ids = self.principals().filter(|id| *id > after.get());
        let each = ids.filter_map(own).filter(|(_, held)| held.intersects(any_of)).take(most).collect();
        Holders { each, anyone, version: self.version }
    }

    /// Whether a grant on the path is for the principal itself or a team it is in, other than a computed one that a whole class is in.
    fn is_named(&self, row: &PrincipalRow<'_>, path: Path) -> bool {
        let grants = |id: &NodeId| self.node(id.get()).grants;
        path.ids()
            .iter()
            .any(|id| Shared { subjects: row.subjects, grants: grants(id) }.next_grant().is_some())
    }

    /// Every principal that has a row, ascending.
    fn principals(&self) -> impl Iterator<Item = u32> {
        self.subjects.pages().flat_map(|(number, page)| {
            let present = (0..SUBJECTS_PER_PAGE)
                .filter(|place| PrincipalRow::read(page, *place) != PrincipalRow::ABSENT);
            present.filter_map(move |place| u32::try_from(number * SUBJECTS_PER_PAGE + place).ok())
        })
    }
}
