use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const HANDLES: [Handle; 3] = [
    Handle::Anonymous,
    Handle::Token(TokenId::new(218_340_105_584_895)),
    Handle::Password(PrincipalId::new(u32::MAX), 0xdead_beef),
];

fn at(secs: i64) -> Timestamp {
    NOW.plus_secs(secs)
}

fn opened(keys: &KeyRing, text: &str, now: Timestamp) -> Result<Handle, Refused> {
    open(keys, text, Audience::Oci, now, 900).map(|opened| opened.handle)
}

#[test]
fn it_stands_for_its_credential_until_it_expires() {
    let keys = KeyRing::generate();
    for handle in HANDLES {
        let text = seal(&keys, handle, NOW, at(900));
        assert_eq!(text.len(), 79);
        assert_eq!(opened(&keys, &text, NOW), Ok(handle));
        assert_eq!(opened(&keys, &text, Timestamp::from_millis(at(900).millis() - 1)), Ok(handle));
        assert_eq!(opened(&keys, &text, at(900)), Err(Refused::Over));
        assert_eq!(open(&keys, &text, Audience::Packages, NOW, 900), Err(Refused::Over));
        assert_eq!(opened(&KeyRing::generate(), &text, NOW), Err(Refused::Foreign));
    }
}

#[test]
fn one_from_the_future_or_with_too_long_a_life_is_refused() {
    let keys = KeyRing::generate();
    let text = seal(&keys, Handle::Anonymous, NOW, at(900));
    assert_eq!(opened(&keys, &text, at(-60)), Ok(Handle::Anonymous), "clocks of nodes differ a little");
    assert_eq!(opened(&keys, &text, at(-61)), Err(Refused::Over));
    assert_eq!(opened(&keys, &seal(&keys, Handle::Anonymous, NOW, at(901)), NOW), Err(Refused::Over));
    let never_issued = seal(&keys, Handle::Anonymous, Timestamp::from_millis(0), at(900));
    assert_eq!(opened(&keys, &never_issued, NOW), Err(Refused::Over));
}

#[test]
fn missing_additional_and_unknown_fields_fail_closed() {
    let keys = KeyRing::generate();
    let plain = |bytes: &[u8]| opened(&keys, &keys.seal(PURPOSE, bytes), NOW);
    let mut good = vec![FORM, 0, 1];
    for field in [NOW.millis(), at(900).millis(), 0] {
        good.extend_from_slice(&field.to_be_bytes());
    }
    assert_eq!(plain(&good), Ok(Handle::Anonymous));
    for shorter in 0..good.len() {
        assert_eq!(plain(&good[..shorter]), Err(Refused::Foreign));
    }
    assert_eq!(plain(&[&good[..], &[0]].concat()), Err(Refused::Foreign));
    for (place, value) in [(0, FORM + 1), (0, 0), (1, 3), (26, 1)] {
        let mut wrong = good.clone();
        wrong[place] = value;
        assert_eq!(plain(&wrong), Err(Refused::Foreign), "{place}");
    }
    let mut elsewhere = good;
    elsewhere[2] = 2;
    assert_eq!(plain(&elsewhere), Err(Refused::Over));
}

#[test]
fn what_was_sealed_for_something_else_is_foreign() {
    let keys = KeyRing::generate();
    let text = keys.seal("upload", &[0; PLAIN_BYTES]);
    assert_eq!(opened(&keys, &text, NOW), Err(Refused::Foreign));
}

proptest! {
    #[test]
    fn every_handle_comes_back(id in 0..62_u64.pow(8), principal in any::<u32>(), generation in any::<u32>()) {
        let keys = KeyRing::generate();
        for handle in [Handle::Token(TokenId::new(id)), Handle::Password(PrincipalId::new(principal), generation)] {
            prop_assert_eq!(opened(&keys, &seal(&keys, handle, NOW, at(60)), NOW), Ok(handle));
        }
    }

    #[test]
    fn no_text_is_one(text in "[A-Za-z0-9_-]{79}|.{0,100}") {
        prop_assert_eq!(opened(&KeyRing::generate(), &text, NOW), Err(Refused::Foreign));
    }
}
