//! What machine identities need besides storage.

use std::sync::Arc;

use auth::IssuerKeys;
use domain::Clock;

/// What machine identities need besides storage.
#[derive(Clone)]
pub struct Identities {
    /// Who has the keys of issuers.
    pub keys: Arc<dyn IssuerKeys>,
    /// What tells the time at which a token is shown.
    pub clock: Arc<dyn Clock>,
    /// What the configuration says that this server is called, which tokens may be for; without it only what the issuer's own
    /// settings name.
    pub audience: Option<String>,
}
