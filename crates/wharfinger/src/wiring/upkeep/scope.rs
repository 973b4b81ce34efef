use std::time::Duration;

use domain::{System, Timestamp};
use storage::{Error, Lease, Storage, Taken};

use crate::error::with_causes;

/// Who does some work: each node for itself, or one for all.
pub(in crate::wiring) trait Scope: Send + 'static {
    /// What a step is made by.
    type Lease: Send + Sync;

    /// Asks whether a step is to be made here, and keeps what it is made by.
    fn turn(&mut self, name: &'static str) -> impl Future<Output = Result<Turn, Error>> + Send;

    /// What the step is made by, if it is made here.
    fn lease(&self) -> Option<&Self::Lease>;

    /// There is nothing to do for so long; `well` if nothing failed.
    fn end(&mut self, rest: Duration, well: bool) -> impl Future<Output = ()> + Send;

    /// The node ends, whatever was being done.
    fn release(&mut self, name: &'static str) -> impl Future<Output = ()> + Send;
}

/// Whether a step is to be made here.
#[derive(Debug)]
pub(in crate::wiring) enum Turn {
    Here {
        /// When a step last ended well, on whatever node.
        last_ok_at: Option<Timestamp>,
        /// How many have failed since.
        failures: u32,
    },
    /// Not for so long.
    Elsewhere(Duration),
}

/// What each node does for itself: it is always its turn.
pub(in crate::wiring) struct Node;

/// What one node does for all that share the rows.
pub(in crate::wiring) struct Cluster {
    storage: Storage,
    system: System,
    /// A random number of this process.
    holder: i64,
    lease: Option<Lease>,
    /// Whether it asks for one: it may have it before it knows.
    asking: bool,
    /// Whether it has had its turn since the start: the first one waits for nobody's schedule.
    begun: bool,
}

impl Scope for Node {
    type Lease = ();

    async fn turn(&mut self, _: &'static str) -> Result<Turn, Error> {
        Ok(Turn::Here { last_ok_at: None, failures: 0 })
    }

    fn lease(&self) -> Option<&()> {
        Some(&())
    }

    async fn end(&mut self, _: Duration, _: bool) {}

    async fn release(&mut self, _: &'static str) {}
}

impl Cluster {
    pub(in crate::wiring) fn new(storage: &Storage, system: System, holder: i64) -> Self {
        Self { storage: storage.clone(), system, holder, lease: None, asking: false, begun: false }
    }
}

fn given_back(done: Result<(), Error>) {
    if let Err(error) = done {
        tracing::debug!(error = with_causes(&error), "work was not given back; others may take it soon");
    }
}

impl Scope for Cluster {
    type Lease = Lease;

    async fn turn(&mut self, name: &'static str) -> Result<Turn, Error> {
        if self.lease.as_ref().is_some_and(Lease::is_fresh) {
            return Ok(Turn::Here { last_ok_at: None, failures: 0 });
        }
        // While there is more to do it is taken again before anybody else may.
        let at_once = !self.begun || self.lease.is_some();
        self.lease = None;
        self.asking = true;
        let taken = self.storage.take_work(&self.system, name, self.holder, at_once).await;
        self.asking = false;
        match taken? {
            Taken::Here(lease) => {
                let (last_ok_at, failures) = (lease.last_ok_at, lease.failures);
                self.lease = Some(lease);
                self.begun = true;
                Ok(Turn::Here { last_ok_at, failures })
            }
            Taken::Elsewhere(rest) => Ok(Turn::Elsewhere(rest)),
        }
    }

    fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    async fn end(&mut self, rest: Duration, well: bool) {
        if let Some(lease) = self.lease.take() {
            given_back(self.storage.give_work_back(lease, rest, well).await);
        }
    }

    async fn release(&mut self, name: &'static str) {
        if self.asking || self.lease.is_some() {
            given_back(self.storage.leave_work(&self.system, name, self.holder).await);
        }
    }
}
