//! A token's secret replaced by another, for a time beside the old one; and tokens that are good from some places and times only.

use domain::{
    Clock as _, DirectoryManage, Limit, Networks, Permission, Permissions, PrincipalKind, Timestamp, TokenId,
    TokenLimits, TokenState,
};

use super::stories;
use super::tokens::{alice, id_of, spec, token};
use crate::testing::{Bench, Place};
use crate::{
    DirectoryError as Error, InForce, NewToken, PlanAsked, PlanSign, PlanWhy, Planned, Rotation, Section,
    TokenFilter, TokenRow, TokenSpec, Truth,
};

stories! {
    a_rotation_copies_what_limits_it_and_ends_the_old_one
    an_overlap_of_nothing_ends_it_at_once
    what_is_refused_is_not_rotated
    a_rotation_that_was_taken_back_can_be_done_again
    a_rotation_gives_no_more_than_was_there
    others_rotate_for_somebody_and_no_application_for_itself
    what_a_token_makes_is_good_from_where_it_is
    tokens_are_listed_by_state_and_use
    a_plan_says_of_a_rotated_token_that_it_was
    a_whole_section_leaves_one_secret_a_name
    a_new_secret_of_a_plan_ends_all_of_its_name
}

const DAY: i64 = 86_400;
const WEEK_SECS: u32 = 604_800;

fn rotation(id: u64) -> Rotation {
    let [last, ..] = id.to_le_bytes();
    Rotation { id: TokenId::new(id), sha256: [last; 32], overlap_secs: WEEK_SECS, expires: None }
}

fn networks(text: &str) -> Networks {
    Networks::parse(text).expect("networks")
}

async fn rotated(bench: &Bench, id: u64, with: Rotation) -> Result<(TokenRow, InForce), Error> {
    let own = bench.own(id_of(bench, "alice").await, TokenLimits::Full);
    bench.opened.directory.rotate_token(&own, TokenId::new(id), with).await
}

async fn listed(bench: &Bench, filter: TokenFilter) -> Vec<TokenRow> {
    let own = bench.own(id_of(bench, "alice").await, TokenLimits::Full);
    bench.opened.directory.tokens(&own, filter, None, Limit::MAX).await.expect("lists")
}

async fn states(bench: &Bench) -> Vec<(u64, TokenState)> {
    let tokens = bench.credentials().await.tokens;
    tokens.iter().map(|token| (token.id.get(), token.state)).collect()
}

async fn lowered(bench: &Bench, id: u64, state: TokenState) {
    let own = bench.own(id_of(bench, "alice").await, TokenLimits::Full);
    bench.opened.directory.set_token_state(&own, TokenId::new(id), state).await.expect("goes down");
}

fn limited() -> TokenSpec {
    TokenSpec {
        limits: Some(vec![("alpha/images".into(), Permissions::of(&[Permission::Read]))]),
        networks: networks("10.0.0.0/8"),
        ..spec(1, "ci")
    }
}

fn refused(answer: Result<(TokenRow, InForce), Error>) -> String {
    match answer {
        Err(Error::Refused(why)) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn a_rotation_copies_what_limits_it_and_ends_the_old_one(place: Place) {
    let bench = Bench::with(place, alice(vec![limited()], None)).await;
    let now = bench.clock.now();
    let (made, force) = rotated(&bench, 1, rotation(2)).await.expect("is rotated");
    assert!(force.changed);
    assert_eq!((&*made.name, made.id, made.expires), ("ci", TokenId::new(2), None));
    assert_eq!((&made.limits, &made.networks), (&limited().limits, &networks("10.0.0.0/8")));
    let [old, new] = listed(&bench, TokenFilter::default()).await.try_into().expect("two of a name");
    assert_eq!((old.successor, old.expires), (Some(TokenId::new(2)), Some(now.plus_secs(7 * DAY))));
    assert_eq!((new.successor, new), (None, made));
    let facts = bench.credentials().await.tokens;
    let ends: Vec<_> = facts.iter().map(|fact| fact.expires).collect();
    assert_eq!(ends, [Some(now.plus_secs(7 * DAY)), None], "those who follow are told of both");
    // Of one that ends before the overlap does, that end stays.
    let (third, _) = rotated(&bench, 2, Rotation { expires: Some(now.plus_secs(DAY)), ..rotation(3) })
        .await
        .expect("is rotated");
    assert_eq!(third.expires, Some(now.plus_secs(DAY)));
    let (fourth, _) = rotated(&bench, 3, rotation(4)).await.expect("is rotated");
    assert_eq!(fourth.expires, Some(now.plus_secs(DAY)), "for as long as the one before");
    let third = listed(&bench, TokenFilter::default()).await.swap_remove(2);
    assert_eq!((third.expires, third.successor), (Some(now.plus_secs(DAY)), Some(TokenId::new(4))));
}

async fn an_overlap_of_nothing_ends_it_at_once(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "ci")], None)).await;
    rotated(&bench, 1, Rotation { overlap_secs: 0, ..rotation(2) }).await.expect("is rotated");
    let old = &listed(&bench, TokenFilter::default()).await[0];
    assert_eq!(old.expires, Some(bench.clock.now()));
}

async fn what_is_refused_is_not_rotated(place: Place) {
    let ends = Timestamp::from_millis(1_900_000_000_000);
    let ending = TokenSpec { expires: Some(ends), ..spec(4, "ends") };
    let tokens = vec![spec(1, "revoked"), spec(2, "disabled"), spec(3, "rotated"), ending];
    let bench = Bench::with(place, alice(tokens, None)).await;
    lowered(&bench, 1, TokenState::Revoked).await;
    lowered(&bench, 2, TokenState::Disabled).await;
    rotated(&bench, 3, rotation(30)).await.expect("once");
    let secs = ends.millis_since(bench.clock.now()) / 1000;
    bench.clock.advance_secs(i64::try_from(secs).expect("some years") + 1);
    for (id, why) in [(1, "revoked"), (2, "disabled"), (3, "rotated already"), (4, "ran out")] {
        let said = refused(rotated(&bench, id, rotation(40)).await);
        assert!(said.contains(why), "{id}: {said}");
    }
    let absent = rotated(&bench, 99, rotation(40)).await;
    assert!(matches!(absent, Err(Error::Absent)), "{absent:?}");
    let past = rotated(&bench, 30, Rotation { expires: Some(ends), ..rotation(40) }).await;
    assert!(refused(past).contains("expired already"));
    let taken = rotated(&bench, 30, rotation(2)).await;
    assert!(matches!(taken, Err(Error::Exists)), "the id is taken: {taken:?}");
}

/// As whoever does who never saw the secret: the successor goes, and the next one is good for as long.
async fn a_rotation_that_was_taken_back_can_be_done_again(place: Place) {
    let bench = Bench::with(place, alice(vec![spec(1, "ci")], None)).await;
    let own = bench.own(id_of(&bench, "alice").await, TokenLimits::Full);
    let expires = Some(bench.clock.now().plus_secs(90 * DAY));
    let new = NewToken { expires, ..token(2, "laptop") };
    bench.opened.directory.create_token(&own, new).await.expect("is new");
    bench.clock.advance_secs(DAY);
    let (lost, _) = rotated(&bench, 2, rotation(3)).await.expect("is rotated");
    assert_eq!(lost.expires, Some(bench.clock.now().plus_secs(90 * DAY)));
    lowered(&bench, 3, TokenState::Revoked).await;
    let old = listed(&bench, TokenFilter::default()).await.swap_remove(1);
    let ends = Some(bench.clock.now().plus_secs(7 * DAY));
    assert_eq!((old.successor, old.expires), (None, ends), "it ends as it was told to");
    let (made, _) = rotated(&bench, 2, rotation(4)).await.expect("is rotated again");
    assert_eq!(made.expires, Some(bench.clock.now().plus_secs(90 * DAY)));
    // Out of the middle of three the first is followed by the last.
    rotated(&bench, 4, rotation(5)).await.expect("is rotated");
    lowered(&bench, 4, TokenState::Revoked).await;
    let all = listed(&bench, TokenFilter::default()).await;
    let chain: Vec<_> = all.iter().map(|row| (row.id.get(), row.successor.map(TokenId::get))).collect();
    assert_eq!(chain, [(1, None), (2, Some(5)), (5, None)]);
}

async fn a_rotation_gives_no_more_than_was_there(place: Place) {
    let ends = Timestamp::from_millis(1_900_000_000_000);
    let mortal = TokenSpec { expires: Some(ends), ..spec(1, "mortal") };
    let bench = Bench::with(place, alice(vec![mortal, spec(2, "other")], None)).await;
    let directory = &bench.opened.directory;
    let own = bench.own_through(id_of(&bench, "alice").await, TokenId::new(1));
    let later = Rotation { expires: Some(ends.plus_secs(1)), ..rotation(3) };
    let refused = directory.rotate_token(&own, TokenId::new(2), later).await;
    assert!(matches!(refused, Err(Error::WiderThanToken(_))), "{refused:?}");
    let (made, _) = directory.rotate_token(&own, TokenId::new(2), rotation(3)).await.expect("is rotated");
    assert_eq!(made.expires, Some(ends), "no longer than the token that asks");
    let facts = bench.facts().await;
    let alpha = domain::NodeId::from(facts.projects[0].id);
    let read = Permissions::of(&[Permission::Read]);
    let narrow = bench.own(id_of(&bench, "alice").await, TokenLimits::Only([(alpha, read)].into()));
    let other = directory.rotate_token(&narrow, TokenId::new(1), rotation(4)).await;
    assert!(matches!(other, Err(Error::Absent)), "a limited token rotates no other: {other:?}");
}

async fn others_rotate_for_somebody_and_no_application_for_itself(place: Place) {
    let mut plan = super::access::people();
    plan.teams[0].members.push("application:build".into());
    plan.applications[0].tokens.push(spec(1, "ci"));
    let bench = Bench::with(place, plan).await;
    let directory = &bench.opened.directory;
    let facts = bench.facts().await;
    let build = facts.principals.iter().find(|fact| fact.kind == PrincipalKind::Application).expect("build");
    let itself = bench.on_organisation::<DirectoryManage>(build.id.get());
    let refused = directory.rotate_token_of(&itself, "application:build", TokenId::new(1), rotation(2)).await;
    assert!(matches!(refused, Err(Error::OwnToken)), "{refused:?}");
    let root = bench.on_organisation::<DirectoryManage>(id_of(&bench, "root").await);
    let elsewhere = directory.rotate_token_of(&root, "member:alice", TokenId::new(1), rotation(2)).await;
    assert!(matches!(elsewhere, Err(Error::Absent)), "{elsewhere:?}");
    let done = directory.rotate_token_of(&root, "application:build", TokenId::new(1), rotation(2)).await;
    assert_eq!(done.expect("a person does").0.made_by.as_deref(), Some("member:root"));
}

async fn what_a_token_makes_is_good_from_where_it_is(place: Place) {
    let office = TokenSpec { networks: networks("10.0.0.0/8"), ..spec(1, "office") };
    let bench = Bench::with(place, alice(vec![office], None)).await;
    let own = bench.own_through(id_of(&bench, "alice").await, TokenId::new(1));
    for text in ["", "10.0.0.0/7", "10.1.0.0/16 192.0.2.7"] {
        let new = NewToken { networks: networks(text), ..token(2, "wide") };
        let refused = bench.opened.directory.create_token(&own, new).await;
        assert!(matches!(refused, Err(Error::WiderThanToken(_))), "{text}: {refused:?}");
    }
    let new = NewToken { networks: networks("10.1.0.0/16"), ..token(2, "narrow") };
    let (made, _) = bench.opened.directory.create_token(&own, new).await.expect("lies within");
    assert_eq!(made.networks.to_string(), "10.1.0.0/16");
    let many = networks(&(0..17).map(|last| format!("10.1.1.{last} ")).collect::<String>());
    let new = NewToken { networks: many, ..token(3, "many") };
    assert!(matches!(bench.opened.directory.create_token(&own, new).await, Err(Error::Refused(_))));
    let at = |secs| Some(bench.clock.now().plus_secs(secs));
    let never = NewToken {
        networks: networks("10.1.0.0/16"),
        not_before: at(10),
        expires: at(10),
        ..token(3, "never good")
    };
    assert!(matches!(bench.opened.directory.create_token(&own, never).await, Err(Error::Refused(_))));
}

async fn tokens_are_listed_by_state_and_use(place: Place) {
    let tokens = vec![spec(1, "used"), spec(2, "idle"), spec(3, "off"), spec(4, "gone")];
    let bench = Bench::with(place, alice(tokens, None)).await;
    lowered(&bench, 3, TokenState::Disabled).await;
    lowered(&bench, 4, TokenState::Revoked).await;
    bench.clock.advance_secs(40 * DAY);
    let minute = u32::try_from(bench.clock.now().millis() / 60_000).expect("a minute");
    let used = domain::TokenUse { token: TokenId::new(1), minute, address: None, agent: None };
    bench.opened.directory.touch_tokens(&crate::testing::system(), &[used]).await.expect("notes");
    let ids = async |state, unused_days| {
        let rows = listed(&bench, TokenFilter { state, unused_days, ..TokenFilter::default() }).await;
        rows.iter().map(|row| row.id.get()).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, None).await, [1, 2, 3]);
    assert_eq!(ids(Some(TokenState::Active), None).await, [1, 2]);
    assert_eq!(ids(Some(TokenState::Disabled), None).await, [3]);
    assert_eq!(ids(Some(TokenState::Revoked), None).await, [4]);
    assert_eq!(ids(None, Some(40)).await, [2, 3]);
    assert_eq!(ids(Some(TokenState::Active), Some(30)).await, [2]);
    assert_eq!(ids(None, Some(41)).await, [0; 0]);
}

/// The file of somebody who keeps alice's token in it.
fn asked(tokens: Vec<TokenSpec>, whole: bool) -> PlanAsked {
    let authoritative = if whole { vec![Section::Tokens] } else { Vec::new() };
    let truth = Truth { authoritative, prune: whole, ..Truth::default() };
    PlanAsked { source: Some("platform".into()), plan: alice(tokens, None), truth }
}

async fn applied(bench: &Bench, asked: &PlanAsked) -> Planned {
    let may = bench.gate().acting().expect("somebody");
    let (planned, done) = bench.opened.directory.apply_plan(&may, asked, None).await.expect("it is planned");
    bench.refresh().await;
    done.unwrap_or_else(|obstacle| panic!("{obstacle:?}: {:?}", planned.lines));
    planned
}

async fn filed(place: Place) -> Bench {
    let mut plan = super::access::people();
    plan.persons.truncate(1);
    plan.teams.truncate(1);
    let plan = crate::Plan { persons: plan.persons, teams: plan.teams, ..crate::Plan::default() };
    let bench = Bench::with(place, plan).await;
    applied(&bench, &asked(vec![spec(1, "ci")], false)).await;
    bench
}

async fn a_plan_says_of_a_rotated_token_that_it_was(place: Place) {
    let bench = filed(place).await;
    rotated(&bench, 1, rotation(2)).await.expect("is rotated");
    let again = applied(&bench, &asked(vec![spec(1, "ci")], false)).await;
    let kept = again.lines.iter().find(|line| line.why == PlanWhy::Token("rotated"));
    assert_eq!(kept.map(|line| line.sign), Some(PlanSign::Keep), "{:?}", again.lines);
    assert_eq!(states(&bench).await, [(1, TokenState::Active), (2, TokenState::Active)]);
}

async fn a_whole_section_leaves_one_secret_a_name(place: Place) {
    let bench = filed(place).await;
    rotated(&bench, 1, rotation(2)).await.expect("is rotated");
    let whole = asked(vec![spec(1, "ci")], true);
    let taken = applied(&bench, &whole).await;
    assert!(taken.lines.iter().any(|line| line.why == PlanWhy::Extra), "{:?}", taken.lines);
    assert_eq!(states(&bench).await, [(1, TokenState::Active)], "the file does not say the other");
    // The one that is left ends as the rotation said, and goes when the file names it no longer.
    let left = &listed(&bench, TokenFilter::default()).await[0];
    assert_eq!((left.expires.is_some(), left.successor), (true, None));
    applied(&bench, &asked(Vec::new(), true)).await;
    assert_eq!(states(&bench).await, []);
}

async fn a_new_secret_of_a_plan_ends_all_of_its_name(place: Place) {
    let bench = filed(place).await;
    rotated(&bench, 1, rotation(2)).await.expect("is rotated");
    let mut forced = asked(vec![spec(3, "ci")], false);
    forced.truth.force = true;
    applied(&bench, &forced).await;
    assert_eq!(states(&bench).await, [(3, TokenState::Active)]);
    // A plan that names no such token takes both, also when the one that was made last is gone.
    rotated(&bench, 3, rotation(4)).await.expect("is rotated");
    lowered(&bench, 4, TokenState::Revoked).await;
    applied(&bench, &asked(Vec::new(), true)).await;
    assert_eq!(states(&bench).await, []);
}
