use crate::refname::{EntryKey, EntryKind, PackageName, RefName};
use crate::removal::Removal;
use crate::repository_policy::Rules;

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
    /// What goes with a version that is deleted in a repository of these rules: what its protocol's own delete takes away.
    pub delete: fn(&EntryKey, &dyn Rules) -> Vec<Removal>,
    /// Whether versions can be taken out of lists and are still found.
    pub unlists: bool,
    /// The ecosystem of OSV whose weaknesses its clients look for; they are told too which versions should no longer be used. `None`
    /// where they know of neither.
    pub ecosystem: Option<&'static str>,
    /// Where clients fetch a file, below the address of its repository; not encoded.
    pub path: fn(&EntryKey) -> String,
    /// Where people look at a package, or at a version of it, below the page of its repository; not encoded. Empty for a package that is the
    /// whole repository.
    pub page: fn(&str, Option<&str>) -> String,
    /// What such an address may mean, the likeliest first: a package, or one with a version.
    pub pages: fn(&str) -> Vec<Meant>,
}

/// What an address may mean: a package, and a version of it.
pub type Meant = (String, Option<String>);
