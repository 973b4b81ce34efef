//! Secrets by which the receiver of a message knows that it is ours and unchanged (Standard Webhooks 1.0).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::keys::KeyRing;
use crate::secret::Secret;
use crate::token::random;

/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";
/// Fewest and most bytes of a secret.
const BYTES_MIN: usize = 24;
const BYTES_MAX: usize = 64;
/// Bytes of what secrets are told apart by.
const FINGERPRINT_BYTES: usize = 8;
/// What the key ring seals them for.
const PURPOSE: &str = "signing secret";

/// A secret that two sides share, of 24 to 64 bytes.
#[derive(Debug)]
pub struct SigningSecret(Secret<Vec<u8>>);

/// Why a text is no secret; never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be whsec_ and 24 to 64 bytes in base64")]
pub struct InvalidSigningSecret;

impl SigningSecret {
    /// A new one of 32 bytes.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = vec![0; 32];
        random(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// Reads the text that both sides keep.
    ///
    /// # Errors
    /// `InvalidSigningSecret` for anything but `whsec_` and 24 to 64 bytes in base64.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSigningSecret)?;
        let bytes = Secret::new(STANDARD.decode(encoded).map_err(|_| InvalidSigningSecret)?);
        if (BYTES_MIN..=BYTES_MAX).contains(&bytes.expose().len()) {
            Ok(Self(bytes))
        } else {
            Err(InvalidSigningSecret)
        }
    }

    /// The text that both sides keep.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0.expose())))
    }

    /// What it is told apart by, in hex: it tells nothing of the secret.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"wharfinger signing secret");
        hash.update(self.0.expose());
        hash.finalize().iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Sealed, to be kept where others may read it.
    #[must_use]
    pub fn seal(&self, keys: &KeyRing) -> String {
        keys.seal(PURPOSE, self.0.expose())
    }

    /// Opens what was sealed by a key that is still in the ring.
    #[must_use]
    pub fn open(keys: &KeyRing, sealed: &str) -> Option<Self> {
        keys.open(PURPOSE, sealed).map(|bytes| Self(Secret::new(bytes)))
    }

    /// The same sealed by the newest key, if it was sealed by one that goes with the next change of the ring.
    #[must_use]
    pub fn resealed(keys: &KeyRing, sealed: &str) -> Option<String> {
        if keys.is_old(sealed) { Self::open(keys, sealed).map(|secret| secret.seal(keys)) } else { None }
    }

    /// The signature of a message: its id, the second since 1970 at which it is sent, and its body.
    #[must_use]
    pub fn sign(&self, id: &str, sent_secs: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        let signed = format!("{id}.{sent_secs}.{body}");
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
    }
}

#[cfg(test)]
mod tests;
