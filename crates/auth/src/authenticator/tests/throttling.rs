use super::*;

fn tight() -> AuthLimits {
    AuthLimits { failures_per_claim_max: 5, failures_per_address_max: 50, ..AuthLimits::default() }
}

#[tokio::test]
async fn a_valid_credential_is_never_blocked_by_failures() {
    let house = House::with(tight()).await;
    let (token, password) = (basic("alice", house.alice.text.expose()), basic("alice", PASSWORD));
    house.basic("alice", PASSWORD).await.unwrap();
    let given = bearer(&house.auth.issue_bearer(&house.now(&token).unwrap()).text);
    let wrong = generate(TokenKind::Person);
    let mut throttled = 0;
    for _ in 0..200 {
        match house.basic("alice", wrong.text.expose()).await.unwrap_err() {
            AuthError::Throttled { retry_after_secs } => {
                assert!((1..=6).contains(&retry_after_secs));
                throttled += 1;
            }
            error => assert_eq!(error, WRONG),
        }
    }
    assert_eq!(throttled, 195);
    for good in [&token, &password, &given, &Credentials::None] {
        assert!(house.now(good).is_ok());
    }
}

#[tokio::test]
async fn guessing_passwords_ends_before_argon2_and_only_for_that_name_and_address() {
    let house = House::with(tight()).await;
    for _ in 0..5 {
        assert_eq!(house.basic("alice", "guess").await.unwrap_err(), WRONG);
    }
    let right = house.basic("alice", PASSWORD).await.unwrap_err();
    assert_eq!(right, AuthError::Throttled { retry_after_secs: 6 }, "an uncached one is not even tried");
    assert_eq!(house.basic("bob", "guess").await.unwrap_err(), WRONG);
    let elsewhere = at("2001:db8::1".parse().unwrap());
    let elsewhere =
        house.auth.authenticate(basic("alice", PASSWORD), &elsewhere, Audience::Oci, &NoDirectUse).await;
    assert_eq!(seen(&elsewhere.unwrap()), (ALICE, Presented::Password, None));
    assert!(house.knows(&basic("alice", PASSWORD)), "cached now, so it is let in from here too");
}

#[tokio::test]
async fn waiting_helps() {
    let house = House::with(tight()).await;
    for _ in 0..6 {
        let _ = house.basic("alice", "guess").await;
    }
    house.clock.advance_secs(6);
    house.basic("alice", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn nugets_dozen_of_bad_requests_in_a_second_is_answered_as_wrong() {
    let house = House::new().await;
    let wrong = generate(TokenKind::Person);
    for _ in 0..12 {
        assert_eq!(house.now(&api_key(wrong.text.expose())).unwrap_err(), WRONG);
        assert_eq!(house.now(&basic("alice", wrong.text.expose())).unwrap_err(), WRONG);
    }
    assert!(house.knows(&api_key(house.alice.text.expose())));
}

#[tokio::test]
async fn anonymous_requests_and_expired_bearers_are_no_failures() {
    let house = House::with(tight()).await;
    let given = bearer(&house.auth.issue_bearer(&house.now(&Credentials::None).unwrap()).text);
    house.clock.advance_secs(900);
    for _ in 0..200 {
        assert!(house.now(&Credentials::None).is_ok());
        assert_eq!(house.now(&given).unwrap_err(), WRONG_BEARER);
    }
    assert_eq!(house.now(&bearer("garbage")).unwrap_err(), WRONG_BEARER, "nothing was counted");
}

#[tokio::test]
async fn garbage_is_counted_for_its_address() {
    let house = House::with(tight()).await;
    let ends: Vec<_> = (0..60).map(|_| house.now(&bearer("garbage")).unwrap_err()).collect();
    assert_eq!(ends.iter().filter(|end| **end == WRONG_BEARER).count(), 50);
    assert_eq!(ends.last(), Some(&AuthError::Throttled { retry_after_secs: 1 }));
}

/// Somebody behind the same address tries every name there is; whoever logged in there before goes on logging in.
#[tokio::test]
async fn an_exhausted_address_does_not_lock_out_who_logged_in_there() {
    let limits = AuthLimits { passwords_verified_secs_max: 60, failures_per_claim_max: 3, ..tight() };
    let house = House::with(limits).await;
    house.basic("alice", PASSWORD).await.unwrap();
    for number in 0..60 {
        let _ = house.now(&bearer(&format!("garbage {number}")));
    }
    house.clock.advance_secs(61);
    for _ in 0..200 {
        let _ = house.now(&bearer("garbage"));
    }
    for _ in 0..2 {
        assert_eq!(house.basic("alice", "typo").await.unwrap_err(), WRONG);
    }
    house.basic("alice", PASSWORD).await.unwrap();
}
