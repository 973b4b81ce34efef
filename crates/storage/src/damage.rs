//! What becomes of contents whose bytes are found damaged: they count as absent, so that whoever has the bytes pushes them again, and
//! these take the place of the damaged ones (docs/operations.md 6). Bytes that come back, as those of a disk that was not mounted, are
//! found again by themselves.

use std::sync::Arc;
use std::time::Duration;

use domain::Digest;
use tokio::time::{Instant, timeout};

use crate::blobs::Keeper;
use crate::damages::Seen;
use crate::error::Error;
use crate::model::BlobRef;
use crate::shared::Shared;
use crate::sql::{Load, Tx, blobs};

/// Bytes that take longer to be read are not looked at again.
const LOOK_MAX: Duration = Duration::from_secs(40);

impl Keeper for Shared {
    fn sound(&self, blob: &BlobRef) {
        self.sound.saw(&blob.object_key, Instant::now());
    }

    fn damaged(&self, blob: &BlobRef, digest: &Digest, why: &str) {
        if self.damages.find(blob) {
            let object = &*blob.object_key;
            tracing::error!(%digest, object, why, "stored data is damaged; it counts as absent until it is pushed again");
        }
    }
}

/// Refuses a content that is known to be damaged, as one that is not there.
pub(crate) fn unless_damaged(shared: &Shared, blob: &BlobRef, digest: &Digest) -> Result<(), Error> {
    if blob.damaged_at.is_some() {
        shared.damages.doubt(blob, digest, Instant::now());
        return Err(Error::Absent);
    }
    if shared.damages.is_found(&blob.object_key) { Err(Error::Absent) } else { Ok(()) }
}

/// Sees to it that rows say what was found damaged, as they do before somebody writes who goes by them: what is brought is to take its
/// place. Gives how many it were.
///
/// # Errors
/// Failures of the database.
pub(crate) async fn settle(shared: &Shared) -> Result<u64, Error> {
    if shared.damages.is_empty() {
        return Ok(0);
    }
    let found = shared.damages.unwritten();
    let (blobs, now) = (found.clone(), shared.clock.now());
    let note = move |tx: &mut dyn Tx| {
        blobs.iter().try_for_each(|blob| blobs::note_damage(tx, blob.id, &blob.object_key, now).map(drop))
    };
    shared.database.write(Load::upkeep(found.len() as u64), note).await?;
    // First what names lead to is read anew, then the rows alone are asked.
    shared.name_cache.forget();
    shared.damages.written(&found);
    Ok(found.len() as u64)
}

/// Looks at one of the damaged contents that somebody asked for, whether it still is; false if there is none.
///
/// # Errors
/// Failures of the database.
pub(crate) async fn look_again(shared: &Shared) -> Result<bool, Error> {
    let Some((blob, digest)) = shared.damages.doubted() else { return Ok(false) };
    let looked = timeout(LOOK_MAX, look(shared, &blob, &digest)).await;
    let seen = looked.unwrap_or(Seen::Altered);
    // Before the row is written: what cannot be now is asked for again.
    shared.damages.looked(&blob, seen, Instant::now());
    if seen == Seen::Right {
        let (id, key) = (blob.id, Arc::clone(&blob.object_key));
        let forget = move |tx: &mut dyn Tx| blobs::forget_damage(tx, id, &key);
        if shared.database.write(Load::upkeep(1), forget).await? {
            let object = &*blob.object_key;
            tracing::info!(%digest, object, "the bytes of a damaged content are there again");
            shared.healed(1);
        }
    }
    Ok(true)
}

async fn look(shared: &Shared, blob: &BlobRef, digest: &Digest) -> Seen {
    let Ok(source) = shared.blobs.stored(blob).await else { return Seen::Gone };
    match source.digest(blob.size_bytes, digest.algorithm()).await {
        Ok(found) if found == *digest => Seen::Right,
        Ok(_) => Seen::Altered,
        Err(_) => Seen::Gone,
    }
}
