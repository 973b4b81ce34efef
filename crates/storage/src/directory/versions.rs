use std::sync::Arc;

use domain::{Browsing, Delete, EntryKey, EntryState, Granted, Removal};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::version::Place;
use super::{Directory, InForce};
use crate::entries;
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::model::Stamp;
use crate::name_cache::NamesChanged;
use crate::policy_cache::PolicyCache;
use crate::sql::{Tx, content, parts, repositories};

/// What became of a version that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionGone {
    /// How many names went, or were taken out of lists.
    pub names: u64,
    /// Whether it is only out of lists, as the policy of the repository has it.
    pub unlisted: bool,
}

/// A version, and how its format deletes it.
#[derive(Clone)]
struct Going {
    key: EntryKey,
    delete: fn(&EntryKey, &dyn domain::Rules) -> Vec<Removal>,
    policies: Arc<PolicyCache>,
}

impl Directory {
    /// Deletes a version by the rules of its protocol's own delete. Of one that has many files or tags the first go before the rest,
    /// some at a time.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Pinned`, `Refused` where the policy keeps it or it is too much at once, `Forbidden` for
    /// what something else needs.
    pub async fn delete_version(
        &self,
        may: &Granted<Delete>,
        by: &Browsing,
        key: &EntryKey,
    ) -> Result<(VersionGone, InForce), DirectoryError> {
        let going = Going { key: key.clone(), delete: by.delete, policies: Arc::clone(&self.policies) };
        let before = if self.rehearsing { 0 } else { self.delete_ahead(may, &going).await? };
        let (id, rehearsing) = (may.node().id(), self.rehearsing);
        let delete = move |change: &mut Change<'_>| {
            let (place, at) = (Place::take(change, id, &going.key)?, stamp(change, id));
            let removals = going.removals(change.tx, at)?;
            let unlisted = matches!(removals.first(), Some(Removal::Unlist(_)));
            let was = state_of(change.tx, at, &going.key)?;
            let many = rehearsing && going.has_many(change.tx, at)?;
            let removed = if many {
                removals.iter().map(|removal| names_of(change.tx, at, removal)).sum::<Result<u64, _>>()?
            } else {
                entries::remove(change.tx, &going.policies, at, &removals).map_err(kept)?.0.entries
            };
            let (action, turn) = if unlisted {
                ("version.unlist", Turn::Changed { before: listed(was), after: listed(EntryState::Unlisted) })
            } else {
                ("version.delete", Turn::Gone(listed(was)))
            };
            if !(unlisted && was == EntryState::Unlisted) {
                place.happened(change, action, turn)?;
            }
            Ok(VersionGone { names: removed, unlisted })
        };
        let (gone, force) = self.change_names(Author::of(may), (id, NamesChanged::Unknown), delete).await?;
        Ok((VersionGone { names: gone.names.saturating_add(before), ..gone }, force))
    }

    /// Takes the first of many files or tags away until few enough are left; gives how many it were.
    async fn delete_ahead(&self, may: &Granted<Delete>, going: &Going) -> Result<u64, Error> {
        let (id, asked) = (may.node().id(), going.clone());
        let at = Stamp { repository: id, principal: may.principal().get(), now: self.clock.now() };
        if !self.database.read(move |tx| asked.has_many(tx, at)).await? {
            return Ok(0);
        }
        let mut gone = 0_u64;
        loop {
            let asked = going.clone();
            let some = move |change: &mut Change<'_>| {
                let at = stamp(change, id);
                let mut some = 0_u64;
                for removal in asked.removals(change.tx, at)? {
                    let taken = entries::remove_some(change.tx, &asked.policies, at, &removal);
                    some = some.saturating_add(taken.map_err(kept)?);
                }
                Ok(some)
            };
            match self.change_names(Author::of(may), (id, NamesChanged::Unknown), some).await?.0 {
                0 => return Ok(gone),
                some => gone = gone.saturating_add(some),
            }
        }
    }

    /// Takes a version out of lists, where it is still found by its name, or back into them.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Pinned` for one that is to leave lists.
    pub async fn list_version(
        &self,
        may: &Granted<Delete>,
        key: &EntryKey,
        wanted: EntryState,
    ) -> Result<InForce, DirectoryError> {
        let (id, key, policies) = (may.node().id(), key.clone(), Arc::clone(&self.policies));
        let unlist = wanted == EntryState::Unlisted;
        let removal = if unlist { Removal::Unlist(key.clone()) } else { Removal::Relist(key.clone()) };
        let names = NamesChanged::by_removals(std::slice::from_ref(&removal));
        let list = move |change: &mut Change<'_>| {
            let (place, at) = (Place::take(change, id, &key)?, stamp(change, id));
            let was = state_of(change.tx, at, &key)?;
            if (was == EntryState::Unlisted) == unlist {
                return Ok(());
            }
            entries::remove(change.tx, &policies, at, &[removal])?;
            let turn = Turn::Changed { before: listed(was), after: listed(wanted) };
            place.happened(change, if unlist { "version.unlist" } else { "version.list" }, turn)
        };
        Ok(self.change_names(Author::of(may), (id, names), list).await?.1)
    }
}

impl Going {
    fn removals(&self, tx: &mut dyn Tx, at: Stamp) -> Result<Vec<Removal>, Error> {
        let rules = repositories::rules(tx, &self.policies, at.repository)?.ok_or(Error::Absent)?;
        Ok((self.delete)(&self.key, &*rules))
    }

    fn has_many(&self, tx: &mut dyn Tx, at: Stamp) -> Result<bool, Error> {
        for removal in self.removals(tx, at)? {
            if entries::are_many(tx, &self.policies, at, &removal).map_err(kept)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn stamp(change: &Change<'_>, repository: domain::RepositoryId) -> Stamp {
    Stamp { repository, principal: change.author().id(), now: change.now }
}

/// How many names a removal of many is about.
pub(super) fn names_of(tx: &mut dyn Tx, at: Stamp, removal: &Removal) -> Result<u64, Error> {
    match removal {
        Removal::Parts(target) => parts::count(tx, at.repository, target),
        Removal::EntryAndPointers { .. } | Removal::Entry(_) => Ok(1),
        Removal::Unlist(_) | Removal::Relist(_) | Removal::Orphan { .. } | Removal::Link(_) => Ok(0),
    }
}

fn state_of(tx: &mut dyn Tx, at: Stamp, key: &EntryKey) -> Result<EntryState, Error> {
    content::entry(tx, at.repository, key)?.map(|entry| entry.state).ok_or(Error::Absent)
}

pub(super) fn listed(state: EntryState) -> Document {
    Document::default().with("state", if state == EntryState::Unlisted { "unlisted" } else { "listed" })
}

/// What keeps names, in the words of administration.
pub(super) fn kept(error: Error) -> Error {
    match error {
        Error::Kept { name } => Error::refused(format!("{name} is immutable here and never removed")),
        Error::Tagged { .. } | Error::Member { .. } | Error::InUse { .. } => {
            Error::forbidden(DirectoryRule::InUse, error.to_string())
        }
        other => other,
    }
}
