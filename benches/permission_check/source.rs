//! Where the cache of the benches gets its facts: from memory, with one change at a time.

use std::sync::{Arc, Mutex};

use domain::{
    BoxFuture, Clock, GrantSource, PolicyChange, PolicyChanges, PolicyFacts, PolicyVersion, SourceError,
    Timestamp,
};

/// Hands out the facts, and remembers the last change only: the writer brings each into force before the next.
pub(crate) struct Memory {
    facts: Mutex<PolicyFacts>,
    last: Mutex<PolicyChanges>,
}

/// Time stands still: nothing here expires.
pub(crate) struct StillClock;

impl Memory {
    pub(crate) fn new(facts: PolicyFacts) -> Arc<Self> {
        let last = PolicyChanges { version: facts.version, changes: Vec::new() };
        Arc::new(Self { facts: Mutex::new(facts), last: Mutex::new(last) })
    }

    /// Commits these changes as one version.
    pub(crate) fn change(&self, changes: Vec<PolicyChange>) -> PolicyVersion {
        let mut last = self.last.lock().expect("no panic holds it");
        last.version = PolicyVersion::new(last.version.get() + 1);
        last.changes = changes;
        last.version
    }
}

impl GrantSource for Memory {
    fn load(&self) -> BoxFuture<'_, Result<PolicyFacts, SourceError>> {
        // Taken, not copied: what a copy costs is not the cache's.
        Box::pin(async { Ok(std::mem::take(&mut *self.facts.lock().expect("no panic holds it"))) })
    }

    fn changes_since(&self, _: PolicyVersion) -> BoxFuture<'_, Result<PolicyChanges, SourceError>> {
        Box::pin(async { Ok(self.last.lock().expect("no panic holds it").clone()) })
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}
