//! Sessions in browsers: what a cookie is good for, and what ends it.

use domain::{Credential, CredentialCheck as _, LogInRules, SessionId};

use super::*;
use crate::testing::session;

const HOUR: i64 = 3600;

/// Alice signed in, for an hour.
async fn signed_in(house: &House) -> NewSecret {
    let new = generate(TokenKind::Session);
    house.in_force(house.source.put_session(session(&new, ALICE, house.clock.now(), HOUR))).await;
    new
}

fn cookie(new: &NewSecret) -> Credentials {
    Credentials::Session(Secret::new(new.text.expose().clone()))
}

#[tokio::test]
async fn a_session_is_its_owner_until_its_end() {
    let house = House::new().await;
    let (begun, new) = (house.clock.now(), signed_in(&house).await);
    let identity = house.now(&cookie(&new)).unwrap();
    assert_eq!(seen(&identity), (ALICE, Presented::Session, None));
    assert_eq!(identity.caller.credential(), Credential::Session(SessionId::new(new.id), begun));
    assert!(house.auth.again(&identity.caller).is_some());
    house.clock.advance_secs(HOUR);
    assert_eq!(
        seen(&house.now(&cookie(&new)).unwrap()),
        (5, Presented::Nothing, None),
        "nobody, and no failure"
    );
    assert!(house.auth.again(&identity.caller).is_none());
}

#[tokio::test]
async fn it_is_seen_once_a_minute() {
    let house = House::new().await;
    let new = signed_in(&house).await;
    assert!(house.auth.last_seen().is_empty());
    for _ in 0..3 {
        assert!(house.knows(&cookie(&new)));
    }
    let minute = u32::try_from(house.clock.now().millis() / 60_000).unwrap();
    let used = SessionUse { session: SessionId::new(new.id), minute };
    assert_eq!(house.auth.last_seen(), [used]);
    assert!(house.knows(&cookie(&new)) && house.auth.last_seen().is_empty());
    // What is read anew keeps in mind that this minute is noted.
    house.in_force(house.source.put_session(session(&new, ALICE, house.clock.now(), HOUR))).await;
    assert!(house.knows(&cookie(&new)) && house.auth.last_seen().is_empty());
}

#[tokio::test]
async fn it_is_good_as_a_cookie_only() {
    let house = House::new().await;
    let new = signed_in(&house).await;
    let text = new.text.expose();
    for wrong in [basic("alice", text), bearer(text), api_key(text), api_key(&format!("alice:{text}"))] {
        assert!(house.now(&wrong).is_err());
    }
    // Nor is a token one.
    assert!(!house.knows(&Credentials::Session(Secret::new(house.alice.text.expose().clone()))));
    let mut other = text.clone();
    other.replace_range(20..21, if &text[20..21] == "A" { "B" } else { "A" });
    assert!(!house.knows(&Credentials::Session(Secret::new(other))));
    // Of what was made for packages it makes nothing.
    let identity = house.now(&cookie(&new)).unwrap();
    let made = house.auth.issue_bearer(&identity).text;
    assert_eq!(house.now(&bearer(&made)).unwrap().caller.who(), Who::Anonymous);
}

#[tokio::test]
async fn whatever_ends_it_ends_it_at_once() {
    let house = House::new().await;
    let new = signed_in(&house).await;
    let caller = house.now(&cookie(&new)).unwrap().caller;
    let goes_on = || house.knows(&cookie(&new)) && house.auth.again(&caller).is_some();
    assert!(goes_on());

    let id = PrincipalId::new(ALICE);
    house.in_force(house.source.edit_principal(id, |alice| alice.suspended = true)).await;
    assert!(!goes_on(), "suspended");
    house.in_force(house.source.edit_principal(id, |alice| alice.suspended = false)).await;
    assert!(goes_on());
    house.in_force(house.source.edit_principal(id, |alice| alice.generation += 1)).await;
    assert!(!goes_on(), "another password");
    house.in_force(house.source.edit_principal(id, |alice| alice.generation -= 1)).await;

    let rules = |passwords, passwords_on_packages| LogInRules {
        passwords,
        passwords_on_packages,
        ..LogInRules::default()
    };
    house.in_force(house.source.set_rules(rules(true, false))).await;
    assert!(goes_on(), "it is for no packages");
    house.in_force(house.source.set_rules(rules(false, true))).await;
    assert!(!goes_on(), "passwords are good for nothing");
    house.in_force(house.source.set_rules(rules(true, true))).await;

    house.in_force(house.source.demand_rebuild()).await;
    assert!(goes_on(), "everything was read anew");
    house.in_force(house.source.remove_session(SessionId::new(new.id))).await;
    assert!(!goes_on(), "ended");
}

#[tokio::test]
async fn signing_in_takes_a_password() {
    let house = House::new().await;
    let sign_in = |name: &str, password: &str| {
        let (name, password) = (Secret::new(name.to_owned()), Secret::new(password.to_owned()));
        house.auth.sign_in(name, password, Some(HOME))
    };
    let identity = sign_in("alice@example.org", PASSWORD).await.unwrap();
    assert_eq!(seen(&identity), (ALICE, Presented::Password, None));
    for (name, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("alice", "")] {
        assert_eq!(sign_in(name, password).await.err(), Some(WRONG));
    }
    assert_eq!(
        sign_in("alice", house.alice.text.expose()).await.err(),
        Some(WRONG),
        "a token signs nobody in"
    );
    house.in_force(house.source.set_rules(LogInRules { passwords: false, ..LogInRules::default() })).await;
    assert_eq!(sign_in("alice", PASSWORD).await.err(), Some(WRONG));
}

#[tokio::test]
async fn where_passwords_are_good_for_nothing_no_session_goes_on() {
    let house = House::with(AuthLimits { password_log_in: false, ..AuthLimits::default() }).await;
    let new = signed_in(&house).await;
    assert!(!house.knows(&cookie(&new)), "begun before the configuration said so");
}
