//! What a request can ask of one feed: the variant names the right (docs/style.md 6).

use edge::http::condition::Conditions;

use super::feed::Feed;
pub(crate) use super::feed::Hive;
use super::id::PackageId;
pub(crate) use super::identity::Identity;
use super::search::{Filter, Query};
use super::version::Version;

/// An act on one feed.
#[derive(Debug)]
pub(crate) struct On<T> {
    /// The feed, as its documents name it.
    pub feed: Feed,
    /// What is to be done.
    pub act: T,
}

/// Nothing here is without a repository.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Open {}

/// Nothing here is about several repositories.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Browse {}

/// The service index, and HEAD of everything else: open to readers and publishers.
#[derive(Debug)]
pub(crate) enum Look {
    /// Which resources are there?
    Index,
    /// Is it there, and how long is it?
    Resource(Resource),
}

/// GET.
#[derive(Debug)]
pub(crate) enum Fetch {
    /// A document or a file.
    Resource(Resource),
    /// Packages by words. HEAD too: how long the list is tells what readers alone may know.
    Search(Query),
    /// Ids that begin like this.
    Ids(Query),
    /// Versions of one package.
    Versions {
        /// Which.
        id: PackageId,
        /// Which of them.
        filter: Filter,
    },
}

/// What a package is made of, and what is derived from it.
#[derive(Debug)]
pub(crate) enum Resource {
    /// What is derived from the versions of a package.
    Document(Document),
    /// A symbol file.
    Symbols {
        /// Name and key of the file.
        target: String,
        /// What the client has already, and what part it wants.
        conditions: Conditions,
    },
    /// A file of a version.
    File {
        /// Of which version.
        of: Identity,
        /// Which file.
        file: File,
        /// What the client has already, and what part it wants.
        conditions: Conditions,
    },
}

/// A document of a package, or of all of them.
#[derive(Debug)]
pub(crate) enum Document {
    /// The versions, listed or not.
    Versions(PackageId),
    /// Metadata.
    Registration {
        /// In which hive.
        hive: Hive,
        /// Of which package.
        id: PackageId,
        /// Which document.
        part: Part,
    },
    /// What is known to be weak.
    Vulnerabilities(Vulnerabilities),
    /// Versions in the order of their changes.
    Catalog(Catalog),
}

/// A document of the catalogue.
#[derive(Debug)]
pub(crate) enum Catalog {
    /// Which pages it has.
    Index,
    /// One of them.
    Page(u64),
    /// One version.
    Leaf(Identity),
}

/// A document of the list of weaknesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vulnerabilities {
    /// Which pages it has.
    Index,
    /// The only one.
    Page,
}

/// A file that is served by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// The package.
    Package,
    /// The package of its symbols, as it was pushed.
    Symbols,
    /// Its manifest.
    Nuspec,
    /// Its readme.
    Readme,
    /// Its icon.
    Icon,
    /// Its licence.
    Licence,
}

/// A document of the registration of a package.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// All pages.
    Index,
    /// The versions between two, both included.
    Page {
        /// The first.
        lower: Version,
        /// The last.
        upper: Version,
    },
    /// One version.
    Leaf(Version),
}

/// What is pushed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Push {
    /// What is in it.
    pub what: Pushed,
    /// How the body holds it.
    pub form: Form,
}

/// What is in what is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// A package.
    Package,
    /// Symbols of a package.
    Symbols,
}

/// How a body holds what is pushed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The body is the package.
    Raw,
    /// The package is the first part of a form with this boundary.
    Parts(String),
}

/// What is taken away or brought back.
#[derive(Debug)]
pub(crate) enum Remove {
    /// Unlisted or removed, as the repository's rule says.
    Delete(Identity),
    /// Back into lists.
    Relist(Identity),
}
