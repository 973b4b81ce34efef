use domain::TokenId;

use super::*;
use crate::keys::SEALED_TEXT_BYTES_MAX;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn what_was_begun_is_opened_by_its_ring_alone_and_for_ten_minutes() {
    let keys = KeyRing::generate();
    let session = SessionId::new(TokenId::new(7));
    let begun = PendingLogIn::begin((3, "corp"), "/p/alpha?x=1", Some(session), NOW);
    let sealed = begun.seal(&keys);
    let open = |now| PendingLogIn::open(&keys, &sealed, now);
    let opened = open(NOW.plus_secs(599)).expect("opens");
    assert_eq!((opened.provider.0, &*opened.provider.1, &*opened.to), (3, "corp", "/p/alpha?x=1"));
    assert_eq!((opened.links, opened.once()), (Some(session), begun.once()));
    assert!(opened.state.matches(begun.state.expose()) && opened.challenge() == begun.challenge());
    assert!(open(NOW.plus_secs(600)).is_none(), "it took too long");
    assert!(PendingLogIn::open(&KeyRing::generate(), &sealed, NOW).is_none());
    for secret in [&begun.state, &begun.nonce, &begun.verifier] {
        assert!(secret.expose().len() == 43 && !sealed.contains(secret.expose()));
    }
}

#[test]
fn what_a_browser_keeps_is_short() {
    let keys = KeyRing::generate();
    let long = format!("/{}", "a".repeat(PATH_BYTES_MAX - 1));
    let name = "n".repeat(64);
    let sealed = PendingLogIn::begin((i64::MAX, &name), &long, None, NOW).seal(&keys);
    assert!(sealed.len() < SEALED_TEXT_BYTES_MAX / 2, "{}", sealed.len());
    let opened = PendingLogIn::open(&keys, &sealed, NOW).expect("opens");
    assert_eq!(*opened.to, *long);
    let longer = PendingLogIn::begin((1, "corp"), &format!("{long}a"), None, NOW);
    assert_eq!(&*longer.to, "/");
}

#[test]
fn the_challenge_is_that_of_the_specification() {
    // RFC 7636, appendix B.
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
    let pending = PendingLogIn { verifier, ..PendingLogIn::begin((1, "corp"), "/", None, NOW) };
    assert_eq!(pending.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}
