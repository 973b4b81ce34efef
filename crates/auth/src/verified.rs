//! Credentials that took time to verify: authentication only, bounded, and void as soon as anything about what they stand for changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwapOption;
use domain::{PrincipalId, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::direct::Direct;
use crate::principal::{Details, Principal, Standing};
use crate::secret::Secret;
use crate::token::random;

/// SHA-256 under a key of this process, which nobody outside can compute and which is never shown.
pub(crate) struct KeyedHash(Sha256);

/// What is remembered of a credential that was verified.
pub(crate) trait Verified {
    /// What is known by it.
    type Known;

    /// What is known by it at this moment; `None` once it is void.
    fn known(&self, now: Timestamp) -> Option<Self::Known>;
}

/// Sets of four places; within a set the one used longest ago gives way. Reading takes no lock.
pub(crate) struct Remembered<V> {
    hash: KeyedHash,
    sets: Box<[[ArcSwapOption<Entry<V>>; WAYS]]>,
}

/// The keyed hash of one name and secret.
pub(crate) struct CredentialKey([u8; 32]);

struct Entry<V> {
    key: [u8; 32],
    verified: V,
    used_minute: AtomicU32,
}

/// A password that argon2 has confirmed against these details of its owner.
pub(crate) struct VerifiedPassword {
    pub(crate) principal: Arc<Principal>,
    pub(crate) details: Arc<Details>,
    pub(crate) until: Timestamp,
}

impl Verified for VerifiedPassword {
    type Known = (PrincipalId, Standing);

    fn known(&self, now: Timestamp) -> Option<(PrincipalId, Standing)> {
        let standing = self.principal.standing_with(&self.details).filter(|_| now < self.until)?;
        Some((self.principal.id(), standing))
    }
}

/// An identity token: once its end or that of what it stands for has come, it is looked at anew.
impl Verified for Direct {
    type Known = Self;

    fn known(&self, now: Timestamp) -> Option<Self> {
        (now < self.until).then_some(*self)
    }
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

impl<V: Verified> Remembered<V> {
    pub(crate) fn new(entries_max: usize) -> Self {
        let sets =
            (0..entries_max.div_ceil(WAYS).max(1)).map(|_| std::array::from_fn(|_| ArcSwapOption::empty()));
        Self { hash: KeyedHash::random(), sets: sets.collect() }
    }

    pub(crate) fn key(&self, name: &str, secret: &Secret<String>) -> CredentialKey {
        self.hash.credential(name, secret)
    }

    /// What is known of a credential, if it was verified and nothing has changed since; and whether that is the first time in this
    /// minute.
    pub(crate) fn get(&self, key: &CredentialKey, now: Timestamp) -> Option<(V::Known, bool)> {
        self.set(key).iter().find_map(|place| {
            let entry = place.load();
            let entry = entry.as_ref().filter(|entry| bool::from(entry.key.ct_eq(&key.0)))?;
            let known = entry.verified.known(now)?;
            let minute = minute(now);
            let is_first = entry.used_minute.load(Ordering::Relaxed) != minute;
            if is_first {
                entry.used_minute.store(minute, Ordering::Relaxed);
            }
            Some((known, is_first))
        })
    }

    /// Remembers a credential that was verified.
    pub(crate) fn put(&self, key: &CredentialKey, verified: V, now: Timestamp) {
        let entry = Entry { key: key.0, verified, used_minute: AtomicU32::new(minute(now)) };
        let place = self.set(key).iter().min_by_key(|place| match place.load().as_ref() {
            None => (0, 0),
            Some(old) if bool::from(old.key.ct_eq(&key.0)) => (0, 0),
            Some(old) if old.verified.known(now).is_none() => (0, 1),
            Some(old) => (1, old.used_minute.load(Ordering::Relaxed)),
        });
        if let Some(place) = place {
            place.store(Some(Arc::new(entry)));
        }
    }

    fn set(&self, key: &CredentialKey) -> &[ArcSwapOption<Entry<V>>] {
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
