use std::sync::Arc;

use ::http::header::AUTHORIZATION;
use ::http::{HeaderMap, HeaderName};
use api::DirectTokens;
use auth::{Audience, AuthError, Authenticator, Claimed, Credentials, Identity, Presented};
use domain::{CallerGate, Gate};

use crate::metrics::Metrics;
use crate::record::Record;

/// Where callers are let in: credentials to identity, identity to its way to the gate.
#[derive(Clone)]
pub(crate) struct CredentialIntake {
    pub(crate) gate: Gate,
    pub(crate) authenticator: Arc<Authenticator>,
    /// Who looks at identity tokens that are shown in place of ours.
    pub(crate) direct: Arc<DirectTokens>,
    pub(crate) metrics: Arc<Metrics>,
    /// Headers besides `Authorization` in which clients of some protocol send a token.
    pub(crate) key_headers: Arc<[HeaderName]>,
}

/// A caller who was let in.
pub(crate) struct Admitted {
    pub(crate) gate: CallerGate,
    pub(crate) presented: Presented,
}

impl CredentialIntake {
    /// Establishes who sent these headers. Waits only for a password or identity token that was not verified lately.
    pub(crate) async fn admit(
        &self,
        headers: &HeaderMap,
        record: &mut Record,
        audience: Audience,
    ) -> Result<Admitted, AuthError> {
        let credentials = self.read(headers, record)?;
        self.admit_by(credentials, record, audience).await
    }

    /// Establishes whose credentials these are, and lets them in.
    pub(crate) async fn admit_by(
        &self,
        credentials: Credentials,
        record: &mut Record,
        audience: Audience,
    ) -> Result<Admitted, AuthError> {
        let identity = self.identify(credentials, record, audience).await?;
        let gate = self.gate.for_caller(identity.caller, Arc::clone(&record.origin));
        Ok(Admitted { gate, presented: identity.presented })
    }

    /// The credentials of a request, counted and noted if they cannot be read.
    pub(crate) fn read(&self, headers: &HeaderMap, record: &mut Record) -> Result<Credentials, AuthError> {
        self.credentials(headers).inspect_err(|error| {
            self.metrics.authenticated(Err(error));
            record.failed(error, Claimed::default());
        })
    }

    /// Establishes whose credentials these are.
    pub(crate) async fn identify(
        &self,
        credentials: Credentials,
        record: &mut Record,
        audience: Audience,
    ) -> Result<Identity, AuthError> {
        let (authenticator, origin) = (&self.authenticator, &*record.origin);
        let claimed = |credentials| authenticator.claimed(credentials, origin.address, audience);
        let (outcome, claimed) = match authenticator.authenticate_now(&credentials, origin, audience) {
            Some(Ok(identity)) => (Ok(identity), Claimed::default()),
            Some(Err(error)) => (Err(error), claimed(&credentials)),
            // Verifying a password or an identity token takes so long that this costs nothing.
            None => {
                let claimed = claimed(&credentials);
                let direct = &*self.direct;
                (authenticator.authenticate(credentials, origin, audience, direct).await, claimed)
            }
        };
        self.metrics.authenticated(outcome.as_ref().map(|identity| identity.presented));
        match &outcome {
            Ok(identity) => record.proved(identity),
            Err(error) => record.failed(error, claimed),
        }
        outcome
    }

    /// The credentials of a request, from whichever header holds them.
    pub(crate) fn credentials(&self, headers: &HeaderMap) -> Result<Credentials, AuthError> {
        let (authorization, authorizations) = first_two(headers, std::slice::from_ref(&AUTHORIZATION));
        let (key, keys) = first_two(headers, &self.key_headers);
        let authorization = authorization.get(..authorizations).unwrap_or_default();
        auth::credentials(authorization, key.get(..keys).unwrap_or_default()).map_err(AuthError::from)
    }
}

/// The first two values, which is one more than may be there, and how many of them there are.
fn first_two<'a>(headers: &'a HeaderMap, names: &[HeaderName]) -> ([&'a [u8]; 2], usize) {
    let mut values: [&[u8]; 2] = [&[], &[]];
    let mut found = 0;
    for (slot, value) in values.iter_mut().zip(names.iter().flat_map(|name| headers.get_all(name))) {
        *slot = value.as_bytes();
        found += 1;
    }
    (values, found)
}
