//! The keys by which issuers sign identity tokens (RFC 7517), and who has them.

use std::sync::Arc;

use domain::BoxFuture;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Most keys of an issuer.
const KEYS_MAX: usize = 64;

/// Whose keys, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSource {
    /// What tells it from others.
    pub id: SourceId,
    /// What its tokens say that it is, below which it says where its keys are.
    pub url: Box<str>,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Keys that are not fetched: a document.
    pub jwks: Option<Box<str>>,
}

/// What tells issuers from each other: an id that is never used again, of those who vouch for machines or of those who vouch for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceId {
    /// An issuer of identity tokens of machines.
    Machines(i64),
    /// A provider of log-ins.
    People(i64),
}

/// Where people log in at an issuer (OpenID Connect Discovery 1.0 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogInEndpoints {
    /// Where their browsers are sent.
    pub authorization: Box<str>,
    /// Where the codes that they come back with are exchanged.
    pub token: Box<str>,
    /// Whether the client's secret goes into a header, in place of the form.
    pub basic: bool,
    /// Whether it says who it is when it sends them back (RFC 9207).
    pub says_issuer: bool,
}

/// Who has the keys of issuers.
pub trait IssuerKeys: Send + Sync {
    /// Why nobody would be asked for them, for people; `None` if somebody would be, as far as the address alone tells.
    fn refusal(&self, source: &IssuerSource) -> Option<String>;

    /// Keys that are hardly old, with this one among them if its issuer has it.
    fn keys<'a>(
        &'a self,
        source: &'a IssuerSource,
        key_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>>;

    /// The keys as their issuer says them now.
    fn fetch<'a>(&'a self, source: &'a IssuerSource) -> BoxFuture<'a, Result<Arc<KeySet>, KeysUnavailable>>;
}

/// Why there are no keys; for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keys of the issuer cannot be had: {0}")]
pub struct KeysUnavailable(pub String);

/// Why a document holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    /// It is no document of keys.
    #[error("it is no JSON Web Key Set")]
    Form,
    /// It has too many.
    #[error("it has more than 64 keys")]
    Many,
    /// None of them is one that tokens are verified by.
    #[error("it has no key for RS256, PS256, ES256, ES384 or EdDSA")]
    Unusable,
}

/// The keys of an issuer that tokens are verified by, and where people log in there, if it says so.
#[derive(Debug)]
pub struct KeySet {
    known: Vec<Known>,
    log_in: Option<LogInEndpoints>,
}

#[derive(Debug)]
struct Known {
    id: Option<Box<str>>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys that are for something else are passed over: what verifies refuses those of RSA below 2,048
    /// bits.
    ///
    /// # Errors
    /// `InvalidKeySet` says what is wrong with it.
    pub fn parse(document: &[u8]) -> Result<Self, InvalidKeySet> {
        let document: Value = serde_json::from_slice(document).map_err(|_| InvalidKeySet::Form)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(InvalidKeySet::Form)?;
        if keys.len() > KEYS_MAX {
            return Err(InvalidKeySet::Many);
        }
        let known: Vec<Known> = keys.iter().filter_map(known).collect();
        if known.is_empty() { Err(InvalidKeySet::Unusable) } else { Ok(Self { known, log_in: None }) }
    }

    /// With where people log in.
    #[must_use]
    pub fn with_log_in(self, log_in: Option<LogInEndpoints>) -> Self {
        Self { log_in, ..self }
    }

    /// Where people log in at the issuer, if it says so.
    #[must_use]
    pub const fn log_in(&self) -> Option<&LogInEndpoints> {
        self.log_in.as_ref()
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.known.len()
    }

    /// Whether there is one of this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.known.iter().any(|known| known.id.as_deref() == Some(id))
    }

    /// The key of this id, for this algorithm; where none is named, the only one for it.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let fits = |known: &&Known| {
            known.algorithms.contains(&algorithm) && id.is_none_or(|id| known.id.as_deref() == Some(id))
        };
        let mut found = self.known.iter().filter(fits);
        let first = found.next()?;
        found.next().is_none().then_some(&first.key)
    }
}

fn known(document: &Value) -> Option<Known> {
    let jwk: Jwk = serde_json::from_value(document.clone()).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let possible = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => vec![Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    let algorithms = match jwk.common.key_algorithm {
        None => possible,
        Some(said) => possible.into_iter().filter(|one| named(*one) == Some(said)).collect(),
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let id = jwk.common.key_id.map(Into::into);
    (!algorithms.is_empty()).then_some(Known { id, algorithms, key })
}

/// What a key says that it is for.
const fn named(algorithm: Algorithm) -> Option<KeyAlgorithm> {
    match algorithm {
        Algorithm::RS256 => Some(KeyAlgorithm::RS256),
        Algorithm::PS256 => Some(KeyAlgorithm::PS256),
        Algorithm::ES256 => Some(KeyAlgorithm::ES256),
        Algorithm::ES384 => Some(KeyAlgorithm::ES384),
        Algorithm::EdDSA => Some(KeyAlgorithm::EdDSA),
        _ => None,
    }
}
