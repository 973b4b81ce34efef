use domain::{EntryKey, EntryKind, RepositoryId, Timestamp};

use super::usage::Downloads;

/// A package as lists have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// What it is compared by.
    pub key: Box<str>,
    /// As first given by its last version.
    pub name: Box<str>,
    /// The last of its listed versions, as given; `None` if it has none.
    pub last: Option<Box<str>>,
    /// When that last got other content; `None` if there is none.
    pub updated_at: Option<Timestamp>,
    /// How often its versions were fetched.
    pub downloads: Downloads,
}

impl PackageRow {
    /// Most versions that are counted.
    pub const COUNTED_MAX: u32 = 10_000;
}

/// A repository to look for packages in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackagesOf {
    /// Which one.
    pub repository: RepositoryId,
    /// What every package there has a name of.
    pub packages: EntryKind,
    /// What its versions are names of.
    pub versions: EntryKind,
}

/// In which order packages of many repositories are found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PackageSort {
    /// By repository, and then by key.
    #[default]
    Place,
    /// By key, and then by repository.
    Name,
    /// By key, the last first, and then by repository.
    NameDown,
    /// By how often they were ever fetched, and then by key and repository.
    Downloads,
    /// By how often they were ever fetched, the most fetched first, then by key, the last first, and then by repository.
    DownloadsDown,
}

/// What packages of many repositories are looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackageSearch<'s> {
    /// What their key has, in any case.
    pub text: &'s str,
    /// In which order.
    pub sort: PackageSort,
    /// The key behind which it goes on; empty for all of them.
    pub after: &'s str,
    /// How many of the repositories, from the first on, have this key behind them: in the others it comes next. Of an order that is not by
    /// repository.
    pub passed: usize,
    /// How often the package of the key was fetched. Of an order by that.
    pub downloads: u64,
}

/// A place in an order of packages: behind this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePlace {
    /// Where it is.
    pub repository: RepositoryId,
    /// Its key.
    pub key: Box<str>,
    /// How often it was ever fetched, in an order by that; else 0.
    pub downloads: u64,
}

/// Packages that were found, each with its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagesFound {
    /// In the order that was asked for.
    pub packages: Vec<(RepositoryId, PackageRow)>,
    /// Where the search goes on if it did not come to its end.
    pub next: Option<PackagePlace>,
}

/// A version that lists have, among those of many repositories that changed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestVersion {
    /// Where it is.
    pub repository: RepositoryId,
    /// Its package, as first given.
    pub package: Box<str>,
    /// What it is called, as given.
    pub name: Box<str>,
    /// When it last got other content, or came into lists.
    pub changed_at: Timestamp,
}

/// A name of some content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedContent {
    /// Where it is.
    pub repository: RepositoryId,
    /// The name.
    pub key: EntryKey,
    /// When it got this content.
    pub changed_at: Timestamp,
}

/// A package that was found by words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordsFound {
    /// Where it is.
    pub repository: RepositoryId,
    /// The package.
    pub package: PackageRow,
    /// What it says it is called; empty for nothing.
    pub title: Box<str>,
    /// What it says of itself; empty for nothing.
    pub text: Box<str>,
}
