use super::*;

#[test]
fn what_is_no_secret_is_refused_without_being_shown() {
    for text in ["", "ä", "a\nb", &"a".repeat(BYTES_MAX + 1)] {
        let wrong = ClientSecret::parse(text).expect_err(text);
        assert!(text.is_empty() || !wrong.to_string().contains(text));
    }
    let secret = ClientSecret::parse("s3cret with spaces~").expect("is one");
    assert!(!format!("{secret:?}").contains("s3cret"));
}

#[test]
fn a_sealed_secret_is_opened_by_its_ring_alone() {
    let keys = KeyRing::generate();
    let sealed = ClientSecret::parse("s3cret").expect("is one").seal(&keys);
    assert!(!sealed.contains("s3cret"));
    assert_eq!(ClientSecret::open(&keys, &sealed).expect("opens").expose(), "s3cret");
    assert!(ClientSecret::open(&KeyRing::generate(), &sealed).is_none());
    assert!(ClientSecret::resealed(&keys, &sealed).is_none(), "the newest key sealed it");
    keys.rotate();
    let anew = ClientSecret::resealed(&keys, &sealed).expect("an older key sealed it");
    assert_eq!(ClientSecret::open(&keys, &anew).expect("opens").expose(), "s3cret");
}
