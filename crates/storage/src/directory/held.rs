//! Changes that take something away are in force even when the disk has no room for their rows. What each takes away is kept in
//! memory and laid over every fact that followers read, so that no reload brings it back; its rows are written as soon as there
//! is room, before any other change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{CredentialChange, CredentialFacts, PolicyChange, PolicyFacts, PolicyPoint, System, Timestamp};

use super::change::{Author, Change};
use super::{Directory, InForce, objects};
use crate::error::{DirectoryError, Error, Fault};
use crate::sql::{Tx, records};

/// Narrowings that may wait for room; each is small.
const HELD_MAX: usize = 4096;

/// A change that can be made again: rehearsed, and stored when there is room.
pub(super) type Repeatable = Arc<dyn Fn(&mut Change<'_>) -> Result<(), Error> + Send + Sync>;

/// Narrowings in force that are not stored yet, in order.
#[derive(Default)]
pub(crate) struct Held {
    narrowings: Mutex<Vec<Arc<Narrowing>>>,
    /// Held by the one that stores them.
    storing: tokio::sync::Mutex<()>,
}

/// What one change takes away, and how to store it.
pub(super) struct Narrowing {
    author: Author,
    now: Timestamp,
    change: Repeatable,
    pub(super) credentials: Vec<CredentialChange>,
    pub(super) policy: Vec<PolicyChange>,
}

impl Held {
    pub(super) fn narrowings(&self) -> Vec<Arc<Narrowing>> {
        self.lock().clone()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn add(&self, narrowing: Narrowing) -> Result<(), Error> {
        let mut narrowings = self.lock();
        if narrowings.len() >= HELD_MAX {
            return Err(Fault::Full.into());
        }
        narrowings.push(Arc::new(narrowing));
        Ok(())
    }

    fn remove(&self, stored: &Arc<Narrowing>) {
        self.lock().retain(|narrowing| !Arc::ptr_eq(narrowing, stored));
    }

    /// Whether somebody may not change anything any more, though the rows do not say so yet.
    fn shuts_out(&self, author: &Author) -> bool {
        let gone = |change: &CredentialChange| match change {
            CredentialChange::Principal(id, facts) => {
                author.principal() == Some(*id) && facts.as_ref().is_none_or(|facts| facts.suspended)
            }
            CredentialChange::Token(id, _) => author.credential().token() == Some(*id),
            CredentialChange::Session(id, _) => author.credential().session() == Some(*id),
            CredentialChange::Rules(_) => false,
        };
        self.lock().iter().any(|narrowing| narrowing.credentials.iter().any(gone))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Narrowing>>> {
        // Nothing that panics happens under the lock.
        self.narrowings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Narrowing {
    /// Takes out of the facts what is no longer to be had.
    pub(super) fn narrow_credentials(&self, facts: &mut CredentialFacts) {
        for change in &self.credentials {
            match change.clone() {
                CredentialChange::Principal(id, put) => {
                    replace(&mut facts.principals, |one| one.id == id, put)
                }
                CredentialChange::Token(id, put) => replace(&mut facts.tokens, |one| one.id == id, put),
                CredentialChange::Session(id, put) => {
                    replace(&mut facts.sessions, |one| one.id == id, put);
                }
                CredentialChange::Rules(rules) => facts.rules = rules,
            }
        }
    }

    /// The same for the matrix. Nothing but grants is ever taken away there.
    pub(super) fn narrow_policy(&self, facts: &mut PolicyFacts) {
        for change in &self.policy {
            if let PolicyChange::Grant(id, put) = change.clone() {
                replace(&mut facts.grants, |one| one.id == id, put);
            }
        }
    }

    /// Makes the change and tells its point. Whoever asked for it was entitled to when it came into force.
    fn make(&self, tx: &mut dyn Tx) -> Result<Option<PolicyPoint>, Error> {
        records::lock_version(tx)?;
        let mut running = Change::new(tx, self.author.clone(), self.now);
        (self.change)(&mut running)?;
        Ok(running.point())
    }

    fn rehearse(&self, tx: &mut dyn Tx) -> Result<(), Error> {
        (self.change)(&mut Change::rehearsal(tx, self.author.clone(), self.now))
    }
}

impl Directory {
    /// Changes that took something away and are in force, but whose rows wait for room on the disk.
    #[must_use]
    pub fn unstored(&self) -> usize {
        self.held.len()
    }

    /// Brings a change that did not find room into force without its rows.
    pub(super) async fn hold(&self, author: Author, change: Repeatable) -> Result<InForce, Error> {
        if self.held.shuts_out(&author) {
            return Err(Error::Stale);
        }
        let (now, earlier) = (self.clock.now(), self.held.narrowings());
        let rehearsed = (author.clone(), Arc::clone(&change));
        let rehearse = move |tx: &mut dyn Tx| {
            let (author, change) = rehearsed;
            let present = records::point(tx)?.version;
            author.is_entitled(tx, now)?;
            for narrowing in earlier {
                narrowing.rehearse(tx)?;
            }
            let mut running = Change::rehearsal(tx, author, now);
            change(&mut running)?;
            let (mut credentials, mut policy) = (Vec::new(), Vec::new());
            for (kind, object) in running.marked().to_vec() {
                credentials.extend(objects::credential_change(running.tx, kind, object)?);
                policy.extend(objects::policy_change(running.tx, kind, object)?);
            }
            Ok((present, credentials, policy))
        };
        let (version, credentials, policy) = self.database.rehearse(rehearse).await?;
        if credentials.is_empty() && policy.is_empty() {
            return Ok(InForce { version, changed: false, stored: true, rehearsed: false });
        }
        tracing::error!(
            "the disk is full: what was taken away is in force, and stored as soon as there is room"
        );
        self.held.add(Narrowing { author, now, change, credentials, policy })?;
        for feed in self.feeds() {
            feed.refresh_now().await.map_err(|error| Error::NotYetInForce(Box::new(error)))?;
        }
        Ok(InForce { version, changed: true, stored: false, rehearsed: false })
    }

    /// Stores everything that is held, in order. One that cannot be made any more, such as of a token that is gone by now, is
    /// given up.
    pub(super) async fn store_held(&self) -> Result<(), Error> {
        let _storing = self.held.storing.lock().await;
        for narrowing in self.held.narrowings() {
            self.space.give_way();
            let made = Arc::clone(&narrowing);
            match self.database.write(move |tx| made.make(tx)).await {
                Ok(Some(point)) => self.put_into_force(point).await?,
                Ok(None) => {}
                Err(error @ Error::Fault(Fault::NoSpace { .. } | Fault::Unavailable { .. })) => {
                    return Err(error);
                }
                Err(error) => tracing::error!(%error, "what was taken away could not be stored"),
            }
            self.held.remove(&narrowing);
        }
        Ok(())
    }

    /// Stores what was taken away without room for it, if there is room by now, and tells how many changes that were.
    ///
    /// # Errors
    /// `NoSpace` while there is none.
    pub async fn store_unstored(&self, _system: &System) -> Result<u64, DirectoryError> {
        let waiting = self.held.len();
        if waiting == 0 {
            return Ok(0);
        }
        self.store_held().await?;
        tracing::info!("everything that was taken away is stored");
        Ok(waiting as u64)
    }
}

/// Puts one in the place of another, or in none.
fn replace<T>(all: &mut Vec<T>, is: impl Fn(&T) -> bool, put: Option<T>) {
    all.retain(|one| !is(one));
    all.extend(put);
}

#[cfg(test)]
mod tests;
