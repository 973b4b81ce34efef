//! "Did you mean …": the nearest known word by edit distance.

/// Longest word that is compared, in characters; longer ones are no typing mistakes.
const WORD_CHARS_MAX: usize = 64;

/// The known word that `word` was most likely meant to be; `None` if all are too far away.
#[must_use]
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > WORD_CHARS_MAX {
        return None;
    }
    let far = (length / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(steps, _)| *steps <= far)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements between the two; letters of either case are equal, and so are `-` and `_`.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(WORD_CHARS_MAX.saturating_mul(2)).map(folded).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().map(folded).enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let above = *cell;
            let least = diagonal.min(above).min(before);
            *cell = if letter == *other { diagonal } else { least.saturating_add(1) };
            diagonal = above;
            before = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

const fn folded(letter: char) -> char {
    if letter == '-' { '_' } else { letter.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests;
