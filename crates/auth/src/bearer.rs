//! Bearers: sealed handles on the credential behind them, and nothing else (docs/access.md 3).

use std::fmt;

use domain::{PrincipalId, Timestamp, TokenId};

use crate::identity::Handle;
use crate::keys::{KeyRing, OVERHEAD_BYTES};

const PURPOSE: &str = "bearer";
const FORM: u8 = 1;
/// Form, kind, audience, issued, expiry, body.
const PLAIN_BYTES: usize = 3 + 8 + 8 + 8;
const SEALED_BYTES: usize = OVERHEAD_BYTES + PLAIN_BYTES;
/// How far another node's clock may be ahead of ours.
const AHEAD_SECS_MAX: i64 = 60;

/// Where a bearer is good. Permanent tokens and passwords are good everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Below `/v2/`, which is what bearers are given out for.
    Oci,
    /// Wherever else packages are: no bearer is.
    Packages,
    /// What is seen of the gateway itself: no bearer is.
    Management,
    /// Administration: no bearer is. A password that has to be changed lets in here alone, as [`Presented::PasswordToChange`], and
    /// whoever answers sees to it that it is good for nothing else.
    ///
    /// [`Presented::PasswordToChange`]: crate::Presented::PasswordToChange
    Administration,
}

/// A bearer as the client gets it.
pub struct Bearer {
    /// The text to send as `Authorization: Bearer`.
    pub text: String,
    /// How long it is good for, from now.
    pub expires_in_secs: u64,
}

/// What a bearer says once opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) handle: Handle,
    pub(crate) expires: Timestamp,
}

/// Why an opened bearer does not count; never told to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// We never made it, or no longer hold its key.
    Foreign,
    /// We made it, and it is over or not for here. Nobody guesses such a thing.
    Over,
}

pub(crate) fn seal(keys: &KeyRing, handle: Handle, issued: Timestamp, expires: Timestamp) -> String {
    let (kind, body) = match handle {
        Handle::Anonymous => (0, 0),
        Handle::Token(id) => (1, id.get()),
        Handle::Password(id, generation) => (2, u64::from(id.get()) << 32 | u64::from(generation)),
    };
    let mut plain = Vec::with_capacity(PLAIN_BYTES);
    plain.extend_from_slice(&[FORM, kind, Audience::Oci.code()]);
    plain.extend_from_slice(&issued.millis().to_be_bytes());
    plain.extend_from_slice(&expires.millis().to_be_bytes());
    plain.extend_from_slice(&body.to_be_bytes());
    keys.seal(PURPOSE, &plain)
}

/// Opens a bearer for a place and moment. `lifetime_secs_max` bounds what any bearer may claim for itself.
pub(crate) fn open(
    keys: &KeyRing,
    text: &str,
    audience: Audience,
    now: Timestamp,
    lifetime_secs_max: u64,
) -> Result<Opened, Refused> {
    let (sealed_for, issued, opened) =
        keys.open_exact::<SEALED_BYTES, _>(PURPOSE, text, read).ok_or(Refused::Foreign)?;
    let lifetime_millis = opened.expires.millis_since(issued);
    let good = sealed_for == audience.code()
        && audience == Audience::Oci
        && issued <= now.plus_secs(AHEAD_SECS_MAX)
        && now < opened.expires
        && lifetime_millis <= lifetime_secs_max.saturating_mul(1000);
    if good { Ok(opened) } else { Err(Refused::Over) }
}

/// Every field must be there and known: what a later form leaves out or adds fails closed.
fn read(plain: &[u8]) -> Option<(u8, Timestamp, Opened)> {
    let ([form, kind, audience], rest) = plain.split_first_chunk::<3>()?;
    let (issued, rest) = rest.split_first_chunk::<8>()?;
    let (expires, rest) = rest.split_first_chunk::<8>()?;
    let body = u64::from_be_bytes(rest.try_into().ok()?);
    let handle = match kind {
        0 if body == 0 => Handle::Anonymous,
        1 => Handle::Token(TokenId::new(body)),
        2 => {
            let id = u32::try_from(body >> 32).ok()?;
            Handle::Password(PrincipalId::new(id), u32::try_from(body & u64::from(u32::MAX)).ok()?)
        }
        _ => return None,
    };
    let [issued, expires] = [issued, expires].map(|bytes| Timestamp::from_millis(i64::from_be_bytes(*bytes)));
    (*form == FORM).then_some((*audience, issued, Opened { handle, expires }))
}

impl Audience {
    const fn code(self) -> u8 {
        match self {
            Self::Oci => 1,
            Self::Packages => 2,
            Self::Management => 3,
            Self::Administration => 4,
        }
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("expires_in_secs", &self.expires_in_secs).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
