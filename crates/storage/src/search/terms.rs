//! What stands in the text indexes of both databases: terms of one alphabet that neither of them takes apart, each with its
//! repository in front, so that nobody's search grows with what others store.

use std::collections::BTreeSet;

use domain::RepositoryId;

use super::words::Run;

/// Longest term, in bytes; PostgreSQL takes up to 2,046.
const TERM_BYTES_MAX: usize = 1024;
/// Beginnings of a word that are terms of their own, in characters, because so many words share them.
const SHORT_CHARS_MAX: usize = 2;

/// How well a package answers a plain word, the best first: as a word of its id, a tag, its title, anything else.
pub(crate) const LEVELS: [Place; 4] = [Place('a'), Place('b'), Place('c'), Place('d')];
/// Words of the id.
pub(crate) const ID: Place = Place('a');
/// Words of the title.
pub(crate) const TITLE: Place = Place('n');
/// Words about people.
pub(crate) const PEOPLE: Place = Place('p');
/// Words of the description.
pub(crate) const TEXT: Place = Place('x');
/// The key of the package, whole.
pub(crate) const KEY: Place = Place('k');
/// A tag, whole.
pub(crate) const TAG: Place = Place('t');
/// The sort key of a name, whole.
pub(crate) const NAME: Place = Place('v');
/// A facet, whole.
pub(crate) const FACET: Place = Place('f');

/// Where in a package a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(char);

/// A term to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) text: String,
    /// Every term that begins so.
    pub(crate) beginning: bool,
}

/// The terms of one package.
pub(crate) struct Terms {
    repository: RepositoryId,
    all: BTreeSet<String>,
    bytes: usize,
    bytes_max: usize,
}

impl Term {
    /// A word's beginning.
    pub(crate) fn word(repository: RepositoryId, place: Place, word: &str) -> Self {
        let beginning = word.chars().nth(SHORT_CHARS_MAX).is_some();
        Self { text: term(repository, place, word), beginning }
    }

    /// The whole of something.
    pub(crate) fn whole(repository: RepositoryId, place: Place, text: &str) -> Self {
        Self { text: term(repository, place, &spelt(text)), beginning: false }
    }
}

impl Terms {
    /// None yet; what comes when `bytes_max` are reached is left out.
    pub(crate) fn new(repository: RepositoryId, bytes_max: usize) -> Self {
        Self { repository, all: BTreeSet::new(), bytes: 0, bytes_max }
    }

    /// Something to be found as a whole.
    pub(crate) fn whole(&mut self, place: Place, text: &str) {
        self.put(term(self.repository, place, &spelt(text)));
    }

    /// Words to be found by their beginning, at each of these places.
    pub(crate) fn words(&mut self, places: &[Place], run: &Run) {
        for word in run.words() {
            let short =
                word.char_indices().skip(1).take(SHORT_CHARS_MAX).filter_map(|(end, _)| word.get(..end));
            for beginning in short.chain([word]) {
                for place in places {
                    self.put(term(self.repository, *place, beginning));
                }
            }
        }
    }

    /// All of them, between blanks.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes);
        for term in &self.all {
            text.push_str(term);
            text.push(' ');
        }
        text
    }

    fn put(&mut self, term: String) {
        let bytes = self.bytes.saturating_add(term.len()).saturating_add(1);
        if term.len() <= TERM_BYTES_MAX && bytes <= self.bytes_max && self.all.insert(term) {
            self.bytes = bytes;
        }
    }
}

fn term(repository: RepositoryId, Place(place): Place, text: &str) -> String {
    format!("{}{place}{text}", repository.get())
}

/// Any text in letters, digits and `_`.
fn spelt(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            spelt.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                spelt.push_str(&format!("_{byte:02x}"));
            }
        }
    }
    spelt
}
