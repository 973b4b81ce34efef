//! Looking for packages of a repository by words.

use domain::{EntryKind, Granted, Limit, Read};

use crate::error::Error;
use crate::sql::search::{self, Patterns, WORDS_MAX};
use crate::store::Storage;

/// What to look for in one repository.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Among names of this kind.
    pub kind: EntryKind,
    /// Each must occur in the `words` of one and the same live name; folded as those are. At most [`Search::WORDS_MAX`]; none finds
    /// every name that has words.
    pub words: &'a [Box<str>],
    /// The package of this key comes first, then those whose key begins with it.
    pub first: Option<&'a str>,
    /// Packages to pass over.
    pub skip: u64,
    /// Packages to give at most.
    pub limit: Limit,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many packages there are in all.
    pub total: u64,
    /// Keys of those that were asked for: by `first`, then in the order of keys.
    pub packages: Vec<Box<str>>,
}

impl Search<'_> {
    /// Most words of one search.
    pub const WORDS_MAX: usize = WORDS_MAX;
}

impl Storage {
    /// Packages with a live name that holds all the words.
    ///
    /// # Errors
    /// `Refused` for more words than [`Search::WORDS_MAX`], and failures of the database.
    pub async fn search(&self, may: &Granted<Read>, search: &Search<'_>) -> Result<Found, Error> {
        if search.words.len() > Search::WORDS_MAX {
            return Err(Error::refused("more words than a search can look for"));
        }
        let (repository, kind) = (may.node().id(), search.kind);
        let patterns = Patterns::new(search.words, search.first);
        let page = (search.skip, search.limit.rows());
        self.shared
            .database
            .read(move |tx| {
                let total = search::count(tx, repository, kind, &patterns)?;
                let packages = search::page(tx, repository, kind, &patterns, page)?;
                Ok(Found { total, packages })
            })
            .await
    }
}
