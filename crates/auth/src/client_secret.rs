//! The secret by which a provider of log-ins knows us (RFC 6749 §2.3.1).

use crate::keys::KeyRing;
use crate::secret::Secret;

/// Longest secret, in bytes.
const BYTES_MAX: usize = 512;
/// What the key ring seals them for.
const PURPOSE: &str = "client secret";

/// The secret of a client of a provider.
#[derive(Debug)]
pub struct ClientSecret(Secret<String>);

/// Why a text is no such secret; never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be 1 to 512 printable characters of ASCII")]
pub struct InvalidClientSecret;

impl ClientSecret {
    /// Takes the text that the provider made.
    ///
    /// # Errors
    /// `InvalidClientSecret` for anything but 1 to 512 printable characters of ASCII (RFC 6749, appendix A.2).
    pub fn parse(text: &str) -> Result<Self, InvalidClientSecret> {
        let is_one =
            (1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if is_one { Ok(Self(Secret::new(text.to_owned()))) } else { Err(InvalidClientSecret) }
    }

    /// The text, for the provider alone.
    #[must_use]
    pub const fn expose(&self) -> &String {
        self.0.expose()
    }

    /// Sealed, to be kept where others may read it.
    #[must_use]
    pub fn seal(&self, keys: &KeyRing) -> String {
        keys.seal(PURPOSE, self.0.expose().as_bytes())
    }

    /// Opens what was sealed by a key that is still in the ring.
    #[must_use]
    pub fn open(keys: &KeyRing, sealed: &str) -> Option<Self> {
        let text = String::from_utf8(keys.open(PURPOSE, sealed)?).ok()?;
        Some(Self(Secret::new(text)))
    }

    /// The same sealed by the newest key, if it was sealed by one that goes with the next change of the ring.
    #[must_use]
    pub fn resealed(keys: &KeyRing, sealed: &str) -> Option<String> {
        if keys.is_old(sealed) { Self::open(keys, sealed).map(|secret| secret.seal(keys)) } else { None }
    }
}

#[cfg(test)]
mod tests;
