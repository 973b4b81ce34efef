//! A matrix that is in force nowhere: what plans are judged by (docs/api.md 5). The same compiler as for the one in force.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{
    Caller, Effect, NodeId, Permissions, PolicyChange, PolicyFacts, Preview, PrincipalId, SubjectId, TeamId,
    Timestamp,
};

use crate::class::Class;
use crate::page::NodeKind;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

/// Pairs of somebody and a node that are looked at for effects, some tens of nanoseconds each.
const PAIRS_MAX: usize = 4_000_000;

/// Facts as they were compiled, and with the changes.
pub(crate) struct Compiled {
    writer: Writer,
    now: Timestamp,
    before: Arc<Snapshot>,
    principals: BTreeSet<u32>,
    nodes: BTreeSet<u32>,
}

/// The computed teams of the organisation, each with those that are in it and not in the one before.
const COMPUTED: [(TeamId, Class); 3] = [
    (TeamId::ANYONE, Class::Anonymous),
    (TeamId::EVERYONE, Class::Application),
    (TeamId::ORG_MEMBERS, Class::Member),
];

impl Compiled {
    pub(crate) fn new(facts: PolicyFacts, now: Timestamp) -> Self {
        let writer = Writer::new(facts, now);
        let before = Arc::clone(writer.current());
        Self { writer, now, before, principals: BTreeSet::new(), nodes: BTreeSet::new() }
    }

    /// What is other for somebody at a node, beyond what is so at the node above it. Something new there is held against what lies
    /// above it: what is inherited is no gain.
    fn effect(&self, who: SubjectId, node: u32, held: impl Fn(&Snapshot, u32) -> Permissions) -> Effect {
        let (before, after) = (&*self.before, &**self.writer.current());
        let difference = |node: u32| {
            let (was, is) = (held(before, node), held(after, node));
            (is.difference(was), was.difference(is))
        };
        let (mut gains, mut loses) = difference(node);
        let (was, is) = (before.node(node), after.node(node));
        let (parent_was, parent_is) = (above(before, node), above(after, node));
        if let (Some(parent), true) = (parent_is.or(parent_was), node != NodeId::ORGANISATION.get()) {
            let (gained, lost) = difference(parent);
            gains = gains.difference(gained);
            loses = loses.difference(lost);
            if was.kind == NodeKind::Absent {
                gains = gains.difference(held(after, parent));
            }
            if is.kind == NodeKind::Absent {
                loses = loses.difference(held(before, parent));
            }
        }
        Effect { who, node: NodeId::new(node), gains, loses }
    }

    fn of_computed(&self, node: u32) -> impl Iterator<Item = Effect> {
        let mut known = (Permissions::NONE, Permissions::NONE);
        COMPUTED.into_iter().map(move |(team, class)| {
            let mut effect = self.effect(team.into(), node, |snapshot, node| snapshot.of_class(class, node));
            effect.gains = effect.gains.difference(known.0);
            effect.loses = effect.loses.difference(known.1);
            known = (known.0.union(effect.gains), known.1.union(effect.loses));
            effect
        })
    }

    /// Beyond what is told of the computed teams it is in.
    fn of_principal(&self, id: u32, node: u32) -> Effect {
        let principal = PrincipalId::new(id);
        let mut effect =
            self.effect(principal.into(), node, |snapshot, node| snapshot.of_principal(principal, node));
        let class = self.before.principal(principal).class;
        if class != self.writer.current().principal(principal).class {
            return effect;
        }
        // Externals are in `anyone` alone, of which no more is told than who has not logged in may do.
        let told = if class == Class::External { Class::Anonymous } else { class };
        let shared = self.effect(principal.into(), node, |snapshot, node| snapshot.of_class(told, node));
        effect.gains = effect.gains.difference(shared.gains);
        effect.loses = effect.loses.difference(shared.loses);
        effect
    }

    /// Everybody at the nodes that are other, and those who are other everywhere, be it that they are gone.
    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let principals: Vec<u32> = self.writer.principal_ids().union(&self.principals).copied().collect();
        let all: Vec<u32> = self.writer.node_ids().into_iter().collect();
        let at = self
            .nodes
            .iter()
            .flat_map(move |node| principals.clone().into_iter().map(move |principal| (principal, *node)));
        let of = self.principals.iter().flat_map(move |principal| {
            let nodes = all.clone().into_iter().filter(|node| !self.nodes.contains(node));
            nodes.map(move |node| (*principal, node))
        });
        at.chain(of)
    }
}

/// The node that one lies in, if it is there.
fn above(snapshot: &Snapshot, node: u32) -> Option<u32> {
    let row = snapshot.node(node);
    if row.kind == NodeKind::Absent {
        return None;
    }
    Some(if row.parent == 0 { NodeId::ORGANISATION.get() } else { row.parent })
}

impl Preview for Compiled {
    fn held(&self, caller: &Caller, node: NodeId) -> Permissions {
        self.before.effective(caller, node)
    }

    fn lasting(&self, caller: &Caller, node: NodeId, until: Option<Timestamp>) -> Permissions {
        let at = last_moment(self.now, until);
        self.writer.later(caller.principal(), node, at).effective(caller, node)
    }

    fn change(&mut self, changes: Vec<PolicyChange>) {
        let version = self.writer.version();
        (self.principals, self.nodes) = self.writer.rehearse(changes, version, self.now);
    }

    fn would_hold(&self, principal: PrincipalId, node: NodeId) -> Permissions {
        self.writer.current().of_principal(principal, node.get())
    }

    fn effects(&self, limit: usize) -> (Vec<Effect>, bool) {
        let computed = self.nodes.iter().flat_map(|node| self.of_computed(*node));
        let of_each =
            self.pairs().take(PAIRS_MAX).map(|(principal, node)| self.of_principal(principal, node));
        let real = |effect: &Effect| !effect.gains.is_empty() || !effect.loses.is_empty();
        let mut found: Vec<Effect> =
            computed.chain(of_each).filter(real).take(limit.saturating_add(1)).collect();
        let more = found.len() > limit || self.pairs().nth(PAIRS_MAX).is_some();
        found.truncate(limit);
        (found, more)
    }
}

/// The last moment before the end: what holds then holds until the end, as nothing but the end of grants changes it.
pub(crate) fn last_moment(now: Timestamp, until: Option<Timestamp>) -> Timestamp {
    let last = until.map_or(i64::MAX, |end| end.millis().saturating_sub(1));
    Timestamp::from_millis(last).max(now)
}

#[cfg(test)]
mod tests;
