//! Header values to credentials. Pure: no clock, no table, no decision about who that is.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::error::Malformed;
use crate::secret::Secret;

/// Longest header value that is looked at, in bytes.
pub const HEADER_BYTES_MAX: usize = 8 * 1024;

/// What a request brought along to prove who it comes from. Names are kept as secrets too: people paste tokens into the name field.
pub enum Credentials {
    /// Nothing, or `Basic Og==`, an empty name with an empty password.
    None,
    /// A name, never empty, and a token or password; the name as sent, perhaps no possible login name.
    Basic {
        /// Before the first colon.
        name: Secret<String>,
        /// Behind it.
        secret: Secret<String>,
    },
    /// A bearer we issued or a permanent token.
    Bearer(Secret<String>),
    /// A token that says by itself whose it is: `X-NuGet-ApiKey: TOKEN` or `NAME:TOKEN`, and Basic without a name, as debuggers
    /// and their tools send it (dotnet/diagnostics#1320, microsoft/WinDbg-Feedback#104).
    Token {
        /// Before the colon, if anything stands there.
        name: Option<Secret<String>>,
        /// The token.
        secret: Secret<String>,
    },
    /// What a browser keeps in the cookie of a session; only the management looks for one.
    Session(Secret<String>),
    /// Something that can only be wrong: another scheme, no base64, no UTF-8. Refused as any wrong credential is (401).
    Unreadable {
        /// Whether it was sent as `Bearer`.
        bearer: bool,
    },
}

/// Reads the credentials out of all values of `Authorization` and `X-NuGet-ApiKey`. With an `Authorization` that says
/// anything the key is ignored (docs/nuget.md 5).
///
/// # Errors
/// `Malformed` for a repeated or overlong header.
pub fn credentials(authorization: &[&[u8]], api_key: &[&[u8]]) -> Result<Credentials, Malformed> {
    let authorization = only(authorization)?;
    let api_key = only(api_key)?;
    let presented = authorization.map_or(Credentials::None, authorization_value);
    Ok(match (presented, api_key) {
        (Credentials::None, Some(value)) => key_value(value),
        (presented, _) => presented,
    })
}

/// The credentials of a form (`POST /v2/token` with `grant_type=password`); both empty is nobody, and of no name no more is
/// asked than that the token is good.
#[must_use]
pub fn from_form(name: &str, secret: &str) -> Credentials {
    if name.is_empty() && secret.is_empty() {
        return Credentials::None;
    }
    if name.len().saturating_add(secret.len()) > HEADER_BYTES_MAX {
        return Credentials::Unreadable { bearer: false };
    }
    let secret = Secret::new(secret.to_owned());
    match named(name) {
        Some(name) => Credentials::Basic { name, secret },
        None => Credentials::Token { name: None, secret },
    }
}

/// The alphabet of RFC 4648 §4; some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn only<'a>(values: &[&'a [u8]]) -> Result<Option<&'a [u8]>, Malformed> {
    match values {
        [] => Ok(None),
        [value] if value.len() > HEADER_BYTES_MAX => Err(Malformed::TooLong { bytes_max: HEADER_BYTES_MAX }),
        [value] => Ok(Some(value.trim_ascii())),
        _ => Err(Malformed::Repeated),
    }
}

fn authorization_value(value: &[u8]) -> Credentials {
    let (scheme, rest) = match value.iter().position(|byte| *byte == b' ') {
        Some(end) => value.split_at(end),
        None => (value, &[][..]),
    };
    let rest = rest.trim_ascii_start();
    if scheme.eq_ignore_ascii_case(b"basic") {
        basic(rest).unwrap_or(Credentials::Unreadable { bearer: false })
    } else if scheme.eq_ignore_ascii_case(b"bearer") {
        visible(rest).map_or(Credentials::Unreadable { bearer: true }, |text| {
            Credentials::Bearer(Secret::new(text.to_owned()))
        })
    } else {
        Credentials::Unreadable { bearer: false }
    }
}

fn basic(encoded: &[u8]) -> Option<Credentials> {
    let decoded = Zeroizing::new(BASE64.decode(encoded).ok()?);
    // RFC 7617 §2: the first colon; a password may hold others.
    let (name, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(from_form(name, secret))
}

fn key_value(value: &[u8]) -> Credentials {
    if value.is_empty() {
        return Credentials::None;
    }
    let Some(text) = visible(value) else { return Credentials::Unreadable { bearer: false } };
    let (name, secret) = match text.split_once(':') {
        Some((name, secret)) => (named(name), secret),
        None => (None, text),
    };
    Credentials::Token { name, secret: Secret::new(secret.to_owned()) }
}

fn named(name: &str) -> Option<Secret<String>> {
    (!name.is_empty()).then(|| Secret::new(name.to_owned()))
}

/// One run of visible ASCII.
fn visible(value: &[u8]) -> Option<&str> {
    let visible = !value.is_empty() && value.iter().all(u8::is_ascii_graphic);
    if visible { std::str::from_utf8(value).ok() } else { None }
}

/// Only the kind: neither secrets nor names.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "Credentials::None",
            Self::Basic { .. } => "Credentials::Basic",
            Self::Bearer(_) => "Credentials::Bearer",
            Self::Token { .. } => "Credentials::Token",
            Self::Session(_) => "Credentials::Session",
            Self::Unreadable { .. } => "Credentials::Unreadable",
        })
    }
}

#[cfg(test)]
mod tests;
