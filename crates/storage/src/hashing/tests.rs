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
        assert_eq!(second.finish(), whole, "cut at {cut}");
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
    assert!(digest_of(Algorithm::Md5, &empty).is_err());
}
