use super::*;

#[test]
fn digests_round_trip_and_refuse_everything_else() {
    let text = format!("sha256:{}", "0a".repeat(32));
    let digest = Digest::parse(&text).unwrap();
    assert_eq!(digest.to_string(), text);
    assert_eq!(digest.as_bytes(), [0x0a; 32]);
    assert_eq!(Digest::new(Algorithm::Sha256, &[0x0a; 32]).unwrap(), digest);
    assert_eq!(Digest::sha256([0x0a; 32]), digest);
    let long = format!("sha512:{}", "ff".repeat(64));
    assert_eq!(Digest::parse(&long).unwrap().to_string(), long);
    let bad = [
        "".to_owned(),
        "sha256:".to_owned(),
        "sha256:baddigeststring".to_owned(),
        format!("sha256:{}", "0A".repeat(32)),
        format!("sha256:{}", "0a".repeat(31)),
        format!("md5:{}", "0a".repeat(16)),
        format!("sha256:../{}", "0a".repeat(30)),
        format!("sha256:{}é", "0a".repeat(31)),
        "0a".repeat(32),
    ];
    for text in bad {
        assert!(Digest::parse(&text).is_err(), "{text}");
    }
}
