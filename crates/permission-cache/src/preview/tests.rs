use domain::{NodeId, Permissions, PolicyFacts, Preview as _, PrincipalId, SubjectId, TeamId, TokenLimits};
use proptest::prelude::*;

use super::{Compiled, above};
use crate::class::Class;
use crate::oracle::{self, Oracle};
use crate::tests::world;

fn nodes(facts: &PolicyFacts) -> Vec<NodeId> {
    let below = facts.projects.iter().map(|project| project.id.into());
    let below = below.chain(facts.repositories.iter().map(|repository| repository.id.into()));
    std::iter::once(NodeId::ORGANISATION).chain(below).collect()
}

/// Under which names the effects on somebody may be told.
fn names(compiled: &Compiled, id: PrincipalId) -> Vec<SubjectId> {
    let teams: &[TeamId] = match compiled.writer.current().principal(id).class {
        Class::Member => &[TeamId::ANYONE, TeamId::EVERYONE, TeamId::ORG_MEMBERS],
        Class::Application => &[TeamId::ANYONE, TeamId::EVERYONE],
        Class::External | Class::Anonymous => &[TeamId::ANYONE],
    };
    std::iter::once(id.into()).chain(teams.iter().map(|team| (*team).into())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// What is held before and after is what the definition says, and nothing that anybody gains or loses goes untold.
    #[test]
    fn nothing_goes_untold(
        facts in world::facts(),
        changes in prop::collection::vec(world::change(), 1..6),
        now in world::moment(),
    ) {
        let mut compiled = Compiled::new(facts.clone(), now);
        compiled.change(changes.clone());
        let mut after = facts.clone();
        changes.iter().for_each(|change| oracle::apply(&mut after, change));
        let (was, is) = (Oracle::new(&facts, now), Oracle::new(&after, now));
        let (effects, more) = compiled.effects(10_000);
        prop_assert!(!more);
        for id in world::PRINCIPALS.map(PrincipalId::new) {
            let caller = world::caller(id.get(), TokenLimits::Full);
            let names = names(&compiled, id);
            for node in nodes(&after) {
                let (before, now) = (was.effective(&caller, node), is.effective(&caller, node));
                prop_assert_eq!(compiled.held(&caller, node), before);
                prop_assert_eq!(compiled.would_hold(id, node), now);
                let own = effects.iter().filter(|effect| effect.who == id.into() && effect.node == node);
                for effect in own {
                    prop_assert!(now.contains_all(effect.gains) && !before.intersects(effect.gains));
                }
                let stays = above(&compiled.before, node.get()) == above(compiled.writer.current(), node.get());
                if !stays {
                    continue;
                }
                let path = [Some(node.get()), above(compiled.writer.current(), node.get()), Some(1)];
                let told = effects.iter().filter(|effect| {
                    names.contains(&effect.who) && path.contains(&Some(effect.node.get()))
                });
                let (gains, loses) = told.fold((Permissions::NONE, Permissions::NONE), |(gains, loses), one| {
                    (gains.union(one.gains), loses.union(one.loses))
                });
                prop_assert!(gains.contains_all(now.difference(before)), "{} at {}: {:?}", id, node, effects);
                prop_assert!(loses.contains_all(before.difference(now)), "{} at {}: {:?}", id, node, effects);
            }
        }
    }
}
