use domain::{
    NodeName, Organisation, Outcome, Permission, PolicyFacts, PolicyVersion, ResolvedNode, RightKind,
    Timestamp,
};
use proptest::prelude::*;

use super::world::{self, Edit};
use crate::cell::Cell;
use crate::compare::{Differences, differences};
use crate::oracle::{self, Answer, Oracle};
use crate::snapshot::Snapshot;
use crate::writer::Writer;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Every principal × token × node × permission, after every edit of a random organisation; and what edits led to is
    /// what a build from scratch makes of it.
    #[test]
    fn decides_as_the_definition_does(
        mut facts in world::facts(),
        start in world::moment(),
        edits in world::edits(),
    ) {
        let mut now = start;
        let mut writer = Writer::new(facts.clone(), now);
        let cell = Cell::new(writer.current().clone());
        decides_as(&facts, now, &cell.load())?;
        for edit in edits {
            let mut changes = Vec::new();
            match edit {
                Edit::Time(moment) => now = moment,
                Edit::Changes(some) => {
                    facts.version = PolicyVersion::new(facts.version.get() + 1);
                    some.iter().for_each(|change| oracle::apply(&mut facts, change));
                    // As storage does it: each change with the present state of its subject.
                    changes = some;
                }
            }
            writer.follow(changes, facts.version, now, &cell);
            decides_as(&facts, now, &cell.load())?;
            let scratch = Writer::new(facts.clone(), now);
            prop_assert_eq!(differences(&cell.load(), scratch.current()), Differences::default());
        }
    }
}

fn decides_as(facts: &PolicyFacts, now: Timestamp, snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let oracle = Oracle::new(facts, now);
    prop_assert_eq!(snapshot.version, facts.version);
    for caller in world::callers() {
        for node in world::node_ids() {
            let (ours, theirs) = (snapshot.effective(&caller, node), oracle.effective(&caller, node));
            prop_assert_eq!(ours, theirs, "{:?} at {}", caller, node);
        }
        prop_assert_eq!(snapshot.readable(&caller), oracle.readable(&caller), "{:?}", caller);
        prop_assert_eq!(snapshot.visible_projects(&caller), oracle.visible_projects(&caller), "{:?}", caller);
        let (keys, paths): (Vec<_>, Vec<_>) = (world::keys().collect(), world::paths().collect());
        let names = keys.iter().map(NodeName::Project).chain(paths.iter().map(NodeName::Repository));
        for name in names.chain([Organisation.into()]) {
            for right in Permission::ALL.map(RightKind::Permission).into_iter().chain([RightKind::Probe]) {
                let decision = snapshot.decide(&caller, name, right);
                prop_assert_eq!(decision.version, facts.version);
                let ours = answer(&decision.outcome, name);
                prop_assert_eq!(
                    ours,
                    oracle.decide(&caller, name, right),
                    "{:?} {:?} {:?}",
                    caller,
                    name,
                    right
                );
            }
        }
    }
    Ok(())
}

/// The outcome as the oracle words it, once the node is seen to carry the name that was asked for.
fn answer(outcome: &Outcome, name: NodeName<'_>) -> Answer {
    match outcome {
        Outcome::Refused { may_know } => Answer::Refused { may_know: *may_know },
        Outcome::Allowed { node, held } => {
            let id = match (node, name) {
                (ResolvedNode::Organisation(_), NodeName::Organisation) => domain::NodeId::ORGANISATION,
                (ResolvedNode::Project(found), NodeName::Project(key)) if found.key() == key => {
                    found.id().into()
                }
                (ResolvedNode::Repository(found), NodeName::Repository(path)) if found.path() == path => {
                    found.id().into()
                }
                other => panic!("asked and answered do not fit: {other:?}"),
            };
            Answer::Allowed(id, *held)
        }
    }
}
