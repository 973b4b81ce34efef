use domain::Timestamp;

use crate::class::{CLASSES, Class, is_class_subject};
use crate::model::{ClassSubjects, Closure, Model, ModelNode, Touched};
use crate::names::Names;
use crate::page::{
    Grant, NODES_PER_PAGE, NodeKind, NodeRow, PrincipalRow, SUBJECTS_PER_PAGE, Scope, lay_out, locate,
};
use crate::snapshot::{ANONYMOUS_CEILING, Snapshot};

/// Turns the model into snapshots. Keeps what the computed teams are in, which every node's masks depend on.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    classes: ClassSubjects,
}

/// One node's row while it is made.
struct NodeDraft {
    kind: NodeKind,
    parent: u32,
    classes: [u16; CLASSES],
    grants: Vec<Grant>,
}

impl Compiler {
    /// What the computed teams are in, by class.
    #[cfg(not(loom))]
    pub(crate) const fn classes(&self) -> &ClassSubjects {
        &self.classes
    }

    /// Compiles everything.
    pub(crate) fn full(&mut self, model: &Model) -> Snapshot {
        let mut closure = Closure::new(model, model.now());
        self.classes = closure.class_subjects();
        let mut snapshot =
            Snapshot { version: model.version, next_expiry: model.next_expiry(), ..Snapshot::default() };
        set_principals(&mut snapshot, &mut closure, model, model.principal_ids().collect());
        self.set_nodes(&mut snapshot, model, model.now(), model.node_ids().collect());
        let (projects, repositories) = snapshot.names.parts_mut();
        *projects = crate::names::Index::new(model.project_nodes());
        *repositories = crate::names::Index::new(model.repository_nodes());
        snapshot
    }

    /// Compiles what was touched, and shares all other pages with the snapshot before.
    pub(crate) fn update(&mut self, model: &Model, before: &Snapshot, touched: Touched) -> Snapshot {
        let mut snapshot = before.clone();
        snapshot.version = model.version;
        snapshot.next_expiry = model.next_expiry();
        rename(&mut snapshot.names, model, &touched);
        let Touched { principals, mut nodes, classes, .. } = touched;
        let mut closure = Closure::new(model, model.now());
        if classes {
            let subjects = closure.class_subjects();
            if subjects != self.classes {
                self.classes = subjects;
                nodes.extend(model.node_ids());
            }
        }
        set_principals(&mut snapshot, &mut closure, model, principals.into_iter().collect());
        self.set_nodes(&mut snapshot, model, model.now(), nodes.into_iter().collect());
        snapshot
    }

    /// Compiles what decides about one principal at one node, as it will be at a later moment if nothing but time changes it.
    pub(crate) fn later(model: &Model, principal: u32, node: u32, at: Timestamp) -> Snapshot {
        let mut closure = Closure::new(model, at);
        let compiler = Self { classes: closure.class_subjects() };
        let mut snapshot = Snapshot { version: model.version, ..Snapshot::default() };
        set_principals(&mut snapshot, &mut closure, model, vec![principal]);
        compiler.set_nodes(&mut snapshot, model, at, model.path(node));
        snapshot
    }

    fn set_nodes(&self, snapshot: &mut Snapshot, model: &Model, at: Timestamp, mut ids: Vec<u32>) {
        ids.sort_unstable();
        for group in ids.chunk_by(|a, b| page_of(*a, NODES_PER_PAGE) == page_of(*b, NODES_PER_PAGE)) {
            let Some((number, _)) = group.first().map(|id| locate(*id, NODES_PER_PAGE)) else { continue };
            let mut drafts: Vec<Option<NodeDraft>> = Vec::new();
            drafts.resize_with(NODES_PER_PAGE, || None);
            for id in group {
                if let Some(place) = drafts.get_mut(locate(*id, NODES_PER_PAGE).1) {
                    *place = Some(self.draft(model, at, *id));
                }
            }
            let old = snapshot.nodes.page(number);
            let page = lay_out(NODES_PER_PAGE, |place, words| {
                let row = match drafts.get(place) {
                    Some(Some(draft)) => draft.row(),
                    _ => old.map_or(NodeRow::ABSENT, |page| NodeRow::read(page, place)),
                };
                if row.kind != NodeKind::Absent {
                    row.write(words, place);
                }
            });
            snapshot.nodes.set(number, Some(page));
        }
    }

    fn draft(&self, model: &Model, at: Timestamp, node: u32) -> NodeDraft {
        let (kind, parent) = match model.place(node) {
            None => {
                return NodeDraft {
                    kind: NodeKind::Absent,
                    parent: 0,
                    classes: [0; CLASSES],
                    grants: Vec::new(),
                };
            }
            Some(ModelNode::Organisation) => (NodeKind::Organisation, 0),
            Some(ModelNode::Project) => (NodeKind::Project, 0),
            Some(ModelNode::Repository { project }) => (NodeKind::Repository, project),
        };
        let mut classes = [0; CLASSES];
        let mut grants: Vec<Grant> = Vec::new();
        for (subject, permissions) in model.grants_at(node, at) {
            let mask = permissions.bits();
            for (sum, subjects) in classes.iter_mut().zip(&self.classes) {
                *sum |= if subjects.binary_search(&subject).is_ok() { mask } else { 0 };
            }
            if !is_class_subject(subject) {
                grants.push([subject, mask.into()]);
            }
        }
        if let Some(anonymous) = classes.get_mut(Class::Anonymous as usize) {
            *anonymous &= ANONYMOUS_CEILING.bits();
        }
        grants.sort_unstable();
        grants.dedup_by(|[later, more], [kept, mask]| {
            *mask |= if later == kept { *more } else { 0 };
            later == kept
        });
        NodeDraft { kind, parent, classes, grants }
    }
}

impl NodeDraft {
    fn row(&self) -> NodeRow<'_> {
        NodeRow { kind: self.kind, parent: self.parent, classes: self.classes, grants: &self.grants }
    }
}

fn set_principals(snapshot: &mut Snapshot, closure: &mut Closure<'_>, model: &Model, mut ids: Vec<u32>) {
    ids.sort_unstable();
    for group in ids.chunk_by(|a, b| page_of(*a, SUBJECTS_PER_PAGE) == page_of(*b, SUBJECTS_PER_PAGE)) {
        let Some((number, _)) = group.first().map(|id| locate(*id, SUBJECTS_PER_PAGE)) else { continue };
        let mut drafts: Vec<Option<Vec<u32>>> = Vec::new();
        drafts.resize_with(SUBJECTS_PER_PAGE, || None);
        for id in group {
            let scoped = model.principal(*id).is_none_or(|principal| principal.scope.is_some());
            if let Some(place) = drafts.get_mut(locate(*id, SUBJECTS_PER_PAGE).1) {
                *place = Some(if scoped { Vec::new() } else { closure.subjects_of(*id) });
            }
        }
        let old = snapshot.subjects.page(number);
        let first = number * SUBJECTS_PER_PAGE;
        let page = lay_out(SUBJECTS_PER_PAGE, |place, words| {
            let row = match drafts.get(place) {
                Some(Some(subjects)) => {
                    u32::try_from(first + place).ok().and_then(|id| principal_row(model, id, subjects))
                }
                _ => {
                    old.map(|page| PrincipalRow::read(page, place)).filter(|row| *row != PrincipalRow::ABSENT)
                }
            };
            if let Some(row) = row {
                row.write(words, place);
            }
        });
        snapshot.subjects.set(number, Some(page));
    }
}

fn principal_row<'a>(model: &'a Model, id: u32, subjects: &'a [u32]) -> Option<PrincipalRow<'a>> {
    let principal = model.principal(id)?;
    Some(PrincipalRow {
        subjects,
        class: PrincipalRow::class_of(principal.kind),
        ceiling: domain::Ceilings::of(principal.kind),
        scope: principal
            .scope
            .as_ref()
            .map(|(permissions, projects)| Scope { permissions: *permissions, projects }),
    })
}

const fn page_of(id: u32, per_page: usize) -> usize {
    locate(id, per_page).0
}

/// Takes the old names out before it puts the new ones in, so that two nodes may swap theirs.
fn rename(names: &mut Names, model: &Model, touched: &Touched) {
    let (projects, repositories) = names.parts_mut();
    for old in &touched.old_projects {
        projects.remove(old.key(), old.id().get());
    }
    for old in &touched.old_repositories {
        repositories.remove(old.path(), old.id().get());
    }
    for id in &touched.names {
        if let Some(node) = model.project_node(*id) {
            projects.insert(&node);
        }
        if let Some(node) = model.repository_node(*id) {
            repositories.insert(&node);
        }
    }
}
