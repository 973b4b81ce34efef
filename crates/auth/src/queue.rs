//! The way to argon2: two at a time, the others wait in a line of their own address, and the lines take turns.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::address::Prefix;

/// The bounded, fair queue. Its lock guards a few pointers and is never held across an await.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Shared>);

/// May compute now; lets the next one in when dropped.
pub(crate) struct Permit(Option<Arc<Shared>>);

/// The queue is full for this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

struct Shared {
    at_once_max: usize,
    waiting_max: usize,
    waiting_per_address_max: usize,
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    running: usize,
    waiting: usize,
    /// Never an empty line in it; the first one is next.
    lines: VecDeque<Line>,
}

struct Line {
    address: Prefix,
    waiting: VecDeque<oneshot::Sender<Permit>>,
}

impl Queue {
    pub(crate) fn new(at_once_max: usize, waiting_max: usize, waiting_per_address_max: usize) -> Self {
        Self(Arc::new(Shared { at_once_max, waiting_max, waiting_per_address_max, lines: Mutex::default() }))
    }

    /// Waits for its turn.
    pub(crate) async fn enter(&self, address: Prefix) -> Result<Permit, Full> {
        let turn = {
            let mut lines = self.0.lines();
            if lines.running < self.0.at_once_max {
                lines.running += 1;
                return Ok(Permit(Some(Arc::clone(&self.0))));
            }
            lines.join(address, &self.0)?
        };
        // The sender is gone if somebody with fewer waiting has taken the place.
        turn.await.map_err(|_| Full)
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.0.lines().waiting
    }
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Nothing that panics happens under the lock.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn join(&mut self, address: Prefix, bounds: &Shared) -> Result<oneshot::Receiver<Permit>, Full> {
        let own = self.length(address);
        if own >= bounds.waiting_per_address_max || self.waiting >= bounds.waiting_max {
            self.drop_abandoned();
        }
        let own = own.min(self.length(address));
        if own >= bounds.waiting_per_address_max {
            return Err(Full);
        }
        if self.waiting >= bounds.waiting_max && !self.displace_from_longer_than(own.saturating_add(1)) {
            return Err(Full);
        }
        let (sender, receiver) = oneshot::channel();
        match self.lines.iter_mut().find(|line| line.address == address) {
            Some(line) => line.waiting.push_back(sender),
            None => self.lines.push_back(Line { address, waiting: VecDeque::from([sender]) }),
        }
        self.waiting += 1;
        Ok(receiver)
    }

    fn length(&self, address: Prefix) -> usize {
        self.lines.iter().find(|line| line.address == address).map_or(0, |line| line.waiting.len())
    }

    /// Those whose client has gone away.
    fn drop_abandoned(&mut self) {
        for line in &mut self.lines {
            line.waiting.retain(|waiting| !waiting.is_closed());
        }
        self.lines.retain(|line| !line.waiting.is_empty());
        self.waiting = self.lines.iter().map(|line| line.waiting.len()).sum();
    }

    /// Takes the newest place of the longest line, if that is longer than this: who waits with many gives way to who waits with few.
    fn displace_from_longer_than(&mut self, length: usize) -> bool {
        let longest = self.lines.iter_mut().max_by_key(|line| line.waiting.len());
        let Some(line) = longest.filter(|line| line.waiting.len() > length) else { return false };
        line.waiting.pop_back();
        self.waiting -= 1;
        true
    }

    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        let mut line = self.lines.pop_front()?;
        let next = line.waiting.pop_front();
        if !line.waiting.is_empty() {
            self.lines.push_back(line);
        }
        self.waiting -= usize::from(next.is_some());
        next
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        loop {
            let next = {
                let mut lines = shared.lines();
                let next = lines.next();
                if next.is_none() {
                    lines.running -= 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Self(Some(Arc::clone(&shared)))) {
                Ok(()) => return,
                // Its client has gone away: the turn is the next one's. Emptied, so that dropping it gives nothing back twice.
                Err(mut unused) => drop(unused.0.take()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
