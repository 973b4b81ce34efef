use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

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

#[test]
fn where_there_is_no_hash_the_work_is_the_same() {
    let phc = hash_password(&secret("x")).unwrap();
    let work = |phc: Option<&str>| {
        let tries = (0..5).map(|_| {
            let start = processor_time();
            assert!(!verify(&secret("wrong"), phc));
            processor_time() - start
        });
        tries.min().unwrap_or_default()
    };
    let (known, unknown, damaged) = (work(Some(&phc)), work(None), work(Some("damaged")));
    assert!(known > Duration::from_millis(1), "{known:?}");
    for other in [unknown, damaged] {
        let ratio = other.as_secs_f64() / known.as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{known:?} {other:?}");
    }
}

/// Of this thread: what else runs on the machine does not count.
fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
}
