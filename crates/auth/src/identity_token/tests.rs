use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{IdentityToken, ProvedToken, ShownFor, TokenFault, looks_like};
use crate::issuer_keys::{InvalidKeySet, KeySet};

const NOW_SECS: i64 = 1_900_000_000;
const HERE: &str = "https://hub.example";

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

type Sign = dyn Fn(&[u8]) -> Vec<u8>;

/// A key of an issuer: how it is published, and how it signs.
struct Signer {
    jwk: Value,
    sign: Box<Sign>,
}

impl Signer {
    fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &str) -> Self {
        let pair = EcdsaKeyPair::generate(algorithm).expect("a key");
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let jwk = json!({ "kty": "EC", "crv": curve, "kid": "one", "x": encoded(x), "y": encoded(y) });
        let sign = move |text: &[u8]| pair.sign(&SystemRandom::new(), text).expect("signs").as_ref().to_vec();
        Self { jwk, sign: Box::new(sign) }
    }

    fn ed() -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let x = encoded(pair.public_key().as_ref());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x });
        Self { jwk, sign: Box::new(move |text| pair.sign(text).as_ref().to_vec()) }
    }

    fn rsa(pss: bool, size: KeySize) -> Self {
        let pair = RsaKeyPair::generate(size).expect("a key");
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let jwk = json!({ "kty": "RSA", "kid": "one", "n": encoded(&public.n), "e": encoded(&public.e) });
        let sign = move |text: &[u8]| {
            let padding = if pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(padding, &SystemRandom::new(), text, &mut signature).expect("signs");
            signature
        };
        Self { jwk, sign: Box::new(sign) }
    }

    fn keys(&self) -> KeySet {
        KeySet::parse(json!({ "keys": [self.jwk] }).to_string().as_bytes()).expect("keys")
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature = encoded(&(self.sign)(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": HERE, "sub": "repo:acme/app", "jti": "1",
        "iat": NOW_SECS, "nbf": NOW_SECS - 5, "exp": NOW_SECS + 300, "run_id": 7, "yes": true,
        "deep": { "in": { "it": "found" } },
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn without(field: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("claims").remove(field);
    claims
}

fn proved(claims: &Value) -> ProvedToken {
    let signer = Signer::ed();
    let text = signer.token(&json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" }), claims);
    IdentityToken::read(&text).expect("a token").prove(&signer.keys()).expect("signed")
}

fn checked(claims: &Value) -> Result<(), TokenFault> {
    proved(claims).check(
        ShownFor::Exchange,
        &["https://other.example", HERE],
        Timestamp::from_millis(NOW_SECS * 1000),
    )
}

#[test]
fn each_algorithm_is_taken_with_its_own_key_alone() {
    let signers = [
        ("ES256", Signer::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")),
        ("ES384", Signer::ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")),
        ("EdDSA", Signer::ed()),
        ("RS256", Signer::rsa(false, KeySize::Rsa2048)),
        ("PS256", Signer::rsa(true, KeySize::Rsa2048)),
    ];
    for (algorithm, signer) in &signers {
        let text = signer.token(&json!({ "alg": algorithm, "kid": "one" }), &claims());
        let read = || IdentityToken::read(&text).expect("a token");
        let proved = read().prove(&signer.keys()).unwrap_or_else(|fault| panic!("{algorithm}: {fault}"));
        assert_eq!(proved.claims().text("sub").as_deref(), Some("repo:acme/app"));
        for (other, stranger) in &signers {
            let same_family = other == algorithm || other.ends_with("S256") && algorithm.ends_with("S256");
            let refused = read().prove(&stranger.keys());
            assert_eq!(refused.is_ok(), other == algorithm, "{algorithm} with {other}");
            if !same_family {
                assert_eq!(refused.err(), Some(TokenFault::Key), "{algorithm} with {other}");
            }
        }
        // Any other text is signed by nobody.
        let forged = text.replacen(
            &encoded(claims().to_string().as_bytes()),
            &encoded(with("sub", json!("x")).to_string().as_bytes()),
            1,
        );
        let forged = IdentityToken::read(&forged).expect("a token").prove(&signer.keys());
        assert_eq!(forged.err(), Some(TokenFault::Signature), "{algorithm}");
    }
}

#[test]
fn nothing_is_taken_that_anybody_could_sign() {
    let signer = Signer::rsa(false, KeySize::Rsa2048);
    let read = |header: Value, signature: &str| {
        IdentityToken::read(&format!("{}.{signature}", unsigned(&header, &claims()))).err()
    };
    for algorithm in ["none", "None", "", "HS256", "HS512", "RS384", "RS512", "rs256"] {
        assert_eq!(
            read(json!({ "alg": algorithm, "kid": "one" }), "AA"),
            Some(TokenFault::Algorithm),
            "{algorithm}"
        );
    }
    assert_eq!(read(json!({ "kid": "one" }), ""), Some(TokenFault::Algorithm));
    // An HMAC whose secret is the public key, as everybody knows it.
    let public = serde_json::to_vec(&signer.jwk).expect("JSON");
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &public);
    let text = unsigned(&json!({ "alg": "HS256", "kid": "one" }), &claims());
    let mac = encoded(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref());
    assert_eq!(IdentityToken::read(&format!("{text}.{mac}")).err(), Some(TokenFault::Algorithm));
    // Keys that come along, and demands that nobody here knows, count for nothing.
    let own = Signer::ed();
    let brought = own.token(&json!({ "alg": "EdDSA", "kid": "one", "jwk": own.jwk }), &claims());
    assert_eq!(
        IdentityToken::read(&brought).expect("a token").prove(&signer.keys()).err(),
        Some(TokenFault::Key)
    );
    assert_eq!(read(json!({ "alg": "EdDSA", "crit": ["b64"], "b64": false }), "AA"), Some(TokenFault::Form));
    assert_eq!(read(json!({ "alg": "EdDSA", "typ": "secevent+jwt" }), "AA"), Some(TokenFault::Form));
    // A key that is too small is no key.
    let small = "AQAB".repeat(43);
    let keys = json!({ "keys": [{ "kty": "RSA", "kid": "one", "n": small, "e": "AQAB" }] });
    let keys = KeySet::parse(keys.to_string().as_bytes()).expect("keys");
    let text = signer.token(&json!({ "alg": "RS256", "kid": "one" }), &claims());
    assert_eq!(IdentityToken::read(&text).expect("a token").prove(&keys).err(), Some(TokenFault::Signature));
}

#[test]
fn a_token_is_for_this_server_alone_and_for_now() {
    use TokenFault as F;
    assert_eq!(checked(&claims()), Ok(()));
    assert_eq!(checked(&with("aud", json!([HERE]))), Ok(()));
    for wrong in [
        json!("https://hub.example/"),
        json!("https://elsewhere.example"),
        json!([]),
        json!(7),
        json!(null),
        json!([HERE, "https://other.example"]),
        json!([HERE, HERE]),
        json!([[HERE]]),
    ] {
        assert_eq!(checked(&with("aud", wrong.clone())), Err(F::Audience), "{wrong}");
    }
    assert_eq!(checked(&without("aud")), Err(F::Audience));
    for missing in ["exp", "iat"] {
        assert_eq!(checked(&without(missing)), Err(F::Untimed), "{missing}");
    }
    for odd in [json!("soon"), json!(-1), json!(null), json!(1e300)] {
        assert_eq!(checked(&with("exp", odd.clone())), Err(F::Untimed), "{odd}");
    }
    let at = |field: &str, offset: i64| checked(&with(field, json!(NOW_SECS + offset)));
    assert_eq!((at("exp", -60), at("exp", -59)), (Err(F::Over), Ok(())));
    assert_eq!((at("iat", 61), at("iat", 60)), (Err(F::Early), Ok(())));
    assert_eq!((at("nbf", 61), at("nbf", 60)), (Err(F::Early), Ok(())));
    assert_eq!((at("exp", 3601), at("exp", 3600)), (Err(F::Lasting), Ok(())));
    let directly = |secs: i64| {
        let token = proved(&with("exp", json!(NOW_SECS + secs)));
        token.check(ShownFor::Direct, &[HERE], Timestamp::from_millis(NOW_SECS * 1000))
    };
    assert_eq!((directly(86_401), directly(86_400)), (Err(F::VeryLasting), Ok(())));
    assert_eq!(checked(&with("exp", json!(f64::from(1_900_000_300) + 0.5))), Ok(()));
}

#[test]
fn it_is_told_from_passwords_and_bearers_by_its_form() {
    let signer = Signer::ed();
    assert!(looks_like(&signer.token(&json!({ "alg": "EdDSA", "kid": "one" }), &claims())));
    for other in ["eyJ", "eyJhbGciOiJub25lIn0", "eyJ.x", "eyJ.a.b.c", "my.dotted.password", "", "whfp_a.b.c"]
    {
        assert!(!looks_like(other), "{other}");
    }
}

#[test]
fn a_token_is_told_apart_by_its_issuers_own_id_else_by_all_of_it() {
    let same = proved(&claims()).identity();
    assert_eq!(same, proved(&with("sub", json!("another"))).identity());
    assert_ne!(same, proved(&with("jti", json!("2"))).identity());
    assert_ne!(same, proved(&with("iss", json!("https://other.example"))).identity());
    // Issuer and id do not run into each other.
    let (one, other) = (with("iss", json!("a")), with("iss", json!("a\u{0}b")));
    let id = |mut claims: Value, id: &str| {
        claims["jti"] = json!(id);
        proved(&claims).identity()
    };
    assert_ne!(id(one, "b\u{0}c"), id(other, "c"));
    assert_ne!(proved(&without("jti")).identity(), proved(&without("jti")).identity());
    let until = proved(&claims()).remembered_until().expect("it ends");
    assert_eq!(until.millis(), (NOW_SECS + 300 + 120) * 1000);
}

#[test]
fn claims_are_read_as_text() {
    let token = proved(&claims());
    let claims = token.claims();
    assert_eq!((claims.text("run_id").as_deref(), claims.text("yes").as_deref()), (Some("7"), Some("true")));
    assert_eq!((claims.text("deep"), claims.text("absent")), (None, None));
    assert_eq!(claims.inside(&["deep", "in", "it"]).as_deref(), Some("found"));
    assert_eq!((claims.inside(&["deep", "in"]), claims.inside(&["sub", "x"])), (None, None));
}

#[test]
fn a_set_of_keys_is_bounded_and_what_is_for_something_else_is_passed_over() {
    let of = |keys: Value| KeySet::parse(json!({ "keys": keys }).to_string().as_bytes());
    let (ed, ec) = (Signer::ed().jwk, Signer::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256").jwk);
    let encryption = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "two", "use": "enc", "x": ed["x"] });
    let secret = json!({ "kty": "oct", "kid": "three", "k": "c2VjcmV0" });
    let odd = json!({ "kty": "PQ", "kid": "four" });
    let keys = of(json!([encryption, secret, odd, "no key", ed])).expect("one is good");
    assert_eq!((keys.count(), keys.has("one"), keys.has("two")), (1, true, false));
    assert_eq!(of(json!([secret])).err(), Some(InvalidKeySet::Unusable));
    assert_eq!(of(json!(vec![ed.clone(); 65])).err(), Some(InvalidKeySet::Many));
    for form in ["", "[]", "{}", "{\"keys\":{}}"] {
        assert_eq!(KeySet::parse(form.as_bytes()).err(), Some(InvalidKeySet::Form), "{form}");
    }
    // A key that says what it is for is for nothing else; without an id the one for the algorithm is meant, if it is one.
    let mut said = ed.clone();
    said["alg"] = json!("ES256");
    assert_eq!(of(json!([said])).err(), Some(InvalidKeySet::Unusable));
    let signer = Signer::ed();
    let text = signer.token(&json!({ "alg": "EdDSA" }), &claims());
    let read = || IdentityToken::read(&text).expect("a token");
    assert!(read().prove(&of(json!([signer.jwk, ec])).expect("keys")).is_ok());
    assert_eq!(read().prove(&of(json!([signer.jwk, ed])).expect("keys")).err(), Some(TokenFault::Key));
}

#[test]
fn what_is_too_long_or_no_token_is_not_looked_at() {
    let long = "a".repeat(8193);
    assert_eq!(IdentityToken::read(&long).err(), Some(TokenFault::Long));
    for text in
        ["", ".", "..", "a.b.c", "a.b", "whfp_x", &format!("{}.{}.AA.AA", encoded(b"{}"), encoded(b"{}"))]
    {
        assert_eq!(IdentityToken::read(text).err(), Some(TokenFault::Form), "{text}");
    }
    // Twice the padding that base64url is written without.
    let padded = format!("{}==.{}.AA", encoded(b"{\"alg\":\"EdDSA\"}"), encoded(b"{}"));
    assert_eq!(IdentityToken::read(&padded).err(), Some(TokenFault::Form));
}

proptest! {
    #[test]
    fn no_text_makes_it_fail_otherwise(text in "[a-zA-Z0-9_.-]{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = IdentityToken::read(&text);
        let _ = KeySet::parse(&bytes);
        let header = encoded(b"{\"alg\":\"EdDSA\"}");
        let _ = IdentityToken::read(&format!("{header}.{}.{text}", encoded(&bytes)));
    }
}
