//! What is pinned, for who looks and for who is about to write. What the pins forbid is asked in the transactions (`entries/pins.rs`).

use domain::{EntryKey, Granted, Limit, Publish, Read};

use super::Storage;
use crate::entries;
use crate::error::{ContentError, Error};
use crate::model::Pin;
use crate::sql::{Tx, pins};

impl Storage {
    /// The pins of one kind of a package from one name to another in the order of their sort keys, both included.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn pins(
        &self,
        may: &Granted<Read>,
        first: &EntryKey,
        last: &EntryKey,
    ) -> Result<Vec<Pin>, ContentError> {
        let (repository, first, last) = (may.node().id(), first.clone(), last.clone());
        let read = move |tx: &mut dyn Tx| pins::between(tx, repository, (&first, &last), Limit::MAX.rows());
        Ok(self.shared.database.read(read).await?)
    }

    /// Refuses other content for a name before it is sent, if the name is pinned; the commit has the last word.
    ///
    /// # Errors
    /// `Pinned`, and failures of the database.
    pub async fn refuse_pinned(&self, may: &Granted<Publish>, key: &EntryKey) -> Result<(), ContentError> {
        let (repository, key) = (may.node().id(), key.clone());
        let read = move |tx: &mut dyn Tx| entries::pins::of(tx, repository, &key);
        match self.shared.database.read(read).await? {
            None => Ok(()),
            Some(pin) => Err(Error::pinned(&pin).into()),
        }
    }
}
