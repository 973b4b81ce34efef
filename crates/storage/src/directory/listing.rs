//! Lists that show only some of their rows, and what changes are meant for.

use domain::Limit;

use super::OnlyIf;
use crate::error::Error;

/// Rows that are read at a time.
pub(super) const CHUNK_ROWS: u32 = 500;

/// The first rows that count, as many as a page has; `next` reads on after a row, at most so many.
pub(super) fn filled<R: Clone>(
    limit: Limit,
    mut next: impl FnMut(Option<&R>, u32) -> Result<Vec<R>, Error>,
    counts: impl Fn(&R) -> bool,
) -> Result<Vec<R>, Error> {
    let wanted = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
    let (mut kept, mut last): (Vec<R>, Option<R>) = (Vec::new(), None);
    loop {
        let chunk = next(last.as_ref(), CHUNK_ROWS)?;
        let ended = chunk.len() < CHUNK_ROWS as usize;
        last = chunk.last().cloned();
        for row in chunk.into_iter().filter(&counts) {
            if kept.len() == wanted {
                return Ok(kept);
            }
            kept.push(row);
        }
        if ended {
            return Ok(kept);
        }
    }
}

/// Whether one of these texts holds the words somebody looks for, letters of either case being equal.
pub(super) fn is_found(query: Option<&str>, texts: &[&str]) -> bool {
    let Some(query) = query.map(str::to_lowercase) else { return true };
    texts.iter().any(|text| text.to_lowercase().contains(&query))
}

/// Refuses a change of something other than it was meant for.
pub(super) fn judged<R>(only_if: &OnlyIf<R>, present: Option<&R>) -> Result<(), Error> {
    if only_if(present) { Ok(()) } else { Err(Error::Precondition) }
}
