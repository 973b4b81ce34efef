use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map by database id. The ids are handed out by our own sequences, so nobody can choose colliding ones and one
/// multiplication is hash enough. Used by the writer only, never on the way to a decision.
pub(crate) type IdMap<V> = HashMap<u32, V, BuildHasherDefault<IdHasher>>;

/// A set of database ids.
pub(crate) type IdSet = HashSet<u32, BuildHasherDefault<IdHasher>>;

/// Fibonacci hashing of one `u32`.
#[derive(Debug, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, id: u32) {
        let mixed = (self.0 ^ u64::from(id)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The table takes its bucket from the low bits and its tag from the high ones: both must depend on all of the id.
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// Sorts and removes duplicates: the form of every list in the snapshot.
pub(crate) fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
