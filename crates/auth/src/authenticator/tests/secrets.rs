//! No secret in anything that can be formatted.

use std::fmt::Debug;

use super::*;
use crate::error::{InvalidKeys, Malformed, PasswordError};

/// No part of the secret is in there, as text or as list of bytes: a third of it is as bad as all.
fn assert_absent(shown: &str, secret: &str) {
    for part in secret.as_bytes().chunks_exact(8) {
        let text = std::str::from_utf8(part).unwrap();
        assert!(!shown.contains(text), "{text} in {shown}");
        let bytes = format!("{part:?}");
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{bytes} in {shown}");
    }
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?} {value:x?}")
}

#[test]
#[should_panic(expected = "correct ")]
fn the_search_itself_finds_something() {
    assert_absent(&shown(&format!("password={PASSWORD}")), PASSWORD);
}

#[tokio::test]
async fn debug_shows_no_secret_of_anything_reachable() {
    let house = House::new().await;
    let token = house.alice.text.expose();
    let identity = house.basic("alice", PASSWORD).await.unwrap();
    let given = house.auth.issue_bearer(&identity);
    let keys = KeyRing::generate();
    let written = keys.to_bytes();
    let text = String::from_utf8(written.expose().clone()).unwrap();
    let everything = [
        shown(&house.alice.text),
        shown(&Secret::new(PASSWORD.to_owned())),
        shown(&basic("alice", PASSWORD)),
        shown(&basic(token, "x-oauth-basic")),
        shown(&bearer(token)),
        shown(&api_key(&format!("alice:{token}"))),
        shown(&credentials(&[format!("Digest {token}").as_bytes()], &[])),
        shown(&identity),
        shown(&house.now(&bearer(&given.text)).unwrap()),
        shown(&house.now(&bearer(token)).unwrap()),
        shown(&given),
        shown(&keys),
        shown(&written),
        shown(&house.now(&basic("bob", token)).unwrap_err()),
        shown(&KeyRing::from_bytes(&Secret::new(token.as_bytes().to_vec()))),
        shown(&credentials(&[token.as_bytes(), token.as_bytes()], &[])),
        shown(&house.alice),
    ];
    for shown in everything {
        for secret in [token.as_str(), PASSWORD, &given.text, text.lines().last().unwrap()] {
            assert_absent(&shown, secret);
        }
    }
}

#[test]
fn messages_are_fixed_texts() {
    let messages = [
        Malformed::Repeated.to_string(),
        Malformed::TooLong { bytes_max: 8192 }.to_string(),
        AuthError::Malformed.to_string(),
        WRONG.to_string(),
        AuthError::Throttled { retry_after_secs: 3 }.to_string(),
        AuthError::Busy { retry_after_secs: 1 }.to_string(),
        AuthError::Unavailable.to_string(),
        InvalidKeys { reason: "why" }.to_string(),
        PasswordError::Empty.to_string(),
        PasswordError::TooLong { bytes_max: 1024 }.to_string(),
        PasswordError::LikeToken.to_string(),
        PasswordError::Failed.to_string(),
    ];
    assert!(messages.iter().all(|message| message.is_ascii() && message.len() < 80), "{messages:?}");
}

#[test]
fn secrets_compare_whole() {
    let secret = Secret::new("set-up code".to_owned());
    assert!(secret.matches("set-up code"));
    assert!(!secret.matches("set-up cod") && !secret.matches("set-up codf") && !secret.matches(""));
}
