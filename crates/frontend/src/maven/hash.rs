//! Hashes: which file a path is the hash of, and what the documents say that clients send.

use domain::{Algorithm, Digest};
use storage::digest_of;

use super::text;
use crate::file_tree::checksum;

/// A hash of something, or the hash of the document that holds such a hash: clients that deploy hashes as files of their own
/// (`b-1.jar.sha512`) send hashes of these too (`b-1.jar.sha512.sha1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash {
    /// The kind of hash.
    pub algorithm: Algorithm,
    /// The kind of hash that the document holds which it is of.
    pub of: Option<Algorithm>,
}

impl Hash {
    /// Its digits for something with these hashes, if they are known.
    pub(crate) fn digits(self, digests: &[Digest]) -> Option<String> {
        let known = |algorithm| checksum::of_kind(algorithm, digests);
        let Some(inner) = self.of else { return known(self.algorithm).map(Digest::hex) };
        let document = known(inner)?.hex().into();
        Some(digest_of(self.algorithm, &document).ok()?.hex())
    }
}

/// A path without the end that makes it the hash of another.
pub(crate) fn hash_of(path: &str) -> (&str, Option<Hash>) {
    let Some((stem, algorithm)) = checksum::file_of(path) else { return (path, None) };
    match checksum::file_of(stem) {
        Some((stem, inner)) => (stem, Some(Hash { algorithm, of: Some(inner) })),
        None => (stem, Some(Hash { algorithm, of: None })),
    }
}

/// The hash that a document holds, in whichever form a tool writes it: the digits alone, or in front of a name (`md5sum`), or
/// behind it and `=` (`openssl`, BSD), or behind it and `:` in groups, over several lines (`gpg --print-md`).
pub(crate) fn read(document: &[u8], algorithm: Algorithm) -> Option<Digest> {
    let document = text::decode(document);
    let document = document.trim();
    let behind = |mark| document.rsplit_once(mark).map(|(_, digits)| digits);
    let grouped: String = behind(':').unwrap_or_default().split_whitespace().collect();
    // A name with a backslash in it is marked by one in front.
    let leading = document.strip_prefix('\\').unwrap_or(document);
    let leading = leading.split(|at: char| !at.is_ascii_hexdigit()).next().unwrap_or_default();
    let forms = [leading, behind('=').unwrap_or_default().trim(), &grouped];
    forms.into_iter().find_map(|digits| Digest::from_hex(algorithm, &digits.to_ascii_lowercase()).ok())
}

#[cfg(test)]
mod tests;
