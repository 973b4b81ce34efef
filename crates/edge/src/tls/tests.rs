use super::*;

fn pair(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_present_certificate() {
    let (chain, key) = pair("hub.example");
    let (other_chain, other_key) = pair("other.example");
    let tls = Tls::new(chain.as_bytes(), key.as_bytes()).unwrap();
    let before = tls.certificate.0.load_full();
    assert!(matches!(tls.reload(b"", key.as_bytes()), Err(TlsError::Chain)));
    assert!(matches!(tls.reload(chain.as_bytes(), b"nothing"), Err(TlsError::Key)));
    assert!(matches!(tls.reload(chain.as_bytes(), other_key.as_bytes()), Err(TlsError::Unusable(_))));
    assert!(Arc::ptr_eq(&before, &tls.certificate.0.load_full()));
    tls.clone().reload(other_chain.as_bytes(), other_key.as_bytes()).unwrap();
    assert_ne!(before.cert, tls.certificate.0.load_full().cert);
}

#[test]
fn no_part_of_a_key_is_shown() {
    let (chain, key) = pair("hub.example");
    let tls = Tls::new(chain.as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(format!("{tls:?}"), "Tls(..)");
}
