//! An explanation is the decision itself, and names what it comes from.

use domain::{
    Caller, Explanation, GrantId, NodeName, Organisation, Permission, Permissions, PolicyChange, PolicyFacts,
    Reason, RightKind, Stages, Timestamp,
};
use proptest::prelude::*;

use super::world;
use crate::oracle::{self, Answer, Oracle};
use crate::writer::Writer;

/// One of every kind: implied by others, implying another, of a node, of the organisation, and either of two.
const RIGHTS: [RightKind; 5] = [
    RightKind::Permission(Permission::Read),
    RightKind::Permission(Permission::Publish),
    RightKind::Permission(Permission::AccessManage),
    RightKind::Permission(Permission::DirectoryView),
    RightKind::Probe,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Every principal × token × node × permission: explained as decided, as the definition says; and whoever takes away what is
    /// said to be enough takes away the answer, unless something else was said to be enough too.
    #[test]
    fn explains_what_is_decided(facts in world::facts(), now in world::moment()) {
        let writer = Writer::new(facts.clone(), now);
        let oracle = Oracle::new(&facts, now);
        let (keys, paths): (Vec<_>, Vec<_>) = (world::keys().collect(), world::paths().collect());
        let names = || keys.iter().map(NodeName::Project).chain(paths.iter().map(NodeName::Repository));
        for caller in world::callers() {
            for name in names().chain([Organisation.into()]) {
                for right in RIGHTS {
                    let explained = writer.explain(&caller, name, right);
                    let decided = oracle.decide(&caller, name, right);
                    let what = format!("{caller:?} {name:?} {right:?}: {explained:?}");
                    let at_once = writer.current().verdict(&caller, name, right);
                    let ran_out = explained.reason == Reason::GrantExpired && at_once.reason == Reason::NoGrant;
                    let same = at_once.reason == explained.reason || ran_out;
                    prop_assert!(same && at_once.held == explained.held, "{:?} at once: {}", at_once, what);
                    let known = facts.principals.iter().any(|fact| fact.id == caller.principal());
                    agrees(&explained, &decided, known, right).map_err(|why| fail(why, &what))?;
                    flips(&facts, now, &explained, (&caller, name, right)).map_err(|why| fail(why, &what))?;
                }
            }
        }
    }
}

fn fail(why: &str, what: &str) -> TestCaseError {
    TestCaseError::fail(format!("{why}: {what}"))
}

fn agrees(
    explained: &Explanation,
    decided: &Answer,
    known: bool,
    right: RightKind,
) -> Result<(), &'static str> {
    let granted = matches!(explained.reason, Reason::Granted | Reason::Public);
    match decided {
        Answer::Refused { .. } if explained.allowed => return Err("allowed, which the definition refuses"),
        Answer::Allowed(..) if !explained.allowed => return Err("refused, which the definition allows"),
        Answer::Allowed(_, held) if *held != explained.held => return Err("something else is held"),
        Answer::Allowed(..) | Answer::Refused { .. } => {}
    }
    if granted != explained.allowed {
        return Err("the reason does not fit the answer");
    }
    if explained.node.is_none() != (explained.reason == Reason::NothingKnown) {
        return Err("nothing is known of a node that is there");
    }
    let stages: Stages = explained.stages;
    let live = explained.ways.iter().filter(|way| !way.expired);
    let summed = live.fold(Permissions::NONE, |sum, way| sum.union(way.gives));
    // What is granted to nobody in particular is told too, and was cut by its ceiling when it was compiled.
    let all = summed == stages.granted || !stages.public.is_empty() && summed.contains_all(stages.granted);
    if known && stages.requested.is_none() && !all {
        return Err("the grants come to something else");
    }
    let enough = explained.ways.iter().filter(|way| way.sufficient);
    if enough.clone().any(|way| !way.gives.intersects(right.any_of())) {
        return Err("enough, without giving it");
    }
    let requested = stages.requested.is_some() && explained.reason == Reason::Granted;
    if explained.allowed != (enough.count() > 0 || requested) {
        return Err("allowed by nothing, or refused in spite of something");
    }
    Ok(())
}

fn flips(
    facts: &PolicyFacts,
    now: Timestamp,
    explained: &Explanation,
    (caller, name, right): (&Caller, NodeName<'_>, RightKind),
) -> Result<(), &'static str> {
    let enough: Vec<GrantId> =
        explained.ways.iter().filter(|way| way.sufficient).map(|way| way.grant).collect();
    let allowed_without = |gone: &[GrantId]| {
        let mut facts = facts.clone();
        for grant in gone {
            oracle::apply(&mut facts, &PolicyChange::Grant(*grant, None));
        }
        matches!(Oracle::new(&facts, now).decide(caller, name, right), Answer::Allowed(..))
    };
    for grant in &enough {
        if allowed_without(&[*grant]) && enough.len() == 1 && explained.stages.requested.is_none() {
            return Err("the only one that is enough was not needed");
        }
    }
    if !enough.is_empty() && explained.stages.requested.is_none() && allowed_without(&enough) {
        return Err("allowed without all that is said to be enough");
    }
    Ok(())
}
