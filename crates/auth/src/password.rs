//! Passwords of persons: argon2id, and the same work where there is none.

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::PasswordError;
use crate::secret::Secret;
use crate::{identity_token, token};

/// Longest password that can be set, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Most memory a stored hash may demand, in KiB; ours take 19 MiB.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;
const OUTPUT_BYTES_MAX: usize = 64;

/// Hashes a password for storage: argon2id with 19 MiB and two passes, random salt, in PHC form. Takes tens of milliseconds: not
/// for an async task.
///
/// # Errors
/// `PasswordError` if it is empty, longer than [`PASSWORD_BYTES_MAX`], is of the form of a token, or memory is short.
pub fn hash_password(password: &Secret<String>) -> Result<String, PasswordError> {
    if token::looks_like(password.expose()) || identity_token::looks_like(password.expose()) {
        return Err(PasswordError::LikeToken);
    }
    let password = password.expose().as_bytes();
    if password.is_empty() {
        return Err(PasswordError::Empty);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::TooLong { bytes_max: PASSWORD_BYTES_MAX });
    }
    let hash = Argon2::default().hash_password(password).map_err(|_| PasswordError::Failed)?;
    Ok(hash.to_string())
}

/// Whether a password fits a stored hash. As slow as [`hash_password`]. A damaged hash or one that demands too much fits nothing.
#[must_use]
pub fn verify_password(password: &Secret<String>, phc: &str) -> bool {
    verify(password, Some(phc))
}

/// Whether a text is a hash that passwords can be compared with, and demands no more than may be.
#[must_use]
pub fn is_password_hash(phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| Stored::read(&hash).is_some())
}

/// As [`verify_password`]; without a usable hash it does the work all the same and says no (docs/access.md 6, enumeration).
pub(crate) fn verify(password: &Secret<String>, phc: Option<&str>) -> bool {
    let password = password.expose().as_bytes();
    let parsed = phc.and_then(|phc| PasswordHash::new(phc).ok());
    let (known, stored) = Stored::read_or_nobody(parsed.as_ref());
    let mut output = Zeroizing::new([0_u8; OUTPUT_BYTES_MAX]);
    let Some(output) = output.get_mut(..stored.output.len()) else { return false };
    let computed = stored.argon2.hash_password_into(password, stored.salt, output).is_ok();
    let equal = bool::from(output.ct_eq(stored.output));
    known && computed && equal
}

struct Stored<'a> {
    argon2: Argon2<'static>,
    salt: &'a [u8],
    output: &'a [u8],
}

impl<'a> Stored<'a> {
    /// What the work of a comparison is done against, and whether the answer may be yes.
    fn read_or_nobody(hash: Option<&'a PasswordHash>) -> (bool, Self) {
        let stored = hash.and_then(Self::read);
        (stored.is_some(), stored.unwrap_or_else(Self::nobody))
    }

    fn read(hash: &'a PasswordHash) -> Option<Self> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = match hash.version {
            Some(version) => Version::try_from(version).ok()?,
            None => Version::default(),
        };
        let params = Params::try_from(hash).ok()?;
        let affordable = params.m_cost() <= MEMORY_KIB_MAX
            && params.t_cost() <= PASSES_MAX
            && params.p_cost() <= LANES_MAX;
        if !affordable {
            return None;
        }
        Some(Self {
            argon2: Argon2::new(algorithm, version, params),
            salt: hash.salt.as_ref()?.as_ref(),
            output: hash.hash.as_ref()?.as_bytes(),
        })
    }

    fn nobody() -> Self {
        Self { argon2: Argon2::default(), salt: b"wharfinger-nobdy", output: &[0; 32] }
    }
}

#[cfg(test)]
mod tests;
