//! Nobody gives more, or longer, than they hold. The suite's gate allows everything, so what is refused here storage refuses.

use domain::{AccessManage, NodeId, Permission, Permissions, PrincipalKind, Timestamp, TokenId, TokenLimits};

use super::access::{key, may, people, person, role};
use super::stories;
use super::tokens::{id_of, token};
use crate::testing::{Bench, Place, system};
use crate::{Error, GrantSpec, GrantedSpec, InForce, NewToken, Plan, TeamSpec, TokenSpec};

stories! {
    nobody_gives_what_they_do_not_hold
    nobody_makes_their_own_right_permanent
    what_several_grants_give_lasts_as_long_as_the_longest
    rights_of_a_team_last_as_long_as_the_way_into_it
    what_anybody_may_is_everybodys_to_give
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

fn grant(to: &str, on: &str, what: GrantedSpec, expires: Option<Timestamp>) -> GrantSpec {
    GrantSpec { to: to.into(), on: on.into(), what, expires }
}

fn keeping() -> GrantedSpec {
    may(&[Permission::AccessManage])
}

/// The usual people, and keeper, who is in the team `keepers`, with these grants.
async fn bench(place: Place, grants: Vec<GrantSpec>) -> Bench {
    let mut plan = people();
    plan.persons.push(person(PrincipalKind::Member, "keeper"));
    plan.teams.push(TeamSpec { name: "keepers".into(), members: vec!["member:keeper".into()] });
    plan.grants = grants;
    Bench::with(place, plan).await
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
    let bench = bench(place, vec![grant("member:keeper", "alpha", keeping(), None)]).await;
    let some = Permissions::of(&[Permission::AccessManage, Permission::Read]);
    let poor = bench.holding::<AccessManage, domain::Project>(&key("alpha"), some);
    for what in [may(&[Permission::Publish]), role("project-member"), role("project-admin")] {
        is_beyond(&bench.opened.directory.put_grant(&poor, "member:alice", what.clone(), None).await);
        is_beyond(&gives(&bench, what, None).await);
    }
    gives(&bench, may(&[Permission::Read]), None).await.expect("by closure");
    gives(&bench, keeping(), None).await.expect("holds it");
}

async fn nobody_makes_their_own_right_permanent(place: Place) {
    let bench = bench(place, vec![grant("member:keeper", "alpha", keeping(), then())]).await;
    let keeper = id_of(&bench, "keeper").await;
    for to in ["member:keeper", "team:keepers", "member:alice"] {
        let proof = bench.on_project::<AccessManage>(keeper, "alpha");
        is_beyond(&bench.opened.directory.put_grant(&proof, to, keeping(), None).await);
        let below = bench.by::<AccessManage>(keeper, "alpha/images");
        is_beyond(&bench.opened.directory.put_grant(&below, to, keeping(), after()).await);
    }
    lasts_until_then(&bench, keeping).await;
    let listed = bench.on_project::<AccessManage>(keeper, "alpha");
    let listed = bench.opened.directory.grants(&listed, None, domain::Limit::MAX).await.expect("lists");
    let own = listed.iter().find(|row| &*row.to == "member:keeper").expect("is there");
    assert_eq!(own.expires, then(), "nothing was changed");
}

async fn what_several_grants_give_lasts_as_long_as_the_longest(place: Place) {
    let soon = Some(Timestamp::from_millis(1_850_000_000_000));
    let grants = vec![
        grant("member:keeper", "alpha", keeping(), soon),
        grant("team:keepers", "/", keeping(), then()),
        grant("member:keeper", "alpha", role("writer"), soon),
    ];
    let bench = bench(place, grants).await;
    lasts_until_then(&bench, keeping).await;
    is_beyond(&gives(&bench, may(&[Permission::AccessManage, Permission::Publish]), then()).await);
    gives(&bench, role("writer"), soon).await.expect("together");
    bench.clock.advance_secs(50_000_000);
    let gone = gives(&bench, role("writer"), soon).await;
    assert!(matches!(gone, Err(Error::BeyondOwn(_))), "what is over is not given: {gone:?}");
}

async fn rights_of_a_team_last_as_long_as_the_way_into_it(place: Place) {
    // What the team has is permanent, and keeper is in it for a time: through the project, and through a team in it.
    let grants = vec![
        grant("team:project-team:alpha", "alpha", keeping(), None),
        grant("team:keepers", "alpha", role("project-member"), then()),
    ];
    let bench = bench(place, grants).await;
    lasts_until_then(&bench, keeping).await;
    lasts_until_then(&bench, || role("project-member")).await;
    let forever = grant("member:keeper", "alpha", role("project-member"), None);
    let plan = Plan { grants: vec![forever], ..people() };
    bench.opened.directory.apply(&system(), plan).await.expect("applies");
    gives(&bench, keeping(), None).await.expect("another way in stays");
}

async fn what_anybody_may_is_everybodys_to_give(place: Place) {
    let mut plan = people();
    plan.persons.push(person(PrincipalKind::Member, "keeper"));
    plan.projects[0].repositories[0].visibility = domain::Visibility::Public;
    plan.grants = vec![grant("member:keeper", "alpha/images", keeping(), then())];
    let bench = Bench::with(place, plan).await;
    let proof = || async { bench.by::<AccessManage>(id_of(&bench, "keeper").await, "alpha/images") };
    let directory = &bench.opened.directory;
    is_beyond(&directory.put_grant(&proof().await, "member:alice", keeping(), None).await);
    let read = may(&[Permission::Read]);
    directory.put_grant(&proof().await, "member:alice", read, None).await.expect("it is public for ever");
}

async fn a_grant_of_somebody_else_is_rewritten_within_ones_own_only(place: Place) {
    let publish = || may(&[Permission::Publish]);
    let soon = Some(Timestamp::from_millis(1_850_000_000_000));
    let grants = vec![
        grant("member:keeper", "alpha", keeping(), then()),
        grant("member:alice", "alpha", publish(), soon),
        grant("member:alice", "alpha", role("writer"), soon),
    ];
    let bench = bench(place, grants).await;
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
    let spec = |id: u64, name: &str, expires| {
        let NewToken { id, sha256, name, limits, .. } = token(id, name);
        TokenSpec { name, id, sha256, limits, expires, disabled: false }
    };
    keeper.tokens = vec![spec(1, "ends", then()), spec(2, "stays", None)];
    plan.persons.push(keeper);
    plan.grants = vec![grant("member:keeper", "alpha", role("project-admin"), None)];
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
    let grants = vec![
        grant("member:alice", "alpha", role("viewer"), None),
        grant("member:alice", "beta/images", role("writer"), then()),
    ];
    let bench = bench(place, grants).await;
    let directory = &bench.opened.directory;
    let alice = id_of(&bench, "alice").await;
    let limited = |id: u64, on: &str, permissions: &[Permission]| NewToken {
        limits: Some(vec![(on.into(), Permissions::of(permissions))]),
        ..token(id, &format!("token {id}"))
    };
    let (read, publish) = (Permission::Read, Permission::Publish);
    for (on, some) in [
        ("alpha", &[publish][..]),
        ("alpha/images", &[read, publish]),
        ("alpha", &[Permission::AccessManage]),
        ("/", &[Permission::DirectoryManage]),
        ("beta", &[Permission::DeletePackage]),
    ] {
        let own = bench.own(alice, TokenLimits::Full);
        let refused = directory.create_token(&own, limited(1, on, some)).await;
        assert!(matches!(refused, Err(Error::BeyondOwn(_))), "{on} {some:?}: {refused:?}");
        let manage = bench.on_organisation(bench.actor());
        let refused = directory.create_token_for(&manage, "member:alice", limited(1, on, some)).await;
        assert!(matches!(refused, Err(Error::BeyondOwn(_))), "nor for her: {on} {some:?}: {refused:?}");
    }
    // A part of the organisation is enough: this is how a token that only reads is made.
    for (id, on, some) in [
        (2, "/", &[read][..]),
        (3, "/", &[read, publish]),
        (4, "beta", &[publish]),
        (5, "beta/images", &[publish]),
        (6, "alpha/other", &[read]),
    ] {
        let own = bench.own(alice, TokenLimits::Full);
        directory.create_token(&own, limited(id, on, some)).await.expect("she holds it there");
    }
    let build = bench.on_organisation(bench.actor());
    let asked = directory.create_token_for(&build, "application:build", limited(7, "alpha", &[read])).await;
    asked.expect("what an application asked for, where it was authorised");
    let more = directory.create_token_for(&build, "application:build", limited(8, "alpha", &[publish])).await;
    assert!(matches!(more, Err(Error::BeyondOwn(_))), "{more:?}");
}
