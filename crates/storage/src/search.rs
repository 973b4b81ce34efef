//! Looking for packages of a repository by words, through the text indexes of the databases.
//!
//! There is one row for each package with a listed version that is to be found ([`Findable`]). It is brought up to date in the
//! transaction that changes the versions. Words are split here, for both databases alike: at everything that is no letter or
//! digit, between letters and digits, and where the case changes. A word that is asked for is a word's beginning there; words
//! are told apart by their first 16 characters.

use domain::Limit;

mod findable;
mod plan;
mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use findable::Findable;
pub(crate) use findable::{Speaker, each_facet, facets, is_preferred, terms_of, title_and_text};
pub(crate) use plan::{Plan, Syntax};
pub(crate) use terms::Level;

/// Packages that one search tells apart: so many are counted, and put in order, and no more are reached by paging.
pub(crate) const FOUND_MAX: u32 = 4096;

/// What to look for in one repository.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Each must be met; none finds every package. At most [`Search::WORDS_MAX`] texts in all, each at most
    /// [`Search::WORD_BYTES_MAX`].
    pub wanted: &'a [Wanted],
    /// Only packages that meet this [facet](Findable::facets).
    pub facet: Option<&'a str>,
    /// Packages whose key begins like this are found too, and come before all others, the one of this key first. It is what is
    /// wanted, as a key would be written: of those behind the page only the ones that have the words are counted.
    pub first: Option<&'a str>,
    /// Packages to pass over.
    pub skip: u64,
    /// Packages to give at most.
    pub limit: Limit,
}

/// Something that a package must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub field: Field,
    /// Any of these.
    pub any: Vec<Box<str>>,
}

/// Where something is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Beginnings of words, anywhere but in keys and names.
    Any,
    /// Beginnings of words of the package's name.
    Id,
    /// The key of the package.
    Key,
    /// A whole tag.
    Tag,
    /// Beginnings of words of the title.
    Title,
    /// Beginnings of words about people.
    People,
    /// Beginnings of words of the description.
    Text,
    /// The sort key of the latest of the versions with the same facets.
    Name,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many packages there are in all, up to [`Search::FOUND_MAX`].
    pub total: u64,
    /// Keys of those that were asked for, the best first: those that begin with `first`, then where the worst of the words was
    /// found: in the name, in tags, in the title, elsewhere; among equals in the order of keys.
    pub packages: Vec<Box<str>>,
}

/// A package that was found.
pub(crate) struct Hit {
    pub(crate) id: i64,
    pub(crate) key: Box<str>,
}

impl Search<'_> {
    /// Most texts of one search.
    pub const WORDS_MAX: usize = 8;
    /// Longest text of a search, in bytes.
    pub const WORD_BYTES_MAX: usize = 128;
    /// Most packages that one search counts and puts in order; where more than these answer, they are the oldest.
    pub const FOUND_MAX: u32 = FOUND_MAX;
}
