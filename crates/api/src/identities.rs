//! What identities of machines and log-ins of people by others need besides storage.

use std::sync::Arc;

use auth::{IssuerKeys, Redeems};
use domain::Clock;

/// What identities of machines and log-ins of people by others need besides storage.
#[derive(Clone)]
pub struct Identities {
    /// Who has the keys of issuers.
    pub keys: Arc<dyn IssuerKeys>,
    /// Who exchanges the codes that people come back with.
    pub codes: Arc<dyn Redeems>,
    /// What tells the time at which a token is shown.
    pub clock: Arc<dyn Clock>,
    /// What the configuration says that this server is called, which tokens may be for; without it only what the issuer's own
    /// settings name.
    pub audience: Option<String>,
}
