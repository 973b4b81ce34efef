//! Which credentials were used from where lately: the first use from a new place is an event, the thousandth is not.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use domain::{Credential, Prefix, PrincipalId};

/// Places of a set; within one, who came first gives way.
const WAYS: usize = 4;
/// 128 KiB together. With more credentials in use than places some are told of again.
const SETS: usize = 4096;

/// Read without locks with every request; written once for each credential and place.
pub(crate) struct FirstUses {
    hash: RandomState,
    sets: Box<[[AtomicU64; WAYS]]>,
    turn: AtomicUsize,
}

impl FirstUses {
    pub(crate) fn new() -> Self {
        let sets = (0..SETS).map(|_| std::array::from_fn(|_| AtomicU64::new(0)));
        Self { hash: RandomState::new(), sets: sets.collect(), turn: AtomicUsize::new(0) }
    }

    /// Whether this is the first use from there, as far as is remembered. Of two at the same time both may be.
    pub(crate) fn is_first(&self, (who, credential): (PrincipalId, Credential), from: Prefix) -> bool {
        let seen = self.hash.hash_one((who, credential, from)).max(1);
        let index = usize::try_from(seen).unwrap_or(usize::MAX) % SETS;
        let Some(set) = self.sets.get(index) else { return false };
        if set.iter().any(|place| place.load(Ordering::Relaxed) == seen) {
            return false;
        }
        let free = set.iter().find(|place| place.load(Ordering::Relaxed) == 0);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % WAYS;
        if let Some(place) = free.or_else(|| set.get(turn)) {
            place.store(seen, Ordering::Relaxed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use domain::TokenId;

    use super::*;

    const ALICE: PrincipalId = PrincipalId::new(16);

    #[test]
    fn a_credential_is_told_of_once_for_each_place() {
        let uses = FirstUses::new();
        let from = |address: &str| Prefix::of(Some(address.parse().unwrap()));
        let token = (ALICE, Credential::Token(TokenId::new(7)));
        assert!(uses.is_first(token, from("192.0.2.7")));
        assert!(!uses.is_first(token, from("192.0.2.7")));
        assert!(uses.is_first(token, from("198.51.100.1")));
        assert!(uses.is_first((ALICE, Credential::Token(TokenId::new(8))), from("192.0.2.7")));
        let password = |generation| (ALICE, Credential::Password(generation));
        assert!(uses.is_first(password(1), from("192.0.2.7")));
        assert!(uses.is_first(password(2), from("192.0.2.7")), "another password");
        assert!(!uses.is_first(password(2), from("192.0.2.7")));
    }

    #[test]
    fn more_of_them_than_there_is_room_for_take_no_more_room() {
        let uses = FirstUses::new();
        let from = Prefix::of(None);
        for id in 0..100_000 {
            uses.is_first((ALICE, Credential::Token(TokenId::new(id))), from);
        }
        assert!(
            !uses.is_first((ALICE, Credential::Token(TokenId::new(99_999))), from),
            "the last one is remembered"
        );
    }
}
