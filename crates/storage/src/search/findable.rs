//! What a version is found by, as the text that its row keeps, and what a package is found by through its versions.

use std::sync::Arc;

use domain::RepositoryId;

use super::terms::{FACET, ID, KEY, NAME, PEOPLE, TAG, TAGS, TEXT, TITLE, Terms};
use crate::model::NewEntry;

/// Longest list of facets of one version, in bytes: it is part of the key of an index.
const FACETS_BYTES_MAX: usize = 1024;
/// All terms of one package together, in bytes.
const TERMS_BYTES_MAX: usize = 128 << 10;

/// What a version is found by besides its package's name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Findable<'a> {
    /// Whether its texts are those of the package rather than those of versions that are not preferred: the latest of the
    /// preferred ones gives them, or else the latest.
    pub preferred: bool,
    /// Conditions it meets, each a word without blanks. A package meets those of all its listed versions. What is beyond 1,024
    /// bytes is left out.
    pub facets: &'a [Box<str>],
    /// Its tags, each without blanks.
    pub tags: &'a [&'a str],
    /// Its title.
    pub title: &'a str,
    /// Who made it.
    pub people: &'a str,
    /// What there is to say about it.
    pub text: &'a str,
}

/// A version that speaks for its package.
pub(crate) struct Speaker<'a> {
    /// The name of the package, as written.
    pub(crate) package: &'a str,
    pub(crate) package_key: &'a str,
    pub(crate) words: &'a str,
}

impl Findable<'_> {
    /// The `words` of an entry. What is beyond their bound is cut.
    #[must_use]
    pub fn to_words(&self) -> Arc<str> {
        let mut words = String::with_capacity(256);
        words.push_str(if self.preferred { "1" } else { "0" });
        for facet in self.facets {
            if words.len().saturating_add(facet.len()) < FACETS_BYTES_MAX {
                words.push(' ');
                words.push_str(&plain(facet).replace(' ', "_"));
            }
        }
        for line in [&self.tags.join(" "), self.title, self.people, self.text] {
            words.push('\n');
            words.push_str(&plain(line));
        }
        words.truncate(words.floor_char_boundary(NewEntry::WORDS_BYTES_MAX));
        words.into()
    }
}

/// The facets in the `words` of an entry, with whether it is preferred in front; empty if it is not to be found.
pub(crate) fn facets(words: &str) -> &str {
    words.split_once('\n').map_or("", |(facets, _)| facets)
}

/// Title and description in the `words` of an entry.
pub(crate) fn title_and_text(words: &str) -> (&str, &str) {
    let mut lines = words.split('\n').skip(2);
    let title = lines.next().unwrap_or_default();
    (title, lines.nth(1).unwrap_or_default())
}

/// Whether a version with these facets is preferred.
pub(crate) fn is_preferred(facets: &str) -> bool {
    facets.starts_with('1')
}

/// The single facets.
pub(crate) fn each_facet(facets: &str) -> impl Iterator<Item = &str> {
    facets.split(' ').skip(1).filter(|facet| !facet.is_empty())
}

/// The terms of a package: of the version that speaks for it, of the latest of each kind of version, and what all of them meet.
pub(crate) fn terms_of(
    repository: RepositoryId,
    speaker: &Speaker<'_>,
    latest: &[Box<str>],
    facets: &[Box<str>],
) -> String {
    let mut terms = Terms::new(repository, TERMS_BYTES_MAX);
    terms.whole(FACET, "");
    facets.iter().for_each(|facet| terms.whole(FACET, facet));
    terms.whole(KEY, speaker.package_key);
    latest.iter().for_each(|name| terms.whole(NAME, name));
    let mut lines = speaker.words.split('\n').skip(1);
    let mut line = || lines.next().unwrap_or_default();
    let (tags, title, people, text) = (line(), line(), line(), line());
    terms.name(ID, speaker.package);
    for (place, text) in [(TAGS, tags), (TITLE, title), (PEOPLE, people), (TEXT, text)] {
        terms.words(place, text);
    }
    tags.split(' ').filter(|tag| !tag.is_empty()).for_each(|tag| terms.whole(TAG, tag));
    terms.text()
}

fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}
