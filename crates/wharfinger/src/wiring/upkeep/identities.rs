//! What machine identities need beside the requests.

use std::sync::Arc;
use std::time::Duration;

use domain::System;
use storage::{BoxError, Directory, Lease};

use super::{Step, Worker};
use crate::wiring::issuer_keys::FetchedKeys;

/// Between two looks at how old the keys of issuers are.
const KEYS_EVERY: Duration = Duration::from_secs(30);
/// Between two looks for short-lived tokens that are over for a day, and for sessions that are over.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// Fetches the keys of issuers anew before they are old.
pub(in crate::wiring) struct RefreshedKeys(pub(in crate::wiring) Arc<FetchedKeys>);

/// Forgets short-lived tokens that are over.
pub(in crate::wiring) struct ShortLived {
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
}

/// Forgets sessions in browsers that are over.
pub(in crate::wiring) struct OverSessions {
    pub(in crate::wiring) directory: Directory,
    pub(in crate::wiring) system: System,
}

impl Worker<Lease> for OverSessions {
    const NAME: &'static str = "sessions";
    const BY_AGE: bool = true;

    async fn step(&mut self, _: &Lease) -> Result<Step, BoxError> {
        let forgotten = self.directory.forget_sessions(&self.system).await?;
        Ok(if forgotten == 0 { Step::idle(FORGET_EVERY) } else { Step::busy(forgotten, 0) })
    }
}

impl Worker<()> for RefreshedKeys {
    const NAME: &'static str = "issuer_keys";

    async fn step(&mut self, (): &()) -> Result<Step, BoxError> {
        let (items, failed) = self.0.refresh().await;
        Ok(Step { items, failed, rest: Some(KEYS_EVERY) })
    }
}

impl Worker<Lease> for ShortLived {
    const NAME: &'static str = "short_lived_tokens";
    const BY_AGE: bool = true;

    async fn step(&mut self, _: &Lease) -> Result<Step, BoxError> {
        let forgotten = self.directory.forget_short_lived(&self.system).await?;
        Ok(if forgotten == 0 { Step::idle(FORGET_EVERY) } else { Step::busy(forgotten, 0) })
    }
}
