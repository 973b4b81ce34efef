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
    /// How many of the repositories, from the first on, have this key behind them: in the others it comes next. Of an order by name.
    pub passed: usize,
}

/// Packages that were found, each with its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagesFound {
    /// In the order that was asked for.
    pub packages: Vec<(RepositoryId, PackageRow)>,
    /// Where the search goes on if it did not come to its end: behind this key of this repository.
    pub next: Option<(RepositoryId, Box<str>)>,
}
