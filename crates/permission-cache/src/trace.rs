//! How a decision comes about, told while it is made. What decides requests tells nobody, which compiles to nothing; so what is
//! explained is the decision itself and no second one.

use domain::{NodeId, Permissions, Requested, Stages};

use crate::page::Grant;

/// Told of each part of a decision.
pub(crate) trait Trace {
    /// All that a class of principals has at a node, if that is anything.
    fn class(&mut self, _node: NodeId, _mask: u16) {}

    /// A subject's grants at a node, the subject being the principal or a team of it.
    fn grant(&mut self, _node: NodeId, _grant: Grant) {}

    /// What all of them come to, and what everybody has.
    fn sum(&mut self, _granted: u16, _public: u16) {}

    /// What an application requests, in place of grants.
    fn requested(&mut self, _requested: Requested) {}

    /// The ceiling, and what the token leaves, which is worked out for who wants to know.
    fn cuts(&mut self, _ceiling: Permissions, _limits: impl FnOnce() -> Permissions) {}
}

/// Nobody listens.
pub(crate) struct Untraced;

impl Trace for Untraced {}

/// Keeps what every stage came to.
impl Trace for Stages {
    fn sum(&mut self, granted: u16, public: u16) {
        self.granted = Permissions::from_bits(granted);
        self.public = Permissions::from_bits(public);
    }

    fn requested(&mut self, requested: Requested) {
        self.requested = Some(requested);
    }

    fn cuts(&mut self, ceiling: Permissions, limits: impl FnOnce() -> Permissions) {
        self.ceiling = ceiling;
        self.limits = limits();
    }
}

/// Keeps besides who had something where.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) stages: Stages,
    /// Where a class had something.
    pub(crate) classes: Vec<NodeId>,
    /// Where which subject had something.
    pub(crate) grants: Vec<(NodeId, u32)>,
}

#[cfg(not(loom))]
impl Record {
    pub(crate) const fn new() -> Self {
        Self { stages: Stages::NOTHING, classes: Vec::new(), grants: Vec::new() }
    }
}

#[cfg(not(loom))]
impl Trace for Record {
    fn class(&mut self, node: NodeId, mask: u16) {
        if mask != 0 {
            self.classes.push(node);
        }
    }

    fn grant(&mut self, node: NodeId, [subject, _]: Grant) {
        self.grants.push((node, subject));
    }

    fn sum(&mut self, granted: u16, public: u16) {
        self.stages.sum(granted, public);
    }

    fn requested(&mut self, requested: Requested) {
        self.stages.requested(requested);
    }

    fn cuts(&mut self, ceiling: Permissions, limits: impl FnOnce() -> Permissions) {
        self.stages.cuts(ceiling, limits);
    }
}
