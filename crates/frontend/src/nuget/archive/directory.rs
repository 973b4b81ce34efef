//! The end of the archive and its central directory.

use super::fields::Fields;
use super::{Entry, Method, Staged, Stopped};
use crate::nuget::fault::{Fault, Quoted};

/// Most files; one less than the number that stands for ZIP64.
const ENTRIES_MAX: usize = 65_534;
/// Longest central directory, in bytes.
const DIRECTORY_BYTES_MAX: u64 = 16 << 20;
/// Signature and length of the end record without its comment.
const END: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: u64 = 22;
/// Longest comment, in bytes.
const COMMENT_BYTES_MAX: u64 = 65_535;
/// What ZIP64 has before the end record: signature and length.
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_BYTES: usize = 20;
const RECORD: u32 = u32::from_le_bytes(*b"PK\x01\x02");
/// Encrypted, strongly encrypted, or with a masked directory.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

/// What the end record says.
#[derive(Debug)]
pub(super) struct End {
    entries: usize,
    directory_at: u64,
    directory_bytes: u64,
}

impl End {
    /// Where the files end and the directory begins.
    pub(super) const fn files_end(&self) -> u64 {
        self.directory_at
    }
}

/// Finds the last end record, as clients do, and takes it only if it is really the end of the archive.
pub(super) fn find(staged: &impl Staged) -> Result<End, Stopped> {
    let size = staged.size_bytes();
    let from = size.saturating_sub(END_BYTES + COMMENT_BYTES_MAX);
    let tail = staged.read_at(from..size)?;
    let Some(at) = tail.windows(END.len()).rposition(|window| window == END) else {
        return Err(Fault::NotZip.into());
    };
    let end_at = from.saturating_add(at as u64);
    let fields = Fields(tail.get(at + END.len()..).unwrap_or_default());
    let end = read_end(fields, end_at, size)?;
    // ZIP64 has its records between directory and end; so could anything else.
    if end.directory_at.saturating_add(end.directory_bytes) == end_at {
        return Ok(end);
    }
    let before = at.checked_sub(LOCATOR_BYTES).and_then(|at| tail.get(at..)).unwrap_or_default();
    Err(if before.starts_with(LOCATOR) {
        Fault::Zip64
    } else {
        Fault::Damaged("its directory is not where it should be")
    }
    .into())
}

fn read_end(mut fields: Fields<'_>, end_at: u64, size: u64) -> Result<End, Fault> {
    let mut next = || fields.u16().ok_or(Fault::NotZip);
    let (disk, directory_disk, entries_here, entries) = (next()?, next()?, next()?, next()?);
    let (Some(bytes), Some(at), Some(comment)) = (fields.u32(), fields.u32(), fields.u16()) else {
        return Err(Fault::NotZip);
    };
    if end_at.saturating_add(END_BYTES).saturating_add(comment.into()) != size {
        return Err(Fault::NotZip);
    }
    if entries == u16::MAX || bytes == u32::MAX || at == u32::MAX {
        return Err(Fault::Zip64);
    }
    if disk != 0 || directory_disk != 0 || entries_here != entries {
        return Err(Fault::Damaged("it is one part of several"));
    }
    let end = End { entries: entries.into(), directory_at: at.into(), directory_bytes: bytes.into() };
    if end.directory_bytes > DIRECTORY_BYTES_MAX {
        return Err(Fault::DirectoryTooLarge { bytes_max: DIRECTORY_BYTES_MAX });
    }
    if end.entries > ENTRIES_MAX {
        return Err(Fault::TooManyEntries { entries_max: ENTRIES_MAX });
    }
    Ok(end)
}

/// The files of the directory, which must fill it.
pub(super) fn read(staged: &impl Staged, end: &End) -> Result<Vec<Entry>, Stopped> {
    let mut bytes = Vec::new();
    let mut at = end.directory_at;
    let to = at.saturating_add(end.directory_bytes);
    while at < to {
        let next = to.min(at.saturating_add(1 << 20));
        bytes.extend_from_slice(&staged.read_at(at..next)?);
        at = next;
    }
    let mut fields = Fields(&bytes);
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        entries.push(record(&mut fields)?);
    }
    if fields.0.is_empty() { Ok(entries) } else { Err(Fault::Damaged("its directory has loose ends").into()) }
}

fn record(fields: &mut Fields<'_>) -> Result<Entry, Fault> {
    const CUT: Fault = Fault::Damaged("its directory is cut short");
    let short = |fields: &mut Fields<'_>| fields.u16().ok_or(CUT);
    let long = |fields: &mut Fields<'_>| fields.u32().ok_or(CUT);
    if long(fields)? != RECORD {
        return Err(Fault::Damaged("its directory is not one"));
    }
    let (_made_by, _needs, flags, method) = (short(fields)?, short(fields)?, short(fields)?, short(fields)?);
    let (time, date) = (short(fields)?, short(fields)?);
    let (crc, compressed, expanded) = (long(fields)?, long(fields)?, long(fields)?);
    let (name, extra, comment) = (short(fields)?, short(fields)?, short(fields)?);
    let (disk, _internal, _external, header_at) =
        (short(fields)?, short(fields)?, long(fields)?, long(fields)?);
    let name = fields.bytes(name.into()).ok_or(CUT)?;
    fields.bytes(usize::from(extra) + usize::from(comment)).ok_or(CUT)?;
    let name = std::str::from_utf8(name).map_err(|_| Fault::Damaged("a file name is not UTF-8"))?;
    if [compressed, expanded, header_at].contains(&u32::MAX) {
        return Err(Fault::Zip64);
    }
    if disk != 0 {
        return Err(Fault::Damaged("it is one part of several"));
    }
    if flags & ENCRYPTED != 0 {
        return Err(Fault::Encrypted(Quoted::new(name)));
    }
    let deflated = match method {
        0 if compressed == expanded => Method::Stored,
        0 => return Err(Fault::Content(Quoted::new(name))),
        8 => Method::Deflated,
        9 => Method::Deflated64,
        _ => return Err(Fault::Method(Quoted::new(name))),
    };
    Ok(Entry {
        name: name.into(),
        path: None,
        flags,
        deflated,
        crc,
        compressed_bytes: compressed.into(),
        expanded_bytes: expanded.into(),
        changed: u32::from(date) << 16 | u32::from(time),
        header_at: header_at.into(),
        data_at: 0,
    })
}
