//! Passwords that argon2 has confirmed: authentication only, bounded, and void as soon as anything about their owner changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwapOption;
use domain::{PrincipalId, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::principal::{Details, Principal, Standing};
use crate::secret::Secret;
use crate::token::random;

/// SHA-256 under a key of this process, which nobody outside can compute and which is never shown.
pub(crate) struct KeyedHash(Sha256);

/// Sets of four places; within a set the one used longest ago gives way. Reading takes no lock.
pub(crate) struct VerifiedPasswords {
    hash: KeyedHash,
    sets: Box<[[ArcSwapOption<Entry>; WAYS]]>,
    millis_max: u64,
}

/// The keyed hash of one name and password.
pub(crate) struct CredentialKey([u8; 32]);

struct Entry {
    key: [u8; 32],
    principal: Arc<Principal>,
    details: Arc<Details>,
    verified_at: Timestamp,
    used_minute: AtomicU32,
}

const WAYS: usize = 4;

impl KeyedHash {
    pub(crate) fn random() -> Self {
        // One whole block of the hash: what follows starts from a state only we know.
        let mut key = Zeroizing::new([0; 64]);
        random(key.as_mut());
        Self(Sha256::new_with_prefix(key.as_ref()))
    }

    /// The same for all ASCII cases of a login name.
    pub(crate) fn name(&self, name: &[u8]) -> u128 {
        let mut hash = self.0.clone();
        fold_into(&mut hash, name);
        let [upper, _] = halves(&hash.finalize().into());
        upper
    }

    fn credential(&self, name: &str, secret: &Secret<String>) -> CredentialKey {
        let mut hash = self.0.clone();
        // The length in front: no other name and password run together to the same bytes.
        hash.update((name.len() as u64).to_be_bytes());
        fold_into(&mut hash, name.as_bytes());
        hash.update(secret.expose().as_bytes());
        CredentialKey(hash.finalize().into())
    }
}

impl VerifiedPasswords {
    pub(crate) fn new(entries_max: usize, secs_max: u64) -> Self {
        let sets =
            (0..entries_max.div_ceil(WAYS).max(1)).map(|_| std::array::from_fn(|_| ArcSwapOption::empty()));
        Self { hash: KeyedHash::random(), sets: sets.collect(), millis_max: secs_max.saturating_mul(1000) }
    }

    pub(crate) fn key(&self, name: &str, secret: &Secret<String>) -> CredentialKey {
        self.hash.credential(name, secret)
    }

    /// Whose credential it is, if it was verified and nothing has changed since.
    pub(crate) fn get(&self, key: &CredentialKey, now: Timestamp) -> Option<(PrincipalId, Standing)> {
        self.set(key).iter().find_map(|place| {
            let entry = place.load();
            let entry = entry.as_ref().filter(|entry| bool::from(entry.key.ct_eq(&key.0)))?;
            let fresh = now.millis_since(entry.verified_at) < self.millis_max;
            let standing = entry.principal.standing_with(&entry.details).filter(|_| fresh)?;
            let minute = minute(now);
            if entry.used_minute.load(Ordering::Relaxed) != minute {
                entry.used_minute.store(minute, Ordering::Relaxed);
            }
            Some((entry.principal.id(), standing))
        })
    }

    /// Remembers a credential that was verified against these details.
    pub(crate) fn put(
        &self,
        key: &CredentialKey,
        principal: Arc<Principal>,
        details: Arc<Details>,
        now: Timestamp,
    ) {
        let entry = Entry {
            key: key.0,
            principal,
            details,
            verified_at: now,
            used_minute: AtomicU32::new(minute(now)),
        };
        let place = self.set(key).iter().min_by_key(|place| match place.load().as_ref() {
            None => (0, 0),
            Some(old) if bool::from(old.key.ct_eq(&key.0)) => (0, 0),
            Some(old) if old.principal.standing_with(&old.details).is_none() => (0, 1),
            Some(old) => (1, old.used_minute.load(Ordering::Relaxed)),
        });
        if let Some(place) = place {
            place.store(Some(Arc::new(entry)));
        }
    }

    fn set(&self, key: &CredentialKey) -> &[ArcSwapOption<Entry>] {
        let [upper, _] = halves(&key.0);
        let count = self.sets.len().max(1) as u128;
        let index = usize::try_from(upper % count).unwrap_or_default();
        self.sets.get(index).map_or(&[], |set| set.as_slice())
    }
}

fn fold_into(hash: &mut Sha256, name: &[u8]) {
    for chunk in name.chunks(64) {
        let mut folded = [0_u8; 64];
        for (to, from) in folded.iter_mut().zip(chunk) {
            *to = from.to_ascii_lowercase();
        }
        hash.update(folded.get(..chunk.len()).unwrap_or(&folded));
    }
}

fn halves(hash: &[u8; 32]) -> [u128; 2] {
    let (upper, lower) = hash.split_at(16);
    [upper, lower].map(|half| half.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte)))
}

fn minute(now: Timestamp) -> u32 {
    u32::try_from(now.millis() / 60_000).unwrap_or_default()
}

#[cfg(test)]
mod tests;
