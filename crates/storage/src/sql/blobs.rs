//! Statements about blobs and the links of repositories to them.

use domain::{Digest, RepositoryId, Timestamp};

use super::row::{row, select};
use super::{Tx, Value, maybe, one, reviews, rows};
use crate::error::Error;
use crate::model::BlobRef;

/// Everything that is stored about a new blob.
pub(crate) struct NewBlob<'a> {
    pub(crate) object_key: &'a str,
    pub(crate) size_bytes: u64,
    pub(crate) digests: &'a [Digest],
}

/// What became of the bytes of an upload.
pub(crate) struct StoredBlob {
    pub(crate) id: i64,
    /// Its bytes are those of the upload; otherwise they were stored before.
    pub(crate) fresh: bool,
    /// Where the damaged bytes lie whose place they have taken.
    pub(crate) instead_of: Option<Box<str>>,
}

/// A blob, and since when its link is relied on.
struct LeasedRow {
    blob: BlobRef,
    touched_at: Timestamp,
}

/// A blob that was stored before.
struct KnownRow {
    id: i64,
    object_key: Box<str>,
    damaged_at: Option<Timestamp>,
}

row! {
    BlobRef { id: "b.id", object_key: "b.object_key", size_bytes: "b.size_bytes", damaged_at: "b.damaged_at" }
}
row! { LeasedRow { blob: BlobRef::COLUMNS, touched_at: "l.touched_at" } }
row! { KnownRow { id: "b.id", object_key: "b.object_key", damaged_at: "b.damaged_at" } }

/// The blob with a digest that a repository links.
macro_rules! select_linked {
    ($row:ty) => {
        select!(
            $row,
            "FROM blob_digest d JOIN blob b ON b.id = d.blob \
             JOIN link l ON l.blob = d.blob AND l.repository = $1 \
             WHERE d.algorithm = $2 AND d.value = $3 AND d.algorithm IN ('sha256', 'sha512')"
        )
    };
}

/// The blob with this digest, if this repository links it and its bytes are not known to be damaged: what is to be read, named or
/// linked elsewhere.
pub(crate) fn sound_blob(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digest: &Digest,
) -> Result<Option<BlobRef>, Error> {
    Ok(linked_blob(tx, repository, digest)?.filter(|blob| blob.damaged_at.is_none()))
}

/// The blob with this digest, if this repository links it, in whatever state its bytes are.
pub(crate) fn linked_blob(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digest: &Digest,
) -> Result<Option<BlobRef>, Error> {
    maybe(
        tx,
        select_linked!(BlobRef),
        &[repository.get().into(), digest.algorithm().as_str().into(), digest.as_bytes().into()],
        Ok,
    )
}

/// As [`linked_blob`], and since when the link is relied on.
pub(crate) fn leased_blob(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digest: &Digest,
) -> Result<Option<(BlobRef, Timestamp)>, Error> {
    maybe(
        tx,
        select_linked!(LeasedRow),
        &[repository.get().into(), digest.algorithm().as_str().into(), digest.as_bytes().into()],
        |row| Ok((row.blob, row.touched_at)),
    )
}

/// The repositories, ascending and at most `most`, that link the blob with this digest.
pub(crate) fn linking_repositories(
    tx: &mut dyn Tx,
    digest: &Digest,
    most: u32,
) -> Result<Vec<RepositoryId>, Error> {
    rows(
        tx,
        "SELECT l.repository FROM blob_digest d JOIN link l ON l.blob = d.blob \
         WHERE d.algorithm = $1 AND d.value = $2 AND d.algorithm IN ('sha256', 'sha512') \
         ORDER BY l.repository LIMIT $3",
        &[digest.algorithm().as_str().into(), digest.as_bytes().into(), most.into()],
        |row| Ok(RepositoryId::new(row.id(0)?)),
    )
}

fn blob_by_digest(tx: &mut dyn Tx, digest: &Digest) -> Result<Option<KnownRow>, Error> {
    maybe(
        tx,
        select!(
            KnownRow,
            "FROM blob_digest d JOIN blob b ON b.id = d.blob \
             WHERE d.algorithm = $1 AND d.value = $2 AND d.algorithm IN ('sha256', 'sha512')"
        ),
        &[digest.algorithm().as_str().into(), digest.as_bytes().into()],
        Ok,
    )
}

/// Stores a blob under all its digests. If the bytes are known already, that blob is returned and the new object is not used, unless
/// the known ones are damaged: then the new object takes their place, in every repository.
pub(crate) fn insert_blob(tx: &mut dyn Tx, blob: &NewBlob<'_>, now: Timestamp) -> Result<StoredBlob, Error> {
    let known = blob.digests.first().map(|digest| blob_by_digest(tx, digest)).transpose()?.flatten();
    let mut stored = match known {
        Some(known) => stored_before(tx, known, blob)?,
        None => {
            let sql =
                "INSERT INTO blob (size_bytes, object_key, created_at) VALUES ($1, $2, $3) RETURNING id";
            let values = [Value::count(blob.size_bytes), blob.object_key.into(), now.millis().into()];
            StoredBlob { id: one(tx, sql, &values, |row| row.int(0))?, fresh: true, instead_of: None }
        }
    };
    for digest in blob.digests {
        let inserted = tx.execute(
            "INSERT INTO blob_digest (algorithm, value, blob) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            &[digest.algorithm().as_str().into(), digest.as_bytes().into(), stored.id.into()],
        )?;
        if inserted == 0 && stored.fresh && stored.instead_of.is_none() {
            // Another connection stored the same bytes a moment ago and has won: ours are dropped, digests it lacks are added.
            tx.execute("DELETE FROM blob WHERE id = $1", &[stored.id.into()])?;
            let known =
                blob_by_digest(tx, digest)?.ok_or_else(|| Error::Raced("a digest came and went".into()))?;
            stored = stored_before(tx, known, blob)?;
        }
    }
    Ok(stored)
}

/// Gives a blob the object of the same bytes that arrived just now, if its own is damaged.
fn stored_before(tx: &mut dyn Tx, known: KnownRow, new: &NewBlob<'_>) -> Result<StoredBlob, Error> {
    let KnownRow { id, object_key, damaged_at } = known;
    // Of two who bring them at the same time, one finds that it is done.
    let healed = damaged_at.is_some()
        && tx.execute(
            "UPDATE blob SET object_key = $1, size_bytes = $2, damaged_at = NULL \
             WHERE id = $3 AND object_key = $4 AND damaged_at IS NOT NULL",
            &[new.object_key.into(), Value::count(new.size_bytes), id.into(), (&*object_key).into()],
        )? == 1;
    Ok(StoredBlob { id, fresh: healed, instead_of: healed.then_some(object_key) })
}

/// Notes that the bytes of a blob are damaged, unless it has others by now; false if nothing was changed.
pub(crate) fn note_damage(
    tx: &mut dyn Tx,
    blob: i64,
    object_key: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE blob SET damaged_at = $1 WHERE id = $2 AND object_key = $3 AND damaged_at IS NULL";
    Ok(tx.execute(sql, &[now.millis().into(), blob.into(), object_key.into()])? == 1)
}

/// Takes that back: the bytes are there again, and are right.
pub(crate) fn forget_damage(tx: &mut dyn Tx, blob: i64, object_key: &str) -> Result<bool, Error> {
    let sql =
        "UPDATE blob SET damaged_at = NULL WHERE id = $1 AND object_key = $2 AND damaged_at IS NOT NULL";
    Ok(tx.execute(sql, &[blob.into(), object_key.into()])? == 1)
}

/// Whether any content is known to be damaged.
pub(crate) fn is_any_damaged(tx: &mut dyn Tx) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM blob WHERE damaged_at IS NOT NULL LIMIT 1";
    Ok(maybe(tx, sql, &[], |_| Ok(()))?.is_some())
}

/// Links a blob to a repository, or renews the lease if it is older than `stale`.
pub(crate) fn link(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
    now: Timestamp,
    stale: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO link (repository, blob, touched_at) VALUES ($1, $2, $3) \
         ON CONFLICT (repository, blob) DO UPDATE SET touched_at = excluded.touched_at WHERE link.touched_at < $4",
        &[repository.get().into(), blob.into(), now.millis().into(), stale.millis().into()],
    )?;
    Ok(())
}

/// Takes a link away: from now on the content is not to be read there, and its bytes may be of no use to anybody.
pub(crate) fn unlink(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
    (now, hurried): (Timestamp, bool),
) -> Result<(), Error> {
    let sql = "DELETE FROM link WHERE repository = $1 AND blob = $2";
    if tx.execute(sql, &[repository.get().into(), blob.into()])? > 0 {
        reviews::count_removed(tx, repository, blob)?;
        reviews::note_blob(tx, blob, (Some(repository), hurried), now)?;
    }
    Ok(())
}
