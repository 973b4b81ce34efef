use super::*;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[test]
fn a_hash_fits_its_password_and_no_other() {
    let phc = hash_password(&secret("correct horse")).unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert!(verify_password(&secret("correct horse"), &phc));
    assert!(!verify_password(&secret("correct horse "), &phc));
    assert!(!verify_password(&secret(""), &phc));
    assert_ne!(hash_password(&secret("correct horse")).unwrap(), phc, "the salt is random");
}

#[test]
fn empty_overlong_and_token_like_passwords_are_refused() {
    assert_eq!(hash_password(&secret("")), Err(PasswordError::Empty));
    assert_eq!(hash_password(&secret("whfp_hello")), Err(PasswordError::LikeToken));
    let longest = "a".repeat(PASSWORD_BYTES_MAX);
    assert_eq!(
        hash_password(&secret(&format!("{longest}a"))),
        Err(PasswordError::TooLong { bytes_max: PASSWORD_BYTES_MAX })
    );
    assert!(verify_password(&secret(&longest), &hash_password(&secret(&longest)).unwrap()));
}

#[test]
fn damaged_and_greedy_hashes_fit_nothing() {
    let phc = hash_password(&secret("x")).unwrap();
    for wrong in [
        "",
        "x",
        "$argon2id$v=19$m=19456,t=2,p=1$",
        &phc[..phc.len() - 10],
        &phc.replace("argon2id", "scrypt"),
        &phc.replace("m=19456", "m=4294967295"),
        &phc.replace("m=19456", "m=999999"),
        &phc.replace("t=2", "t=1000000"),
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
    ] {
        assert!(!verify_password(&secret("x"), wrong), "{wrong}");
        assert!(!verify_password(&secret(""), wrong), "{wrong}");
    }
}

/// Compared by what argon2 is asked to do, not by the clock: memory, passes, lanes, algorithm and lengths are all that its work depends on.
#[test]
fn where_there_is_no_hash_the_work_is_the_same() {
    let phc = hash_password(&secret("x")).unwrap();
    let work = |phc: Option<&str>| {
        let parsed = phc.and_then(|phc| PasswordHash::new(phc).ok());
        let (known, stored) = Stored::read_or_nobody(parsed.as_ref());
        let params = stored.argon2.params();
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        let debug = format!("{:?}", stored.argon2);
        let algorithm = debug.split_once(" params").unwrap().0.to_owned();
        (known, (algorithm, costs, stored.salt.len(), stored.output.len()))
    };
    let (known, usual) = work(Some(&phc));
    assert!(known);
    let greedy = phc.replace("m=19456", "m=999999");
    for absent in [None, Some(""), Some("damaged"), Some(&*greedy)] {
        assert_eq!(work(absent), (false, usual.clone()), "{absent:?}");
        assert!(!verify(&secret("x"), absent));
    }
}
