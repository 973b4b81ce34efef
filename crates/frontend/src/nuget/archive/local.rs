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
        entry.data_at = headers.read(entry)?;
        at = entry.data_at.saturating_add(entry.compressed_bytes);
        behind = if entry.flags & DESCRIBED_BEHIND == 0 { [0, 0] } else { DESCRIPTOR_BYTES };
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

impl<S: Staged> Headers<'_, S> {
    /// Where the file behind this header begins.
    fn read(&mut self, entry: &Entry) -> Result<u64, Stopped> {
        let differ = || Fault::HeadersDiffer(Quoted::new(&entry.name));
        let fixed = self.bytes(entry.header_at, HEADER_BYTES)?;
        let (name_bytes, extra_bytes) = compare(&fixed, entry).ok_or_else(differ)?;
        let name_at = entry.header_at.saturating_add(HEADER_BYTES);
        let name = self.bytes(name_at, name_bytes)?;
        if *name != *entry.name.as_bytes() {
            return Err(differ().into());
        }
        let data_at = name_at.saturating_add(name_bytes).saturating_add(extra_bytes);
        if data_at.saturating_add(entry.compressed_bytes) > self.files_end {
            return Err(Fault::Damaged("a file reaches into the directory").into());
        }
        Ok(data_at)
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

/// The lengths of name and extra field, if everything else is as the directory says.
fn compare(header: &[u8], entry: &Entry) -> Option<(u64, u64)> {
    let mut fields = Fields(header);
    let signature = fields.u32()?;
    let (_needs, flags, method) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let (_time, _date) = (fields.u16()?, fields.u16()?);
    let found = (fields.u32()?, u64::from(fields.u32()?), u64::from(fields.u32()?));
    let (name_bytes, extra_bytes) = (fields.u16()?, fields.u16()?);
    let expected_method = match entry.deflated {
        Method::Stored => 0,
        Method::Deflated => 8,
        Method::Deflated64 => 9,
    };
    let declared = (entry.crc, entry.compressed_bytes, entry.expanded_bytes);
    let later = flags & DESCRIBED_BEHIND != 0 && found == (0, 0, 0);
    let same = signature == HEADER
        && flags == entry.flags
        && method == expected_method
        && usize::from(name_bytes) == entry.name.len()
        && (found == declared || later);
    same.then_some((name_bytes.into(), extra_bytes.into()))
}
