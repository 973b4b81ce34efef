//! SHA-256 as bytes arrive, with a state that can be stored and gone on with, and other algorithms beside it or over bytes that are there.

use bytes::Bytes;
use domain::{Algorithm, Digest};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256, Sha512};

use crate::error::{Error, Fault};

/// The only format of stored states so far.
const STATE_FORMAT: u8 = 1;

/// SHA-256 so far, and hashes beside it that are gone with this process.
#[derive(Clone, Default)]
pub(crate) struct Hashing {
    sha256: Sha256,
    also: Vec<Hash>,
}

/// One hash in any algorithm.
#[derive(Clone)]
pub(crate) enum Hash {
    Md5(Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hashing {
    /// Computes these beside SHA-256; of bytes that are still to come.
    pub(crate) fn also(&mut self, algorithms: &[Algorithm]) {
        let others = algorithms.iter().filter(|algorithm| **algorithm != Algorithm::Sha256);
        self.also = others.map(|algorithm| Hash::new(*algorithm)).collect();
    }

    /// Whether it will know the digest in this algorithm.
    pub(crate) fn computes(&self, algorithm: Algorithm) -> bool {
        algorithm == Algorithm::Sha256 || self.also.iter().any(|hash| hash.algorithm() == algorithm)
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        for hash in &mut self.also {
            hash.update(bytes);
        }
    }

    /// One byte for the format, then the state of SHA-256 as `sha2` 0.11 writes it.
    pub(crate) fn state(&self) -> Vec<u8> {
        let mut state = vec![STATE_FORMAT];
        state.extend_from_slice(&self.sha256.serialize());
        state
    }

    /// # Errors
    /// `Fault::Corrupt` if the state was not written by [`Self::state`].
    pub(crate) fn from_state(state: &[u8]) -> Result<Self, Error> {
        let damaged = || Error::corrupt("the hash state of an upload is malformed");
        let Some((&STATE_FORMAT, state)) = state.split_first() else { return Err(damaged()) };
        let state = SerializedState::<Sha256>::try_from(state).map_err(|_| damaged())?;
        let sha256 = Sha256::deserialize(&state).map_err(|_| damaged())?;
        Ok(Self { sha256, also: Vec::new() })
    }

    /// SHA-256 first, then the others in the order they were asked for.
    pub(crate) fn finish(self) -> Result<Vec<Digest>, Error> {
        let mut digests = vec![Digest::sha256(self.sha256.finalize().into())];
        for hash in self.also {
            digests.push(hash.finish()?);
        }
        Ok(digests)
    }
}

impl Hash {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Md5(_) => Algorithm::Md5,
            Self::Sha1(_) => Algorithm::Sha1,
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    pub(crate) fn finish(self) -> Result<Digest, Error> {
        let digest = match self {
            Self::Md5(hash) => Digest::new(Algorithm::Md5, &hash.finalize()),
            Self::Sha1(hash) => Digest::new(Algorithm::Sha1, &hash.finalize()),
            Self::Sha256(hash) => Digest::new(Algorithm::Sha256, &hash.finalize()),
            Self::Sha512(hash) => Digest::new(Algorithm::Sha512, &hash.finalize()),
        };
        Ok(digest?)
    }
}

/// The digest of bytes in memory.
///
/// # Errors
/// None in practice: each algorithm yields its own length.
pub fn digest_of(algorithm: Algorithm, bytes: &Bytes) -> Result<Digest, Fault> {
    Ok(digest(algorithm, bytes)?)
}

/// As [`digest_of`], for this crate.
pub(crate) fn digest(algorithm: Algorithm, bytes: &Bytes) -> Result<Digest, Error> {
    let mut hash = Hash::new(algorithm);
    hash.update(bytes);
    hash.finish()
}

#[cfg(test)]
mod tests;
