use domain::Algorithm;

use super::{Hashing, digest_of};

#[test]
fn a_stored_state_goes_on_where_it_stopped() {
    let bytes: Vec<u8> = (0..1000u32).map(|n| n.to_le_bytes()[0]).collect();
    for cut in [0, 1, 63, 64, 65, 127, 500, 999, 1000] {
        let mut first = Hashing::default();
        first.update(&bytes[..cut]);
        let mut second = Hashing::from_state(&first.state()).expect("a state of ours");
        second.update(&bytes[cut..]);
        let whole = digest_of(Algorithm::Sha256, &bytes.clone().into()).expect("sha256 is known");
        assert_eq!(second.finish().expect("digests"), [whole], "cut at {cut}");
    }
}

#[test]
fn a_foreign_state_is_refused() {
    assert!(Hashing::from_state(b"too short").is_err());
    assert!(Hashing::from_state(&[0xff; 105]).is_err());
}

#[test]
fn known_answers() {
    let empty = bytes::Bytes::new();
    let sha256 = digest_of(Algorithm::Sha256, &empty).expect("sha256 is known");
    assert_eq!(sha256.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let sha512 = digest_of(Algorithm::Sha512, &empty).expect("sha512 is known");
    assert!(sha512.hex().starts_with("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"));
    let md5 = digest_of(Algorithm::Md5, &empty).expect("md5 is known");
    assert_eq!(md5.hex(), "d41d8cd98f00b204e9800998ecf8427e");
    let sha1 = digest_of(Algorithm::Sha1, &empty).expect("sha1 is known");
    assert_eq!(sha1.hex(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

#[test]
fn other_algorithms_run_beside_sha256() {
    let all = [Algorithm::Sha512, Algorithm::Sha256, Algorithm::Md5, Algorithm::Sha1];
    let mut hashing = Hashing::default();
    hashing.also(&all);
    hashing.update(b"some ");
    hashing.update(b"bytes");
    let bytes = bytes::Bytes::from_static(b"some bytes");
    let expected = [Algorithm::Sha256, Algorithm::Sha512, Algorithm::Md5, Algorithm::Sha1];
    let expected = expected.map(|algorithm| digest_of(algorithm, &bytes).expect("a digest"));
    assert_eq!(hashing.finish().expect("digests"), expected);
}
