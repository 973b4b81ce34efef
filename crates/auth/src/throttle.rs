//! Counts failures, never successes: per address and claimed name or token, and per address (docs/access.md 6). What others fail at
//! behind one address is nothing to a name that proved itself there before; only its own failures make it wait.
//!
//! A valid token or cached password does not come by here. An uncached password does, before argon2: else throttling would
//! hide nothing from who guesses.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};

use dashmap::DashMap;
use domain::{Prefix, Timestamp, TokenId};

use crate::limits::AuthLimits;

mod known;

use known::Known;

pub(crate) struct Throttle {
    /// When the last counted failure will be forgiven, in milliseconds since 1970.
    buckets: DashMap<Bucket, i64>,
    buckets_max: usize,
    known: Known,
    per_claim: Rule,
    per_address: Rule,
    hasher: RandomState,
    swept_at: AtomicI64,
}

/// Who the failed credential said it was.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claim<'a> {
    Name(&'a str),
    Token(TokenId),
    Nothing,
}

/// Too many failures; how long until another one is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) retry_after_secs: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Bucket {
    address: Prefix,
    /// Keyed hash of the claim; `None` counts everything from the address.
    claim: Option<u64>,
}

/// So many failures, one forgiven every so many milliseconds.
#[derive(Debug, Clone, Copy)]
struct Rule {
    failures_max: i64,
    forgiven_millis: i64,
}

/// From an address with too many failures a name may still be tried so often: others' failures do not lock a person out.
const TRIES_FROM_EXHAUSTED_ADDRESS: i64 = 3;
const SWEEP_MILLIS: i64 = 1000;

impl Throttle {
    pub(crate) fn new(limits: &AuthLimits) -> Self {
        let rule = |failures: u32, secs: u32| Rule {
            failures_max: i64::from(failures),
            forgiven_millis: i64::from(secs).saturating_mul(1000),
        };
        Self {
            buckets: DashMap::new(),
            buckets_max: limits.failure_buckets_max,
            known: Known::new(limits.failure_buckets_max),
            per_claim: rule(limits.failures_per_claim_max, limits.failures_per_claim_forgiven_secs),
            per_address: rule(limits.failures_per_address_max, limits.failures_per_address_forgiven_secs),
            hasher: RandomState::new(),
            swept_at: AtomicI64::new(i64::MIN),
        }
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// `Exhausted` if there was no room left for it.
    pub(crate) fn failed(&self, address: Prefix, claim: Claim<'_>, now: Timestamp) -> Result<(), Exhausted> {
        let (pair, all) = self.buckets_of(address, claim);
        let one = pair.map_or(Ok(()), |bucket| self.count(bucket, self.per_claim, now));
        let everything = self.count(all, self.per_address, now);
        if self.is_known(pair) { one } else { everything.and(one) }
    }

    /// Whether an uncached password may be tried. Counts nothing.
    ///
    /// # Errors
    /// `Exhausted` if it may not.
    pub(crate) fn may_try(&self, address: Prefix, claim: Claim<'_>, now: Timestamp) -> Result<(), Exhausted> {
        let (one, all) = self.buckets_of(address, claim);
        let claimed = one.and_then(|bucket| self.forgiven_at(bucket));
        let everything = self.forgiven_at(all);
        self.per_claim.room(claimed, now)?;
        if self.is_known(one) {
            return Ok(());
        }
        let Err(exhausted) = self.per_address.room(everything, now) else { return Ok(()) };
        // Without a place to count it in, a further name could be tried for ever.
        let countable = claimed.is_some() || self.buckets.len() < self.buckets_max;
        if countable && self.per_claim.counted(claimed, now) < TRIES_FROM_EXHAUSTED_ADDRESS {
            return Ok(());
        }
        Err(exhausted)
    }

    /// The claim was true: others' failures will not keep it from being looked at again from there.
    pub(crate) fn succeeded(&self, address: Prefix, claim: Claim<'_>) {
        if let (Some(pair), _) = self.buckets_of(address, claim) {
            self.known.add(pair);
        }
    }

    fn is_known(&self, pair: Option<Bucket>) -> bool {
        pair.is_some_and(|pair| self.known.contains(pair))
    }

    fn buckets_of(&self, address: Prefix, claim: Claim<'_>) -> (Option<Bucket>, Bucket) {
        let claim = match claim {
            Claim::Name(name) => Some(self.hasher.hash_one(name.to_ascii_lowercase())),
            Claim::Token(id) => Some(self.hasher.hash_one(id)),
            Claim::Nothing => None,
        };
        let one = claim.map(|claim| Bucket { address, claim: Some(claim) });
        (one, Bucket { address, claim: None })
    }

    fn forgiven_at(&self, bucket: Bucket) -> Option<i64> {
        self.buckets.get(&bucket).map(|forgiven_at| *forgiven_at)
    }

    fn count(&self, bucket: Bucket, rule: Rule, now: Timestamp) -> Result<(), Exhausted> {
        if let Some(mut forgiven_at) = self.buckets.get_mut(&bucket) {
            rule.room(Some(*forgiven_at), now)?;
            *forgiven_at = rule.add(Some(*forgiven_at), now);
            return Ok(());
        }
        // Two threads may overshoot the bound by one each; it bounds memory, not behaviour.
        if self.buckets.len() >= self.buckets_max {
            self.sweep(now);
        }
        if self.buckets.len() < self.buckets_max {
            self.buckets.insert(bucket, rule.add(None, now));
        }
        Ok(())
    }

    /// Throws away what is forgiven, at most once a second.
    fn sweep(&self, now: Timestamp) {
        let swept_at = self.swept_at.load(Ordering::Relaxed);
        let due = now.millis() >= swept_at.saturating_add(SWEEP_MILLIS);
        if due
            && self
                .swept_at
                .compare_exchange(swept_at, now.millis(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            self.buckets.retain(|_, forgiven_at| *forgiven_at > now.millis());
        }
    }
}

impl Rule {
    /// Milliseconds until everything is forgiven; never more than the rule can count, whatever the clock did.
    fn owed(self, forgiven_at: Option<i64>, now: Timestamp) -> i64 {
        let owed = forgiven_at.map_or(0, |forgiven_at| forgiven_at.saturating_sub(now.millis()));
        owed.clamp(0, self.failures_max.saturating_mul(self.forgiven_millis))
    }

    fn counted(self, forgiven_at: Option<i64>, now: Timestamp) -> i64 {
        self.owed(forgiven_at, now).saturating_add(self.forgiven_millis - 1) / self.forgiven_millis
    }

    fn room(self, forgiven_at: Option<i64>, now: Timestamp) -> Result<(), Exhausted> {
        let with_one_more = self.owed(forgiven_at, now).saturating_add(self.forgiven_millis);
        let over = with_one_more.saturating_sub(self.failures_max.saturating_mul(self.forgiven_millis));
        if over <= 0 {
            return Ok(());
        }
        Err(Exhausted { retry_after_secs: over.unsigned_abs().div_ceil(1000) })
    }

    fn add(self, forgiven_at: Option<i64>, now: Timestamp) -> i64 {
        now.millis().saturating_add(self.owed(forgiven_at, now)).saturating_add(self.forgiven_millis)
    }
}

#[cfg(test)]
mod tests;
