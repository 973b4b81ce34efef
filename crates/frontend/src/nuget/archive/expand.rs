//! A file of an archive, expanded piece by piece by whoever has its bytes.

use std::ops::Range;

use bytes::{Buf as _, Bytes};
use flate2::{Crc, Decompress, FlushDecompress};

use super::{Entry, Method};
use crate::nuget::fault::{Fault, Quoted};

/// Most bytes of a piece.
const PIECE_BYTES: usize = 64 << 10;

/// Where the bytes of a file lie in the archive, and what they must expand to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    name: Box<str>,
    deflated: bool,
    crc: u32,
    at: u64,
    packed_bytes: u64,
    expanded_bytes: u64,
}

/// Expands one file.
pub(crate) struct Expander<'a> {
    packed: &'a Packed,
    /// `None` for what is stored as it is.
    inflate: Option<Decompress>,
    input: Bytes,
    crc: Crc,
    expanded_bytes: u64,
}

impl Packed {
    /// Of an entry whose header was read; refused if clients only can expand it.
    pub(super) fn of(entry: &Entry) -> Result<Self, Fault> {
        let deflated = match entry.deflated {
            Method::Stored => false,
            Method::Deflated => true,
            Method::Deflated64 => return Err(Fault::Method(Quoted::new(&entry.name))),
        };
        Ok(Self {
            name: entry.path().into(),
            deflated,
            crc: entry.crc,
            at: entry.data_at,
            packed_bytes: entry.compressed_bytes,
            expanded_bytes: entry.expanded_bytes,
        })
    }

    /// Its path as clients write it to disk.
    pub(crate) const fn path(&self) -> &str {
        &self.name
    }

    /// Where its bytes are in the archive.
    pub(crate) fn range(&self) -> Range<u64> {
        self.at..self.at.saturating_add(self.packed_bytes)
    }

    /// How long it is, expanded.
    pub(crate) const fn expanded_bytes(&self) -> u64 {
        self.expanded_bytes
    }
}

impl<'a> Expander<'a> {
    pub(crate) fn new(packed: &'a Packed) -> Self {
        let inflate = packed.deflated.then(|| Decompress::new(false));
        Self { packed, inflate, input: Bytes::new(), crc: Crc::new(), expanded_bytes: 0 }
    }

    /// Takes the next bytes of the archive, once [`Self::next`] has nothing more of the ones before.
    pub(crate) fn feed(&mut self, input: Bytes) {
        self.input = input;
    }

    /// The next piece; `None` if that wants more bytes.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let piece: Bytes = match &mut self.inflate {
            None => std::mem::take(&mut self.input),
            Some(inflate) => {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                let before = inflate.total_in();
                if inflate.decompress_vec(&self.input, &mut piece, FlushDecompress::None).is_err() {
                    return Err(self.wrong());
                }
                let used = usize::try_from(inflate.total_in().saturating_sub(before)).unwrap_or(usize::MAX);
                self.input.advance(used.min(self.input.len()));
                piece.into()
            }
        };
        self.expanded_bytes = self.expanded_bytes.saturating_add(piece.len() as u64);
        if self.expanded_bytes > self.packed.expanded_bytes {
            return Err(self.wrong());
        }
        self.crc.update(&piece);
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// After the last byte: fails if that was not all, or something else than the archive says.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        let whole = self.expanded_bytes == self.packed.expanded_bytes && self.crc.sum() == self.packed.crc;
        if whole { Ok(()) } else { Err(self.wrong()) }
    }

    fn wrong(&self) -> Fault {
        Fault::Content(Quoted::new(&self.packed.name))
    }
}
