//! What the organisation says about log-ins decides from the moment it is in force.

use domain::LogInRules;

use super::*;

const OPEN: LogInRules = LogInRules { passwords: true, passwords_on_packages: true, strict_user_names: true };

#[tokio::test]
async fn passwords_are_kept_from_packages_and_what_they_gave_out_ends() {
    let house = House::new().await;
    let alice = house.basic("alice", PASSWORD).await.unwrap();
    let given = bearer(&house.auth.issue_bearer(&alice).text);
    assert!(house.knows(&given));
    let kept = LogInRules { passwords_on_packages: false, ..OPEN };
    house.in_force(house.source.set_rules(kept)).await;
    assert_eq!(house.basic("alice", PASSWORD).await.unwrap_err(), WRONG);
    assert_eq!(house.now(&given).unwrap_err(), WRONG_BEARER);
    assert!(house.auth.again(&alice.caller).is_none(), "an upload in flight ends");
    let managing = house
        .auth
        .authenticate(basic("alice", PASSWORD), &at(HOME), Audience::Management, &NoDirectUse)
        .await;
    assert_eq!(seen(&managing.unwrap()), (ALICE, Presented::Password, None));
    assert!(house.knows(&basic("alice", house.alice.text.expose())), "a token is no password");
    house.in_force(house.source.set_rules(OPEN)).await;
    assert!(house.knows(&given));
}

#[tokio::test]
async fn passwords_are_good_for_nothing_where_the_organisation_says_so() {
    let house = House::new().await;
    house.basic("alice", PASSWORD).await.unwrap();
    house.in_force(house.source.set_rules(LogInRules { passwords: false, ..OPEN })).await;
    for place in [Audience::Oci, Audience::Packages, Audience::Management] {
        let refused = house.auth.authenticate(basic("alice", PASSWORD), &at(HOME), place, &NoDirectUse).await;
        assert_eq!(refused.unwrap_err(), WRONG);
    }
    // Also after everything was loaded anew.
    house.in_force(house.source.demand_rebuild()).await;
    assert_eq!(house.basic("alice", PASSWORD).await.unwrap_err(), WRONG);
}

#[tokio::test]
async fn any_name_goes_with_a_token_where_names_are_not_strict() {
    let house = House::new().await;
    let token = house.alice.text.expose();
    assert_eq!(house.now(&basic("whoever", token)).unwrap_err(), WRONG);
    house.in_force(house.source.set_rules(LogInRules { strict_user_names: false, ..OPEN })).await;
    assert!(house.knows(&basic("whoever", token)));
    assert_eq!(house.basic("whoever", PASSWORD).await.unwrap_err(), WRONG, "a password has one owner");
}
