//! Why a decision is as it is. The snapshot in force makes it once more and tells a [`Record`] how; the model, which it was compiled
//! from, says which grants and teams are behind what the record names.

use std::cmp::Reverse;

use domain::{
    Caller, Explanation, GrantFact, NodeId, NodeName, Permissions, Reason, ResolvedNode, RightKind,
    SubjectId, Way,
};

use crate::class::Class;
use crate::model::{ClassSubjects, Model, Reach};
use crate::snapshot::{ANONYMOUS_CEILING, Snapshot};
use crate::trace::Record;

/// What an explanation is made from, all of one version.
pub(crate) struct Sources<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) model: &'a Model,
    pub(crate) classes: &'a ClassSubjects,
}

/// One decision on its way to being explained.
struct Case<'a> {
    sources: &'a Sources<'a>,
    record: Record,
    class: Class,
    reach: Reach,
    any_of: Permissions,
}

impl Sources<'_> {
    pub(crate) fn explain(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Explanation {
        let mut record = Record::new();
        let decision = self.snapshot.decide_traced(caller, name, right, &mut record);
        let Some(node) = self.snapshot.resolve(name) else {
            return Explanation::nothing_known(decision.version);
        };
        let stages = record.stages;
        let class = self.snapshot.row_of(caller).class;
        let reach = self.model.reach(caller.principal().get(), class);
        let case = Case { sources: self, record, class, reach, any_of: right.any_of() };
        let mut ways = case.ways(&node);
        let mut reason = stages.reason(right.any_of());
        if reason == Reason::NoGrant && ways.iter().any(|way| way.expired) {
            reason = Reason::GrantExpired;
        } else {
            ways.retain(|way| !way.expired);
        }
        let left_out = ways.len().saturating_sub(Explanation::WAYS_MAX);
        ways.truncate(Explanation::WAYS_MAX);
        Explanation {
            node: Some(node),
            allowed: matches!(decision.outcome, domain::Outcome::Allowed { .. }),
            held: stages.held(),
            reason,
            stages,
            ways,
            left_out,
            version: decision.version,
        }
    }
}

impl Case<'_> {
    /// The grants behind what was recorded, and those that ran out and gave what is asked; the nearest first.
    fn ways(&self, node: &ResolvedNode) -> Vec<Way> {
        let path = match node {
            ResolvedNode::Organisation(_) => vec![NodeId::ORGANISATION],
            ResolvedNode::Project(project) => vec![project.id().into(), NodeId::ORGANISATION],
            ResolvedNode::Repository(one) => {
                vec![one.id().into(), one.project().into(), NodeId::ORGANISATION]
            }
        };
        let nodes = path.into_iter().flat_map(|node| self.sources.model.grant_facts(node.get(), &self.reach));
        let mut ways: Vec<Way> = nodes.filter_map(|grant| self.way(grant)).collect();
        // Those of one node stay in the order of the path.
        ways.sort_by_key(|way| Reverse((way.sufficient, way.gives.intersects(self.any_of))));
        ways
    }

    fn way(&self, grant: &GrantFact) -> Option<Way> {
        let model = self.sources.model;
        let subject = grant.subject.get();
        let gives = model.gives(grant).closed();
        let (expired, public) = (!model.is_live(grant), self.is_in(Class::Anonymous, subject));
        let counts = if expired { gives.intersects(self.any_of) } else { self.is_recorded(grant) };
        // What an application requests stands in place of all grants but those to everybody.
        if !counts || self.record.stages.requested.is_some() && !public {
            return None;
        }
        let through = self.reach.between(subject)?.into_iter().map(SubjectId::new).collect();
        Some(Way {
            grant: grant.id,
            to: grant.subject,
            through,
            on: grant.node,
            what: grant.what,
            gives,
            expires: grant.expires,
            expired,
            sufficient: !expired && self.is_enough(grant, gives, public),
        })
    }

    fn is_recorded(&self, grant: &GrantFact) -> bool {
        self.is_own(grant)
            || self.is_in(Class::Anonymous, grant.subject.get()) && self.record.classes.contains(&grant.node)
    }

    /// Whether it is theirs, rather than only that of who has not logged in.
    fn is_own(&self, grant: &GrantFact) -> bool {
        let subject = grant.subject.get();
        self.record.grants.contains(&(grant.node, subject))
            || self.is_in(self.class, subject) && self.record.classes.contains(&grant.node)
    }

    /// Whether a grant of this alone makes the answer a yes: masks are united, then cut, so each of them counts by itself.
    fn is_enough(&self, grant: &GrantFact, gives: Permissions, public: bool) -> bool {
        let stages = &self.record.stages;
        let own = stages.requested.is_none() && self.is_own(grant);
        let own = if own { gives } else { Permissions::NONE };
        let left = own.intersection(stages.ceiling).intersection(stages.limits);
        let open = if public { gives.intersection(ANONYMOUS_CEILING) } else { Permissions::NONE };
        left.union(open).intersects(self.any_of)
    }

    fn is_in(&self, class: Class, subject: u32) -> bool {
        let subjects = self.sources.classes.get(class as usize);
        subjects.is_some_and(|subjects| subjects.binary_search(&subject).is_ok())
    }
}
