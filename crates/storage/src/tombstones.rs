//! Names that were removed and stay reserved for the bytes they had: what is written once is not given other bytes by way of a
//! removal. The same bytes may come back; who may change the repository's settings may lift it.

use domain::{
    Digest, EntryKey, Granted, Limit, PrincipalId, RepositoryId, RepositoryPolicy, RepositorySettings,
    Timestamp,
};

use crate::batch::{NewEntry, Rule};
use crate::error::Error;
use crate::sql::content::Stamp;
use crate::sql::parts::Parts;
use crate::sql::{Load, Tx, content, tombstones};
use crate::store::Storage;

/// Most reserved names of one repository; beyond it nothing is removed that would stay reserved.
const TOMBSTONES_MAX: u64 = 1_000_000;

/// What lifting one weighs at the writer: its row, and the count of them.
const LIFTED_ROWS: u64 = 2;

/// A name that was removed and stays reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The name.
    pub key: EntryKey,
    /// SHA-256 of the only content that it may have again.
    pub sha256: Digest,
    /// Who removed it.
    pub removed_by: PrincipalId,
    /// When.
    pub removed_at: Timestamp,
}

impl Storage {
    /// Reserved names by kind, package and name, after one of them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn tombstones(
        &self,
        may: &Granted<RepositorySettings>,
        after: Option<&EntryKey>,
        limit: Limit,
    ) -> Result<Vec<Tombstone>, Error> {
        let (repository, after) = (may.node().id(), after.cloned());
        let read = move |tx: &mut dyn Tx| tombstones::list(tx, repository, after.as_ref(), limit.rows());
        self.shared.database.read(read).await
    }

    /// Makes a reserved name free for any content.
    ///
    /// # Errors
    /// `Absent` if it is not reserved.
    pub async fn lift_tombstone(
        &self,
        may: Granted<RepositorySettings>,
        key: &EntryKey,
    ) -> Result<(), Error> {
        let (repository, key, load) = (may.node().id(), key.clone(), Load::of(may.client(), LIFTED_ROWS));
        self.shared
            .database
            .write(load, move |tx| {
                may.recheck()?;
                // In line with those who write names.
                content::take_turn(tx, repository)?;
                if tombstones::delete(tx, repository, &key)? { Ok(()) } else { Err(Error::Absent) }
            })
            .await
    }
}

/// Reserves a name that is about to be removed, if the rule says so.
pub(crate) fn reserve(
    tx: &mut dyn Tx,
    at: Stamp,
    policy: &RepositoryPolicy,
    key: &EntryKey,
) -> Result<(), Error> {
    if policy.reserves(key) {
        within_bounds(tombstones::insert(tx, at, key, TOMBSTONES_MAX)?)
    } else {
        Ok(())
    }
}

/// As [`reserve`], for some parts of a target.
pub(crate) fn reserve_parts(
    tx: &mut dyn Tx,
    at: Stamp,
    policy: &RepositoryPolicy,
    parts: Parts<'_>,
) -> Result<(), Error> {
    if policy.reserves_releases() {
        within_bounds(tombstones::insert_parts(tx, at, parts, TOMBSTONES_MAX)?)
    } else {
        Ok(())
    }
}

/// Lets a new name have its reserved content back, and no other.
pub(crate) fn give_back(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    policy: &RepositoryPolicy,
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<(), Error> {
    if new.rule != Rule::ByPolicy || !policy.reserves(&new.key) {
        return Ok(());
    }
    match tombstones::is_of(tx, repository, &new.key, blob)? {
        None => Ok(()),
        Some(true) => tombstones::delete(tx, repository, &new.key).map(drop),
        Some(false) => Err(Error::Reserved { name: Box::new(new.key.clone()) }),
    }
}

fn within_bounds(inserted: bool) -> Result<(), Error> {
    if inserted {
        Ok(())
    } else {
        Err(Error::refused(
            "too many names of this repository are reserved for what was removed; lift some first",
        ))
    }
}
