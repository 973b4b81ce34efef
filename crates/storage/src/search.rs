//! Looking for packages of a repository by words.

use domain::{EntryKind, Granted, Limit, PackageName, Read};

use crate::error::Error;
use crate::sql::search::{self, Patterns, WORDS_MAX};
use crate::store::Storage;

/// What to look for in one repository.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Among names of this kind.
    pub kind: EntryKind,
    /// Each must occur in the `words` of one and the same live name; folded as those are. At most [`Search::WORDS_MAX`]; none finds
    /// every name that has words. Each at most [`Search::WORD_BYTES_MAX`].
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
    /// Longest word of a search, in bytes: the time of a search grows with the product of this and the length of each text.
    pub const WORD_BYTES_MAX: usize = 128;
}

impl Storage {
    /// Packages with a live name that holds all the words.
    ///
    /// # Errors
    /// `Refused` for more words than [`Search::WORDS_MAX`], and for a word that no name holds: one that is too long, or with a NUL
    /// inside. Failures of the database.
    pub async fn search(&self, may: &Granted<Read>, search: &Search<'_>) -> Result<Found, Error> {
        if search.words.len() > Search::WORDS_MAX {
            return Err(Error::refused("more words than a search can look for"));
        }
        let odd = |word: &str| word.len() > Search::WORD_BYTES_MAX || word.contains('\0');
        if search.words.iter().any(|word| odd(word)) {
            return Err(Error::refused("a word is longer than a search can look for, or holds a NUL"));
        }
        let (repository, kind) = (may.node().id(), search.kind);
        // What cannot be a key is nobody's, and needs no look-up.
        let first = search.first.filter(|key| PackageName::exact(key).is_ok());
        let patterns = Patterns::new(search.words, first);
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
