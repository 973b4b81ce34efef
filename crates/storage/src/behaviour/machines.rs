//! Machines that get tokens by rules: how often, how many, for how long, and whom a rule means.

use domain::{
    AccessManage, Clock as _, Limit, Login, OrganisationManage, Permission, Permissions, TokenId,
    TokenLimits, TokenState,
};

use super::access::people;
use super::{stories, whatever};
use crate::testing::{Bench, Place, origin, system};
use crate::{
    DirectWanted, DirectoryError as Error, DirectoryRule, Exchange, Exchanged, IssuerWanted, PublisherRow,
    PublisherWanted, TokenFilter,
};

stories! {
    a_short_lived_token_is_forgotten_a_day_after_its_end
    a_rule_is_used_twenty_times_a_minute
    a_thousand_tokens_of_an_application_live_at_a_time
    a_rule_pins_ids_within_seven_days_or_lapses
    what_stands_for_identity_tokens_is_another_after_each_change
}

const DAY_SECS: i64 = 24 * 3600;
const IDS: &str = r#"{"uid":"uid-1"}"#;

/// A rule of `alpha`, for an hour at a time.
fn wanted() -> PublisherWanted {
    PublisherWanted {
        issuer: "ci".into(),
        kind: "any".into(),
        application: None,
        client_id: Login::parse("6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10").expect("a login"),
        claims: r#"{"sub":"job-7"}"#.into(),
        lookup: "job-7".into(),
        pins: false,
        on: vec!["alpha".into()],
        permissions: Permissions::of(&[Permission::Read]),
        minutes: 60,
        direct: None,
    }
}

/// Somebody who vouches for machines is believed.
async fn bench_with(place: Place) -> Bench {
    let bench = Bench::with(place, people()).await;
    let may = bench.on_organisation::<OrganisationManage>(bench.actor());
    let issuer = IssuerWanted {
        url: "https://issuer.example".into(),
        kind: "any".into(),
        audiences: Vec::new(),
        private: false,
        jwks: None,
    };
    bench.opened.directory.put_issuer(&may, "ci", issuer, whatever()).await.expect("puts");
    bench
}

async fn put(bench: &Bench, name: &str, wanted: PublisherWanted) -> PublisherRow {
    let may = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    bench.opened.directory.put_publisher(&may, name, wanted, whatever()).await.expect("puts").0
}

async fn shown(bench: &Bench) -> PublisherRow {
    let may = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    bench.opened.directory.publisher(&may, "release").await.expect("is there")
}

/// Shows the identity token of this number.
async fn exchange(bench: &Bench, rule: &PublisherRow, number: u64, pins: bool) -> Result<Exchanged, Error> {
    let mut token = [0; 32];
    token[..8].copy_from_slice(&number.to_be_bytes());
    let exchange = Exchange {
        rule: rule.clone(),
        token,
        kept_until: bench.clock.now().plus_secs(600),
        pins: pins.then(|| IDS.into()),
        made: (TokenId::new(number), token),
        subject: "job-7".into(),
        facts: Vec::new(),
    };
    bench.opened.directory.exchange(exchange, &origin()).await.map(|(made, _)| made)
}

fn is_too_often(result: &Result<Exchanged, Error>) -> bool {
    matches!(result, Err(Error::Forbidden(DirectoryRule::TooOften, _)))
}

async fn short_lived(bench: &Bench) -> usize {
    short_lived_in(bench, None).await
}

async fn short_lived_in(bench: &Bench, state: Option<TokenState>) -> usize {
    let may = bench.on_organisation(bench.actor());
    let filter = TokenFilter { short_lived: true, state, ..TokenFilter::default() };
    let directory = &bench.opened.directory;
    let all = directory.tokens_of(&may, "application:ci-alpha-release", filter, (None, Limit::MAX)).await;
    all.expect("lists").len()
}

async fn a_short_lived_token_is_forgotten_a_day_after_its_end(place: Place) {
    let bench = bench_with(place).await;
    let rule = put(&bench, "release", wanted()).await;
    let made = exchange(&bench, &rule, 1, false).await.expect("is taken");
    assert_eq!(made.expires, bench.clock.now().plus_secs(3600));
    let forget = async || bench.opened.directory.forget_short_lived(&system()).await.expect("forgets");
    bench.clock.advance_secs(3600 + DAY_SECS);
    assert_eq!((forget().await, short_lived(&bench).await), (0, 1), "a day, and not less");
    bench.clock.advance_secs(1);
    assert_eq!((forget().await, short_lived(&bench).await), (1, 0));
    assert_eq!(forget().await, 0);
    let tokens = bench.credentials().await.tokens;
    assert!(tokens.iter().all(|token| token.id != TokenId::new(1)), "who follows is told");
}

async fn a_rule_is_used_twenty_times_a_minute(place: Place) {
    let bench = bench_with(place).await;
    let rule = put(&bench, "release", wanted()).await;
    for number in 0..20 {
        exchange(&bench, &rule, number, false).await.expect("is taken");
    }
    let often = exchange(&bench, &rule, 20, false).await;
    assert!(is_too_often(&often), "{often:?}");
    bench.clock.advance_secs(59);
    assert!(is_too_often(&exchange(&bench, &rule, 20, false).await));
    bench.clock.advance_secs(1);
    exchange(&bench, &rule, 20, false).await.expect("a minute is over");
    // What was refused for that was not used up; what was taken is, as long as it could be shown.
    let again = exchange(&bench, &rule, 0, false).await;
    assert!(matches!(again, Err(Error::Forbidden(DirectoryRule::Exchanged, _))), "{again:?}");
}

async fn a_thousand_tokens_of_an_application_live_at_a_time(place: Place) {
    let bench = bench_with(place).await;
    let rule = put(&bench, "release", wanted()).await;
    for number in 0..1000 {
        if number > 0 && number % 20 == 0 {
            bench.clock.advance_secs(60);
        }
        exchange(&bench, &rule, number, false).await.expect("is taken");
    }
    bench.clock.advance_secs(60);
    let refused = exchange(&bench, &rule, 1000, false).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    // The first twenty end.
    bench.clock.advance_secs(600);
    exchange(&bench, &rule, 1001, false).await.expect("there is room");
}

async fn a_rule_pins_ids_within_seven_days_or_lapses(place: Place) {
    let bench = bench_with(place).await;
    let pinning = || PublisherWanted { pins: true, ..wanted() };
    let rule = put(&bench, "release", pinning()).await;
    let until = rule.pin_until.expect("waits for the first success");
    assert_eq!(until, bench.clock.now().plus_secs(7 * DAY_SECS));
    bench.clock.advance_secs(7 * DAY_SECS);
    let late = exchange(&bench, &rule, 1, true).await;
    assert!(matches!(late, Err(Error::Stale)), "{late:?}");
    // Putting it again gives it seven days more, of which the last second counts.
    let rule = put(&bench, "release", pinning()).await;
    bench.clock.advance_secs(7 * DAY_SECS - 1);
    exchange(&bench, &rule, 1, true).await.expect("is in time");
    let pinned = shown(&bench).await;
    assert_eq!((pinned.pins.as_deref(), pinned.pin_until), (Some(IDS), None));
    bench.clock.advance_secs(365 * DAY_SECS);
    exchange(&bench, &shown(&bench).await, 2, true).await.expect("pinned once is pinned");
    // The same for a token that is shown as it is.
    let client_id = Login::parse("7c1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10").expect("a login");
    let rule = put(&bench, "other", PublisherWanted { client_id, ..pinning() }).await;
    let pin =
        async |rule: PublisherRow| bench.opened.directory.pin_publisher(rule, IDS.into(), &origin()).await;
    pin(rule.clone()).await.expect("is the first");
    pin(rule.clone()).await.expect("is the same");
    let others = bench.opened.directory.pin_publisher(rule, "{}".into(), &origin()).await;
    assert!(matches!(others, Err(Error::Stale)), "{others:?}");
}

async fn what_stands_for_identity_tokens_is_another_after_each_change(place: Place) {
    let bench = bench_with(place).await;
    let direct = |number: u8| {
        let token = (TokenId::new(number.into()), [number; 32]);
        Some(DirectWanted { token, subject: "system:serviceaccount:prod:web".into() })
    };
    let first = put(&bench, "release", PublisherWanted { direct: direct(1), ..wanted() }).await;
    let stands = async |number: u64| {
        let tokens = bench.credentials().await.tokens;
        tokens
            .into_iter()
            .find(|token| token.id == TokenId::new(number))
            .filter(|one| one.state == TokenState::Active)
    };
    let fact = stands(1).await.expect("stands");
    assert_eq!((first.direct, fact.expires), (Some(TokenId::new(1)), None));
    assert!(matches!(fact.limits, TokenLimits::Only(_)), "what the rule gives, and no more");
    // Minutes are of what is exchanged.
    let same = put(&bench, "release", PublisherWanted { direct: direct(2), minutes: 5, ..wanted() }).await;
    assert_eq!(same.direct, Some(TokenId::new(1)));
    let more = Permissions::of(&[Permission::Read, Permission::Publish]);
    let other =
        put(&bench, "release", PublisherWanted { direct: direct(3), permissions: more, ..wanted() }).await;
    assert_eq!(
        (other.direct, stands(1).await, stands(3).await.is_some()),
        (Some(TokenId::new(3)), None, true)
    );
    // What stood is known for a day, for who reads the audit.
    let revoked = Some(TokenState::Revoked);
    assert_eq!((short_lived(&bench).await, short_lived_in(&bench, revoked).await), (1, 1));
    bench.clock.advance_secs(DAY_SECS + 1);
    assert_eq!(bench.opened.directory.forget_short_lived(&system()).await.expect("forgets"), 1);
    assert_eq!((short_lived(&bench).await, short_lived_in(&bench, revoked).await), (1, 0));
    assert!(stands(3).await.is_some(), "without an end it stays");
    let without = put(&bench, "release", PublisherWanted { permissions: more, ..wanted() }).await;
    assert_eq!((without.direct, stands(3).await), (None, None));
    let again =
        put(&bench, "release", PublisherWanted { direct: direct(4), permissions: more, ..wanted() }).await;
    assert_eq!(again.direct, Some(TokenId::new(4)));
    let may = bench.on_project::<AccessManage>(bench.actor(), "alpha");
    bench.opened.directory.remove_publisher(&may, "release", whatever()).await.expect("goes");
    assert_eq!(stands(4).await, None);
}
