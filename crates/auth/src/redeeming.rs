//! Who exchanges the codes that people come back with from a provider of log-ins (RFC 6749 §4.1.3).

use domain::BoxFuture;

use crate::client_secret::ClientSecret;
use crate::issuer_keys::{IssuerSource, LogInEndpoints};
use crate::secret::Secret;

/// What a code is exchanged with.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// Whom the provider knows us as.
    pub client: (&'a str, &'a ClientSecret),
    /// The code.
    pub code: &'a str,
    /// What only whoever began knows.
    pub verifier: &'a Secret<String>,
    /// Where the provider sent the browser back to.
    pub back: &'a str,
}

/// Who exchanges the codes that people come back with.
pub trait Redeems: Send + Sync {
    /// The identity token that a code is good for; else why not, for the log.
    fn redeem<'a>(
        &'a self,
        source: &'a IssuerSource,
        endpoints: &'a LogInEndpoints,
        redemption: Redemption<'a>,
    ) -> BoxFuture<'a, Result<Secret<String>, String>>;
}
