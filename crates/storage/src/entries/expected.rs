//! Holding what is committed to the hashes that were sent before it.

use domain::{Client, Digest, EntryKey, Timestamp};

use crate::error::Error;
use crate::model::Stamp;
use crate::shared::Shared;
use crate::sql::{Load, Tx, expected, parts};

/// How long a hash waits for its content, in seconds. Longer, the hash of a publication that was given up would meet the files
/// of the next.
const EXPECTED_SECS: i64 = 1800;

/// Compares a blob that is to be the content of a name with the hashes that were announced for it, which are done with then.
pub(super) fn meet(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, blob: i64) -> Result<(), Error> {
    let announced = expected::find(tx, at, key, since(at.now))?;
    if announced.is_empty() {
        return Ok(());
    }
    let digests = parts::digests(tx, blob)?;
    let known =
        |announced: &Digest| digests.iter().find(|digest| digest.algorithm() == announced.algorithm());
    if announced.iter().any(|announced| known(announced).is_some_and(|digest| digest != announced)) {
        return Err(Error::DigestMismatch);
    }
    expected::delete(tx, at, key)
}

/// Forgets what was announced for names and is not what came for them, in a write of its own, because the one that found it out left
/// everything as it was: a hash that was wrong, or of a publication that was given up, is in the way once and not for half an hour.
pub(super) async fn forget(shared: &Shared, client: Client, at: Stamp, names: Vec<EntryKey>) {
    let load = Load::of(client, names.len() as u64);
    let forget = move |tx: &mut dyn Tx| names.iter().try_for_each(|key| expected::delete(tx, at, key));
    if let Err(error) = shared.database.write(load, forget).await {
        tracing::warn!(%error, "a hash that was announced and does not fit waits on");
    }
}

/// Hashes that came before this moment have waited too long.
pub(crate) const fn since(now: Timestamp) -> Timestamp {
    now.plus_secs(-EXPECTED_SECS)
}
