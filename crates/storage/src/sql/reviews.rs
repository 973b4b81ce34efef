//! Statements about candidates for collection (docs/operations.md 2.2): links and blobs that a transaction may have made garbage of,
//! noted by that transaction. None is ever trusted: it says where to look, and from when on it may be so.
//!
//! A candidate that is there gets the new time, so that its row is locked: who looks at it at this moment has to wait, and finds that
//! it is not due any more.

use domain::{Digest, RepositoryId, Timestamp};

use super::bulk::{Texts, chunked, places, texts};
use super::{Tx, Value};
use crate::error::Error;

static LINKS: Texts = std::sync::LazyLock::new(|| {
    texts(|rows| {
        let values = places(4, rows, |place| format!("${place}"));
        format!(
            "INSERT INTO link_review (repository, blob, due_at, tries) \
             SELECT l.repository, l.blob, CAST($1 AS BIGINT), 0 FROM blob_digest d \
             JOIN link l ON l.blob = d.blob AND l.repository = $2 \
             WHERE d.algorithm = $3 AND d.value IN ({values}) AND d.algorithm IN ('sha256', 'sha512') \
             ON CONFLICT (repository, blob) DO UPDATE SET due_at = excluded.due_at, tries = 0"
        )
    })
});

/// A link that no name may need.
pub(crate) fn note_link(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
    due_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO link_review (repository, blob, due_at, tries) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (repository, blob) DO UPDATE SET due_at = excluded.due_at, tries = 0",
        &[repository.get().into(), blob.into(), due_at.millis().into()],
    )
    .map(drop)
}

/// The links of the repository to what has these digests.
pub(crate) fn note_links(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digests: &[Digest],
    due_at: Timestamp,
) -> Result<(), Error> {
    for group in digests.chunk_by(|a, b| a.algorithm() == b.algorithm()) {
        let Some(algorithm) = group.first().map(|digest| digest.algorithm().as_str()) else { continue };
        let values = group.iter().map(|digest| Value::from(digest.as_bytes()));
        let fixed = [due_at.millis().into(), repository.get().into(), algorithm.into()];
        chunked(&LINKS, &fixed, values, |text, values| tx.execute(text, values).map(drop))?;
    }
    Ok(())
}

/// A blob that no repository may link. It is said which one let go of it, and whether its bytes are to be gone soon.
pub(crate) fn note_blob(
    tx: &mut dyn Tx,
    blob: i64,
    (repository, hurried): (Option<RepositoryId>, bool),
    due_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO blob_review (blob, repository, hurried, due_at, tries) VALUES ($1, $2, $3, $4, 0) \
         ON CONFLICT (blob) DO UPDATE SET repository = excluded.repository, hurried = blob_review.hurried | excluded.hurried, \
         due_at = excluded.due_at, tries = 0",
        &[
            blob.into(),
            repository.map(RepositoryId::get).into(),
            hurried.into(),
            due_at.millis().into(),
        ],
    )
    .map(drop)
}

/// Counts what is no longer visible in a repository.
pub(crate) fn count_removed(tx: &mut dyn Tx, repository: RepositoryId, blob: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO collected (repository, removed, removed_bytes, freed, freed_bytes) \
         SELECT CAST($1 AS BIGINT), 1, size_bytes, 0, 0 FROM blob WHERE id = $2 \
         ON CONFLICT (repository) DO UPDATE SET removed = collected.removed + 1, \
         removed_bytes = collected.removed_bytes + excluded.removed_bytes",
        &[repository.get().into(), blob.into()],
    )
    .map(drop)
}

/// Counts bytes that were removed, by the repository that let go of them.
pub(crate) fn count_freed(
    tx: &mut dyn Tx,
    repository: Option<RepositoryId>,
    (contents, bytes): (u64, u64),
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO collected (repository, removed, removed_bytes, freed, freed_bytes) VALUES ($1, 0, 0, $2, $3) \
         ON CONFLICT (repository) DO UPDATE SET freed = collected.freed + excluded.freed, \
         freed_bytes = collected.freed_bytes + excluded.freed_bytes",
        &[
            repository.map_or(0, RepositoryId::get).into(),
            Value::count(contents),
            Value::count(bytes),
        ],
    )
    .map(drop)
}
