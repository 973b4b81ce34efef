use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use domain::Client;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::oneshot;

use crate::metrics::EdgeMetrics;

/// Requests whose client has taken or sent nothing for some time: whoever waits for what they hold may end them.
#[derive(Debug)]
pub(crate) struct StalledRequests {
    /// From when on a request counts as stalled.
    after: Duration,
    pub(super) timed_out: Counter,
    pub(super) gave_way: Counter,
    entries: Mutex<Entries>,
}

/// By number, and numbers only grow: the first has stalled longest.
#[derive(Debug, Default)]
struct Entries {
    next: u64,
    by_number: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    client: Client,
    ask: oneshot::Sender<()>,
}

/// A request among the stalled ones; taken off the list when dropped.
#[derive(Debug)]
pub(crate) struct StalledRequest {
    list: Arc<StalledRequests>,
    number: u64,
    asked: oneshot::Receiver<()>,
}

impl StalledRequests {
    pub(crate) fn new(after: Duration, metrics: &EdgeMetrics) -> Arc<Self> {
        let (timed_out, gave_way) = (metrics.timed_out.clone(), metrics.gave_way.clone());
        Arc::new(Self { after, timed_out, gave_way, entries: Mutex::default() })
    }

    /// From when on a request counts as stalled.
    pub(crate) const fn after(&self) -> Duration {
        self.after
    }

    /// Puts a request on the list.
    pub(crate) fn add(self: &Arc<Self>, client: Client) -> StalledRequest {
        let (ask, asked) = oneshot::channel();
        let mut entries = self.entries();
        let number = entries.next;
        entries.next = number.wrapping_add(1);
        entries.by_number.insert(number, Entry { client, ask });
        StalledRequest { list: Arc::clone(self), number, asked }
    }

    /// Asks the one that has stalled longest to end, of this client or of all. Whether there was one.
    pub(crate) fn give_way(&self, whose: Option<Client>) -> bool {
        let entry = {
            let mut entries = self.entries();
            let mut candidates = entries.by_number.iter();
            let number = candidates.find(|(_, entry)| whose.is_none_or(|whose| whose == entry.client));
            let number = number.map(|(number, _)| *number);
            number.and_then(|number| entries.by_number.remove(&number))
        };
        entry.is_some_and(|entry| entry.ask.send(()).is_ok())
    }

    /// How many are stalled.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries().by_number.len()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StalledRequest {
    /// Ready once somebody needs what this request holds.
    pub(crate) fn poll_asked(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error would mean that the list is gone, and with it the listeners.
        Pin::new(&mut self.asked).poll(cx).map(|_| ())
    }
}

impl Drop for StalledRequest {
    fn drop(&mut self) {
        self.list.entries().by_number.remove(&self.number);
    }
}
