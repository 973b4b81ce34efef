//! Chance that is the same in every run.

/// A small generator of numbers (xorshift), always from the same start.
#[derive(Debug)]
pub(crate) struct Draw(u64);

impl Default for Draw {
    fn default() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }
}

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }
}

/// So many bytes, at least, that no compression makes smaller.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut draw = Draw::default();
    (0..bytes.div_ceil(8)).flat_map(|_| draw.next().to_le_bytes()).collect()
}
