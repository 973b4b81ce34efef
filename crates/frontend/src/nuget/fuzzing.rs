use std::ops::Range;

use bytes::Bytes;

use super::archive::{Archive, Staged};
use super::nuspec::Nuspec;
use super::range;
use super::version::Version;

/// Longest file that is read out of a package, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A manifest: its version reads as itself.
pub fn nuspec(bytes: &[u8]) {
    let Ok(nuspec) = Nuspec::parse(bytes) else { return };
    let again = Version::parse(&nuspec.version.full());
    assert_eq!(again.ok(), Some(nuspec.version));
}

/// A version or a range of them: the normalised text of a version reads as the same version.
pub fn nuget_version(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = range::Range::parse(text);
    let Ok(version) = Version::parse(text) else { return };
    let again = Version::parse(&version.normalised());
    assert_eq!(again.map(|version| version.key()).ok(), Some(version.key()));
}

/// A package in memory.
struct Memory<'a>(&'a [u8]);

impl Staged for Memory<'_> {
    fn size_bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, range: Range<u64>) -> Result<Bytes, storage::UploadError> {
        let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        let bytes = self.0.get(start..end);
        assert!(bytes.is_some(), "{range:?} is not in {} bytes", self.0.len());
        Ok(Bytes::copy_from_slice(bytes.unwrap_or_default()))
    }
}

/// A package: what its directory says is true of its files, and each is read again from where it is said to lie.
pub fn zip_directory(bytes: &[u8]) {
    let package = Memory(bytes);
    let Ok(archive) = Archive::open(&package) else { return };
    for entry in archive.entries() {
        assert!(archive.find(entry.path()).is_some(), "{}", entry.path());
        let Ok((content, enclosed)) = entry.content(&package, FILE_BYTES_MAX) else { continue };
        assert_eq!(content.len() as u64, enclosed.size_bytes);
        let packed = enclosed.at..enclosed.at.saturating_add(enclosed.packed_bytes);
        let packed = package.read_at(packed).unwrap_or_default();
        assert_eq!(enclosed.content(&packed), Some(content));
    }
}
