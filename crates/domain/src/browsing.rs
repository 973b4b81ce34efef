use crate::refname::{EntryKey, EntryKind, PackageName, RefName};

/// How the names of a format are packages, versions of these and their files, for those who look at all formats alike. A version
/// that is a file itself has no parts.
#[derive(Debug, Clone, Copy)]
pub struct Browsing {
    /// What every package has a name of.
    pub packages: EntryKind,
    /// What the versions in lists are names of.
    pub versions: EntryKind,
    /// Whether the last in the order of versions is the newest.
    pub newest_last: bool,
    /// The package that somebody means; `None` if none can be called so.
    pub package: fn(&str) -> Option<PackageName>,
    /// The version that somebody means: one of a list, or one that is found besides, such as a digest.
    pub version: fn(&str) -> Option<(EntryKind, RefName)>,
    /// What the files of a version are parts of; `None` where the version is its own file.
    pub parts: fn(&EntryKey) -> Option<String>,
    /// Where clients fetch a file, below the address of its repository; not encoded.
    pub path: fn(&EntryKey) -> String,
}
