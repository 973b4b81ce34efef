//! What one client may make us hold at a time, and all of them together: bytes, streams, descriptors, renders, readers, upload
//! slots, turns at a slow computation. One mechanism for all of them (docs/design.md 5, rule 8); who enforces a bound owns its [`Budget`].
//!
//! A request whose credential was verified is charged to its principal, any other to its address ([`domain::Client`]), so that
//! an office behind one address is not one client. Taking what is free costs one lock of a sixteenth of the clients; only who
//! has to wait meets the others, and then the lines of the clients take turns. How often one client may do something is a [`Rate`].
#![warn(missing_docs)]

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Client;
use foldhash::quality::RandomState;
use tokio::sync::oneshot;

mod common;
mod lines;
mod rate;
#[cfg(test)]
mod tests;

pub use common::Common;
use lines::Lines;
pub use rate::{Often, Rate, TooOften};

/// Parts the clients are spread over, so that they seldom wait for each other's lock.
const SHARDS: usize = 16;

/// What each client holds. Clients choose their addresses but not the seed of the hash.
type Clients = HashMap<Client, u64, RandomState>;

/// How much may be held. The unit is the owner's: bytes, streams, slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// By all clients together.
    pub total: u64,
    /// By one principal.
    pub per_principal: u64,
    /// By one address without credentials (IPv6: /64).
    pub per_address: u64,
    /// Requests that may wait for it, from everywhere.
    pub waiting: usize,
    /// Requests of one client that may wait for it.
    pub waiting_per_client: usize,
}

/// Something bounded, shared out among clients.
#[derive(Debug)]
pub struct Budget {
    bounds: Bounds,
    held: AtomicU64,
    refused: AtomicU64,
    hasher: RandomState,
    shards: [Mutex<Clients>; SHARDS],
    waiting: AtomicUsize,
    lines: Mutex<Lines>,
}

/// A part of a budget, given back when dropped.
#[derive(Debug)]
#[must_use]
pub struct Share {
    budget: Arc<Budget>,
    client: Client,
    amount: u64,
}

/// Why there is nothing to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// The client holds, or waits for, as much as one may.
    #[error("this client holds as much as one may")]
    Own,
    /// All clients together do.
    #[error("all clients together hold as much as they may")]
    Total,
}

impl Bounds {
    /// So much for each client and in all, and nobody waits.
    #[must_use]
    pub const fn new(total: u64, per_principal: u64, per_address: u64) -> Self {
        Self { total, per_principal, per_address, waiting: 0, waiting_per_client: 0 }
    }

    /// The same, with room to wait for it.
    #[must_use]
    pub const fn waiting(mut self, waiting: usize, waiting_per_client: usize) -> Self {
        self.waiting = waiting;
        self.waiting_per_client = waiting_per_client;
        self
    }

    /// What this client may hold.
    #[must_use]
    pub const fn of(&self, client: Client) -> u64 {
        match client {
            Client::Principal(_) => self.per_principal,
            Client::Address(_) => self.per_address,
        }
    }
}

impl Budget {
    /// A budget of which nothing is held.
    #[must_use]
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            bounds,
            held: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            hasher: RandomState::default(),
            shards: Default::default(),
            waiting: AtomicUsize::new(0),
            lines: Mutex::default(),
        })
    }

    /// Takes so much, if it is to be had at once.
    ///
    /// # Errors
    /// `Exceeded`, which says whose bound it was.
    pub fn take(self: &Arc<Self>, client: Client, amount: u64) -> Result<Share, Exceeded> {
        self.reserve(client, amount).inspect_err(|_| self.refuse())?;
        Ok(self.share(client, amount))
    }

    /// Takes so much if it is to be had without waiting, and nobody is overtaken who waits. Nothing is counted as refused: who gets
    /// nothing here goes on to [`Self::wait`].
    #[must_use]
    pub fn at_once(self: &Arc<Self>, client: Client, amount: u64) -> Option<Share> {
        let taken = self.waiting.load(Ordering::SeqCst) == 0 && self.reserve(client, amount).is_ok();
        taken.then(|| self.share(client, amount))
    }

    /// Takes so much, and waits for it if it must: the clients' lines take turns, so that one with many requests waits for those
    /// of others and not the other way round. Dropping the future gives up the place.
    ///
    /// # Errors
    /// `Exceeded` if more is asked for than one client may ever hold, if as many wait as may, or if the place in the line had to
    /// be given to a client with fewer.
    pub async fn wait(self: &Arc<Self>, client: Client, amount: u64) -> Result<Share, Exceeded> {
        if amount > self.bounds.of(client).min(self.bounds.total) {
            self.refuse();
            return Err(Exceeded::Own);
        }
        if let Some(share) = self.at_once(client, amount) {
            return Ok(share);
        }
        let (sender, turn) = oneshot::channel();
        {
            let mut lines = self.lines();
            lines.join(client, amount, sender, &self.bounds).inspect_err(|_| self.refuse())?;
            self.waiting.store(lines.waiting(), Ordering::SeqCst);
        }
        // What was given back before the line was joined.
        self.serve_waiting();
        // The sender is gone if somebody with fewer waiting has taken the place.
        turn.await.map_err(|_| {
            self.refuse();
            Exceeded::Total
        })
    }

    /// What all clients hold.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// What one client holds.
    #[must_use]
    pub fn held_by(&self, client: Client) -> u64 {
        self.shard(client).get(&client).copied().unwrap_or_default()
    }

    /// Requests that wait, among them those whose client has gone and nobody has noticed yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How often nothing was to be had, since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// The bounds.
    #[must_use]
    pub const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn share(self: &Arc<Self>, client: Client, amount: u64) -> Share {
        Share { budget: Arc::clone(self), client, amount }
    }

    /// Counts so much for the client and in all, or nothing.
    fn reserve(&self, client: Client, amount: u64) -> Result<(), Exceeded> {
        let mut clients = self.shard(client);
        let own = clients.get(&client).copied().unwrap_or_default().saturating_add(amount);
        if own > self.bounds.of(client) {
            return Err(Exceeded::Own);
        }
        self.reserve_total(amount)?;
        clients.insert(client, own);
        Ok(())
    }

    fn reserve_total(&self, amount: u64) -> Result<(), Exceeded> {
        let more = |held: u64| held.checked_add(amount).filter(|after| *after <= self.bounds.total);
        let reserved = self.held.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        reserved.map(drop).map_err(|_| Exceeded::Total)
    }

    fn give_back(&self, client: Client, amount: u64) {
        let mut clients = self.shard(client);
        if let Some(own) = clients.get_mut(&client) {
            *own = own.saturating_sub(amount);
            if *own == 0 {
                clients.remove(&client);
            }
        }
        self.held.fetch_sub(amount, Ordering::SeqCst);
    }

    /// As [`Self::serve_waiting`], after something was given back.
    fn serve_who_waits(self: &Arc<Self>) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.serve_waiting();
        }
    }

    /// Lets in whoever can be, in turn.
    fn serve_waiting(self: &Arc<Self>) {
        loop {
            let next = {
                let mut lines = self.lines();
                let next = lines.next(|client, amount| self.reserve(client, amount));
                self.waiting.store(lines.waiting(), Ordering::SeqCst);
                next
            };
            let Some(next) = next else { return };
            let share = self.share(next.client, next.amount);
            if let Err(mut unused) = next.sender.send(share) {
                // Its client has gone away. Emptied first, so that dropping it does not come back here.
                let amount = std::mem::take(&mut unused.amount);
                self.give_back(next.client, amount);
            }
        }
    }

    fn shard(&self, client: Client) -> MutexGuard<'_, Clients> {
        let number = usize::try_from(self.hasher.hash_one(client) % SHARDS as u64).unwrap_or_default();
        #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the length is below it")]
        self.shards[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Nothing that panics happens under the lock.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// How much it is.
    #[must_use]
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// Whose it is.
    #[must_use]
    pub const fn client(&self) -> Client {
        self.client
    }

    /// Takes so much more, if it is to be had at once.
    ///
    /// # Errors
    /// As [`Budget::take`]; what is held stays held.
    pub fn grow(&mut self, more: u64) -> Result<(), Exceeded> {
        self.budget.reserve(self.client, more).inspect_err(|_| self.budget.refuse())?;
        self.amount = self.amount.saturating_add(more);
        Ok(())
    }

    /// Gives back all but so much.
    pub fn shrink_to(&mut self, amount: u64) {
        let spare = self.amount.saturating_sub(amount);
        self.amount = self.amount.saturating_sub(spare);
        self.end(spare);
    }

    fn end(&self, amount: u64) {
        if amount > 0 {
            self.budget.give_back(self.client, amount);
            self.budget.serve_who_waits();
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.end(self.amount);
    }
}
