use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Client, Timestamp};
use foldhash::quality::RandomState;

/// Parts the clients are spread over, so that they seldom wait for each other's lock.
const SHARDS: usize = 16;
/// Who owes nothing is looked for at most so often in a part that is full.
const SWEEP_MICROS: i64 = 100_000;

/// How often one client may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Often {
    /// So often at once, after a while of nothing; at least 1.
    pub burst: u32,
    /// And then so often …
    pub times: u32,
    /// … in so many seconds, evenly; at least 1.
    pub secs: u32,
}

/// How often clients do something: each has as many turns as [`Often::burst`] says, and gets them back one after another. What
/// others do takes no turns away. The time is told by who asks.
#[derive(Debug)]
pub struct Rate {
    /// Until one turn is back, in microseconds.
    turn_micros: i64,
    /// Until all are.
    all_micros: i64,
    clients_max: usize,
    refused: AtomicU64,
    hasher: RandomState,
    shards: [Mutex<Turns>; SHARDS],
}

/// When each client will have all its turns back, in microseconds since 1970; who has them is not in it.
#[derive(Debug, Default)]
struct Turns {
    back_at: HashMap<Client, i64, RandomState>,
    swept_at: i64,
}

/// The client has no turn left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("so often in so short a time: the next turn is in {retry_after_secs} s")]
pub struct TooOften {
    /// Until it has one again, in whole seconds, at least 1.
    pub retry_after_secs: u64,
}

impl Rate {
    /// Nobody has done anything yet. At most so many clients are remembered at a time, some hundred bytes each; beyond it one that
    /// is remembered is forgotten, which costs nobody a turn.
    #[must_use]
    pub fn new(often: Often, clients_max: usize) -> Self {
        let turn_micros = (i64::from(often.secs.max(1)) * 1_000_000) / i64::from(often.times.max(1));
        Self {
            turn_micros,
            all_micros: turn_micros.saturating_mul(often.burst.max(1).into()),
            clients_max: clients_max.div_ceil(SHARDS).max(1),
            refused: AtomicU64::new(0),
            hasher: RandomState::default(),
            shards: Default::default(),
        }
    }

    /// Takes a turn.
    ///
    /// # Errors
    /// `TooOften` if there is none; then none is taken either.
    pub fn take(&self, client: Client, now: Timestamp) -> Result<(), TooOften> {
        let now = now.millis().saturating_mul(1000);
        let mut turns = self.shard(client);
        let owed = self.owed(turns.back_at.get(&client).copied(), now);
        let after = owed.saturating_add(self.turn_micros);
        if after > self.all_micros {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let missing = after.saturating_sub(self.all_micros).unsigned_abs();
            return Err(TooOften { retry_after_secs: missing.div_ceil(1_000_000).max(1) });
        }
        turns.make_room(client, self.clients_max, now);
        turns.back_at.insert(client, now.saturating_add(after));
        Ok(())
    }

    /// Gives back a turn that came to nothing.
    pub fn give_back(&self, client: Client) {
        if let Some(back_at) = self.shard(client).back_at.get_mut(&client) {
            *back_at = back_at.saturating_sub(self.turn_micros);
        }
    }

    /// How often somebody had no turn left, since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Clients that are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).back_at.len())
            .sum()
    }

    /// More than all turns can only be owed if the clock was set back: then nothing is, or a client would be kept out for as long.
    fn owed(&self, back_at: Option<i64>, now: i64) -> i64 {
        let owed = back_at.map_or(0, |back_at| back_at.saturating_sub(now));
        if (0..=self.all_micros).contains(&owed) { owed } else { 0 }
    }

    fn shard(&self, client: Client) -> MutexGuard<'_, Turns> {
        let number = usize::try_from(self.hasher.hash_one(client) % SHARDS as u64).unwrap_or_default();
        #[expect(clippy::indexing_slicing, reason = "the remainder of a division by the length is below it")]
        self.shards[number].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    /// Room for one more client: who has all turns back is forgotten first, and if nobody has, anybody.
    fn make_room(&mut self, client: Client, clients_max: usize, now: i64) {
        if self.back_at.len() < clients_max || self.back_at.contains_key(&client) {
            return;
        }
        if now.saturating_sub(self.swept_at).saturating_abs() >= SWEEP_MICROS {
            self.swept_at = now;
            self.back_at.retain(|_, back_at| *back_at > now);
        }
        if self.back_at.len() >= clients_max
            && let Some(anybody) = self.back_at.keys().next().copied()
        {
            self.back_at.remove(&anybody);
        }
    }
}

#[cfg(test)]
mod tests;
