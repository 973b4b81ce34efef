use crate::error::AuthSetupError;

/// The numbers `auth` works with. Each bounds time or memory, so none may be 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthLimits {
    /// How long a bearer lives; at least 60 (token protocol), at most 3600.
    pub bearer_secs: u64,
    /// Whether persons may log in with a password at all (docs/access.md 1).
    pub password_log_in: bool,
    /// Passwords verified at the same time; each takes a core and 19 MiB.
    pub passwords_at_once_max: usize,
    /// Passwords waiting for that, from everywhere.
    pub passwords_waiting_max: usize,
    /// Passwords waiting from one address (IPv6: /64).
    pub passwords_waiting_per_address_max: usize,
    /// Verified passwords remembered, rounded up to a multiple of 4.
    pub passwords_verified_max: usize,
    /// How long a verified password is remembered at most.
    pub passwords_verified_secs_max: u64,
    /// Failures of one claimed name or token from one address before the answer is 429.
    pub failures_per_claim_max: u32,
    /// One such failure is forgiven every so many seconds.
    pub failures_per_claim_forgiven_secs: u32,
    /// Failures of anything from one address before the answer is 429.
    pub failures_per_address_max: u32,
    /// One such failure is forgiven every so many seconds.
    pub failures_per_address_forgiven_secs: u32,
    /// Addresses and claims with failures that are remembered at the same time.
    pub failure_buckets_max: usize,
}

impl Default for AuthLimits {
    /// One name: 100 failures at once and then 100 in 10 minutes, enough for a client that repeats every request with a wrong key.
    fn default() -> Self {
        Self {
            bearer_secs: 900,
            password_log_in: true,
            passwords_at_once_max: 2,
            passwords_waiting_max: 256,
            passwords_waiting_per_address_max: 64,
            passwords_verified_max: 4096,
            passwords_verified_secs_max: 12 * 3600,
            failures_per_claim_max: 100,
            failures_per_claim_forgiven_secs: 6,
            failures_per_address_max: 1000,
            failures_per_address_forgiven_secs: 1,
            failure_buckets_max: 65_536,
        }
    }
}

impl AuthLimits {
    /// Whether the numbers make sense together.
    ///
    /// # Errors
    /// `AuthSetupError::Limits` names the one that does not.
    pub fn check(&self) -> Result<(), AuthSetupError> {
        let rules = [
            ((60..=3600).contains(&self.bearer_secs), "bearer_secs must be 60 to 3600"),
            ((1..=64).contains(&self.passwords_at_once_max), "passwords_at_once_max must be 1 to 64"),
            ((1..=65_536).contains(&self.passwords_waiting_max), "passwords_waiting_max must be 1 to 65536"),
            (
                (1..=self.passwords_waiting_max).contains(&self.passwords_waiting_per_address_max),
                "passwords_waiting_per_address_max must be 1 to passwords_waiting_max",
            ),
            (
                (1..=1_048_576).contains(&self.passwords_verified_max),
                "passwords_verified_max must be 1 to 1048576",
            ),
            (self.passwords_verified_secs_max > 0, "passwords_verified_secs_max must be at least 1"),
            (self.failures_per_claim_max > 0, "failures_per_claim_max must be at least 1"),
            (
                self.failures_per_claim_forgiven_secs > 0,
                "failures_per_claim_forgiven_secs must be at least 1",
            ),
            (self.failures_per_address_max > 0, "failures_per_address_max must be at least 1"),
            (
                self.failures_per_address_forgiven_secs > 0,
                "failures_per_address_forgiven_secs must be at least 1",
            ),
            (self.failure_buckets_max > 0, "failure_buckets_max must be at least 1"),
        ];
        rules
            .into_iter()
            .find(|(holds, _)| !holds)
            .map_or(Ok(()), |(_, rule)| Err(AuthSetupError::Limits(rule)))
    }
}
