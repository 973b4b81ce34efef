//! Lists that show only some of their rows, and what changes are meant for.

use domain::Limit;

use super::OnlyIf;
use crate::error::Error;

/// Most rows that are read at a time.
pub(super) const CHUNK_ROWS: u32 = 500;
/// How many times as many are read when those before were not enough.
const GROWS: u32 = 4;

/// The first rows that count, as many as a page has; `next` reads on after a row, at most so many.
pub(super) fn filled<R: Clone>(
    limit: Limit,
    mut next: impl FnMut(Option<&R>, u32) -> Result<Vec<R>, Error>,
    counts: impl Fn(&R) -> bool,
) -> Result<Vec<R>, Error> {
    let wanted = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
    let (mut kept, mut last): (Vec<R>, Option<R>) = (Vec::new(), None);
    // Enough for a page of which every row counts; the more do not, the more are read at a time.
    let mut rows = u32::try_from(wanted).unwrap_or(u32::MAX).clamp(1, CHUNK_ROWS);
    loop {
        let chunk = next(last.as_ref(), rows)?;
        let ended = chunk.len() < rows as usize;
        rows = rows.saturating_mul(GROWS).min(CHUNK_ROWS);
        last = chunk.last().cloned();
        for row in chunk.into_iter().filter(&counts) {
            kept.push(row);
            if kept.len() >= wanted {
                return Ok(kept);
            }
        }
        if ended {
            return Ok(kept);
        }
    }
}

/// Words that somebody looks for, letters of either case being equal; without any, everything has them.
pub(super) struct Words {
    folded: Option<String>,
}

impl Words {
    pub(super) fn of(query: Option<&str>) -> Self {
        Self { folded: query.map(str::to_lowercase).filter(|query| !query.is_empty()) }
    }

    /// Whether one of these texts holds them.
    pub(super) fn are_in(&self, texts: &[&str]) -> bool {
        let Some(folded) = &self.folded else { return true };
        texts.iter().any(|text| holds(text, folded))
    }
}

/// Lists are long, and what is in them is hardly ever written in other letters than these: nothing is copied for that.
fn holds(text: &str, folded: &str) -> bool {
    if text.is_ascii() {
        let mut places = text.as_bytes().windows(folded.len());
        return places.any(|place| place.eq_ignore_ascii_case(folded.as_bytes()));
    }
    text.to_lowercase().contains(folded)
}

/// Refuses a change of something other than it was meant for.
pub(super) fn judged<R>(only_if: &OnlyIf<R>, present: Option<&R>) -> Result<(), Error> {
    if only_if(present) { Ok(()) } else { Err(Error::Precondition) }
}
