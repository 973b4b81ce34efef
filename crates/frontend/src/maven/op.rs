//! What a request can ask of a repository: the variant names the right (docs/style.md 6).

use domain::Digest;
use edge::http::condition::Conditions;

use super::hash::Hash;
use super::layout::{Directory, Stored};
use crate::file_tree::listing::PageQuery;

/// Nothing here is without a repository.
#[derive(Debug)]
pub(crate) enum Open {}

/// Search has no route.
#[derive(Debug)]
pub(crate) enum Browse {}

/// Open to readers and publishers.
#[derive(Debug)]
pub(crate) enum Look {
    /// HEAD of a file, or of one of its hashes.
    File(Fetch),
    /// HEAD or GET of what is listed in a directory.
    Metadata {
        /// Whose.
        at: Directory,
        /// The hash of the document instead.
        hash: Option<Hash>,
        /// What the client has already.
        conditions: Conditions,
    },
    /// OPTIONS: what can be done here.
    Options {
        /// The methods.
        allow: &'static str,
    },
}

/// GET, and HEAD of what nobody asks for who only publishes.
#[derive(Debug)]
pub(crate) enum Get {
    /// A file, or one of its hashes.
    File(Fetch),
    /// What is in a directory.
    Listing(List),
    /// The archetypes of the repository.
    Catalog {
        /// The hash of the document instead.
        hash: Option<Hash>,
        /// What the client has already.
        conditions: Conditions,
    },
}

/// What is in a directory.
#[derive(Debug)]
pub(crate) struct List {
    /// The directory.
    pub at: Directory,
    /// Which page of it.
    pub page: PageQuery,
}

/// A file, or one of its hashes.
#[derive(Debug)]
pub(crate) struct Fetch {
    /// Which file.
    pub file: Stored,
    /// The hash of the file instead.
    pub hash: Option<Hash>,
    /// What the client has already, and which part it wants.
    pub conditions: Conditions,
}

/// PUT.
#[derive(Debug)]
pub(crate) enum Push {
    /// A file.
    File {
        /// Where.
        file: Stored,
        /// What its bytes must hash to: the `X-Checksum-*` headers.
        declared: Vec<Digest>,
    },
    /// A hash of a file, which may be still to come.
    Hash {
        /// Of which file.
        of: Stored,
        /// Which hash of it.
        hash: Hash,
    },
    /// A document that is known better here; only plug-ins are taken out of it.
    Metadata(Directory),
    /// The hash of such a document, which is that of the client's rendering and says nothing.
    MetadataHash,
}

/// DELETE: the file of this path, or all that the directory can be.
#[derive(Debug)]
pub(crate) struct Remove {
    /// `None` if the path ends with a slash.
    pub file: Option<Stored>,
    /// The same path as a directory.
    pub directory: Directory,
}
