use tokio::time::Instant;

/// Bytes before the first frame (RFC 9113 §3.4).
const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
/// A piece of a body that is shorter than this is hardly one.
const CRUMB_BYTES: u32 = 64;
/// Frames without a request or a body that may come at once, beyond those that the following two explain.
const BURST_MAX: u64 = 10_000;
/// Such frames each second.
const PER_SEC: u64 = 1_000;
/// Bytes that we send for each such frame: clients answer what they take with window updates.
const SENT_BYTES_PER_FRAME: u64 = 512;

/// The frames that arrive on a connection of HTTP/2, counted by their heads: those that neither ask for something nor bring a body
/// (PING, SETTINGS, PRIORITY, RST_STREAM, WINDOW_UPDATE, empty DATA, CONTINUATION) cost us an answer or a look and the client
/// nothing.
pub(crate) struct FrameLimit {
    preface_left: usize,
    head: [u8; HEAD_BYTES],
    head_filled: usize,
    payload_left: usize,
    /// How many more may come now, in thousandths, so that a millisecond counts.
    allowed_milli: u64,
    sent_bytes: u64,
    looked: Instant,
}

impl FrameLimit {
    /// Before the preface.
    pub(crate) fn new() -> Self {
        Self {
            preface_left: PREFACE_BYTES,
            head: [0; HEAD_BYTES],
            head_filled: 0,
            payload_left: 0,
            allowed_milli: BURST_MAX * 1_000,
            sent_bytes: 0,
            looked: Instant::now(),
        }
    }

    /// So many bytes were sent.
    pub(crate) const fn wrote(&mut self, bytes: usize) {
        self.sent_bytes = self.sent_bytes.saturating_add(bytes as u64);
    }

    /// Counts the frames in what was read; whether they are too many.
    pub(crate) fn is_flood(&mut self, mut read: &[u8]) -> bool {
        self.earn();
        let preface = self.preface_left.min(read.len());
        self.preface_left = self.preface_left.saturating_sub(preface);
        read = read.get(preface..).unwrap_or_default();
        while !read.is_empty() {
            let payload = self.payload_left.min(read.len());
            self.payload_left = self.payload_left.saturating_sub(payload);
            read = read.get(payload..).unwrap_or_default();
            if self.payload_left == 0 && !self.takes_head(&mut read) {
                return true;
            }
        }
        false
    }

    /// Takes a head, or a part of one; whether it may come.
    fn takes_head(&mut self, read: &mut &[u8]) -> bool {
        let Some(free) = self.head.get_mut(self.head_filled..) else { return true };
        let taken = free.len().min(read.len());
        let (now, later) = read.split_at(taken);
        free.iter_mut().zip(now).for_each(|(slot, byte)| *slot = *byte);
        *read = later;
        self.head_filled = self.head_filled.saturating_add(taken);
        if self.head_filled < HEAD_BYTES {
            return true;
        }
        self.head_filled = 0;
        let [a, b, c, kind, ..] = self.head;
        let length = u32::from_be_bytes([0, a, b, c]);
        self.payload_left = usize::try_from(length).unwrap_or(usize::MAX);
        if kind == HEADERS || kind == DATA && length >= CRUMB_BYTES {
            return true;
        }
        let left = self.allowed_milli.checked_sub(1_000);
        self.allowed_milli = left.unwrap_or(0);
        left.is_some()
    }

    fn earn(&mut self) {
        let millis = u64::try_from(self.looked.elapsed().as_millis()).unwrap_or(u64::MAX);
        if millis == 0 && self.sent_bytes == 0 {
            return;
        }
        self.looked = Instant::now();
        let earned = millis.saturating_mul(PER_SEC);
        let earned = earned.saturating_add(self.sent_bytes.saturating_mul(1_000) / SENT_BYTES_PER_FRAME);
        self.sent_bytes = 0;
        self.allowed_milli = self.allowed_milli.saturating_add(earned).min(BURST_MAX * 1_000);
    }
}

#[cfg(test)]
mod tests;
