use super::layout::{FilePath, Stored};
use super::pom;
use super::version::Version;

/// A path up to the first line feed, and a POM behind it: what a strict layout takes, a permissive one takes with the same words.
pub fn pom(bytes: &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let (path, document) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let stored = std::str::from_utf8(path).ok().and_then(|path| Stored::parse(path).ok());
    let Some(FilePath::File(file)) = stored.map(|stored| stored.path) else { return };
    let permissive = pom::check(document, &file, false);
    if let Ok(strict) = pom::check(document, &file, true) {
        assert_eq!(permissive, Ok(strict));
    }
}

/// A version: its place in the order is the same whatever its case.
pub fn maven_version(bytes: &[u8]) {
    let Some(version) = std::str::from_utf8(bytes).ok().and_then(Version::parse) else { return };
    if let Some(lower) = Version::parse(&version.as_str().to_lowercase()) {
        assert_eq!(lower.sort_key(), version.sort_key());
    }
}
