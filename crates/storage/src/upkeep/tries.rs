//! Things that a worker could not deal with: each is tried again later and later, and given up in the end, so that one of them keeps
//! neither the others nor the worker (docs/operations.md 1).

use super::{Lease, STEP_ROWS_MAX};
use crate::error::{Error, Fault};
use crate::sql::Tx;
use crate::sql::uploads::{self, AbandonedRow, TRIES_MAX};
use crate::store::Storage;

/// Until the first one after a failure, in seconds; twice as long after each one more, up to the longest.
const AGAIN_SECS: i64 = 60;
const AGAIN_SECS_MAX: i64 = 24 * 3600;
/// Longest text of a failure that is kept, in bytes.
const FAILURE_BYTES_MAX: usize = 500;

impl Storage {
    /// Tries again what was given up. To be done by a gateway that has just started.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn retry_uploads(&self, lease: &Lease) -> Result<(), Fault> {
        let retry = |tx: &mut dyn Tx| uploads::retry(tx, STEP_ROWS_MAX);
        self.fenced(lease, STEP_ROWS_MAX.into(), retry).await?;
        Ok(())
    }

    /// Notes that a session could not be thrown away.
    pub(super) async fn note_failure(
        &self,
        lease: &Lease,
        row: &AbandonedRow,
        error: &Error,
    ) -> Result<(), Error> {
        let (id, tries) = (row.upload.id, row.tries.saturating_add(1));
        let due_at = self.now().plus_secs(wait_secs(row.tries));
        let failure = cut(&causes(error));
        if tries >= TRIES_MAX {
            tracing::error!(%error, upload = %id, tries, "an abandoned upload cannot be thrown away and is given up");
        } else {
            tracing::warn!(%error, upload = %id, tries, "an abandoned upload cannot be thrown away");
        }
        let note = move |tx: &mut dyn Tx| uploads::note_failure(tx, id, (due_at, tries, &failure));
        self.fenced(lease, 1, note).await.map(drop)
    }
}

/// How long until the next try, after so many failures before this one.
pub(super) fn wait_secs(failed: u32) -> i64 {
    1_i64
        .checked_shl(failed.min(32))
        .map_or(AGAIN_SECS_MAX, |times| AGAIN_SECS.saturating_mul(times))
        .min(AGAIN_SECS_MAX)
}

pub(super) fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

pub(super) fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(FAILURE_BYTES_MAX)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_waits_twice_as_long_up_to_a_day() {
        assert_eq!([0, 1, 2, 10, 11, 100].map(wait_secs), [60, 120, 240, 61_440, 86_400, 86_400]);
    }
}
