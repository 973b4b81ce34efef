use std::time::Duration;

/// The slowest that the other side may be. Only time spent waiting for it counts, not that of a slow store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinRate {
    /// Longest wait for the next bytes.
    pub(crate) idle: Duration,
    /// Waiting allowed beyond what the rate explains.
    pub(crate) grace: Duration,
    /// Slowest average, in bytes per second; 0 is no bound.
    pub(crate) bytes_per_sec_min: u64,
}

impl MinRate {
    /// No bound worth the name: for bodies that are there already.
    pub(crate) const NONE: Self =
        Self { idle: Duration::from_secs(3600), grace: Duration::from_secs(3600), bytes_per_sec_min: 0 };

    /// How long the next bytes may take after so much waiting for so many bytes.
    pub(crate) fn longest_wait(&self, waited: Duration, moved_bytes: u64) -> Duration {
        let Some(earned_secs) = moved_bytes.checked_div(self.bytes_per_sec_min) else { return self.idle };
        let allowed = self.grace.saturating_add(Duration::from_secs(earned_secs));
        self.idle.min(allowed.saturating_sub(waited))
    }
}

#[cfg(test)]
mod tests;
