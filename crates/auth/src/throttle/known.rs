use std::collections::HashSet;
use std::mem;
use std::sync::{Mutex, PoisonError};

use super::Bucket;

/// Names that proved themselves by password at an address, of which only keyed hashes are kept. The younger half of what may be
/// remembered is always there; what was not seen for that long is forgotten, and then treated as any other name.
pub(super) struct Known {
    generation_max: usize,
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashSet<Bucket>,
    old: HashSet<Bucket>,
}

impl Known {
    /// Remembers at most so many.
    pub(super) fn new(pairs_max: usize) -> Self {
        Self { generation_max: pairs_max.div_ceil(2), generations: Mutex::default() }
    }

    /// It proved itself just now.
    pub(super) fn add(&self, pair: Bucket) {
        // Nothing that panics happens under the lock.
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= self.generation_max && !generations.young.contains(&pair) {
            generations.old = mem::take(&mut generations.young);
        }
        generations.young.insert(pair);
    }

    /// Whether it did before.
    pub(super) fn contains(&self, pair: Bucket) -> bool {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.young.contains(&pair) || generations.old.contains(&pair)
    }
}
