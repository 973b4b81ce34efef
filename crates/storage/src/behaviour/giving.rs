//! Nobody gives more, or longer, than they hold. The suite's gate allows everything, and its matrix says what the story says, so
//! what is refused here storage refuses.

use domain::{
    AccessManage, NodeId, Permission, Permissions, PolicyVersion, PrincipalKind, Timestamp, TokenId,
    TokenLimits,
};

use super::access::{key, may, people, person, role};
use super::stories;
use super::tokens::{id_of, token};
use crate::testing::{Bench, Place};
use crate::{DirectoryError as Error, GrantedSpec, InForce, NewToken, TeamSpec, TokenSpec};

stories! {
    nobody_gives_what_they_do_not_hold
    nobody_makes_their_own_right_permanent
    what_is_held_by_parts_is_given_by_parts
    what_was_said_to_be_held_may_be_overtaken
    a_grant_of_somebody_else_is_rewritten_within_ones_own_only
    what_a_token_gives_ends_with_it
    a_token_is_not_limited_to_what_its_owner_lacks
}

/// The suite's clock stands before it.
const THEN: i64 = 1_900_000_000_000;

fn then() -> Option<Timestamp> {
    Some(Timestamp::from_millis(THEN))
}

fn after() -> Option<Timestamp> {
    Some(Timestamp::from_millis(THEN + 1))
}

fn keeping() -> GrantedSpec {
    may(&[Permission::AccessManage])
}

/// As it is held: with its closure.
fn some(permissions: &[Permission]) -> Permissions {
    Permissions::of(permissions).closed()
}

/// The usual people, and keeper, who is in the team `keepers`; this is held everywhere, each until then.
async fn bench(place: Place, held: Vec<(Permissions, Option<Timestamp>)>) -> Bench {
    let mut plan = people();
    plan.persons.push(person(PrincipalKind::Member, "keeper"));
    plan.teams.push(TeamSpec { title: None, name: "keepers".into(), members: vec!["member:keeper".into()] });
    let bench = Bench::with(place, plan).await;
    bench.holds(held);
    bench
}

/// Keeper gives alice something in alpha.
async fn gives(bench: &Bench, what: GrantedSpec, expires: Option<Timestamp>) -> Result<InForce, Error> {
    let proof = bench.on_project::<AccessManage>(id_of(bench, "keeper").await, "alpha");
    bench.opened.directory.put_grant(&proof, "member:alice", what, expires).await
}

fn is_beyond(outcome: &Result<InForce, Error>) {
    assert!(matches!(outcome, Err(Error::BeyondOwn(_))), "{outcome:?}");
}

/// Keeper may give it until then, and not a moment longer.
async fn lasts_until_then(bench: &Bench, what: impl Fn() -> GrantedSpec) {
    is_beyond(&gives(bench, what(), None).await);
    is_beyond(&gives(bench, what(), after()).await);
    gives(bench, what(), then()).await.expect("as long as the giver holds it");
}

async fn nobody_gives_what_they_do_not_hold(place: Place) {
    let bench = bench(place, vec![(some(&[Permission::AccessManage]), None)]).await;
    let poor =
        bench.holding::<AccessManage, domain::Project>(&key("alpha"), some(&[Permission::AccessManage]));
    for what in [may(&[Permission::Publish]), role("project-member"), role("project-admin")] {
        is_beyond(&bench.opened.directory.put_grant(&poor, "member:alice", what.clone(), None).await);
        is_beyond(&gives(&bench, what, None).await);
    }
    gives(&bench, may(&[Permission::Read]), None).await.expect("by closure");
    gives(&bench, keeping(), None).await.expect("holds it");
    bench.holds(vec![(Permissions::ALL, None)]);
    let more = bench.opened.directory.put_grant(&poor, "member:alice", role("writer"), None).await;
    is_beyond(&more);
}

async fn nobody_makes_their_own_right_permanent(place: Place) {
    let bench = bench(place, vec![(some(&[Permission::AccessManage]), then())]).await;
    let keeper = id_of(&bench, "keeper").await;
    for to in ["member:keeper", "team:keepers", "member:alice"] {
        let proof = bench.on_project::<AccessManage>(keeper, "alpha");
        is_beyond(&bench.opened.directory.put_grant(&proof, to, keeping(), None).await);
        let below = bench.by::<AccessManage>(keeper, "alpha/images");
        is_beyond(&bench.opened.directory.put_grant(&below, to, keeping(), after()).await);
    }
    lasts_until_then(&bench, keeping).await;
}

async fn what_is_held_by_parts_is_given_by_parts(place: Place) {
    let soon = Some(Timestamp::from_millis(1_850_000_000_000));
    let writer = some(&[Permission::Read, Permission::Publish, Permission::Overwrite]);
    let held =
        vec![(some(&[Permission::AccessManage]), then()), (writer, soon), (some(&[Permission::Read]), None)];
    let bench = bench(place, held).await;
    lasts_until_then(&bench, keeping).await;
    is_beyond(&gives(&bench, may(&[Permission::AccessManage, Permission::Publish]), then()).await);
    gives(&bench, role("writer"), soon).await.expect("as long as it is held");
    gives(&bench, may(&[Permission::Read]), None).await.expect("held for ever");
}

async fn what_was_said_to_be_held_may_be_overtaken(place: Place) {
    let bench = bench(place, vec![(Permissions::ALL, None)]).await;
    let directory = &bench.opened.directory;
    let limited = |id: u64| NewToken {
        limits: Some(vec![("alpha".into(), Permissions::of(&[Permission::Read]))]),
        ..token(id, &format!("token {id}"))
    };
    // The proofs are of the present version; what the matrix said is held was of an earlier one.
    bench.holds_at(PolicyVersion::new(1));
    let alice = id_of(&bench, "alice").await;
    let given = gives(&bench, keeping(), None).await;
    assert!(matches!(given, Err(Error::Stale)), "{given:?}");
    let own = directory.create_token(&bench.own(alice, TokenLimits::Full), limited(1)).await;
    assert!(matches!(own, Err(Error::Stale)), "{own:?}");
    let manage = bench.on_organisation(bench.actor());
    let made = directory.create_token_for(&manage, "member:alice", limited(1)).await;
    assert!(matches!(made, Err(Error::Stale)), "{made:?}");
    let full = directory.create_token(&bench.own(alice, TokenLimits::Full), token(2, "full")).await;
    full.expect("nobody was asked what is held");
    let present = bench.facts().await.version;
    bench.holds_at(present);
    directory.create_token(&bench.own(alice, TokenLimits::Full), limited(1)).await.expect("of the present");
}

async fn a_grant_of_somebody_else_is_rewritten_within_ones_own_only(place: Place) {
    let publish = || may(&[Permission::Publish]);
    let soon = Some(Timestamp::from_millis(1_850_000_000_000));
    let bench = bench(place, vec![(Permissions::ALL, None)]).await;
    gives(&bench, publish(), soon).await.expect("gives");
    gives(&bench, role("writer"), soon).await.expect("gives");
    bench.holds(vec![(some(&[Permission::AccessManage]), then())]);
    for expires in [None, after(), then(), soon] {
        is_beyond(&gives(&bench, publish(), expires).await);
        is_beyond(&gives(&bench, role("writer"), expires).await);
    }
    is_beyond(&gives(&bench, may(&[Permission::Read]), None).await);
    gives(&bench, may(&[Permission::Read]), then()).await.expect("lowered, to what the giver holds");
    let proof = bench.on_project::<AccessManage>(id_of(&bench, "keeper").await, "alpha");
    let taken = bench.opened.directory.delete_grant(&proof, "member:alice", Some("writer")).await;
    taken.expect("taking away needs no more than access-manage");
}

async fn what_a_token_gives_ends_with_it(place: Place) {
    let mut plan = people();
    let mut keeper = person(PrincipalKind::Member, "keeper");
    let spec = |id: u64, name: &str, expires| TokenSpec { expires, ..super::tokens::spec(id, name) };
    keeper.tokens = vec![spec(1, "ends", then()), spec(2, "stays", None)];
    plan.persons.push(keeper);
    let bench = Bench::with(place, plan).await;
    let keeper = id_of(&bench, "keeper").await;
    let put = async |id: u64, limits: TokenLimits, what: GrantedSpec, expires| {
        let (id, alpha) = (TokenId::new(id), key("alpha"));
        let proof = bench.through::<AccessManage, domain::Project>(keeper, id, limits, &alpha);
        bench.opened.directory.put_grant(&proof, "member:alice", what, expires).await
    };
    for expires in [None, after()] {
        is_beyond(&put(1, TokenLimits::Full, keeping(), expires).await);
    }
    put(1, TokenLimits::Full, keeping(), then()).await.expect("as long as the token");
    put(2, TokenLimits::Full, keeping(), None).await.expect("this one stays");
    let alpha = NodeId::from(bench.facts().await.projects[0].id);
    let narrow = || TokenLimits::Only([(alpha, Permissions::of(&[Permission::AccessManage]))].into());
    is_beyond(&put(2, narrow(), may(&[Permission::Read]), None).await);
    is_beyond(&put(2, narrow(), role("writer"), None).await);
}

async fn a_token_is_not_limited_to_what_its_owner_lacks(place: Place) {
    let (read, publish) = (Permission::Read, Permission::Publish);
    let bench = bench(place, vec![(some(&[read]), None), (some(&[publish]), then())]).await;
    let directory = &bench.opened.directory;
    let alice = id_of(&bench, "alice").await;
    let limited = |id: u64, on: &str, permissions: &[Permission]| NewToken {
        limits: Some(vec![(on.into(), Permissions::of(permissions))]),
        ..token(id, &format!("token {id}"))
    };
    for (on, more) in [
        ("alpha/images", &[read, Permission::Overwrite][..]),
        ("alpha", &[Permission::AccessManage]),
        ("/", &[Permission::DirectoryManage]),
        ("beta", &[Permission::DeletePackage]),
    ] {
        let own = bench.own(alice, TokenLimits::Full);
        let refused = directory.create_token(&own, limited(1, on, more)).await;
        assert!(matches!(refused, Err(Error::BeyondOwn(_))), "{on} {more:?}: {refused:?}");
        let manage = bench.on_organisation(bench.actor());
        let refused = directory.create_token_for(&manage, "member:alice", limited(1, on, more)).await;
        assert!(matches!(refused, Err(Error::BeyondOwn(_))), "nor for her: {on} {more:?}: {refused:?}");
    }
    for (id, on, held) in [(2, "/", &[read, publish][..]), (3, "beta/images", &[publish])] {
        let own = bench.own(alice, TokenLimits::Full);
        directory.create_token(&own, limited(id, on, held)).await.expect("she holds it there");
    }
}
