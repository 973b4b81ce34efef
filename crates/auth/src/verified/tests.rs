use domain::{PrincipalKind, TokenId};

use super::*;
use crate::testing::principal;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn somebody(id: u32) -> Arc<Principal> {
    Arc::new(Principal::new(&principal(id, PrincipalKind::Member, &["somebody"])))
}

type Passwords = Remembered<VerifiedPassword>;

fn put(cache: &Passwords, name: &str, password: &str, who: &Arc<Principal>, now: Timestamp) {
    let until = now.plus_secs(100);
    let verified = VerifiedPassword { principal: Arc::clone(who), details: who.details(), until };
    cache.put(&cache.key(name, &secret(password)), verified, now);
}

fn got(cache: &Passwords, name: &str, password: &str, now: Timestamp) -> Option<u32> {
    cache.get(&cache.key(name, &secret(password)), now).map(|((id, _), _)| id.get())
}

#[test]
fn it_remembers_a_name_in_any_case_with_exactly_its_password() {
    let cache = Passwords::new(16);
    put(&cache, "Alice", "secret", &somebody(16), NOW);
    assert_eq!(got(&cache, "aLICE", "secret", NOW), Some(16));
    for (name, password) in
        [("alice", "Secret"), ("alices", "ecret"), ("alic", "esecret"), ("alice", ""), ("", "")]
    {
        assert_eq!(got(&cache, name, password, NOW), None);
    }
    let other_process = Passwords::new(16);
    assert_ne!(cache.key("a", &secret("b")).0, other_process.key("a", &secret("b")).0);
}

#[test]
fn any_change_of_the_owner_makes_it_void() {
    let cache = Passwords::new(16);
    let facts = principal(16, PrincipalKind::Member, &["alice"]);
    let alice = Arc::new(Principal::new(&facts));
    put(&cache, "alice", "secret", &alice, NOW);
    alice.update(&facts);
    assert_eq!(got(&cache, "alice", "secret", NOW), Some(16), "the same facts again change nothing");
    let suspended = domain::PrincipalCredentials { suspended: true, ..facts.clone() };
    alice.update(&suspended);
    assert_eq!(got(&cache, "alice", "secret", NOW), None);
    alice.update(&facts);
    assert_eq!(got(&cache, "alice", "secret", NOW), None, "not after it either");
    put(&cache, "alice", "secret", &alice, NOW);
    assert_eq!(got(&cache, "alice", "secret", NOW), Some(16));
    alice.update(&domain::PrincipalCredentials { password_hash: Some("x".into()), ..facts.clone() });
    assert_eq!(got(&cache, "alice", "secret", NOW), None, "another password, even without a new generation");
    alice.update(&domain::PrincipalCredentials { generation: 2, ..facts.clone() });
    alice.update(&facts);
    assert_eq!(got(&cache, "alice", "secret", NOW), None, "and what is void stays void");
}

#[test]
fn it_forgets_in_time() {
    let cache = Passwords::new(16);
    put(&cache, "alice", "secret", &somebody(16), NOW);
    assert_eq!(got(&cache, "alice", "secret", NOW.plus_secs(99)), Some(16));
    assert_eq!(got(&cache, "alice", "secret", NOW.plus_secs(100)), None);
}

#[test]
fn it_is_bounded_and_keeps_what_is_used() {
    let cache = Remembered::<Direct>::new(4);
    let key = |name: &str| cache.key(name, &secret("x"));
    let until = NOW.plus_secs(1_000_000);
    let put = |name: &str, id: u64, now: Timestamp| {
        cache.put(&key(name), Direct { token: TokenId::new(id), until }, now);
    };
    let got = |name: &str, now: Timestamp| cache.get(&key(name), now).map(|(direct, _)| direct.token.get());
    put("used", 1, NOW);
    for minute in 2..200 {
        let now = NOW.plus_secs(minute * 60);
        assert_eq!(got("used", now), Some(1), "{minute}");
        put(&format!("once-{minute}"), minute.unsigned_abs(), now);
    }
    assert_eq!(cache.sets.len(), 1);
    assert_eq!(got("once-2", NOW), None);
    assert_eq!(got("once-199", NOW.plus_secs(200 * 60)), Some(199));
    assert_eq!(got("used", until), None, "its end has come");
}

#[test]
fn every_entry_finds_its_place_in_many_sets() {
    let cache = Passwords::new(4096);
    for id in 16..200 {
        put(&cache, &id.to_string(), "x", &somebody(id), NOW);
    }
    let found = (16..200).filter(|id| got(&cache, &id.to_string(), "x", NOW) == Some(*id)).count();
    assert!(found >= 180, "{found}");
}
