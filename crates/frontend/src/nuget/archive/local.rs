//! The headers before the files. A client that reads an archive from its beginning sees these, one that reads the directory
//! sees that: a package in which they differ is two packages.

use bytes::Bytes;

use super::directory::End;
use super::fields::Fields;
use super::{Entry, Method, Staged, Stopped, WINDOW_BYTES};
use crate::nuget::fault::{Fault, Quoted};

const HEADER: u32 = u32::from_le_bytes(*b"PK\x03\x04");
const HEADER_BYTES: u64 = 30;
/// Sizes and checksum stand behind the file instead of before it.
const DESCRIBED_BEHIND: u16 = 1 << 3;
/// What then stands there: checksum and sizes, with or without a signature.
const DESCRIPTOR_BYTES: [u64; 2] = [16, 12];
/// The same with sizes of 64 bits, as programs write it that did not know how long the file would be.
const WIDE_DESCRIPTOR_BYTES: [u64; 2] = [24, 20];
/// The extra field with sizes of 64 bits.
const WIDE_SIZES: u16 = 1;

/// Compares every header with the directory and finds out where the files begin. They must follow each other without gaps
/// and without sharing bytes.
pub(super) fn check(staged: &impl Staged, end: &End, entries: &mut [Entry]) -> Result<(), Stopped> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| entries.get(*index).map(|entry| entry.header_at));
    let mut headers = Headers { staged, window_at: 0, window: Bytes::new(), files_end: end.files_end() };
    let mut at = 0_u64;
    let mut behind: [u64; 2] = [0, 0];
    for index in order {
        let Some(entry) = entries.get_mut(index) else { continue };
        let gap = entry.header_at.checked_sub(at);
        if gap.is_none_or(|gap| !behind.contains(&gap)) {
            return Err(Fault::Damaged("its files overlap or do not follow each other").into());
        }
        let header = headers.read(entry)?;
        entry.data_at = header.data_at;
        at = entry.data_at.saturating_add(entry.compressed_bytes);
        behind = match (entry.flags & DESCRIBED_BEHIND != 0, header.wide) {
            (false, _) => [0, 0],
            (true, false) => DESCRIPTOR_BYTES,
            (true, true) => WIDE_DESCRIPTOR_BYTES,
        };
    }
    let gap = end.files_end().checked_sub(at);
    if gap.is_none_or(|gap| !behind.contains(&gap)) {
        return Err(Fault::Damaged("its files do not end where its directory begins").into());
    }
    Ok(())
}

/// Reads headers in ascending order, many small files with one read.
struct Headers<'a, S> {
    staged: &'a S,
    window_at: u64,
    window: Bytes,
    files_end: u64,
}

/// What a header says that the directory does not.
struct Header {
    /// Where the file behind it begins.
    data_at: u64,
    /// Whether its sizes have 64 bits.
    wide: bool,
}

impl<S: Staged> Headers<'_, S> {
    /// Compares a header with the directory.
    fn read(&mut self, entry: &Entry) -> Result<Header, Stopped> {
        let differ = || Fault::HeadersDiffer(Quoted::new(&entry.name));
        let fixed = self.bytes(entry.header_at, HEADER_BYTES)?;
        let mut stated = Stated::read(&fixed, entry).ok_or_else(differ)?;
        let name_at = entry.header_at.saturating_add(HEADER_BYTES);
        let name = self.bytes(name_at, stated.name_bytes)?;
        if *name != *entry.name.as_bytes() {
            return Err(differ().into());
        }
        let extra_at = name_at.saturating_add(stated.name_bytes);
        let wide = stated.is_wide();
        if wide {
            let extra = self.bytes(extra_at, stated.extra_bytes)?;
            stated.widen(&extra).ok_or_else(differ)?;
        }
        if !stated.agrees(entry) {
            return Err(differ().into());
        }
        let data_at = extra_at.saturating_add(stated.extra_bytes);
        if data_at.saturating_add(entry.compressed_bytes) > self.files_end {
            return Err(Fault::Damaged("a file reaches into the directory").into());
        }
        Ok(Header { data_at, wide })
    }

    fn bytes(&mut self, at: u64, length: u64) -> Result<Bytes, Stopped> {
        let end = at.saturating_add(length);
        if end > self.files_end {
            return Err(Fault::Damaged("a header reaches into the directory").into());
        }
        let window_end = self.window_at.saturating_add(self.window.len() as u64);
        if at < self.window_at || end > window_end {
            let to = self.files_end.min(end.max(at.saturating_add(WINDOW_BYTES)));
            (self.window_at, self.window) = (at, self.staged.read_at(at..to)?);
        }
        let from = usize::try_from(at.saturating_sub(self.window_at)).unwrap_or(usize::MAX);
        let to = usize::try_from(end.saturating_sub(self.window_at)).unwrap_or(usize::MAX);
        if from > to || to > self.window.len() {
            return Err(Fault::Damaged("it is cut short").into());
        }
        Ok(self.window.slice(from..to))
    }
}

/// What a header says of the file behind it.
struct Stated {
    crc: u32,
    compressed_bytes: u64,
    expanded_bytes: u64,
    name_bytes: u64,
    extra_bytes: u64,
}

impl Stated {
    /// Reads a header; `None` if it is none, or is for another file than the directory says.
    fn read(header: &[u8], entry: &Entry) -> Option<Self> {
        let mut fields = Fields(header);
        let signature = fields.u32()?;
        let (_needs, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (_time, _date) = (fields.u16()?, fields.u16()?);
        let (crc, compressed, expanded) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_bytes, extra_bytes) = (fields.u16()?, fields.u16()?);
        let expected_method = match entry.deflated {
            Method::Stored => 0,
            Method::Deflated => 8,
            Method::Deflated64 => 9,
        };
        let same = signature == HEADER
            && flags == entry.flags
            && method == expected_method
            && usize::from(name_bytes) == entry.name.len();
        same.then_some(Self {
            crc,
            compressed_bytes: compressed.into(),
            expanded_bytes: expanded.into(),
            name_bytes: name_bytes.into(),
            extra_bytes: extra_bytes.into(),
        })
    }

    /// Whether the sizes stand in an extra field.
    fn is_wide(&self) -> bool {
        [self.compressed_bytes, self.expanded_bytes].contains(&u32::MAX.into())
    }

    /// Takes the sizes out of the extra field, which in a header must have both.
    fn widen(&mut self, extra: &[u8]) -> Option<()> {
        let mut fields = Fields(extra);
        loop {
            let (kind, length) = (fields.u16()?, fields.u16()?);
            let mut field = Fields(fields.bytes(length.into())?);
            if kind == WIDE_SIZES {
                (self.expanded_bytes, self.compressed_bytes) = (field.u64()?, field.u64()?);
                return Some(());
            }
        }
    }

    /// Whether it says what the directory says. Where that stands behind the file, each number by itself may be missing: some
    /// programs know the length of a file before they have its checksum.
    fn agrees(&self, entry: &Entry) -> bool {
        let later = entry.flags & DESCRIBED_BEHIND != 0;
        let same = |stated: u64, listed: u64| stated == listed || later && stated == 0;
        same(self.crc.into(), entry.crc.into())
            && same(self.compressed_bytes, entry.compressed_bytes)
            && same(self.expanded_bytes, entry.expanded_bytes)
    }
}
