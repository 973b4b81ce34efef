//! Statements that look for packages by words.

use domain::{EntryKind, RepositoryId};

use super::{Tx, Value, one, rows};
use crate::error::Error;

/// Most words one search looks for: as many as the statements have places for.
pub(crate) const WORDS_MAX: usize = 8;

/// Live names of one kind that hold every word, and a package only once.
macro_rules! matching {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "FROM entry WHERE repository = $1 AND kind = $2 AND state = 'live' AND words <> '' \
             AND words LIKE $3 ESCAPE '!' AND words LIKE $4 ESCAPE '!' AND words LIKE $5 ESCAPE '!' \
             AND words LIKE $6 ESCAPE '!' AND words LIKE $7 ESCAPE '!' AND words LIKE $8 ESCAPE '!' \
             AND words LIKE $9 ESCAPE '!' AND words LIKE $10 ESCAPE '!' ",
            $after
        )
    };
}

/// What is looked for, as patterns of `LIKE`.
pub(crate) struct Patterns {
    words: [String; WORDS_MAX],
    first: String,
    first_of: String,
}

impl Patterns {
    /// `first` is the key that comes before all others, followed by those that begin with it.
    pub(crate) fn new(words: &[Box<str>], first: Option<&str>) -> Self {
        let mut patterns = std::array::from_fn(|_| "%".to_owned());
        for (pattern, word) in patterns.iter_mut().zip(words) {
            *pattern = format!("%{}%", escaped(word));
        }
        let first = first.unwrap_or_default();
        Self { words: patterns, first: first.to_owned(), first_of: format!("{}%", escaped(first)) }
    }
}

/// How many packages there are.
pub(crate) fn count(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    patterns: &Patterns,
) -> Result<u64, Error> {
    let sql = matching!("SELECT count(DISTINCT package_key) ", "");
    one(tx, sql, &values(repository, kind, patterns), |row| row.count(0))
}

/// Keys of some of them.
pub(crate) fn page(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    patterns: &Patterns,
    (skip, most): (u64, u32),
) -> Result<Vec<Box<str>>, Error> {
    let sql = matching!(
        "SELECT package_key ",
        "GROUP BY package_key ORDER BY CASE WHEN package_key = $11 THEN 0 \
         WHEN package_key LIKE $12 ESCAPE '!' THEN 1 ELSE 2 END, package_key LIMIT $13 OFFSET $14"
    );
    let mut values = values(repository, kind, patterns);
    values.extend([
        Value::Text(&patterns.first),
        Value::Text(&patterns.first_of),
        most.into(),
        Value::count(skip),
    ]);
    rows(tx, sql, &values, |row| Ok(row.text(0)?.into()))
}

fn values(repository: RepositoryId, kind: EntryKind, patterns: &Patterns) -> Vec<Value<'_>> {
    let mut values: Vec<Value<'_>> = vec![repository.get().into(), kind.as_str().into()];
    values.extend(patterns.words.iter().map(|word| Value::Text(word)));
    values
}

/// `LIKE` reads `%` and `_` as wild cards.
fn escaped(word: &str) -> String {
    word.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
