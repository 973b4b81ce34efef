use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use domain::Client;
use tokio::time::{Duration, Instant, Sleep, sleep_until};

use super::stalled_requests::{StalledRequest, StalledRequests};

/// Waiting for the other side of a request to do something: for so long at most, and from some moment on only as long as nobody
/// else needs what the request holds.
pub(crate) struct StallTimer {
    since: Instant,
    longest: Duration,
    next: Pin<Box<Sleep>>,
    client: Client,
    stalled: Arc<StalledRequests>,
    /// On the list, once it has lasted.
    stall: Option<StalledRequest>,
}

/// Why the waiting is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StallEnd {
    /// It took too long.
    TimedOut,
    /// Somebody else needs what the request holds.
    GaveWay,
}

impl StallTimer {
    pub(crate) fn new(stalled: &Arc<StalledRequests>, client: Client, longest: Duration) -> Self {
        let since = Instant::now();
        let next = Box::pin(sleep_until(since + longest.min(stalled.after())));
        Self { since, longest, next, client, stalled: Arc::clone(stalled), stall: None }
    }

    /// How long it has lasted.
    pub(crate) fn waited(&self) -> Duration {
        self.since.elapsed()
    }

    /// Ready once it is over.
    pub(crate) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<StallEnd> {
        loop {
            if self.stall.as_mut().is_some_and(|stall| stall.poll_asked(cx).is_ready()) {
                self.stalled.gave_way.inc();
                return Poll::Ready(StallEnd::GaveWay);
            }
            ready!(self.next.as_mut().poll(cx));
            if self.waited() >= self.longest {
                self.stalled.timed_out.inc();
                return Poll::Ready(StallEnd::TimedOut);
            }
            self.stall = Some(self.stalled.add(self.client));
            self.next.as_mut().reset(self.since + self.longest);
        }
    }
}
