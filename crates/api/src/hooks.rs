//! What webhooks need besides storage.

use std::sync::Arc;

use auth::KeyRing;

/// What webhooks need besides storage.
#[derive(Clone)]
pub struct Hooks {
    /// Seals their secrets.
    pub keys: Arc<KeyRing>,
    /// Says where messages may go.
    pub targets: Arc<dyn Targets>,
}

/// Where the gateway's own requests may go.
pub trait Targets: Send + Sync {
    /// Why none goes there, for people; `None` if one may, as far as the address alone tells.
    fn refusal(&self, url: &str) -> Option<String>;
}
