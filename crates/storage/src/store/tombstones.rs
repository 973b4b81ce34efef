//! Names that were removed and stay reserved for the bytes they had: what is written once is not given other bytes by way of a
//! removal. The same bytes may come back; who may change the repository's settings may lift it.

use domain::{EntryKey, Granted, Limit, RepositorySettings};

use super::Storage;
use crate::error::Error;
use crate::model::Tombstone;
use crate::sql::{Load, Tx, content, tombstones};

/// What lifting one weighs at the writer: its row, and the count of them.
const LIFTED_ROWS: u64 = 2;

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
