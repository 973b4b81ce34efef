//! What stands in the text indexes of both databases: terms of one alphabet that neither of them takes apart, each with its
//! repository in front, so that nobody's search grows with what others store.

use std::collections::BTreeSet;

use domain::RepositoryId;

use super::words::Run;

/// Longest term, in bytes; PostgreSQL takes up to 2,046.
const TERM_BYTES_MAX: usize = 1024;
/// Every beginning of a word up to so many characters is a term of its own, so that the databases look terms up instead of
/// putting all those together that begin alike (measured: 7 ms instead of 1 for an ordinary search of 20,000 packages). Longer
/// words are told apart by these characters alone.
const BEGINNING_CHARS_MAX: usize = 16;

/// How well a package answers a plain word, the best first: as a word of its id, a tag, its title, anything else. Each has the
/// places of those before it.
pub(crate) const LEVELS: [Level; 4] =
    [&[ID], &[ID, TAGS], &[ID, TAGS, TITLE], &[ID, TAGS, TITLE, PEOPLE, TEXT]];
/// Words of the id.
pub(crate) const ID: TermField = TermField('i');
/// Words of tags.
pub(crate) const TAGS: TermField = TermField('g');
/// Words of the title.
pub(crate) const TITLE: TermField = TermField('n');
/// Words about people.
pub(crate) const PEOPLE: TermField = TermField('p');
/// Words of the description.
pub(crate) const TEXT: TermField = TermField('x');
/// The key of the package, whole.
pub(crate) const KEY: TermField = TermField('k');
/// A tag, whole.
pub(crate) const TAG: TermField = TermField('t');
/// The sort key of a name, whole.
pub(crate) const NAME: TermField = TermField('v');
/// A facet, whole.
pub(crate) const FACET: TermField = TermField('f');

/// Where a plain word may be.
pub(crate) type Level = &'static [TermField];

/// Where in a package a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TermField(char);

/// The terms of one package.
pub(crate) struct Terms {
    repository: RepositoryId,
    all: BTreeSet<String>,
    bytes: usize,
    bytes_max: usize,
}

/// The term of a word's beginning.
pub(crate) fn word(repository: RepositoryId, place: TermField, word: &str) -> String {
    term(
        repository,
        place,
        word.char_indices().nth(BEGINNING_CHARS_MAX).map_or(word, |(end, _)| cut(word, end)),
    )
}

/// The term of something whole.
pub(crate) fn whole(repository: RepositoryId, place: TermField, text: &str) -> String {
    term(repository, place, &spelt(text))
}

impl Terms {
    /// None yet; what comes when `bytes_max` are reached is left out.
    pub(crate) fn new(repository: RepositoryId, bytes_max: usize) -> Self {
        Self { repository, all: BTreeSet::new(), bytes: 0, bytes_max }
    }

    /// Something to be found as a whole.
    pub(crate) fn whole(&mut self, place: TermField, text: &str) {
        self.put(whole(self.repository, place, text));
    }

    /// The words of a text, and what is written as one.
    pub(crate) fn words(&mut self, place: TermField, text: &str) {
        for run in Run::all(text) {
            run.parts().chain([run.text()]).for_each(|word| self.word(place, word));
        }
    }

    /// The words of a name, and each two in a row as one, for those who type them so.
    pub(crate) fn name(&mut self, place: TermField, text: &str) {
        let run = Run::joined(text);
        run.parts().chain(run.pairs()).for_each(|word| self.word(place, word));
        self.words(place, text);
    }

    fn word(&mut self, place: TermField, word: &str) {
        let ends = word.char_indices().map(|(at, letter)| at.saturating_add(letter.len_utf8()));
        for end in ends.take(BEGINNING_CHARS_MAX) {
            self.put(term(self.repository, place, cut(word, end)));
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

fn term(repository: RepositoryId, TermField(place): TermField, text: &str) -> String {
    format!("{}{place}{text}", repository.get())
}

fn cut(word: &str, end: usize) -> &str {
    word.get(..end).unwrap_or(word)
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
