//! What a package file is, for who carries packages from place to place: read out of it by the rules that hold when it is pushed.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use bytes::Bytes;

use super::archive::{Archive, Staged, Stopped};
use super::nuspec::Nuspec;
use super::package;

/// Whose version a package file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// The id, as its nuspec writes it.
    pub id: String,
    /// The id as addresses have it.
    pub id_key: String,
    /// The version as addresses have it.
    pub version_key: String,
    /// Whether it holds the symbols of that version.
    pub symbols: bool,
}

/// Looks into a package file. Reads it where it lies, some of its bytes at a time.
///
/// # Errors
/// Why a push would be refused, in words for people.
pub fn package_file(file: &File) -> Result<PackageFile, String> {
    let size_bytes = file.metadata().map_err(|error| error.to_string())?.len();
    let staged = Lying { file, size_bytes };
    let read = Archive::open(&staged).and_then(|archive| package::manifest(&archive, &staged));
    let (Nuspec { id, version, symbols, .. }, _) = read.map_err(|stopped| match stopped {
        Stopped::Fault(fault) => fault.to_string(),
        Stopped::Upload(error) => error.to_string(),
    })?;
    Ok(PackageFile {
        id: id.display().to_owned(),
        id_key: id.key().to_owned(),
        version_key: version.key(),
        symbols,
    })
}

/// The version as addresses have it; `None` if it is none.
#[must_use]
pub fn version_key(text: &str) -> Option<String> {
    super::version::Version::parse(text).ok().map(|version| version.key())
}

/// A file of this machine.
struct Lying<'f> {
    file: &'f File,
    size_bytes: u64,
}

impl Staged for Lying<'_> {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::UploadError> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or_default();
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, range.start);
        read.map_err(|error| storage::UploadError::Refused(error.to_string().into()))?;
        Ok(bytes.into())
    }
}
