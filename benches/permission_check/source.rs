//! Where the cache of the benches gets its facts: from memory, with one change at a time.

use std::sync::{Arc, Mutex};

use domain::{
    BoxFuture, Changes, Clock, FactSource, PolicyChange, PolicyFacts, PolicyPoint, PolicyVersion,
    SourceError, Timestamp,
};

/// Hands out the facts, and remembers the last change only: the writer brings each into force before the next.
pub(crate) struct Memory {
    facts: Mutex<PolicyFacts>,
    last: Mutex<(PolicyPoint, Vec<PolicyChange>)>,
}

/// Time stands still: nothing here expires.
pub(crate) struct StillClock;

impl Memory {
    pub(crate) fn new(facts: PolicyFacts) -> Arc<Self> {
        let start = PolicyPoint { version: facts.version, ..PolicyPoint::default() };
        Arc::new(Self { facts: Mutex::new(facts), last: Mutex::new((start, Vec::new())) })
    }

    /// Commits these changes as one version.
    pub(crate) fn change(&self, changes: Vec<PolicyChange>) -> PolicyPoint {
        let mut last = self.last.lock().expect("no panic holds it");
        last.0.version = PolicyVersion::new(last.0.version.get() + 1);
        last.1 = changes;
        last.0
    }
}

impl FactSource<PolicyFacts> for Memory {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, PolicyFacts), SourceError>> {
        // Taken, not copied: what a copy costs is not the cache's.
        let facts = std::mem::take(&mut *self.facts.lock().expect("no panic holds it"));
        let point = self.last.lock().expect("no panic holds it").0;
        Box::pin(std::future::ready(Ok((point, facts))))
    }

    fn changes_since(&self, _: PolicyPoint) -> BoxFuture<'_, Result<Changes<PolicyChange>, SourceError>> {
        let (reached, changes) = self.last.lock().expect("no panic holds it").clone();
        Box::pin(std::future::ready(Ok(Changes::Each { reached, changes })))
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}
