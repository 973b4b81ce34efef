//! The words of versions as they were before the seventh migration, turned into what packages are found by.

use crate::error::Error;
use crate::search::{Findable, facets};
use crate::sql::search::refresh_all;
use crate::sql::{Tx, rows};

/// Stood between the conditions and in front of the text.
const MARK: char = '\u{1}';
/// Rows looked at together.
const ROWS: u32 = 500;
/// The level of all versions, which had no condition.
const WIDEST: &str = "p2";

/// Turns all rows over and fills the index, some rows at a time.
pub(super) fn adopt(tx: &mut dyn Tx) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let sql = "SELECT id, words FROM entry WHERE id > $1 AND words <> '' ORDER BY id LIMIT $2";
        let old =
            rows(tx, sql, &[after.into(), ROWS.into()], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?;
        let Some((last, _)) = old.last() else { return refresh_all(tx) };
        after = *last;
        for (id, words) in &old {
            let words = turned(words);
            let sql = "UPDATE entry SET words = $1, facets = $2 WHERE id = $3";
            tx.execute(sql, &[(&*words).into(), facets(&words).into(), (*id).into()])?;
        }
    }
}

/// Conditions, each behind a mark, then a mark and title, authors, summary and description, each with its line. All of it is in
/// lower case already, so that words in it begin at no change of case.
fn turned(old: &str) -> std::sync::Arc<str> {
    let (conditions, text) = old.rsplit_once(MARK).unwrap_or_default();
    let conditions = || conditions.split(MARK);
    let levels = || conditions().filter(|level| matches!(*level, "s1" | "s2" | "p1")).chain([WIDEST]);
    let mut facets: Vec<Box<str>> = levels().map(Into::into).collect();
    for kind in conditions().filter_map(|condition| condition.strip_prefix("type=")) {
        facets.extend(levels().map(|level| Box::from(format!("{level}/{kind}"))));
    }
    let tags: Vec<&str> = conditions().filter_map(|condition| condition.strip_prefix("tag=")).collect();
    let (title, text) = text.split_once('\n').unwrap_or_default();
    let (people, text) = text.split_once('\n').unwrap_or_default();
    let preferred = levels().any(|level| level.starts_with('s'));
    Findable { preferred, facets: &facets, tags: &tags, title, people, text }.to_words()
}
