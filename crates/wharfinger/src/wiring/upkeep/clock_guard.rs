use std::time::Duration;

use domain::Timestamp;
use tokio::time::Instant;

/// How far the clock may move against one that nobody sets.
const DRIFT_MILLIS_MAX: u64 = 10 * 60 * 1000;
/// How long ago the last step may be, in seconds: longer, and either nothing ran or the clock is wrong.
const LAST_OK_SECS_MAX: i64 = 48 * 3600;
/// How long nothing is thrown away by its age once the clock was set.
const GRACE: Duration = Duration::from_secs(3600);

/// Notices that the clock was set, so that nothing is thrown away because it seems to be old.
#[derive(Debug, Default)]
pub(super) struct ClockGuard {
    last: Option<(Timestamp, Instant)>,
    until: Option<Instant>,
    /// Whether the record of the last step has been looked at: afterwards it is our own.
    asked: bool,
}

impl ClockGuard {
    /// How long a worker that goes by age has to wait; `last_ok_at` is when a step last ended well, on whatever node.
    pub(super) fn held(
        &mut self,
        by_age: bool,
        now: Timestamp,
        last_ok_at: Option<Timestamp>,
    ) -> Option<Duration> {
        if !by_age {
            return None;
        }
        let here = Instant::now();
        let moved = self.last.is_some_and(|(then, there)| {
            let told = now.millis().saturating_sub(then.millis());
            let passed = i64::try_from(here.duration_since(there).as_millis()).unwrap_or(i64::MAX);
            told.abs_diff(passed) > DRIFT_MILLIS_MAX
        });
        let odd =
            !self.asked && last_ok_at.is_some_and(|at| at > now || at < now.plus_secs(-LAST_OK_SECS_MAX));
        self.last = Some((now, here));
        self.asked = true;
        if moved || odd {
            self.until = Some(here + GRACE);
        }
        let left = self.until?.checked_duration_since(here).filter(|left| !left.is_zero());
        if left.is_none() {
            self.until = None;
        }
        left
    }
}
