//! SHA-256 as bytes arrive, with a state that can be stored and gone on with; other algorithms over bytes that are there.

use bytes::Bytes;
use domain::{Algorithm, Digest};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256, Sha512};

use crate::error::Error;

/// The only format of stored states so far.
const STATE_FORMAT: u8 = 1;

/// SHA-256 so far.
#[derive(Clone, Default)]
pub(crate) struct Hashing {
    sha256: Sha256,
}

/// Another hash, over bytes that are read again.
pub(crate) enum Rehashing {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hashing {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
    }

    /// One byte for the format, then the state of SHA-256 as `sha2` 0.11 writes it.
    pub(crate) fn state(&self) -> Vec<u8> {
        let mut state = vec![STATE_FORMAT];
        state.extend_from_slice(&self.sha256.serialize());
        state
    }

    /// # Errors
    /// `Error::Corrupt` if the state was not written by [`Self::state`].
    pub(crate) fn from_state(state: &[u8]) -> Result<Self, Error> {
        let damaged = || Error::corrupt("the hash state of an upload is malformed");
        let Some((&STATE_FORMAT, state)) = state.split_first() else { return Err(damaged()) };
        let state = SerializedState::<Sha256>::try_from(state).map_err(|_| damaged())?;
        Ok(Self { sha256: Sha256::deserialize(&state).map_err(|_| damaged())? })
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::sha256(self.sha256.finalize().into())
    }
}

impl Rehashing {
    /// # Errors
    /// `Error::Refused` for an algorithm that content is never named by.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self, Error> {
        match algorithm {
            Algorithm::Sha256 => Ok(Self::Sha256(Sha256::new())),
            Algorithm::Sha512 => Ok(Self::Sha512(Sha512::new())),
            Algorithm::Md5 | Algorithm::Sha1 => {
                Err(Error::refused("content is named by sha256 or sha512 only"))
            }
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Result<Digest, Error> {
        let digest = match self {
            Self::Sha256(hash) => Digest::new(Algorithm::Sha256, &hash.finalize()),
            Self::Sha512(hash) => Digest::new(Algorithm::Sha512, &hash.finalize()),
        };
        Ok(digest?)
    }
}

/// The digest of bytes in memory.
pub(crate) fn digest_of(algorithm: Algorithm, bytes: &Bytes) -> Result<Digest, Error> {
    let mut hash = Rehashing::new(algorithm)?;
    hash.update(bytes);
    hash.finish()
}

#[cfg(test)]
mod tests;
