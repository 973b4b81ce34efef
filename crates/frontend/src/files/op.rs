//! What a request can ask of a repository: the variant names the right (docs/style.md 6).

use domain::Digest;
use edge::http::condition::Conditions;

use super::path::FilePath;
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
    File(Box<Fetch>),
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
    File(Box<Fetch>),
    /// What is in a directory.
    Listing(List),
}

/// A file, or one of its hashes.
#[derive(Debug)]
pub(crate) struct Fetch {
    /// Where.
    pub path: FilePath,
    /// What the client has already, and which part it wants.
    pub conditions: Conditions,
}

/// What is in a directory.
#[derive(Debug)]
pub(crate) struct List {
    /// The directory, without a slash at either end; empty for the root.
    pub path: Box<str>,
    /// Which page of it.
    pub page: PageQuery,
}

/// PUT.
#[derive(Debug)]
pub(crate) struct Push {
    /// Where.
    pub path: FilePath,
    /// What the bytes must hash to.
    pub declared: Vec<Digest>,
    /// `If-None-Match: *`: nothing may be there.
    pub only_new: bool,
}

/// DELETE.
#[derive(Debug)]
pub(crate) struct Remove {
    /// Of which file.
    pub path: FilePath,
}
