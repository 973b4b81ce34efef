//! How long single checks take, in nanoseconds.

use std::fmt;

/// One bucket per 10 ns up to 10 µs; what is longer is only counted, with the longest.
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    longer: u64,
    longest_nanos: u64,
    count: u64,
}

const BUCKET_NANOS: u64 = 10;
const BUCKETS: usize = 1000;

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { buckets: vec![0; BUCKETS], longer: 0, longest_nanos: 0, count: 0 }
    }

    pub(crate) fn add(&mut self, nanos: u64) {
        self.count += 1;
        self.longest_nanos = self.longest_nanos.max(nanos);
        match self.buckets.get_mut(usize::try_from(nanos / BUCKET_NANOS).unwrap_or(BUCKETS)) {
            Some(bucket) => *bucket += 1,
            None => self.longer += 1,
        }
    }

    /// The end of the bucket below which this share of all lies; the longest of all if it is beyond the buckets.
    pub(crate) fn nanos_at(&self, share: f64) -> u64 {
        let mut seen = 0;
        for (at, bucket) in (1..).zip(&self.buckets) {
            seen += bucket;
            if seen as f64 >= share * self.count as f64 {
                return at * BUCKET_NANOS;
            }
        }
        self.longest_nanos
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, nearly] = [0.5, 0.99, 0.999].map(|share| self.nanos_at(share));
        write!(f, "p50 {half} ns, p99 {most} ns, p99.9 {nearly} ns, longest {} ns", self.longest_nanos)
    }
}
