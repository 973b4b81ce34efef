//! Identity tokens of machines: JSON web tokens that an issuer signed (RFC 7519), read as RFC 8725 says. What one says counts only
//! once its signature was looked at, so it is another type then.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::issuer_keys::KeySet;
use crate::secret::Secret;

/// Longest token, in bytes.
pub const IDENTITY_TOKEN_BYTES_MAX: usize = 8 << 10;
/// How far the clocks of two machines may be apart, in seconds.
const LEEWAY_SECS: i64 = 60;
/// How much longer than a token could be shown it is remembered, in seconds.
const REMEMBERED_SECS: i64 = 60;

/// Why an identity token is not taken. The words are for whoever shows it, and say nothing that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is longer than 8 KiB.
    #[error("it is longer than 8 KiB")]
    Long,
    /// It is not a signed token at all.
    #[error("it is no signed JSON web token")]
    Form,
    /// It is signed by an algorithm that is never taken.
    #[error("it is not signed by RS256, PS256, ES256, ES384 or EdDSA")]
    Algorithm,
    /// Its issuer has no key that it could be signed by.
    #[error("its issuer has no such key")]
    Key,
    /// It was not signed by its issuer.
    #[error("its signature is wrong")]
    Signature,
    /// It is for somebody else, or for several.
    #[error("its audience (`aud`) is not this server, or not this server alone")]
    Audience,
    /// It says no time at which it was made, or at which it ends.
    #[error("it must say when it was made (`iat`) and when it ends (`exp`)")]
    Untimed,
    /// It is over.
    #[error("it is over (`exp`)")]
    Over,
    /// Its time has not come.
    #[error("its time has not come (`nbf`, `iat`): is the clock right?")]
    Early,
    /// It is good for longer than an hour.
    #[error("it is good for longer than an hour")]
    Lasting,
    /// It is good for longer than a day.
    #[error("it is good for longer than a day")]
    VeryLasting,
    /// It was given to another party.
    #[error("it was given to another party (`azp`)")]
    Party,
    /// It is not of the log-in that was begun.
    #[error("it is not of this log-in (`nonce`)")]
    Nonce,
}

/// A token as it came. Nothing of it is known to be so.
#[derive(Debug)]
pub struct IdentityToken {
    signed: String,
    signature: String,
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Claims,
    sha256: [u8; 32],
}

/// A token whose issuer signed it.
#[derive(Debug)]
pub struct ProvedToken {
    claims: Claims,
    sha256: [u8; 32],
}

/// What an identity token is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownFor {
    /// To be exchanged, once: good for an hour at most.
    Exchange,
    /// To be used as it is, as often as one likes: good for a day at most.
    Direct,
}

/// What a token says, by name.
#[derive(Debug, Clone, Default)]
pub struct Claims(Map<String, Value>);

impl IdentityToken {
    /// Takes a token apart.
    ///
    /// # Errors
    /// `Long`, `Form`, and `Algorithm` for what is signed by a secret or not at all.
    pub fn read(text: &str) -> Result<Self, TokenFault> {
        if text.len() > IDENTITY_TOKEN_BYTES_MAX {
            return Err(TokenFault::Long);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Form)?;
        let (header, payload) = (object(header)?, object(payload)?);
        // What it demands that we understand, we do not.
        if header.contains_key("crit") {
            return Err(TokenFault::Form);
        }
        let word = |name: &str| header.get(name).and_then(Value::as_str);
        if word("typ").is_some_and(|kind| !kind.eq_ignore_ascii_case("jwt")) {
            return Err(TokenFault::Form);
        }
        let algorithm = word("alg").and_then(taken).ok_or(TokenFault::Algorithm)?;
        Ok(Self {
            signed: signed.to_owned(),
            signature: signature.to_owned(),
            algorithm,
            key_id: word("kid").map(str::to_owned),
            claims: Claims(payload),
            sha256: Sha256::digest(text.as_bytes()).into(),
        })
    }

    /// Who it says signed it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.0.get("iss").and_then(Value::as_str)
    }

    /// Which key it says it is signed by.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Looks at its signature.
    ///
    /// # Errors
    /// `Key` if none of these fits it, `Signature` if that one did not sign it.
    pub fn prove(self, keys: &KeySet) -> Result<ProvedToken, TokenFault> {
        let key = keys.find(self.key_id(), self.algorithm).ok_or(TokenFault::Key)?;
        let signed = self.signed.as_bytes();
        match jsonwebtoken::crypto::verify(&self.signature, signed, key, self.algorithm) {
            Ok(true) => Ok(ProvedToken { claims: self.claims, sha256: self.sha256 }),
            Ok(false) | Err(_) => Err(TokenFault::Signature),
        }
    }
}

impl ProvedToken {
    /// What it says.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Whether it is for one of these, and now.
    ///
    /// # Errors
    /// `Audience`, `Untimed`, `Over`, `Early`, `Lasting`, `VeryLasting`.
    pub fn check(&self, shown_for: ShownFor, audiences: &[&str], now: Timestamp) -> Result<(), TokenFault> {
        let audience = match self.claims.0.get("aud") {
            Some(Value::String(one)) => Some(one.as_str()),
            Some(Value::Array(all)) => match all.as_slice() {
                [Value::String(one)] => Some(one.as_str()),
                _ => None,
            },
            _ => None,
        };
        if !audience.is_some_and(|audience| audiences.contains(&audience)) {
            return Err(TokenFault::Audience);
        }
        let (made, ends) = (self.secs("iat")?, self.ends()?);
        let made = made.ok_or(TokenFault::Untimed)?;
        let now = now.millis().div_euclid(1000);
        if ends.saturating_add(LEEWAY_SECS) <= now {
            return Err(TokenFault::Over);
        }
        let begins = self.secs("nbf")?.unwrap_or(made).max(made);
        if begins > now.saturating_add(LEEWAY_SECS) {
            return Err(TokenFault::Early);
        }
        let (lifetime_secs_max, lasting) = shown_for.longest();
        if ends.saturating_sub(made) > lifetime_secs_max { Err(lasting) } else { Ok(()) }
    }

    /// Whether it is of a log-in that was begun here: for this client alone, of this nonce, and now (OpenID Connect Core 1.0 §3.1.3.7).
    ///
    /// # Errors
    /// As [`Self::check`]; `Party`, `Nonce`.
    pub fn check_log_in(
        &self,
        client_id: &str,
        nonce: &Secret<String>,
        now: Timestamp,
    ) -> Result<(), TokenFault> {
        self.check(ShownFor::Direct, &[client_id], now)?;
        if self.claims.0.get("azp").is_some_and(|party| party.as_str() != Some(client_id)) {
            return Err(TokenFault::Party);
        }
        let said = self.claims.0.get("nonce").and_then(Value::as_str);
        if said.is_some_and(|said| nonce.matches(said)) { Ok(()) } else { Err(TokenFault::Nonce) }
    }

    /// When somebody last proved to its issuer who they are; `None` if it does not say.
    #[must_use]
    pub fn proved_at(&self) -> Option<Timestamp> {
        let secs = self.secs("auth_time").ok().flatten()?;
        Some(Timestamp::from_millis(secs.saturating_mul(1000)))
    }

    /// From when on nobody takes it, whatever the clocks.
    ///
    /// # Errors
    /// `Untimed` if it says no end.
    pub fn taken_until(&self) -> Result<Timestamp, TokenFault> {
        let secs = self.ends()?.saturating_add(LEEWAY_SECS);
        Ok(Timestamp::from_millis(secs.saturating_mul(1000)))
    }

    /// What it is told apart by: its issuer's own id for it, else all of it.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        let text = |name: &str| self.claims.0.get(name).and_then(Value::as_str);
        match (text("iss"), text("jti").filter(|id| !id.is_empty())) {
            (Some(issuer), Some(id)) => {
                // With its length, so that the end of one is never the beginning of the other.
                let length = (issuer.len() as u64).to_be_bytes();
                Sha256::new().chain_update(length).chain_update(issuer).chain_update(id).finalize().into()
            }
            _ => self.sha256,
        }
    }

    /// Until when it is remembered that it was shown: longer than anybody takes it.
    ///
    /// # Errors
    /// `Untimed` if it says no end.
    pub fn remembered_until(&self) -> Result<Timestamp, TokenFault> {
        Ok(self.taken_until()?.plus_secs(REMEMBERED_SECS))
    }

    fn ends(&self) -> Result<i64, TokenFault> {
        self.secs("exp")?.ok_or(TokenFault::Untimed)
    }

    /// A time in seconds since 1970; what is there and is none is no time to go by.
    fn secs(&self, name: &str) -> Result<Option<i64>, TokenFault> {
        let Some(value) = self.claims.0.get(name) else { return Ok(None) };
        let whole = value.as_i64().filter(|secs| *secs >= 0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between 0 and 2⁵³, where every whole number is one"
        )]
        let rounded = || value.as_f64().filter(|secs| (0.0..9.0e15).contains(secs)).map(|secs| secs as i64);
        whole.or_else(rounded).map(Some).ok_or(TokenFault::Untimed)
    }
}

impl ShownFor {
    /// Longest time from when a token was made to its end, in seconds, and what is wrong with a longer one.
    const fn longest(self) -> (i64, TokenFault) {
        match self {
            Self::Exchange => (3600, TokenFault::Lasting),
            Self::Direct => (24 * 3600, TokenFault::VeryLasting),
        }
    }
}

impl Claims {
    /// A claim as text: a text itself, a number or a truth. `None` for what is not there, and for lists and documents.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        shown(self.0.get(name)?)
    }

    /// The texts of a claim: those in a list, or the only one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// As [`Self::text`], of a claim inside others.
    #[must_use]
    pub fn inside(&self, path: &[&str]) -> Option<Cow<'_, str>> {
        let (first, rest) = path.split_first()?;
        let within = rest.iter().try_fold(self.0.get(*first)?, |value, name| value.get(name));
        shown(within?)
    }
}

impl From<Map<String, Value>> for Claims {
    fn from(claims: Map<String, Value>) -> Self {
        Self(claims)
    }
}

fn shown(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What is signed by a pair of keys, and by none that is out of date.
fn taken(word: &str) -> Option<Algorithm> {
    match word {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "ES384" => Some(Algorithm::ES384),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

/// Whether a text was meant to be such a token: three parts, the first of which begins as a document does. It is never tried as a
/// password or as a bearer of ours, which are sealed in one part.
pub(crate) fn looks_like(text: &str) -> bool {
    // base64url of `{"`.
    text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

fn object(part: &str) -> Result<Map<String, Value>, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenFault::Form)
}

#[cfg(test)]
mod tests;
