//! A log-in that somebody began and that a provider is to finish (OpenID Connect Core 1.0 §3.1, RFC 7636). It is kept by the browser that
//! began it and by nobody else: sealed, so that only we read it and any of our nodes can finish it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{SessionId, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::keys::KeyRing;
use crate::secret::Secret;
use crate::token::{parse_id, random};

/// How long the provider has, in seconds.
pub const LOG_IN_SECS: u64 = 600;
/// Longest path to go on to that is kept, in bytes.
const PATH_BYTES_MAX: usize = 1024;
/// What the key ring seals them for.
const PURPOSE: &str = "log-in by a provider";

/// A log-in that a provider is to finish. No `Debug`: it holds what proves that it was begun here.
pub struct PendingLogIn {
    /// The provider, by its id and name.
    pub provider: (i64, Box<str>),
    /// What the provider hands back, by which the browser shows that it began it.
    pub state: Secret<String>,
    /// What the provider's token has to say, by which it is of this log-in.
    pub nonce: Secret<String>,
    /// What whoever exchanges the code has to know.
    pub verifier: Secret<String>,
    /// Where to go on: a path of this server.
    pub to: Box<str>,
    /// The session in which somebody who is logged in links themselves; `None` for a log-in.
    pub links: Option<SessionId>,
    /// Refused from this moment on.
    pub until: Timestamp,
}

impl PendingLogIn {
    /// Begins one; a path that is too long leads home.
    #[must_use]
    pub fn begin(provider: (i64, &str), to: &str, links: Option<SessionId>, now: Timestamp) -> Self {
        Self {
            provider: (provider.0, provider.1.into()),
            state: unguessable(),
            nonce: unguessable(),
            verifier: unguessable(),
            to: if to.len() <= PATH_BYTES_MAX { to.into() } else { "/".into() },
            links,
            until: now.plus_secs(LOG_IN_SECS.cast_signed()),
        }
    }

    /// What the provider is told of the verifier (RFC 7636 §4.2, S256).
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose().as_bytes()))
    }

    /// What tells this log-in from all others, once it counted.
    #[must_use]
    pub fn once(&self) -> [u8; 32] {
        Sha256::new().chain_update("log-in ").chain_update(self.nonce.expose()).finalize().into()
    }

    /// As the browser keeps it.
    #[must_use]
    pub fn seal(&self, keys: &KeyRing) -> String {
        let links = self.links.map(|session| session.to_string());
        let kept = json!([
            self.provider.0,
            self.provider.1,
            self.state.expose(),
            self.nonce.expose(),
            self.verifier.expose(),
            self.to,
            links,
            self.until.millis(),
        ]);
        keys.seal(PURPOSE, kept.to_string().as_bytes())
    }

    /// Opens what was begun here and is not over.
    #[must_use]
    pub fn open(keys: &KeyRing, sealed: &str, now: Timestamp) -> Option<Self> {
        let kept: Value = serde_json::from_slice(&keys.open(PURPOSE, sealed)?).ok()?;
        let [id, name, state, nonce, verifier, to, links, until] = kept.as_array()?.as_slice() else {
            return None;
        };
        let secret = |value: &Value| value.as_str().map(|text| Secret::new(text.to_owned()));
        let links = match links {
            Value::Null => None,
            links => Some(SessionId::new(parse_id(links.as_str()?)?)),
        };
        let pending = Self {
            provider: (id.as_i64()?, name.as_str()?.into()),
            state: secret(state)?,
            nonce: secret(nonce)?,
            verifier: secret(verifier)?,
            to: to.as_str()?.into(),
            links,
            until: Timestamp::from_millis(until.as_i64()?),
        };
        (now < pending.until).then_some(pending)
    }
}

/// 256 random bits, as text that stands in addresses.
fn unguessable() -> Secret<String> {
    let mut bytes = [0; 32];
    random(&mut bytes);
    Secret::new(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests;
