use std::sync::atomic::{AtomicU64, Ordering};

use domain::Timestamp;

/// Counts the refusals of a second: only so many are explained, so that being refused costs us no more than being let in.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// The second since 1970, and how many were explained in it.
    counted: AtomicU64,
}

/// Most refusals explained in a second.
const A_SECOND_MAX: u64 = 1000;
const COUNT_BITS: u32 = 10;

impl Refusals {
    /// Whether one more is explained now.
    pub(super) fn may_be_explained(&self, now: Timestamp) -> bool {
        let second = u64::try_from(now.millis() / 1000).unwrap_or_default() << COUNT_BITS;
        let count = |counted: u64| {
            let present = counted >> COUNT_BITS << COUNT_BITS == second;
            let explained = if present { counted - second } else { 0 };
            (explained < A_SECOND_MAX).then_some(second + explained + 1)
        };
        self.counted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_a_second_and_then_no_more() {
        let refusals = Refusals::default();
        let explained = |millis| {
            (0..2 * A_SECOND_MAX)
                .filter(|_| refusals.may_be_explained(Timestamp::from_millis(millis)))
                .count()
        };
        assert_eq!([explained(5_000), explained(5_999), explained(6_000)], [1000, 0, 1000]);
    }
}
