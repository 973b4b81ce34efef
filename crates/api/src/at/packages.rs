//! Packages and their versions in paths.

use std::borrow::Cow;

use domain::{Repository, RepositoryPath};

use super::{At, Names, PROJECT, Parameter, REPOSITORY};

/// A package in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageAt {
    /// Where.
    pub repository: RepositoryPath,
    /// What it is called.
    pub package: String,
}

/// An advisory of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvisoryAt {
    /// Where.
    pub repository: RepositoryPath,
    /// Its id.
    pub advisory: String,
}

/// A name that was removed from a repository and stays reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneAt {
    /// Where.
    pub repository: RepositoryPath,
    /// What it is called, as lists show it.
    pub name: String,
}

/// A version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionAt {
    /// The package.
    pub package: PackageAt,
    /// What it is called.
    pub version: String,
}

const PACKAGE: Parameter = Parameter {
    name: "package",
    format: "text",
    description: "Name of a package: an image, `group:artifact`, the id of a NuGet package; `%2F` for everything in a repository of files.",
};
const VERSION: Parameter = Parameter {
    name: "version",
    format: "text",
    description: "A version, a tag, a digest, the path of a file; slashes in it are written `%2F`.",
};

const TOMBSTONE: Parameter = Parameter {
    name: "tombstone",
    format: "text",
    description: "A reserved name as lists show it; slashes in it are written `%2F`.",
};

impl At for TombstoneAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, REPOSITORY, TOMBSTONE];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [repository @ .., name] = names else { return None };
        Some(Self { repository: At::parse(repository)?, name: name.as_ref().to_owned() })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [At::names(&self.repository), vec![self.name.as_str().into()]].concat()
    }
}

impl Names<Repository> for TombstoneAt {
    fn name(&self) -> &RepositoryPath {
        &self.repository
    }
}

const ADVISORY: Parameter =
    Parameter { name: "advisory", format: "text", description: "Id of an advisory, such as `GHSA-…`." };

impl At for AdvisoryAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, REPOSITORY, ADVISORY];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [repository @ .., advisory] = names else { return None };
        Some(Self { repository: At::parse(repository)?, advisory: advisory.as_ref().to_owned() })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [At::names(&self.repository), vec![self.advisory.as_str().into()]].concat()
    }
}

impl Names<Repository> for AdvisoryAt {
    fn name(&self) -> &RepositoryPath {
        &self.repository
    }
}

impl At for PackageAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, REPOSITORY, PACKAGE];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [repository @ .., package] = names else { return None };
        Some(Self { repository: At::parse(repository)?, package: package.as_ref().to_owned() })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [At::names(&self.repository), vec![self.package.as_str().into()]].concat()
    }
}

impl At for VersionAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, REPOSITORY, PACKAGE, VERSION];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [package @ .., version] = names else { return None };
        Some(Self { package: At::parse(package)?, version: version.as_ref().to_owned() })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [At::names(&self.package), vec![self.version.as_str().into()]].concat()
    }
}

impl Names<Repository> for PackageAt {
    fn name(&self) -> &RepositoryPath {
        &self.repository
    }
}

impl Names<Repository> for VersionAt {
    fn name(&self) -> &RepositoryPath {
        &self.package.repository
    }
}
