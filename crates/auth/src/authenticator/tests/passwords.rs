use super::*;

#[tokio::test]
async fn a_person_logs_in_and_the_second_time_at_once() {
    let house = House::new().await;
    let credentials = basic("alice", PASSWORD);
    assert!(house.auth.authenticate_now(&credentials, Some(HOME), Audience::Packages).is_none());
    let expected = (ALICE, Presented::Password, None);
    assert_eq!(seen(&house.basic("alice", PASSWORD).await.unwrap()), expected);
    assert_eq!(seen(&house.now(&credentials).unwrap()), expected);
    assert_eq!(seen(&house.now(&basic("ALICE", PASSWORD)).unwrap()), expected);
    assert_eq!(seen(&house.basic("alice@example.org", PASSWORD).await.unwrap()), expected);
}

#[tokio::test]
async fn a_wrong_password_stays_wrong_beside_a_cached_right_one() {
    let house = House::new().await;
    house.basic("alice", PASSWORD).await.unwrap();
    assert_eq!(house.basic("alice", "correct horsf").await.unwrap_err(), WRONG);
    assert_eq!(house.basic("alicf", PASSWORD).await.unwrap_err(), WRONG);
    assert!(house.knows(&basic("alice", PASSWORD)));
}

#[tokio::test]
async fn only_persons_have_passwords() {
    let house = House::new().await;
    let version = house.source.edit_principal(PrincipalId::new(ROBOT), |robot| {
        robot.password_hash = Some(password_hash().into());
    });
    house.in_force(version).await;
    assert_eq!(house.basic("5f3a-client", PASSWORD).await.unwrap_err(), WRONG);
}

#[tokio::test]
async fn the_key_header_takes_no_password() {
    let house = House::new().await;
    let version = house.source.edit_principal(PrincipalId::new(ALICE), |alice| {
        let hash = password::hash_password(&Secret::new("nospace".to_owned())).unwrap();
        alice.password_hash = Some(hash.into());
    });
    house.in_force(version).await;
    assert_eq!(house.now(&api_key("nospace")).unwrap_err(), WRONG);
    assert_eq!(house.now(&api_key("alice:nospace")).unwrap_err(), WRONG);
    house.basic("alice", "nospace").await.unwrap();
}

#[tokio::test]
async fn a_change_of_the_owner_voids_it_at_once() {
    let house = House::new().await;
    let id = PrincipalId::new(ALICE);
    let other = password::hash_password(&Secret::new("battery staple".to_owned())).unwrap();
    house.basic("alice", PASSWORD).await.unwrap();
    let version = house.source.edit_principal(id, |alice| {
        alice.password_hash = Some(other.into());
        alice.generation += 1;
    });
    house.in_force(version).await;
    assert_eq!(house.basic("alice", PASSWORD).await.unwrap_err(), WRONG, "the old password");
    house.basic("alice", "battery staple").await.unwrap();

    house.in_force(house.source.edit_principal(id, |alice| alice.suspended = true)).await;
    assert_eq!(house.basic("alice", "battery staple").await.unwrap_err(), WRONG, "suspended");
    house.in_force(house.source.edit_principal(id, |alice| alice.suspended = false)).await;
    let credentials = basic("alice", "battery staple");
    let cached = house.auth.authenticate_now(&credentials, Some(HOME), Audience::Oci);
    assert!(cached.is_none(), "nothing verified before the suspension counts");
    house.ask(credentials).await.unwrap();

    house.in_force(house.source.edit_principal(id, |alice| alice.password_hash = None)).await;
    assert_eq!(house.basic("alice", "battery staple").await.unwrap_err(), WRONG, "no password any more");
}

#[tokio::test]
async fn a_password_that_changes_while_it_is_verified_does_not_count() {
    let house = House::new().await;
    let auth = Arc::clone(&house.auth);
    let verifying = tokio::spawn(async move {
        auth.authenticate(basic("alice", PASSWORD), &at(HOME), Audience::Oci, &NoDirectUse).await
    });
    // Until it is on its blocking thread; it stays there for milliseconds.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let version = house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.generation += 1);
    house.in_force(version).await;
    assert_eq!(verifying.await.unwrap().unwrap_err(), WRONG);
}

#[tokio::test]
async fn password_log_in_can_be_off() {
    let house = House::with(AuthLimits { password_log_in: false, ..AuthLimits::default() }).await;
    assert_eq!(house.now(&basic("alice", PASSWORD)).unwrap_err(), WRONG);
    assert!(house.knows(&basic("alice", house.alice.text.expose())));
}

#[tokio::test]
async fn who_waited_is_let_in_by_what_another_connection_has_verified() {
    let limits = AuthLimits { passwords_at_once_max: 1, ..AuthLimits::default() };
    let house = House::with(limits).await;
    let turn = house.auth.turns.take(Client::at(None), 1).unwrap();
    let auth = Arc::clone(&house.auth);
    // Argon2 would refuse this one, so whoever is let in was let in without it.
    let waiting = tokio::spawn(async move {
        auth.authenticate(basic("alice", "shared"), &at(HOME), Audience::Oci, &NoDirectUse).await
    });
    while house.auth.turns.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    let alice = house.auth.table.by_name("alice").unwrap();
    let (key, details) =
        (house.auth.verified.key("alice", &Secret::new("shared".to_owned())), alice.details());
    let until = house.clock.now().plus_secs(60);
    let verified = VerifiedPassword { principal: alice, details, until };
    house.auth.verified.put(&key, verified, house.clock.now());
    drop(turn);
    assert_eq!(seen(&waiting.await.unwrap().unwrap()), (ALICE, Presented::Password, None));
}

#[tokio::test]
async fn when_too_many_wait_it_says_busy_and_tokens_do_not_care() {
    let limits = AuthLimits {
        passwords_at_once_max: 1,
        passwords_waiting_max: 3,
        passwords_waiting_per_address_max: 2,
        ..AuthLimits::default()
    };
    let house = House::with(limits).await;
    let ask = |name: String| {
        let auth = Arc::clone(&house.auth);
        tokio::spawn(async move {
            auth.authenticate(basic(&name, "wrong"), &at(HOME), Audience::Oci, &NoDirectUse).await
        })
    };
    let all: Vec<_> = (0..10).map(|name| ask(format!("name-{name}"))).collect();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(house.knows(&basic("alice", house.alice.text.expose())));
    let mut busy = 0;
    for end in all {
        match end.await.unwrap().unwrap_err() {
            AuthError::Busy { retry_after_secs: 1 } => busy += 1,
            error => assert_eq!(error, WRONG),
        }
    }
    assert_eq!(busy, 7, "one is verified, two wait");
}

/// What an administrator set is good for changing it alone, remembered or not, and no bearer comes of it.
#[tokio::test]
async fn one_that_has_to_be_changed_is_good_for_that_alone() {
    let house = House::new().await;
    let must = |must_change: bool| {
        house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.must_change = must_change)
    };
    let ask = async |audience: Audience| {
        let found =
            house.auth.authenticate(basic("alice", PASSWORD), &at(HOME), audience, &NoDirectUse).await;
        found.map(|identity| identity.presented)
    };
    house.in_force(must(true)).await;
    for _ in 0..2 {
        for audience in [Audience::Oci, Audience::Packages, Audience::Management] {
            assert_eq!(ask(audience).await, Err(AuthError::MustChange), "{audience:?}");
        }
        assert_eq!(ask(Audience::Administration).await, Ok(Presented::PasswordToChange));
    }
    assert_eq!(
        house.basic("alice", "correct horsf").await.unwrap_err(),
        WRONG,
        "nothing is told of a wrong one"
    );
    assert!(house.knows(&bearer(house.alice.text.expose())), "her tokens are good");
    house.in_force(must(false)).await;
    assert_eq!(ask(Audience::Packages).await, Ok(Presented::Password));
}

#[tokio::test]
async fn use_of_a_password_is_recorded_by_the_minute() {
    let house = House::new().await;
    let used = || {
        let minute = u32::try_from(house.clock.now().millis() / 60_000).unwrap();
        PasswordUse { principal: PrincipalId::new(ALICE), minute }
    };
    house.basic("alice", "correct horsf").await.unwrap_err();
    assert_eq!(house.auth.passwords_used(), []);
    house.basic("alice", PASSWORD).await.unwrap();
    assert_eq!(house.auth.passwords_used(), [used()]);
    house.basic("alice", PASSWORD).await.unwrap();
    assert_eq!(house.auth.passwords_used(), [], "in the same minute");
    house.clock.advance_secs(60);
    house.basic("alice", PASSWORD).await.unwrap();
    assert_eq!(house.auth.passwords_used(), [used()]);
}
