use proptest::prelude::*;

use super::*;

const PURPOSE: &str = "test";

#[test]
fn what_is_sealed_opens_for_its_purpose_only() {
    let ring = KeyRing::generate();
    let text = ring.seal(PURPOSE, b"plain");
    assert_eq!(ring.open(PURPOSE, &text).as_deref(), Some(&b"plain"[..]));
    assert_eq!(ring.open("other", &text), None);
    assert_eq!(KeyRing::generate().open(PURPOSE, &text), None);
    assert_ne!(ring.seal(PURPOSE, b"plain"), text, "the nonce is random");
    assert_eq!(ring.open(PURPOSE, &ring.seal(PURPOSE, b"")).as_deref(), Some(&b""[..]));
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
}

#[test]
fn every_changed_character_is_noticed() {
    let ring = KeyRing::generate();
    let text = ring.seal(PURPOSE, b"plain bytes!");
    for at in 0..text.len() {
        let mut wrong = text.clone();
        wrong.replace_range(at..=at, if text[at..].starts_with('A') { "B" } else { "A" });
        assert_eq!(ring.open(PURPOSE, &wrong), None, "{at}");
        assert_eq!(ring.open(PURPOSE, &text[..at]), None, "{at}");
    }
}

#[test]
fn after_a_rotation_the_new_key_seals_and_the_old_one_opens_once_more() {
    let ring = KeyRing::generate();
    let first = ring.seal(PURPOSE, b"1");
    ring.rotate();
    let second = ring.seal(PURPOSE, b"2");
    let reread = KeyRing::from_bytes(&ring.to_bytes()).unwrap();
    for ring in [&ring, &reread] {
        assert!(ring.open(PURPOSE, &first).is_some() && ring.open(PURPOSE, &second).is_some());
    }
    ring.rotate();
    assert!(ring.open(PURPOSE, &first).is_none() && ring.open(PURPOSE, &second).is_some());
    ring.replace(&reread);
    assert!(ring.open(PURPOSE, &first).is_some());
    let third = ring.seal(PURPOSE, b"3");
    assert!(reread.open(PURPOSE, &third).is_some(), "the newest key of the ring that was read seals");
}

#[test]
fn only_what_was_written_is_read() {
    let ring = KeyRing::generate();
    ring.rotate();
    let text = String::from_utf8(ring.to_bytes().expose().clone()).unwrap();
    let read = |text: &str| KeyRing::from_bytes(&Secret::new(text.as_bytes().to_vec())).map(drop);
    assert_eq!(text.lines().count(), 3);
    assert!(read(&text).is_ok());
    assert!(read(&text.replace('\n', "\r\n")).is_ok());
    assert!(read(text.trim_end()).is_ok());
    let key = text.lines().last().unwrap();
    for wrong in
        ["", "wharfinger-keys-1", &text[1..], &format!("{text}{key}"), &text.replace(key, &key[1..]), "\u{0}"]
    {
        assert!(read(wrong).is_err());
    }
    assert!(KeyRing::from_bytes(&Secret::new(vec![0xff; 40])).is_err());
}

#[test]
fn an_overlong_text_is_not_even_decoded() {
    assert_eq!(KeyRing::generate().open(PURPOSE, &"A".repeat(SEALED_TEXT_BYTES_MAX + 1)), None);
}

proptest! {
    #[test]
    fn no_text_opens_or_panics(text in any::<String>(), shaped in "[A-Za-z0-9_-]{0,200}") {
        let ring = KeyRing::generate();
        prop_assert_eq!(ring.open(PURPOSE, &text), None);
        prop_assert_eq!(ring.open(PURPOSE, &shaped), None);
        let exact = ring.open_exact::<59, _>(PURPOSE, &shaped, |plain| Some(plain.to_vec()));
        prop_assert_eq!(exact, None);
    }

    #[test]
    fn no_bytes_are_a_ring(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(KeyRing::from_bytes(&Secret::new(bytes)).is_err());
    }

    #[test]
    fn whatever_is_sealed_comes_back(plain in prop::collection::vec(any::<u8>(), 0..2000)) {
        let ring = KeyRing::generate();
        prop_assert_eq!(ring.open(PURPOSE, &ring.seal(PURPOSE, &plain)), Some(plain));
    }
}
