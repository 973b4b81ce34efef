//! The id of a portable PDB, found while its bytes pass by (Portable PDB 1.0, "PDB stream"; ECMA-335 II.24.2).

use std::fmt::Write as _;

/// Signature of the metadata of .NET.
const METADATA: &[u8] = b"BSJB";
/// Bytes before the version text of the metadata, its longest text, and what follows it before the streams.
const VERSION_AT: usize = 16;
const VERSION_BYTES_MAX: usize = 255;
const FLAGS_BYTES: usize = 4;
/// Most streams, and longest header of one: offset, length, name of at most 32 bytes.
const STREAMS_MAX: usize = 16;
const STREAM_BYTES_MAX: usize = 8 + 32;
/// Everything before the first stream.
const HEAD_BYTES_MAX: usize = VERSION_AT + VERSION_BYTES_MAX + FLAGS_BYTES + STREAMS_MAX * STREAM_BYTES_MAX;
/// A GUID and a stamp; what debuggers ask by has the GUID alone, with a mark in place of the stamp.
const ID_BYTES: u64 = 20;
const PORTABLE: &str = "ffffffff";

/// What was seen of a file so far.
#[derive(Debug, Default)]
pub(crate) struct PdbId {
    /// The first bytes, until they say where the id is.
    head: Vec<u8>,
    seen_bytes: u64,
    at: Option<u64>,
    id: Vec<u8>,
}

impl PdbId {
    /// Looks at the next bytes.
    pub(crate) fn see(&mut self, bytes: &[u8]) {
        let before = self.seen_bytes;
        self.seen_bytes = before.saturating_add(bytes.len() as u64);
        if self.at.is_none() && self.head.len() < HEAD_BYTES_MAX {
            let room = HEAD_BYTES_MAX.saturating_sub(self.head.len()).min(bytes.len());
            self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
            self.at = id_at(&self.head);
            // It may have passed already.
            let head = std::mem::take(&mut self.head);
            self.take(0, &head);
            self.head = head;
        }
        self.take(before, bytes);
    }

    /// Takes of the id what these bytes of the file have, which begin at `base`.
    fn take(&mut self, base: u64, bytes: &[u8]) {
        let Some(at) = self.at else { return };
        let (next, end) = (at.saturating_add(self.id.len() as u64), at.saturating_add(ID_BYTES));
        if next >= base {
            let index =
                |at: u64| usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX).min(bytes.len());
            self.id.extend_from_slice(bytes.get(index(next)..index(end)).unwrap_or_default());
        }
    }

    /// The key of the file in addresses; `None` if it was no portable PDB.
    pub(crate) fn key(&self) -> Option<String> {
        // The first three numbers of a GUID are little-endian.
        const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
        if self.id.len() as u64 != ID_BYTES {
            return None;
        }
        let mut key = String::with_capacity(40);
        for at in ORDER {
            let _ = write!(key, "{:02x}", self.id.get(at)?);
        }
        key.push_str(PORTABLE);
        Some(key)
    }
}

/// Where the id is, once the head is long enough to say so.
fn id_at(head: &[u8]) -> Option<u64> {
    let u32_at = |at: usize| {
        let bytes = head.get(at..at.checked_add(4)?)?;
        bytes.try_into().ok().map(u32::from_le_bytes)
    };
    let length = usize::try_from(u32_at(VERSION_AT.checked_sub(4)?)?).ok()?;
    if !head.starts_with(METADATA) || length > VERSION_BYTES_MAX {
        return None;
    }
    let flags_at = VERSION_AT.checked_add(length)?;
    let streams = (u32_at(flags_at)? >> 16) as usize;
    let mut at = flags_at.checked_add(FLAGS_BYTES)?;
    for _ in 0..streams.min(STREAMS_MAX) {
        let offset = u32_at(at)?;
        let name_at = at.checked_add(8)?;
        let name = head.get(name_at..)?;
        let length = name.iter().take(32).position(|byte| *byte == 0)?;
        if name.get(..length)? == b"#Pdb" {
            return Some(offset.into());
        }
        // The name ends with a zero and is filled up to four bytes.
        at = name_at.checked_add(length.checked_add(4)? & !3)?;
    }
    None
}
