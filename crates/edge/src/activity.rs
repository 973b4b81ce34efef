use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::time::{Duration, Instant};

/// Requests of one connection. `begun` only grows, so that one look tells whether anything happened since the last.
#[derive(Debug)]
pub(crate) struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
    cut: AtomicBool,
    unsent: AtomicBool,
    opened: Instant,
    /// When the last request ended, in milliseconds since the connection was opened.
    last_ended_millis: AtomicU64,
}

/// A request in flight, from its head to the last byte of its answer.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Activity>);

impl Activity {
    /// Of a connection that was just opened.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            cut: AtomicBool::new(false),
            unsent: AtomicBool::new(false),
            opened: Instant::now(),
            last_ended_millis: AtomicU64::new(0),
        })
    }

    /// A request begins.
    pub(crate) fn begin(self: &Arc<Self>) -> InFlight {
        self.begun.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// A request body was left unread: its client may still be sending when the answer arrives.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// Whether a request body was left unread.
    pub(crate) fn was_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Whether bytes of an answer wait for the client to take them, though the request may have ended for us.
    pub(crate) fn unsent(&self, some: bool) {
        self.unsent.store(some, Ordering::Relaxed);
    }

    /// Requests begun so far, and whether none of them is in flight and no answer waits to be taken.
    pub(crate) fn seen(&self) -> (u64, bool) {
        let ended = self.ended.load(Ordering::Acquire);
        let begun = self.begun.load(Ordering::Acquire);
        (begun, begun == ended && !self.unsent.load(Ordering::Relaxed))
    }

    /// Since when there is no request in flight; `None` if there is one.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let last = Duration::from_millis(self.last_ended_millis.load(Ordering::Acquire));
        self.seen().1.then(|| self.opened + last)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let since = u64::try_from(self.0.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.last_ended_millis.store(since, Ordering::Release);
        self.0.ended.fetch_add(1, Ordering::Release);
    }
}
