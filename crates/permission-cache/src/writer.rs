use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{
    Caller, Explanation, NodeId, NodeName, PolicyChange, PolicyFacts, PolicyVersion, PrincipalId, RightKind,
    Timestamp,
};

use crate::cell::Cell;
use crate::compare::{Differences, differences};
use crate::compile::Compiler;
use crate::explain::Sources;
use crate::model::Model;
use crate::snapshot::Snapshot;

/// The one writer: follows the facts and puts snapshots in force. All of it is synchronous and on the writer's side.
#[derive(Debug)]
pub(crate) struct Writer {
    model: Model,
    compiler: Compiler,
    current: Arc<Snapshot>,
    /// Snapshots out of force that a reader may still look at. The writer frees them, so that no reader ever pays for it.
    retired: Vec<Arc<Snapshot>>,
}

impl Writer {
    /// Compiles everything.
    pub(crate) fn new(facts: PolicyFacts, now: Timestamp) -> Self {
        let model = Model::new(facts, now);
        let mut compiler = Compiler::default();
        let current = Arc::new(compiler.full(&model));
        Self { model, compiler, current, retired: Vec::new() }
    }

    /// What is in force.
    pub(crate) const fn current(&self) -> &Arc<Snapshot> {
        &self.current
    }

    /// The version in force.
    pub(crate) fn version(&self) -> PolicyVersion {
        self.current.version
    }

    /// Whether a grant begins or ceases to hold between the last compilation and `now`.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.model.is_due(now)
    }

    /// Takes in changes up to a version, and the time, and puts the result in force.
    pub(crate) fn follow(
        &mut self,
        changes: Vec<PolicyChange>,
        version: PolicyVersion,
        now: Timestamp,
        cell: &Cell<Snapshot>,
    ) {
        let next = self.next(changes, version, now);
        self.publish(next, cell);
    }

    /// Puts what another writer compiled in force and goes on from there.
    pub(crate) fn replace(&mut self, by: Self, cell: &Cell<Snapshot>) {
        let Self { model, compiler, current, retired: _ } = by;
        self.model = model;
        self.compiler = compiler;
        self.publish(current, cell);
    }

    /// Follows the changes and so does `fresh`, which was compiled from all facts. Puts `fresh` in force if they differ.
    pub(crate) fn compare(
        &mut self,
        mut fresh: Self,
        changes: Vec<PolicyChange>,
        version: PolicyVersion,
        now: Timestamp,
        cell: &Cell<Snapshot>,
    ) -> Differences {
        self.follow(changes.clone(), version, now, cell);
        fresh.current = fresh.next(changes, version, now);
        let found = differences(&self.current, &fresh.current);
        if found.any() {
            self.replace(fresh, cell);
        }
        found
    }

    /// What decides about one principal at one node at a later moment.
    pub(crate) fn later(&self, principal: PrincipalId, node: NodeId, at: Timestamp) -> Snapshot {
        Compiler::later(&self.model, principal.get(), node.get(), at)
    }

    /// Takes changes in and puts nothing in force; tells the principals and the nodes that may be other than before.
    pub(crate) fn rehearse(
        &mut self,
        changes: Vec<PolicyChange>,
        version: PolicyVersion,
        now: Timestamp,
    ) -> (BTreeSet<u32>, BTreeSet<u32>) {
        let touched = self.model.apply(changes, now);
        self.model.version = version;
        let (principals, mut nodes): (BTreeSet<u32>, BTreeSet<u32>) =
            (touched.principals.iter().copied().collect(), touched.nodes.iter().copied().collect());
        if touched.classes {
            nodes.extend(self.model.node_ids());
        }
        self.current = Arc::new(self.compiler.update(&self.model, &self.current, touched));
        (principals, nodes)
    }

    /// Everybody who has a row.
    pub(crate) fn principal_ids(&self) -> BTreeSet<u32> {
        self.model.principal_ids().collect()
    }

    /// Every node.
    pub(crate) fn node_ids(&self) -> BTreeSet<u32> {
        self.model.node_ids().collect()
    }

    /// Why what is in force decides as it does.
    pub(crate) fn explain(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Explanation {
        let classes = self.compiler.classes();
        Sources { snapshot: &self.current, model: &self.model, classes }.explain(caller, name, right)
    }

    fn next(&mut self, changes: Vec<PolicyChange>, version: PolicyVersion, now: Timestamp) -> Arc<Snapshot> {
        let touched = self.model.apply(changes, now);
        self.model.version = version;
        Arc::new(self.compiler.update(&self.model, &self.current, touched))
    }

    fn publish(&mut self, next: Arc<Snapshot>, cell: &Cell<Snapshot>) {
        drop(cell.swap(Arc::clone(&next)));
        self.retired.push(std::mem::replace(&mut self.current, next));
        self.retired.retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }
}
