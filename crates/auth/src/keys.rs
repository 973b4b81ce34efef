//! The key ring: seals what we hand to clients and want back unread and unchanged (docs/design.md 6).

use std::fmt;

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::error::InvalidKeys;
use crate::secret::Secret;
use crate::token::random;

/// Longest text that is opened, in bytes.
pub const SEALED_TEXT_BYTES_MAX: usize = 4096;
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const TAG_BYTES: usize = 16;
/// What sealing adds to the plain bytes: which key, nonce, tag.
pub(crate) const OVERHEAD_BYTES: usize = KEY_ID_BYTES + NONCE_LEN + TAG_BYTES;
const HEADLINE: &str = "wharfinger-keys-1";

/// Two live keys: the newer seals, both open. AES-256-GCM-SIV with random nonces, which forgives a repeated nonce: there is no
/// counter to keep across nodes and restarts.
pub struct KeyRing(ArcSwap<Keys>);

struct Keys {
    newest: Arc<Key>,
    previous: Option<Arc<Key>>,
}

struct Key {
    id: [u8; KEY_ID_BYTES],
    bytes: Secret<[u8; KEY_BYTES]>,
    aead: LessSafeKey,
}

impl KeyRing {
    /// A ring with one new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(ArcSwap::from_pointee(Keys { newest: Arc::new(Key::generate()), previous: None }))
    }

    /// Reads what [`Self::to_bytes`] wrote: a headline, then one or two keys in base64url, newest first, one a line.
    ///
    /// # Errors
    /// `InvalidKeys` for anything else.
    pub fn from_bytes(bytes: &Secret<Vec<u8>>) -> Result<Self, InvalidKeys> {
        Keys::read(bytes.expose()).map(|keys| Self(ArcSwap::from_pointee(keys)))
    }

    /// The ring as text, to be kept where only the gateway can read it.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let keys = self.0.load();
        // Large enough that the buffer never moves and leaves a copy behind.
        let mut text = Vec::with_capacity(256);
        text.extend_from_slice(HEADLINE.as_bytes());
        text.push(b'\n');
        for key in keys.all() {
            let mut line = Zeroizing::new([0_u8; 44]);
            let length = URL_SAFE_NO_PAD.encode_slice(key.bytes.expose(), line.as_mut()).unwrap_or_default();
            text.extend(line.iter().take(length));
            text.push(b'\n');
        }
        Secret::new(text)
    }

    /// A new key seals from now on, the present one still opens, the one before it no longer does.
    pub fn rotate(&self) {
        self.0
            .rcu(|keys| Keys { newest: Arc::new(Key::generate()), previous: Some(Arc::clone(&keys.newest)) });
    }

    /// Takes over a ring read anew, for example after its file changed.
    pub fn replace(&self, with: &Self) {
        self.0.store(with.0.load_full());
    }

    /// Seals bytes for one purpose; base64url without padding. Nobody can read or change them, only hand them back.
    #[must_use]
    pub fn seal(&self, purpose: &'static str, plain: &[u8]) -> String {
        let keys = self.0.load();
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce);
        let mut sealed = Vec::with_capacity(OVERHEAD_BYTES.saturating_add(plain.len()));
        sealed.extend_from_slice(&keys.newest.id);
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        let tag = keys.newest.seal(nonce, purpose, &mut body);
        sealed.extend_from_slice(&body);
        sealed.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what was sealed for the same purpose by a live key; `None` for everything else.
    #[must_use]
    pub fn open(&self, purpose: &'static str, text: &str) -> Option<Vec<u8>> {
        if text.len() > SEALED_TEXT_BYTES_MAX {
            return None;
        }
        let mut sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = self.0.load().open(purpose, &mut sealed)?;
        Some(plain.to_vec())
    }

    /// Whether it was sealed by a key that is not the newest any more: what is kept for long is sealed anew then.
    pub(crate) fn is_old(&self, text: &str) -> bool {
        let sealed = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        !sealed.starts_with(&self.0.load().newest.id)
    }

    /// As [`Self::open`] for a text whose length is known, without allocating. `SEALED` is the length of the decoded text.
    pub(crate) fn open_exact<const SEALED: usize, T>(
        &self,
        purpose: &'static str,
        text: &str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<T> {
        if text.len() != (SEALED * 8).div_ceil(6) {
            return None;
        }
        let mut sealed = [0_u8; SEALED];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut sealed).ok()?;
        if length != SEALED {
            return None;
        }
        read(self.0.load().open(purpose, &mut sealed)?)
    }
}

impl Keys {
    fn all(&self) -> impl Iterator<Item = &Arc<Key>> {
        [Some(&self.newest), self.previous.as_ref()].into_iter().flatten()
    }

    fn read(bytes: &[u8]) -> Result<Self, InvalidKeys> {
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidKeys { reason: "it is no text" })?;
        let mut lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        if lines.next() != Some(HEADLINE) {
            return Err(InvalidKeys { reason: "the first line is not the expected one" });
        }
        let newest = lines.next().ok_or(InvalidKeys { reason: "it holds no key" })?;
        let keys = Self {
            newest: Arc::new(Key::read(newest)?),
            previous: lines.next().map(Key::read).transpose()?.map(Arc::new),
        };
        if lines.next().is_some() {
            return Err(InvalidKeys { reason: "it holds more than two keys" });
        }
        Ok(keys)
    }

    fn open<'a>(&self, purpose: &str, sealed: &'a mut [u8]) -> Option<&'a [u8]> {
        let (id, sealed) = sealed.split_first_chunk_mut::<KEY_ID_BYTES>()?;
        let (nonce, body) = sealed.split_first_chunk_mut::<NONCE_LEN>()?;
        let key = self.all().find(|key| key.id == *id)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key.aead.open_in_place(nonce, Aad::from(purpose.as_bytes()), body).ok()?;
        Some(plain)
    }
}

impl Key {
    fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random(bytes.as_mut());
        Self::new(&bytes)
    }

    fn read(line: &str) -> Result<Self, InvalidKeys> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(line, bytes.as_mut()) {
            Ok(KEY_BYTES) => Ok(Self::new(&bytes)),
            _ => Err(InvalidKeys { reason: "a line is no key" }),
        }
    }

    #[expect(clippy::expect_used, reason = "a key of the algorithm's length is always accepted")]
    fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"wharfinger key id");
        hash.update(bytes);
        let hash: [u8; 32] = hash.finalize().into();
        let mut id = [0; KEY_ID_BYTES];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, bytes).expect("the key has the algorithm's length");
        Self { id, bytes: Secret::new(*bytes), aead: LessSafeKey::new(unbound) }
    }

    #[expect(
        clippy::expect_used,
        reason = "sealing fails only beyond 2^36 bytes, and callers hand in a few hundred"
    )]
    fn seal(&self, nonce: [u8; NONCE_LEN], purpose: &str, body: &mut [u8]) -> [u8; TAG_BYTES] {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .aead
            .seal_in_place_separate_tag(nonce, Aad::from(purpose.as_bytes()), body)
            .expect("a short text can be sealed");
        let mut bytes = [0; TAG_BYTES];
        for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        bytes
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(..)")
    }
}

#[cfg(test)]
mod tests;
