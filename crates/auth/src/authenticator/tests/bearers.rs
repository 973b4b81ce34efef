use super::*;

#[tokio::test]
async fn a_bearer_stands_for_its_token_below_v2_for_900_seconds() {
    let house = House::new().await;
    let identity = house.basic("alice", house.alice.text.expose()).await.unwrap();
    let given = house.auth.issue_bearer(&identity);
    assert_eq!(given.expires_in_secs, 900);
    let credentials = bearer(&given.text);
    assert_eq!(seen(&house.now(&credentials).unwrap()), (ALICE, Presented::Bearer, Some(house.alice.id)));
    let elsewhere = house.auth.authenticate_now(&credentials, Some(HOME), Audience::Packages);
    assert_eq!(elsewhere.unwrap().unwrap_err(), WRONG_BEARER);
    house.clock.advance_secs(899);
    assert!(house.knows(&credentials));
    house.clock.advance_secs(1);
    assert_eq!(house.now(&credentials).unwrap_err(), WRONG_BEARER);
}

#[tokio::test]
async fn an_anonymous_bearer_is_anonymous_and_says_so() {
    let house = House::new().await;
    let given = house.auth.issue_bearer(&house.now(&Credentials::None).unwrap());
    let identity = house.now(&bearer(&given.text)).unwrap();
    assert_eq!(identity.presented, Presented::AnonymousBearer);
    assert_eq!(identity.caller.who(), Who::Anonymous);
}

#[tokio::test]
async fn a_bearer_of_a_bearer_ends_with_it() {
    let house = House::new().await;
    for first in [basic("alice", house.alice.text.expose()), Credentials::None] {
        let given = house.auth.issue_bearer(&house.now(&first).unwrap());
        house.clock.advance_secs(600);
        let again = house.auth.issue_bearer(&house.now(&bearer(&given.text)).unwrap());
        assert_eq!(again.expires_in_secs, 300);
        house.clock.advance_secs(300);
        assert!(house.now(&bearer(&again.text)).is_err());
    }
}

#[tokio::test]
async fn it_dies_with_what_it_stands_for() {
    let house = House::new().await;
    let direct = house.now(&bearer(house.alice.text.expose())).unwrap();
    let by_token = bearer(&house.auth.issue_bearer(&direct).text);
    let log_in = house.basic("alice", PASSWORD).await.unwrap();
    let by_password = bearer(&house.auth.issue_bearer(&log_in).text);
    assert_eq!(seen(&house.now(&by_password).unwrap()), (ALICE, Presented::Bearer, None));
    assert!(house.knows(&by_token));

    house.in_force(house.source.edit_principal(PrincipalId::new(ALICE), |alice| alice.generation += 1)).await;
    assert!(!house.knows(&by_password), "a new password");
    assert!(house.knows(&by_token));

    house.in_force(house.source.set_token_state(house.alice.id, TokenState::Revoked)).await;
    assert!(!house.knows(&by_token), "a revoked token");
}

#[tokio::test]
async fn it_dies_with_its_owner() {
    let id = PrincipalId::new(ALICE);
    for removed in [false, true] {
        let house = House::new().await;
        let log_in = house.basic("alice", PASSWORD).await.unwrap();
        let given = bearer(&house.auth.issue_bearer(&log_in).text);
        let version = if removed {
            house.source.remove_principal(id)
        } else {
            house.source.edit_principal(id, |alice| alice.suspended = true)
        };
        house.in_force(version).await;
        assert_eq!(house.now(&given).unwrap_err(), WRONG_BEARER);
    }
}

#[tokio::test]
async fn it_outlives_a_rotation_of_keys_and_not_two() {
    let house = House::new().await;
    let given = bearer(&house.auth.issue_bearer(&house.now(&Credentials::None).unwrap()).text);
    house.auth.keys.rotate();
    assert!(house.now(&given).is_ok());
    house.auth.keys.rotate();
    assert_eq!(house.now(&given).unwrap_err(), WRONG_BEARER);
}

#[tokio::test]
async fn garbage_is_a_wrong_bearer() {
    let house = House::new().await;
    let long = "A".repeat(8000);
    for text in ["x", "eyJhbGciOiJub25lIn0.e30", long.as_str(), &"A".repeat(79)] {
        assert_eq!(house.now(&bearer(text)).unwrap_err(), WRONG_BEARER);
    }
}
