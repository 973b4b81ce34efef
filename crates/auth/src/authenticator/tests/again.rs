//! The credential behind a call that began a while ago.

use domain::{CredentialCheck as _, NodeId, Permission, Permissions, TokenLimits};

use super::*;

/// What alice may call herself by her token, by a bearer of it, by her password, and by a bearer of that.
async fn all_callers(house: &House) -> [Caller; 4] {
    let by_token = house.now(&bearer(house.alice.text.expose())).unwrap();
    let behind_token = house.now(&bearer(&house.auth.issue_bearer(&by_token).text)).unwrap();
    let by_password = house.basic("alice", PASSWORD).await.unwrap();
    let behind_password = house.now(&bearer(&house.auth.issue_bearer(&by_password).text)).unwrap();
    [by_token, behind_token, by_password, behind_password].map(|identity| identity.caller)
}

/// Which of them would be let in again.
fn still(house: &House, callers: &[Caller; 4]) -> [bool; 4] {
    callers.each_ref().map(|caller| {
        let again = house.auth.again(caller);
        assert!(
            again.as_ref().is_none_or(|again| again.who() == caller.who() && again.token() == caller.token())
        );
        again.is_some()
    })
}

#[tokio::test]
async fn nothing_changed() {
    let house = House::new().await;
    let callers = all_callers(&house).await;
    assert_eq!(still(&house, &callers), [true; 4]);
    // A bearer has run out meanwhile, and what it began goes on.
    house.clock.advance_secs(100_000);
    assert_eq!(still(&house, &callers), [true; 4]);
    assert_eq!(house.auth.again(&Caller::anonymous()).map(|caller| caller.who()), Some(Who::Anonymous));
}

#[tokio::test]
async fn a_token_is_taken_away_or_runs_out() {
    let house = House::new().await;
    let callers = all_callers(&house).await;
    for state in [TokenState::Disabled, TokenState::Revoked] {
        house.in_force(house.source.set_token_state(house.alice.id, state)).await;
        assert_eq!(still(&house, &callers), [false, false, true, true], "{state:?}");
    }
    let mut fact = row(&house.alice, ALICE);
    fact.expires = Some(house.clock.now().plus_secs(10));
    house.in_force(house.source.put_token(fact)).await;
    assert_eq!(still(&house, &callers), [true; 4]);
    house.clock.advance_secs(10);
    assert_eq!(still(&house, &callers), [false, false, true, true], "expired");
    house.in_force(house.source.remove_token(house.alice.id)).await;
    assert_eq!(still(&house, &callers), [false, false, true, true], "removed");
}

#[tokio::test]
async fn a_person_is_suspended_or_gets_another_password() {
    let house = House::new().await;
    let callers = all_callers(&house).await;
    let edit = |change: fn(&mut domain::PrincipalCredentials)| {
        house.source.edit_principal(PrincipalId::new(ALICE), change)
    };
    house.in_force(edit(|alice| alice.suspended = true)).await;
    assert_eq!(still(&house, &callers), [false; 4]);
    house.in_force(edit(|alice| alice.suspended = false)).await;
    assert_eq!(still(&house, &callers), [true; 4]);
    house.in_force(edit(|alice| alice.generation += 1)).await;
    assert_eq!(still(&house, &callers), [true, true, false, false]);
    house.in_force(house.source.remove_principal(PrincipalId::new(ALICE))).await;
    assert_eq!(still(&house, &callers), [false; 4]);
}

#[tokio::test]
async fn the_limits_are_those_of_now() {
    let house = House::new().await;
    let [by_token, ..] = all_callers(&house).await;
    let mut fact = row(&house.alice, ALICE);
    let some = (NodeId::ORGANISATION, Permissions::of(&[Permission::Read]));
    fact.limits = TokenLimits::Only([some].into());
    house.in_force(house.source.put_token(fact.clone())).await;
    assert_eq!(house.auth.again(&by_token).map(|caller| caller.limits().clone()), Some(fact.limits));
}
