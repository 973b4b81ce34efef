//! A search as the text indexes of the databases are asked it.

use domain::{PackageName, RepositoryId};

use super::terms::{self, FACET, ID, KEY, LEVELS, Level, NAME, PEOPLE, TAG, TEXT, TITLE, TermField};
use super::words::Run;
use super::{Field, Search, Wanted};
use crate::error::Error;

/// Most words of one text that are looked for one by one; those behind them are passed over.
const PARTS_MAX: usize = 6;

/// A search, ready to be asked.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) repository: RepositoryId,
    /// Each must be met.
    clauses: Vec<Clause>,
    facet: String,
    /// ` facet `, as a pattern; everything without one.
    pub(crate) facets_like: String,
    /// Keys that begin so come before all others.
    pub(crate) first: Option<Box<str>>,
    /// Whether a package can answer better or worse.
    ranked: bool,
}

/// Met by any of these, each of which is several terms at once.
#[derive(Debug)]
struct Clause {
    any: Vec<Vec<Sought>>,
}

/// A term, or a word at the level that is asked for.
#[derive(Debug)]
enum Sought {
    Term(String),
    Word(String),
}

/// How a database writes conditions.
pub(crate) struct Syntax {
    pub(crate) and: &'static str,
    pub(crate) or: &'static str,
    pub(crate) quote: char,
}

impl Plan {
    /// Reads a search; `None` if nothing can be found.
    ///
    /// # Errors
    /// `Refused` for more than a search may look for.
    pub(crate) fn new(repository: RepositoryId, search: &Search<'_>) -> Result<Option<Self>, Error> {
        let texts = search.wanted.iter().flat_map(|wanted| wanted.any.iter());
        if search.wanted.len() > Search::WORDS_MAX || texts.clone().count() > Search::WORDS_MAX {
            return Err(Error::refused("more words than a search can look for"));
        }
        let long = |text: &str| text.len() > Search::WORD_BYTES_MAX;
        if texts.clone().any(|text| long(text)) || search.facet.is_some_and(long) {
            return Err(Error::refused("a word is longer than a search can look for"));
        }
        let wanted = || search.wanted.iter().filter(|wanted| wanted.is_something());
        let facet = search.facet.unwrap_or_default();
        // No version meets a facet that is more than one word.
        let odd = |letter: char| letter.is_control() || letter == ' ';
        if !search.wanted.is_empty() && wanted().next().is_none() || facet.contains(odd) {
            return Ok(None);
        }
        let facets_like = if facet.is_empty() { "%".to_owned() } else { format!("% {} %", escaped(facet)) };
        Ok(Some(Self {
            repository,
            clauses: wanted().map(|wanted| Clause::new(repository, wanted)).collect(),
            facet: terms::whole(repository, FACET, facet),
            facets_like,
            // What cannot begin a key is nobody's beginning, and needs no look-up.
            first: search.first.filter(|key| PackageName::exact(key).is_ok()).map(Into::into),
            ranked: wanted().any(|wanted| wanted.field == Field::Any),
        }))
    }

    /// Whether every package is asked for.
    pub(crate) fn is_everything(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The levels to be asked one after the other, each within the next; what is in none of them answers worst.
    pub(crate) fn levels(&self) -> &'static [Level] {
        let [better @ .., _] = &LEVELS;
        if self.ranked { better } else { &[] }
    }

    /// What is asked at a level; at the last one without `level`.
    pub(crate) fn asked(&self, syntax: &Syntax, level: Option<Level>) -> String {
        let [.., last] = LEVELS;
        let level = level.unwrap_or(last);
        let clauses = self.clauses.iter().map(|clause| clause.text(self.repository, syntax, level));
        let all: Vec<String> = clauses.chain([syntax.term(&self.facet)]).collect();
        all.join(syntax.and)
    }
}

impl Clause {
    fn new(repository: RepositoryId, wanted: &Wanted) -> Self {
        let place = match wanted.field {
            Field::Any => None,
            Field::Id => Some(ID),
            Field::Title => Some(TITLE),
            Field::People => Some(PEOPLE),
            Field::Text => Some(TEXT),
            Field::Key => return Self::whole(repository, KEY, wanted),
            Field::Tag => return Self::whole(repository, TAG, wanted),
            Field::Name => return Self::whole(repository, NAME, wanted),
        };
        let sought = |word: &str| match place {
            Some(place) => Sought::Term(terms::word(repository, place, word)),
            None => Sought::Word(word.to_owned()),
        };
        let mut any = Vec::new();
        for run in wanted.any.iter().map(|text| Run::joined(text)).filter(|run| !run.text().is_empty()) {
            any.push(vec![sought(run.text())]);
            let parts: Vec<Sought> = run.parts().take(PARTS_MAX).map(sought).collect();
            if parts.len() > 1 {
                any.push(parts);
            }
        }
        Self { any }
    }

    fn whole(repository: RepositoryId, place: TermField, wanted: &Wanted) -> Self {
        let term = |text| vec![Sought::Term(terms::whole(repository, place, text))];
        Self { any: wanted.any.iter().map(|text| term(text)).collect() }
    }

    fn text(&self, repository: RepositoryId, syntax: &Syntax, level: Level) -> String {
        let sought = |sought: &Sought| match sought {
            Sought::Term(term) => syntax.term(term),
            Sought::Word(word) => {
                let places = level.iter().map(|place| syntax.term(&terms::word(repository, *place, word)));
                format!("({})", places.collect::<Vec<_>>().join(syntax.or))
            }
        };
        let all = |all: &Vec<Sought>| {
            let all: Vec<String> = all.iter().map(sought).collect();
            format!("({})", all.join(syntax.and))
        };
        let any: Vec<String> = self.any.iter().map(all).collect();
        format!("({})", any.join(syntax.or))
    }
}

impl Wanted {
    /// Whether there is a letter or a digit in it. What has none is passed over beside what has.
    fn is_something(&self) -> bool {
        self.any.iter().any(|text| text.contains(char::is_alphanumeric))
    }
}

impl Syntax {
    fn term(&self, term: &str) -> String {
        format!("{}{term}{}", self.quote, self.quote)
    }
}

/// `LIKE` reads `%` and `_` as wild cards.
fn escaped(word: &str) -> String {
    word.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
