//! Looking for packages of a repository by words, through the text indexes of the databases.
//!
//! There is one row for each package with a listed version that is to be found ([`Findable`]). It is brought up to date in the
//! transaction that changes the versions. Words are split here, for both databases alike: at everything that is no letter or
//! digit, between letters and digits, and where the case changes. A word that is asked for is a word's beginning there; words
//! are told apart by their first 16 characters.

use std::collections::HashSet;
use std::time::Duration;

use domain::{Granted, Limit, Read};

mod findable;
mod index;
mod plan;
mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use findable::Findable;
pub(crate) use findable::facets;
pub(crate) use index::{refresh, refresh_all};
pub(crate) use plan::{Plan, Syntax};
pub(crate) use terms::Level;

use crate::error::Error;
use crate::sql::{Tx, search};
use crate::store::Storage;

/// Packages that one search tells apart: so many are counted, and put in order, and no more are reached by paging.
const FOUND_MAX: u32 = 4096;

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

impl Storage {
    /// Packages that answer. Searches have readers of their own; a client's wait in line for them and take turns with those of
    /// other clients.
    ///
    /// # Errors
    /// `Refused` for more than [`Search::WORDS_MAX`] texts and for one that is too long. `Crowded` or `Full` if too many searches
    /// of the client, or of all, wait, `TooSlow` if it takes longer than
    /// [`search_millis_max`](crate::StorageLimits::search_millis_max). Failures of the database.
    pub async fn search(&self, may: &Granted<Read>, search: &Search<'_>) -> Result<Found, Error> {
        let Some(plan) = Plan::new(may.node().id(), search)? else {
            return Ok(Found { total: 0, packages: Vec::new() });
        };
        let turn = self.shared.searches.wait(may.client(), 1).await?;
        let (skip, most) = (search.skip, search.limit.rows());
        let limit = Duration::from_millis(self.shared.limits.search_millis_max);
        let job = move |tx: &mut dyn Tx| {
            // Given back when the reader is free again, even if nobody waits for it any more.
            let _turn = turn;
            find(tx, &plan, usize::try_from(skip).unwrap_or(usize::MAX), most)
        };
        self.shared.database.search(job, limit).await
    }
}

/// The page behind `skip`, and how many there are.
fn find(tx: &mut dyn Tx, plan: &Plan, skip: usize, most: u32) -> Result<Found, Error> {
    let end = skip.saturating_add(usize::try_from(most).unwrap_or(usize::MAX));
    let all = search::ids(tx, plan, FOUND_MAX)?;
    // No more than a page can show: those behind it have the words as well.
    let rows = u32::try_from(end).unwrap_or(FOUND_MAX).min(FOUND_MAX);
    if plan.is_everything() {
        let hits = if all.is_empty() { Vec::new() } else { search::beginning(tx, plan, "", rows)? };
        return Ok(Found { total: all.len() as u64, packages: keys(hits, skip, end) });
    }
    let mut hits = match &plan.first {
        Some(first) => search::beginning(tx, plan, first, rows)?,
        None => Vec::new(),
    };
    let mut seen: HashSet<i64> = hits.iter().map(|hit| hit.id).collect();
    let more = all.iter().filter(|id| !seen.contains(id)).count();
    let total = hits.len().saturating_add(more);
    let wanted = if skip < total { end.min(total) } else { 0 };
    for level in plan.levels() {
        if hits.len() >= wanted {
            break;
        }
        let found = search::hits(tx, plan, level, FOUND_MAX)?;
        hits.extend(found.into_iter().filter(|hit| seen.insert(hit.id)));
    }
    if hits.len() < wanted {
        let rest: Vec<i64> = all.into_iter().filter(|id| !seen.contains(id)).collect();
        hits.extend(search::named(tx, &rest)?);
    }
    let total = u64::try_from(total).unwrap_or(u64::MAX).min(FOUND_MAX.into());
    Ok(Found { total, packages: keys(hits, skip, end) })
}

fn keys(hits: Vec<Hit>, skip: usize, end: usize) -> Vec<Box<str>> {
    let end = end.min(FOUND_MAX as usize);
    hits.into_iter().take(end).skip(skip).map(|hit| hit.key).collect()
}
