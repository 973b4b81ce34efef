use domain::{NodeId, Permission, Permissions, TokenFact, TokenLimits};

use super::*;

#[tokio::test]
async fn a_token_is_good_in_every_header_and_place() {
    let house = House::new().await;
    let text = house.alice.text.expose();
    let expected = (ALICE, Presented::Token, Some(house.alice.id));
    for credentials in [
        basic("alice", text),
        basic("ALICE", text),
        basic("Alice@Example.org", text),
        bearer(text),
        api_key(text),
        api_key(&format!("alice:{text}")),
        crate::header::from_form("alice", text),
        // Without a name, the token says whose it is.
        basic("", text),
        api_key(&format!(":{text}")),
        crate::header::from_form("", text),
    ] {
        for audience in [Audience::Oci, Audience::Packages] {
            let decided = house.auth.authenticate_now(&credentials, Some(HOME), audience);
            assert_eq!(seen(&decided.unwrap().unwrap()), expected, "{credentials:?}");
        }
    }
    let robot = house.basic("5F3A-client", house.robot.text.expose()).await.unwrap();
    assert_eq!(seen(&robot), (ROBOT, Presented::Token, Some(house.robot.id)));
    assert_eq!(robot.caller.who(), Who::Principal(PrincipalId::new(ROBOT), PrincipalKind::Application));
}

#[tokio::test]
async fn nobody_in_particular_is_anonymous_and_no_failure() {
    let house = House::new().await;
    for credentials in [Credentials::None, basic("", "")] {
        let identity = house.now(&credentials).unwrap();
        assert_eq!(identity.presented, Presented::Nothing);
        assert_eq!(identity.caller.who(), Who::Anonymous);
    }
}

#[tokio::test]
async fn the_name_must_be_the_owners() {
    let house = House::new().await;
    let (alice, robot) = (house.alice.text.expose(), house.robot.text.expose());
    for name in ["bob", "5f3a-client", " ", "alic", "alicea", "alice\nalice@example.org"] {
        assert_eq!(house.basic(name, alice).await.unwrap_err(), WRONG, "{name}");
    }
    assert_eq!(house.basic("alice", robot).await.unwrap_err(), WRONG);
    assert_eq!(house.now(&api_key(&format!("bob:{alice}"))).unwrap_err(), WRONG);
}

#[tokio::test]
async fn basic_decides_and_the_key_beside_it_does_not() {
    let house = House::new().await;
    let token = house.alice.text.expose();
    let pair = |name: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
    let both = |value: &str, key: &str| credentials(&[value.as_bytes()], &[key.as_bytes()]).unwrap();
    assert!(house.knows(&both(&pair("alice", token), "junk")));
    assert_eq!(house.now(&both(&pair("bob", token), token)).unwrap_err(), WRONG);
    assert!(house.knows(&both("Basic Og==", token)));
}

#[tokio::test]
async fn limits_come_along() {
    let house = House::new().await;
    let pairs = Arc::from([(NodeId::new(20), Permissions::of(&[Permission::Publish]))]);
    let limits = TokenLimits::Only(pairs);
    let new = generate(TokenKind::Person);
    let version = house.source.put_token(TokenFact { limits: limits.clone(), ..row(&new, ALICE) });
    house.in_force(version).await;
    let direct = house.now(&bearer(new.text.expose())).unwrap();
    assert_eq!(*direct.caller.limits(), limits);
    let behind = house.now(&bearer(&house.auth.issue_bearer(&direct).text)).unwrap();
    assert_eq!((behind.caller.limits(), behind.caller.token()), (&limits, Some(new.id)));
}

/// Everything that can be wrong, each with its own cause, is answered by the same value.
#[tokio::test]
async fn every_failure_is_the_same_failure() {
    let house = House::new().await;
    let [expired, disabled, revoked, of_suspended, of_nobody, unknown] =
        std::array::from_fn(|_| generate(TokenKind::Person));
    let mut suspended = principal(30, PrincipalKind::Member, &["sam"]);
    suspended.suspended = true;
    suspended.password_hash = Some(password_hash().into());
    house.source.put_principal(suspended);
    house.source.put_token(TokenFact { expires: Some(house.clock.now()), ..row(&expired, ALICE) });
    house.source.put_token(TokenFact { state: TokenState::Disabled, ..row(&disabled, ALICE) });
    house.source.put_token(TokenFact { state: TokenState::Revoked, ..row(&revoked, ALICE) });
    house.source.put_token(row(&of_suspended, 30));
    let version = house.source.put_token(row(&of_nobody, 31));
    house.in_force(version).await;
    let mistyped = house.alice.text.expose().replace("whfp", "whfa");
    for (name, token) in [
        ("alice", unknown.text.expose()),
        ("alice", expired.text.expose()),
        ("alice", disabled.text.expose()),
        ("alice", revoked.text.expose()),
        ("sam", of_suspended.text.expose()),
        ("nobody", of_nobody.text.expose()),
        ("alice", &mistyped),
        ("alice", &"whfp_".to_owned()),
    ] {
        assert_eq!(house.now(&basic(name, token)).unwrap_err(), WRONG, "{name} {token}");
        assert_eq!(house.now(&api_key(token)).unwrap_err(), WRONG, "{token}");
        assert_eq!(house.now(&bearer(token)).unwrap_err(), WRONG_BEARER, "{token}");
    }
    for (name, password) in [
        ("alice", "wrong password"),
        ("nobody", PASSWORD),
        ("sam", PASSWORD),
        ("5f3a-client", PASSWORD),
        ("not a login name", PASSWORD),
        ("alice", ""),
        ("", PASSWORD),
    ] {
        assert_eq!(house.basic(name, password).await.unwrap_err(), WRONG, "{name} {password}");
    }
    for garbage in ["Basic !", "Digest a", "Negotiate", ""] {
        assert_eq!(house.now(&credentials(&[garbage.as_bytes()], &[]).unwrap()).unwrap_err(), WRONG);
    }
}

#[tokio::test]
async fn another_secret_under_a_known_id_is_wrong() {
    let house = House::new().await;
    // The right id with a secret of one's own, and check digits that fit.
    let other = generate(TokenKind::Person);
    let mut forged = format!("{}{}", &house.alice.text.expose()[..13], &other.text.expose()[13..56]);
    let mut check = crc32fast::hash(forged.as_bytes());
    let digits: Vec<char> = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
    let mut tail = Vec::new();
    for _ in 0..6 {
        tail.push(digits[usize::try_from(check % 62).unwrap()]);
        check /= 62;
    }
    forged.extend(tail.iter().rev());
    assert_eq!(token::parse(&forged).unwrap().1, house.alice.id, "well-formed");
    assert_eq!(house.basic("alice", &forged).await.unwrap_err(), WRONG);
}

#[tokio::test]
async fn a_token_dies_at_its_very_moment() {
    let house = House::new().await;
    let new = generate(TokenKind::ShortLived);
    let expires = Some(house.clock.now().plus_secs(10));
    let version = house.source.put_token(TokenFact { expires, ..row(&new, ALICE) });
    house.in_force(version).await;
    let credentials = bearer(new.text.expose());
    house.clock.advance_millis(9_999);
    assert!(house.knows(&credentials));
    house.clock.advance_millis(1);
    assert!(!house.knows(&credentials));
}

#[tokio::test]
async fn use_is_recorded_by_the_minute() {
    let house = House::new().await;
    assert_eq!(house.auth.last_used(), []);
    assert!(house.knows(&bearer(house.alice.text.expose())));
    let minute = u32::try_from(house.clock.now().millis() / 60_000).unwrap();
    let used = TokenUse { token: house.alice.id, minute, address: Some(HOME), agent: None };
    assert_eq!(house.auth.last_used(), std::slice::from_ref(&used));
    assert_eq!(house.auth.last_used(), []);
    house.clock.advance_secs(60);
    let agent = Arc::from("docker/29.0");
    let peer = Peer { address: Some(HOME), agent: Some(&agent) };
    let decided = house.auth.authenticate_now(&bearer(house.alice.text.expose()), peer, Audience::Oci);
    assert!(decided.is_some_and(|decided| decided.is_ok()));
    let later = TokenUse { minute: minute + 1, agent: Some(agent), ..used };
    assert_eq!(house.auth.last_used(), [later], "with what and from where");
}

#[tokio::test]
async fn a_token_is_good_from_its_moment_on() {
    let house = House::new().await;
    let new = generate(TokenKind::Person);
    let not_before = Some(house.clock.now().plus_secs(10));
    let version = house.source.put_token(TokenFact { not_before, ..row(&new, ALICE) });
    house.in_force(version).await;
    let credentials = bearer(new.text.expose());
    house.clock.advance_millis(9_999);
    assert_eq!(house.now(&credentials).unwrap_err(), WRONG_BEARER, "as any other failure");
    let claimed = house.auth.claimed(&credentials, Some(HOME), Audience::Oci);
    assert_eq!((claimed.token, claimed.refused), (Some(new.id), Some(Reason::TokenEarly)));
    house.clock.advance_millis(1);
    assert!(house.knows(&credentials));
}

/// Neither the token nor what was given out for it is good elsewhere; what it let in goes on.
#[tokio::test]
async fn a_token_is_good_from_its_networks_only() {
    let house = House::new().await;
    let new = generate(TokenKind::Person);
    let networks = Networks::parse("192.0.2.0/24 2001:db8::/32").unwrap();
    let version = house.source.put_token(TokenFact { networks, ..row(&new, ALICE) });
    house.in_force(version).await;
    let direct = bearer(new.text.expose());
    let identity = house.now(&direct).unwrap();
    let given = bearer(&house.auth.issue_bearer(&identity).text);
    assert!(house.knows(&given));
    let from = |credentials: &Credentials, address: Option<&str>| {
        let address = address.map(|address| address.parse::<IpAddr>().unwrap());
        let decided = house.auth.authenticate_now(credentials, address, Audience::Oci).unwrap();
        (decided.is_ok(), house.auth.claimed(credentials, address, Audience::Oci).refused)
    };
    for credentials in [&direct, &given] {
        for good in ["192.0.2.200", "::ffff:192.0.2.1", "2001:db8::7"] {
            assert_eq!(from(credentials, Some(good)), (true, None), "{good}");
        }
        for bad in [Some("192.0.3.1"), Some("::1"), None] {
            assert_eq!(from(credentials, bad), (false, Some(Reason::TokenAddress)), "{bad:?}");
        }
    }
    assert!(house.auth.again(&identity.caller).is_some());
    house.in_force(house.source.set_token_state(new.id, TokenState::Revoked)).await;
    assert_eq!(from(&given, Some("192.0.3.1")), (false, None), "a bearer whose token is gone says nothing");
}
