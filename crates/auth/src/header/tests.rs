use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

/// Kind, name and secret, for comparison.
fn seen(credentials: &Credentials) -> (&'static str, Option<&str>, &str) {
    match credentials {
        Credentials::None => ("none", None, ""),
        Credentials::Basic { name, secret } => ("basic", Some(name.expose()), secret.expose()),
        Credentials::Bearer(text) => ("bearer", None, text.expose()),
        Credentials::Session(text) => ("session", None, text.expose()),
        Credentials::Token { name, secret } => {
            ("key", name.as_ref().map(|name| name.expose().as_str()), secret.expose())
        }
        Credentials::Unreadable { bearer: false } => ("unreadable", None, ""),
        Credentials::Unreadable { bearer: true } => ("unreadable bearer", None, ""),
    }
}

#[track_caller]
fn check(authorization: Option<&str>, key: Option<&str>, expected: (&str, Option<&str>, &str)) {
    let authorization: Vec<&[u8]> = authorization.iter().map(|value| value.as_bytes()).collect();
    let key: Vec<&[u8]> = key.iter().map(|value| value.as_bytes()).collect();
    let read = credentials(&authorization, &key).unwrap();
    assert_eq!(seen(&read), expected);
}

fn basic_of(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[test]
fn basic_splits_at_the_first_colon() {
    check(Some(&basic_of("alice:a:b:c")), None, ("basic", Some("alice"), "a:b:c"));
    check(Some(&basic_of("alice:")), None, ("basic", Some("alice"), ""));
    check(Some(&basic_of("älice:pässwort")), None, ("basic", Some("älice"), "pässwort"));
}

#[test]
fn the_scheme_has_no_case_and_padding_may_be_missing() {
    let unpadded = basic_of("ab:c").replace('=', "");
    assert_ne!(unpadded, basic_of("ab:c"));
    check(Some(&unpadded.replace("Basic", "bAsIc")), None, ("basic", Some("ab"), "c"));
    check(Some("  BASIC   YWI6Yw==  "), None, ("basic", Some("ab"), "c"));
    check(Some("bearer abc"), None, ("bearer", None, "abc"));
}

#[test]
fn an_empty_name_with_an_empty_password_is_nobody_and_lets_the_key_decide() {
    check(Some("Basic Og=="), None, ("none", None, ""));
    check(Some("Basic Og=="), Some("KEY"), ("key", None, "KEY"));
    check(None, None, ("none", None, ""));
    assert_eq!(seen(&from_form("", "")), ("none", None, ""));
    assert_eq!(seen(&from_form("a", "b")), ("basic", Some("a"), "b"));
}

/// A token names its owner: where no other name is said, none is missing.
#[test]
fn an_empty_name_before_a_token_is_no_name() {
    check(Some(&basic_of(":TOKEN")), None, ("key", None, "TOKEN"));
    check(Some(&basic_of(":TOKEN")), Some("OTHER"), ("key", None, "TOKEN"));
    check(None, Some(":TOKEN"), ("key", None, "TOKEN"));
    assert_eq!(seen(&from_form("", "TOKEN")), ("key", None, "TOKEN"));
}

#[test]
fn the_key_is_raw_or_named_and_loses_against_any_authorization() {
    check(None, Some("TOKEN"), ("key", None, "TOKEN"));
    check(None, Some(" alice:TOKEN "), ("key", Some("alice"), "TOKEN"));
    check(None, Some(""), ("none", None, ""));
    check(None, Some("white space"), ("unreadable", None, ""));
    check(Some(&basic_of("a:b")), Some("TOKEN"), ("basic", Some("a"), "b"));
    check(Some("Basic !!!"), Some("TOKEN"), ("unreadable", None, ""));
    check(Some("Bearer x"), Some("TOKEN"), ("bearer", None, "x"));
}

#[test]
fn what_cannot_be_right_is_unreadable() {
    for value in ["", "Basic", "Basic ", "Basic %%%", "Basic YWxpY2U=", "Basic /w==", "Digest x", "YWI6Yw=="]
    {
        check(Some(value), None, ("unreadable", None, ""));
    }
    for value in ["Bearer", "Bearer ", "Bearer a b", "Bearer \u{e4}"] {
        check(Some(value), None, ("unreadable bearer", None, ""));
    }
}

#[test]
fn repeated_and_overlong_headers_are_malformed() {
    let long = vec![b'a'; HEADER_BYTES_MAX + 1];
    let too_long = Err(Malformed::TooLong { bytes_max: HEADER_BYTES_MAX });
    assert_eq!(credentials(&[b"Basic YTpi", b"Basic YTpi"], &[]).map(drop), Err(Malformed::Repeated));
    assert_eq!(credentials(&[b"Basic YTpi"], &[b"a", b"b"]).map(drop), Err(Malformed::Repeated));
    assert_eq!(credentials(&[&long], &[]).map(drop), too_long);
    assert_eq!(credentials(&[b"Basic YTpi"], &[&long]).map(drop), too_long);
    assert!(credentials(&[&long[1..]], &[]).is_ok());
    let form = "a".repeat(HEADER_BYTES_MAX);
    assert_eq!(seen(&from_form(&form, "b")), ("unreadable", None, ""));
}

proptest! {
    #[test]
    fn no_bytes_whatever_make_it_panic(
        authorization in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..3),
        key in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..3),
    ) {
        let authorization: Vec<&[u8]> = authorization.iter().map(Vec::as_slice).collect();
        let key: Vec<&[u8]> = key.iter().map(Vec::as_slice).collect();
        let _ = credentials(&authorization, &key);
    }

    #[test]
    fn nor_do_bytes_behind_a_scheme(scheme in "(?i:basic|bearer) {1,3}", rest in prop::collection::vec(any::<u8>(), 0..100)) {
        let value = [scheme.as_bytes(), &rest].concat();
        let _ = credentials(&[&value], &[]);
    }

    #[test]
    fn what_is_encoded_is_read_back(name in "[^:]{1,40}", secret in ".{0,40}") {
        let value = basic_of(&format!("{name}:{secret}"));
        let read = credentials(&[value.as_bytes()], &[]).unwrap();
        prop_assert_eq!(seen(&read), ("basic", Some(name.as_str()), secret.as_str()));
    }
}
