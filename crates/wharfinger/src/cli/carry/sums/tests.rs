use super::*;

const EMPTY: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

#[test]
fn a_hash_is_read_in_every_form_that_programs_write() {
    for text in [
        EMPTY,
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709\r\n",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709  a.jar",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 *a.jar",
        "SHA1(a.jar)= da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "\u{feff}da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ] {
        assert_eq!(read_hash(Kind::Sha1, text).as_deref(), Some(EMPTY), "{text}");
    }
    assert_eq!(read_hash(Kind::Sha1, "<html>404</html>"), None);
    assert_eq!(read_hash(Kind::Sha256, EMPTY), None);
}

#[test]
fn content_has_the_hashes_that_others_compute() {
    let sums = Hashing::new().finish();
    assert_eq!(sums.of(Kind::Sha1), Some(EMPTY));
    let mut said = Sums::default();
    said.put_base64(Kind::Sha1, "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    assert_eq!((sums.contradiction(&said), sums.same_as(&said)), (None, Some(true)));
    let mut wrong = Sums::default();
    wrong.put(Kind::Sha1, &"0".repeat(40));
    assert!(sums.contradiction(&wrong).is_some());
    assert_eq!(sums.same_as(&Sums::default()), None);
}

#[test]
fn servers_tell_hashes_in_heads() {
    let mut headers = HeaderMap::new();
    headers.insert(ETAG, format!("\"{{SHA1{{{EMPTY}}}}}\"").parse().expect("a header"));
    headers.insert("x-checksum-sha256", "ab".repeat(32).parse().expect("a header"));
    let sums = Sums::of_head(&headers);
    assert_eq!(sums.of(Kind::Sha1), Some(EMPTY));
    assert_eq!(sums.of(Kind::Sha256), Some(&*"ab".repeat(32)));
    assert_eq!(sums.of(Kind::Sha512), None);
}
