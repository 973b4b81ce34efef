use super::{InvalidSigningSecret, SigningSecret};
use crate::keys::KeyRing;

/// The example of the Standard Webhooks specification.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn the_signature_is_that_of_the_specification() {
    let secret = SigningSecret::parse(SECRET).expect("a secret");
    let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(secret.to_text().expose(), SECRET);
}

#[test]
fn what_is_too_short_or_no_secret_is_refused() {
    for text in [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa*w",
    ] {
        assert_eq!(SigningSecret::parse(text).expect_err(text), InvalidSigningSecret);
    }
    let long = format!("whsec_{}", "AAAA".repeat(22));
    SigningSecret::parse(&long).expect_err("66 bytes");
}

#[test]
fn a_sealed_secret_is_opened_by_its_ring_alone() {
    let (keys, secret) = (KeyRing::generate(), SigningSecret::generate());
    let sealed = secret.seal(&keys);
    let opened = SigningSecret::open(&keys, &sealed).expect("opens");
    assert_eq!(opened.to_text().expose(), secret.to_text().expose());
    assert_eq!(opened.fingerprint(), secret.fingerprint());
    assert!(!sealed.contains(secret.to_text().expose().trim_start_matches("whsec_")));
    assert!(SigningSecret::resealed(&keys, &sealed).is_none(), "the newest key sealed it");
    keys.rotate();
    let anew = SigningSecret::resealed(&keys, &sealed).expect("an older key sealed it");
    keys.rotate();
    assert!(SigningSecret::open(&keys, &sealed).is_none());
    assert!(SigningSecret::open(&keys, &anew).is_some());
    assert!(SigningSecret::open(&KeyRing::generate(), &sealed).is_none());
    assert!(!format!("{secret:?}").contains("MfKQ"));
}
