//! Hashes of files: the ends of their names, the headers that tell them, and what a client says of the bytes it sends.

use std::fmt;

use domain::{Algorithm, Digest};
use http::{HeaderMap, HeaderName};

/// Every hash that is kept of a file, with the end of its name and its header, which saves clients a request for it.
pub(crate) static HASHES: [(Algorithm, &str, HeaderName); 4] = [
    (Algorithm::Md5, ".md5", HeaderName::from_static("x-checksum-md5")),
    (Algorithm::Sha1, ".sha1", HeaderName::from_static("x-checksum-sha1")),
    (Algorithm::Sha256, ".sha256", HeaderName::from_static("x-checksum-sha256")),
    (Algorithm::Sha512, ".sha512", HeaderName::from_static("x-checksum-sha512")),
];

/// What is computed beside SHA-256, which always is, while the bytes of a file arrive.
pub(crate) const COMPUTED_ALSO: [Algorithm; 3] = [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha512];

/// The bytes of a file have another hash than the client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The kind of hash.
    pub algorithm: Algorithm,
    /// The digits that the client says.
    pub expected: Box<str>,
    /// Those of the bytes; `None` if they were not computed.
    pub found: Option<Box<str>>,
}

/// For who sent them.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, expected) = (self.algorithm.as_str(), &self.expected);
        match &self.found {
            Some(found) => write!(f, "the {kind} of the file is {found}, not {expected}"),
            None => write!(f, "the {kind} of the file is not known to be {expected}"),
        }
    }
}

/// The file that a path is the hash of, and which, if its end says so.
pub(crate) fn file_of(path: &str) -> Option<(&str, Algorithm)> {
    let stem = |end: &str| path.strip_suffix(end).filter(|stem| !stem.is_empty() && !stem.ends_with('/'));
    HASHES.iter().find_map(|(algorithm, end, _)| Some((stem(end)?, *algorithm)))
}

/// The hash of this kind.
pub(crate) fn of_kind(algorithm: Algorithm, digests: &[Digest]) -> Option<&Digest> {
    digests.iter().find(|digest| digest.algorithm() == algorithm)
}

/// What the bytes must hash to, as the headers `X-Checksum-*` say.
///
/// # Errors
/// The kind of which the header holds no hash.
pub(crate) fn declared(headers: &HeaderMap) -> Result<Vec<Digest>, Algorithm> {
    let mut found = Vec::new();
    for (algorithm, _, name) in &HASHES {
        let Some(value) = headers.get(name) else { continue };
        let hex = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        found.push(Digest::from_hex(*algorithm, &hex).map_err(|_| *algorithm)?);
    }
    Ok(found)
}

/// Compares what a client says with the hashes of what is here.
///
/// # Errors
/// `Mismatch` unless it is one of them.
pub(crate) fn compare(expected: Digest, digests: &[Digest]) -> Result<(), Mismatch> {
    let algorithm = expected.algorithm();
    match of_kind(algorithm, digests) {
        Some(found) if *found == expected => Ok(()),
        found => {
            let found = found.map(|found| found.hex().into());
            Err(Mismatch { algorithm, expected: expected.hex().into(), found })
        }
    }
}
