use std::fmt;

use crate::error::{Invalid, InvalidReason, bounded};

const WHAT: &str = "digest";
/// `sha512:` and 128 hexadecimal digits.
const TEXT_BYTES_MAX: usize = 135;

/// A hash algorithm some protocol names content by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, 16 bytes; Maven only, never trusted.
    Md5,
    /// SHA-1, 20 bytes; Maven only, never trusted.
    Sha1,
    /// SHA-256, 32 bytes; computed for every blob.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// The hash of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Filled up with zeros behind the algorithm's length.
    bytes: [u8; 64],
}

impl Algorithm {
    /// Length of the hash in bytes.
    #[must_use]
    pub const fn bytes_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Its name in digests and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl Digest {
    /// Wraps a computed or stored hash.
    ///
    /// # Errors
    /// `Invalid` if the length is not the algorithm's.
    pub fn new(algorithm: Algorithm, hash: &[u8]) -> Result<Self, Invalid> {
        let mut bytes = [0; 64];
        match bytes.get_mut(..hash.len()) {
            Some(head) if hash.len() == algorithm.bytes_len() => head.copy_from_slice(hash),
            _ => return Err(Invalid::grammar(WHAT, "the length does not fit the algorithm")),
        }
        Ok(Self { algorithm, bytes })
    }

    /// Wraps a computed SHA-256.
    #[must_use]
    pub fn sha256(hash: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(hash) {
            *to = from;
        }
        Self { algorithm: Algorithm::Sha256, bytes }
    }

    /// Parses `sha256:<64 hex>` or `sha512:<128 hex>`, lower case as the image specification demands.
    ///
    /// # Errors
    /// `Invalid` for another algorithm, length or character.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        bounded(WHAT, text, TEXT_BYTES_MAX)?;
        let Some((name, hex)) = text.split_once(':') else {
            return Err(Invalid::grammar(WHAT, "it must be ALGORITHM:HEX"));
        };
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(Invalid::new(WHAT, InvalidReason::Unknown)),
        };
        Self::from_hex(algorithm, hex)
    }

    /// Parses the lower-case hexadecimal digits of a hash.
    ///
    /// # Errors
    /// `Invalid` for another length or character.
    pub fn from_hex(algorithm: Algorithm, hex: &str) -> Result<Self, Invalid> {
        if hex.len() != algorithm.bytes_len() * 2 {
            return Err(Invalid::grammar(WHAT, "the length does not fit the algorithm"));
        }
        let mut bytes = [0; 64];
        base16ct::lower::decode(hex, &mut bytes)
            .map_err(|_| Invalid::grammar(WHAT, "only the hexadecimal digits 0-9 and a-f"))?;
        Ok(Self { algorithm, bytes })
    }

    /// Its algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.bytes_len()).unwrap_or(&self.bytes)
    }

    /// The lower-case hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> String {
        base16ct::lower::encode_string(self.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In one piece: who makes a string of it makes one as long as needed.
        let mut text = [0; TEXT_BYTES_MAX];
        let name = self.algorithm.as_str().as_bytes();
        let (head, rest) = text.split_at_mut(name.len() + 1);
        let (before, colon) = head.split_at_mut(name.len());
        before.copy_from_slice(name);
        colon.fill(b':');
        let hex = base16ct::lower::encode(self.as_bytes(), rest).map_err(|_| fmt::Error)?.len();
        let text = text.get(..name.len() + 1 + hex).unwrap_or_default();
        f.write_str(str::from_utf8(text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
