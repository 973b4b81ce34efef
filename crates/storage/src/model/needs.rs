use domain::{EntryKey, Format, Need, RepositoryId, RepositoryPath};

/// What a version needs, as the batch that brings it says.
#[derive(Debug, Clone)]
pub struct NewNeeds {
    /// The version: a name of the batch.
    pub of: EntryKey,
    /// The name of the batch whose content says so: if that is there already, what it said when it came counts.
    pub said_by: EntryKey,
    /// Within the bounds of [`Need::kept`]; in place of all that it said before.
    pub needs: Vec<Need>,
}

/// What needs a package.
#[derive(Debug, Clone, Copy)]
pub struct DependentsQuery<'a> {
    /// Format of the package, and of whatever needs it.
    pub format: Format,
    /// Key of the package.
    pub package: &'a str,
    /// Only what asks for the version with this sort key.
    pub version: Option<&'a str>,
    /// Behind this package of a repository.
    pub after: Option<(RepositoryId, &'a str)>,
}

/// A package that needs another, by the last of its versions that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependent {
    /// Where it is.
    pub repository: RepositoryId,
    /// What that is called.
    pub path: RepositoryPath,
    /// The protocol it speaks.
    pub format: Format,
    /// Its key.
    pub package_key: Box<str>,
    /// As first given.
    pub package: Box<str>,
    /// The version, as given.
    pub version: Box<str>,
    /// Which versions it takes; empty for any.
    pub range: Box<str>,
    /// What for; empty for the ordinary.
    pub scope: Box<str>,
    /// Where it needs it; empty for everywhere.
    pub group: Box<str>,
    /// Whether it does without.
    pub optional: bool,
}
