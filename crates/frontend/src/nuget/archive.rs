//! A ZIP file that is looked into where it lies: never expanded to disk, never whole in memory. Only what every client reads
//! the same way is taken: the central directory says what the headers before the files say, byte for byte, and nothing lies
//! between them (docs/nuget.md 8 and 11).

mod directory;
mod expand;
mod fields;
mod local;
mod path;

use std::io::{self, Read};
use std::ops::Range;

pub(crate) use self::expand::{Expander, Packed};
use bytes::{Buf as _, Bytes};
use domain::Algorithm;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use storage::digest_of;

use super::fault::{Fault, Quoted};
use super::metadata::Enclosed;

/// Most a package may expand to for each of its bytes; the real ones stay below 10.
const EXPANSION_MAX: u64 = 100;
/// Expanded bytes that are never too many, so that tiny packages of repetitive text pass.
const EXPANDED_BYTES_FREE: u64 = 64 << 20;
/// Bytes read in one go.
const WINDOW_BYTES: u64 = 64 << 10;

/// Bytes that can be read in pieces, on a thread that may wait.
pub(crate) trait Staged {
    /// How many there are.
    fn size_bytes(&self) -> u64;

    /// Those of `range`, which lies inside.
    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::Error>;
}

/// Why looking into a package ended.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The package is wrong.
    Fault(Fault),
    /// Its bytes could not be read.
    Storage(storage::Error),
}

/// The files of a package, as the central directory lists them.
#[derive(Debug)]
pub(crate) struct Archive {
    entries: Vec<Entry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path, as written.
    name: Box<str>,
    /// Its path as clients write it to disk, percent signs undone, where that is another.
    path: Option<Box<str>>,
    flags: u16,
    deflated: Method,
    crc: u32,
    compressed_bytes: u64,
    expanded_bytes: u64,
    /// Date and time of MS-DOS, date in the upper half.
    changed: u32,
    header_at: u64,
    /// Where its bytes begin; known once the header before them was read.
    data_at: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Stored,
    Deflated,
    /// Known to clients, never needed here.
    Deflated64,
}

impl Archive {
    /// Reads the directory and every header, and checks that names and sizes are honest.
    pub(crate) fn open(staged: &impl Staged) -> Result<Self, Stopped> {
        let end = directory::find(staged)?;
        let mut entries = directory::read(staged, &end)?;
        local::check(staged, &end, &mut entries)?;
        path::check(&mut entries)?;
        let expanded = entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.expanded_bytes));
        let plausible = staged.size_bytes().saturating_mul(EXPANSION_MAX).max(EXPANDED_BYTES_FREE);
        if expanded > plausible {
            return Err(Fault::Bomb.into());
        }
        Ok(Self { entries })
    }

    /// The files, in the order of the directory.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file that clients write to exactly this path.
    pub(crate) fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path() == path)
    }
}

impl Entry {
    /// Its path as clients write it to disk.
    pub(crate) fn path(&self) -> &str {
        self.path.as_deref().unwrap_or(&self.name)
    }

    /// What is needed to expand it elsewhere.
    pub(crate) fn packed(&self) -> Result<Packed, Fault> {
        Packed::of(self)
    }

    /// Date and time of MS-DOS in the zone of whoever packed it, date in the upper half.
    pub(crate) const fn changed(&self) -> u32 {
        self.changed
    }

    /// The whole content, which has exactly the declared length and checksum, and where it can be read again.
    pub(crate) fn content(&self, staged: &impl Staged, bytes_max: u64) -> Result<(Bytes, Enclosed), Stopped> {
        if self.expanded_bytes.max(self.compressed_bytes) > bytes_max {
            return Err(Fault::FileTooLarge { name: Quoted::new(&self.name), bytes_max }.into());
        }
        let end = self.data_at.saturating_add(self.compressed_bytes);
        let mut section = Section { staged, left: self.data_at..end, window: Bytes::new(), failed: None };
        let deflated = match self.deflated {
            Method::Stored => false,
            Method::Deflated => true,
            Method::Deflated64 => return Err(Fault::Method(Quoted::new(&self.name)).into()),
        };
        let content = expand(&mut section, deflated, self.expanded_bytes);
        if let Some(error) = section.failed {
            return Err(Stopped::Storage(error));
        }
        let sound = |content: &Bytes| {
            let mut crc = Crc::new();
            crc.update(content);
            crc.sum() == self.crc
        };
        let content = content.filter(sound).ok_or_else(|| Fault::Content(Quoted::new(&self.name)))?;
        let enclosed = Enclosed {
            digest: digest_of(Algorithm::Sha256, &content)?.to_string(),
            at: self.data_at,
            packed_bytes: self.compressed_bytes,
            size_bytes: self.expanded_bytes,
            deflated,
        };
        Ok((content, enclosed))
    }
}

impl Enclosed {
    /// The content out of the file's bytes in the package; `None` if they are no longer what was pushed.
    pub(crate) fn content(&self, packed: &[u8]) -> Option<Bytes> {
        let content = expand(packed, self.deflated, self.size_bytes)?;
        let digest = digest_of(Algorithm::Sha256, &content).ok()?;
        (digest.to_string() == self.digest).then_some(content)
    }
}

/// Reads exactly so many bytes of content; `None` if there are others.
fn expand(packed: impl Read, deflated: bool, size_bytes: u64) -> Option<Bytes> {
    let wanted = size_bytes.saturating_add(1);
    let mut content = Vec::new();
    let read = if deflated {
        DeflateDecoder::new(packed).take(wanted).read_to_end(&mut content)
    } else {
        packed.take(wanted).read_to_end(&mut content)
    };
    (read.is_ok() && content.len() as u64 == size_bytes).then(|| content.into())
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<storage::Error> for Stopped {
    fn from(error: storage::Error) -> Self {
        Self::Storage(error)
    }
}

/// Some of the bytes as a stream, read a window at a time.
struct Section<'a, S> {
    staged: &'a S,
    left: Range<u64>,
    window: Bytes,
    failed: Option<storage::Error>,
}

impl<S: Staged> Read for Section<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.window.is_empty() && !self.left.is_empty() {
            let end = self.left.end.min(self.left.start.saturating_add(WINDOW_BYTES));
            match self.staged.read_at(self.left.start..end) {
                Ok(bytes) => self.window = bytes,
                Err(error) => {
                    self.failed = Some(error);
                    return Err(io::ErrorKind::Other.into());
                }
            }
            self.left.start = end;
        }
        let length = into.len().min(self.window.len());
        if let Some(into) = into.get_mut(..length) {
            self.window.copy_to_slice(into);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
