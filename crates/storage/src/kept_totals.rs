//! What there was in places when it was last counted: counting walks through all that is there.

use domain::Timestamp;
use domain::time::DAY_MILLIS;
use quick_cache::sync::Cache;

use crate::model::UsageTotals;
use crate::sql::usage::Scope;

/// Places of which it is kept; a hundred bytes each.
const PLACES_MAX: usize = 4_096;
/// It is counted again when this many times as long has passed as counting it took: a thousandth of the time goes into it at most,
/// and where little is there it is never older than a moment.
const REST_TIMES: u64 = 1_000;

/// What was counted, and how long that took.
#[derive(Debug, Clone, Copy)]
struct Counted {
    totals: UsageTotals,
    took_millis: u64,
}

/// What there was when it was last counted, by place.
pub(crate) struct KeptTotals {
    counted: Cache<Scope, Counted>,
}

impl Default for KeptTotals {
    fn default() -> Self {
        Self { counted: Cache::new(PLACES_MAX) }
    }
}

impl KeptTotals {
    /// Keeps what was counted, which was begun when it says and ends now.
    pub(crate) fn keep(&self, scope: Scope, totals: UsageTotals, now: Timestamp) {
        let took_millis = now.millis_since(totals.counted_at);
        self.counted.insert(scope, Counted { totals, took_millis });
    }

    /// What was counted within the last day.
    pub(crate) fn last(&self, scope: Scope, now: Timestamp) -> Option<UsageTotals> {
        self.within(scope, now, |_| DAY_MILLIS.unsigned_abs())
    }

    /// What was counted so lately that it is not worth counting again.
    pub(crate) fn lately(&self, scope: Scope, now: Timestamp) -> Option<UsageTotals> {
        self.within(scope, now, |counted| counted.took_millis.saturating_mul(REST_TIMES))
    }

    /// Keeps nothing of it any more.
    pub(crate) fn forget(&self) {
        self.counted.clear();
    }

    fn within(&self, scope: Scope, now: Timestamp, millis: impl Fn(&Counted) -> u64) -> Option<UsageTotals> {
        let counted = self.counted.get(&scope)?;
        (now.millis_since(counted.totals.counted_at) < millis(&counted)).then_some(counted.totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(counted_at: i64) -> UsageTotals {
        UsageTotals {
            counted_at: Timestamp::from_millis(counted_at),
            packages: 1,
            versions: 2,
            bytes: 3,
            stored: 3,
        }
    }

    /// What is quickly counted is counted each time; what is not, rests for as long as its counting was worth.
    #[test]
    fn what_took_long_is_not_counted_soon_again() {
        let (kept, at) = (KeptTotals::default(), Timestamp::from_millis);
        kept.keep(Scope::Everywhere, totals(1_000), at(1_100));
        assert_eq!(kept.lately(Scope::Everywhere, at(100_999)), Some(totals(1_000)));
        assert_eq!(kept.lately(Scope::Everywhere, at(101_000)), None);
        assert_eq!(kept.last(Scope::Everywhere, at(101_000)), Some(totals(1_000)));
        assert_eq!(kept.last(Scope::Everywhere, at(1_000 + DAY_MILLIS)), None);
        kept.keep(Scope::Everywhere, totals(200_000), at(200_000));
        assert_eq!(kept.lately(Scope::Everywhere, at(200_000)), None);
        kept.forget();
        assert_eq!(kept.last(Scope::Everywhere, at(200_000)), None);
    }
}
