use domain::{EntryKey, Granted, RepositorySettings};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::version::Place;
use super::{Directory, InForce};
use crate::error::{DirectoryError, Error};
use crate::model::{NewPin, Pin};
use crate::sql::pins;

impl Directory {
    /// Pins a version, so that nobody removes or replaces it by whatever way; or says anew why it is pinned.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Refused` without a reason, for one that is too long, and for too many pins.
    pub async fn pin(
        &self,
        may: &Granted<RepositorySettings>,
        new: NewPin,
    ) -> Result<InForce, DirectoryError> {
        let id = may.node().id();
        let pin = move |change: &mut Change<'_>| {
            let place = Place::take(change, id, &new.key)?;
            check(&new.reason)?;
            let present = pins::of(change.tx, id, &new.key)?;
            if present.as_ref().is_some_and(|present| present.reason == new.reason) {
                return Ok(());
            }
            if present.is_none() && pins::count(change.tx, id)? >= NewPin::REPOSITORY_MAX {
                return Err(Error::refused("the repository has as many pins as it may"));
            }
            let by = (change.author().id(), change.now);
            pins::put(change.tx, place.entry, &new, by)?;
            let after = said(&new.reason);
            let turn = match &present {
                None => Turn::Made(after),
                Some(Pin { reason, .. }) => Turn::Changed { before: said(reason), after },
            };
            place.happened(change, "version.pin", turn)
        };
        Ok(self.change(Author::of(may), pin).await?.1)
    }

    /// Takes the pin of a version back; one that is not pinned stays so.
    ///
    /// # Errors
    /// `Absent` if there is no such version.
    pub async fn unpin(
        &self,
        may: &Granted<RepositorySettings>,
        key: &EntryKey,
    ) -> Result<InForce, DirectoryError> {
        let (id, key) = (may.node().id(), key.clone());
        let unpin = move |change: &mut Change<'_>| {
            let place = Place::take(change, id, &key)?;
            let Some(Pin { reason, .. }) = pins::of(change.tx, id, &key)? else { return Ok(()) };
            pins::delete(change.tx, id, &key)?;
            place.happened(change, "version.unpin", Turn::Gone(said(&reason)))
        };
        Ok(self.change(Author::of(may), unpin).await?.1)
    }
}

fn check(reason: &str) -> Result<(), Error> {
    if reason.trim().is_empty() {
        return Err(Error::refused("whoever meets the pin is told why: give a reason"));
    }
    if reason.len() > NewPin::REASON_BYTES_MAX || reason.chars().any(char::is_control) {
        return Err(Error::refused("a reason is one line, of 800 bytes at most"));
    }
    Ok(())
}

fn said(reason: &str) -> Document {
    Document::default().with("reason", reason)
}
