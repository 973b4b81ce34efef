use domain::{EntryKind, RepositoryId, Timestamp};

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

/// Packages that were found, each with its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagesFound {
    /// In the order of the repositories, then by key.
    pub packages: Vec<(RepositoryId, PackageRow)>,
    /// Where the search goes on if it did not come to its end: behind this key of this repository.
    pub next: Option<(RepositoryId, Box<str>)>,
}
