use proptest::prelude::*;

use super::*;

/// Made by another program from the description at the head of `token.rs`: random part fixed, check digits by zlib's crc32.
const KNOWN: &str = "whfa_0000aZ9bTheQuickBrownFoxJumpsOverTheLazyDog012345671VHLhC";

#[test]
fn a_token_has_62_plain_characters_and_reads_back() {
    for kind in [TokenKind::Person, TokenKind::Application, TokenKind::ShortLived] {
        let new = generate(kind);
        let text = new.text.expose();
        assert_eq!(text.len(), 62);
        assert!(
            text.bytes()
                .enumerate()
                .all(|(at, byte)| byte.is_ascii_alphanumeric() || (at == 4 && byte == b'_'))
        );
        assert_eq!(parse(text), Some((kind, new.id)));
        assert_eq!(describe(text), Some((kind, new.id, new.sha256)));
        assert_eq!(&text[5..13], id_text(new.id));
        assert_ne!(generate(kind).text.expose(), text);
    }
}

#[test]
fn the_format_is_the_published_one() {
    let (kind, id, sha256) = describe(KNOWN).unwrap();
    assert_eq!((kind, id), (TokenKind::Application, TokenId::new(8714943)));
    assert_eq!(sha256[..4], [14, 248, 12, 186]);
}

#[test]
fn every_single_wrong_character_is_noticed() {
    let new = generate(TokenKind::Person);
    let text = new.text.expose();
    for at in 0..text.len() {
        for other in ["0", "z", "A", "_", "-", " ", "ä"] {
            let mut wrong = text.clone();
            wrong.replace_range(at..=at, other);
            assert!(wrong == *text || parse(&wrong).is_none(), "{at} {other}");
        }
    }
    assert_eq!(parse(&text[1..]), None);
    assert_eq!(parse(&format!("{text}0")), None);
    assert_eq!(parse(""), None);
}

#[test]
fn random_characters_are_uniform_enough() {
    let mut count = [0_u32; 128];
    for _ in 0..2000 {
        for byte in generate(TokenKind::Person).text.expose()[5..56].bytes() {
            count[usize::from(byte)] += 1;
        }
    }
    // 102,000 characters, 1,645 of each on average, standard deviation 40.
    assert!(ALPHABET.iter().all(|digit| (1300..2000).contains(&count[usize::from(*digit)])), "{count:?}");
}

#[test]
fn mistyped_tokens_are_known_as_such() {
    assert!(looks_like("whfp_anything"));
    assert!(!looks_like("whfx_anything") && !looks_like("whf") && !looks_like("hunter2"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        prop_assert_eq!(parse(&text), None);
        let _ = looks_like(&text);
    }

    #[test]
    fn nor_does_a_text_of_the_right_shape(text in "whf[pasic]_[0-9A-Za-z]{57}") {
        // A random text has the right check digits once in 2^32.
        prop_assert_eq!(parse(&text), None);
    }

    #[test]
    fn ids_read_back(raw in 0..62_u64.pow(8)) {
        prop_assert_eq!(number(id_text(TokenId::new(raw)).as_bytes()), Some(raw));
    }
}
