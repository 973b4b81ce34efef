//! A whole package is deleted: everything that it has, by the rules of its protocol's own delete.

use std::sync::Arc;

use domain::{
    Browsing, Delete, EntryKey, EntryKind, EntryState, Granted, PackageName, Removal, RepositoryId,
};

use super::change::{Author, Change};
use super::event::Turn;
use super::version::Place;
use super::versions::{kept, listed, names_of};
use super::{Directory, InForce};
use crate::entries;
use crate::error::{DirectoryError, Error};
use crate::model::Stamp;
use crate::name_cache::NamesChanged;
use crate::policy_cache::PolicyCache;
use crate::sql::{Tx, content, packages, pins, repositories};

/// What became of a package that was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageGone {
    /// Its versions: those in lists, and of images each manifest besides.
    pub versions: u64,
    /// How many names went, or were taken out of lists.
    pub names: u64,
    /// Whether they are only out of lists, as the policy of the repository has it.
    pub unlisted: bool,
}

/// Most names of a package that goes.
const NAMES_MAX: u32 = 20_000;
/// Names that one transaction takes away; of a larger package the first go in transactions of their own before.
const AT_ONCE: u64 = 256;

/// A package, and how its format deletes what it has.
#[derive(Clone)]
struct Whole {
    repository: RepositoryId,
    package: PackageName,
    /// Tags before what they name, so that nothing that goes is a member of something that is named.
    kinds: Vec<EntryKind>,
    delete: fn(&EntryKey, &dyn domain::Rules) -> Vec<Removal>,
    policies: Arc<PolicyCache>,
}

/// What one transaction did of it.
struct Piece {
    gone: PackageGone,
    is_last: bool,
}

impl Directory {
    /// Deletes a package with all its versions, by the rules of its protocol's own delete, each version with an event of its own. What
    /// would be refused of any of them is refused before anything goes. It is one transaction up to so many names; of a larger package
    /// the first go before the rest, some at a time, so that nobody waits for it.
    ///
    /// # Errors
    /// `Absent` if there is no such package, `Pinned` if anything of it is, `Refused` where the policy keeps a name of it or it is too
    /// much at once.
    pub async fn delete_package(
        &self,
        may: &Granted<Delete>,
        by: &Browsing,
        package: &PackageName,
    ) -> Result<(PackageGone, InForce), DirectoryError> {
        let repository = may.node().id();
        let mut kinds = vec![by.versions];
        kinds.extend(Some(by.packages).filter(|kind| *kind != by.versions));
        let policies = Arc::clone(&self.policies);
        let whole = Whole { repository, package: package.clone(), kinds, delete: by.delete, policies };
        let (mut gone, rehearsing) = (PackageGone::default(), self.rehearsing);
        for _ in 0..NAMES_MAX {
            let (asked, is_first) = (whole.clone(), gone.versions == 0 && gone.names == 0);
            let take = move |change: &mut Change<'_>| asked.take(change, is_first, rehearsing);
            let names = (repository, NamesChanged::Unknown);
            let (piece, force) = self.change_names(Author::of(may), names, take).await?;
            gone.versions = gone.versions.saturating_add(piece.gone.versions);
            gone.names = gone.names.saturating_add(piece.gone.names);
            gone.unlisted |= piece.gone.unlisted;
            if piece.is_last {
                return Ok((gone, force));
            }
        }
        Err(DirectoryError::Refused("names of it come faster than they go".into()))
    }
}

impl Whole {
    /// Takes the first names away; all if they are few enough.
    fn take(&self, change: &mut Change<'_>, is_first: bool, rehearsing: bool) -> Result<Piece, Error> {
        let at = Stamp { repository: self.repository, principal: change.author().id(), now: change.now };
        if !content::take_turn(change.tx, self.repository)? {
            return Err(Error::Absent);
        }
        let names = self.names(change.tx)?;
        if names.is_empty() && is_first {
            return Err(Error::Absent);
        }
        self.refuse_kept(change.tx, &names)?;
        let counted = rehearsing && names.len() as u64 > AT_ONCE;
        let mut gone = PackageGone::default();
        for (key, state) in &names {
            let removals = self.removals(change.tx, key)?;
            if matches!(removals.first(), Some(Removal::Unlist(_))) {
                gone.unlisted = true;
                if *state == EntryState::Unlisted {
                    continue;
                }
            }
            let are_many = self.are_many(change.tx, at, &removals)?;
            let names = if rehearsing && (counted || are_many) {
                removals.iter().map(|removal| names_of(change.tx, at, removal)).sum::<Result<u64, _>>()?
            } else if are_many && gone.names == 0 {
                for removal in &removals {
                    let some = entries::remove_some(change.tx, &self.policies, at, removal).map_err(kept)?;
                    gone.names = gone.names.saturating_add(some);
                }
                return Ok(Piece { gone, is_last: false });
            } else if !rehearsing && (are_many || gone.names >= AT_ONCE) {
                return Ok(Piece { gone, is_last: false });
            } else {
                self.take_one(change, at, (key, *state), &removals)?
            };
            gone.names = gone.names.saturating_add(names);
            gone.versions = gone.versions.saturating_add(1);
        }
        Ok(Piece { gone, is_last: true })
    }

    /// One version with everything that goes along; how many names that was.
    fn take_one(
        &self,
        change: &mut Change<'_>,
        at: Stamp,
        (key, was): (&EntryKey, EntryState),
        removals: &[Removal],
    ) -> Result<u64, Error> {
        let place = Place::take(change, self.repository, key)?;
        let names = entries::remove(change.tx, &self.policies, at, removals).map_err(kept)?.0.entries;
        let (action, turn) = match removals.first() {
            Some(Removal::Unlist(_)) => {
                let turn = Turn::Changed { before: listed(was), after: listed(EntryState::Unlisted) };
                ("version.unlist", turn)
            }
            _ => ("version.delete", Turn::Gone(listed(was))),
        };
        place.happened(change, action, turn)?;
        Ok(names)
    }

    /// What goes, in the order in which it does.
    fn names(&self, tx: &mut dyn Tx) -> Result<Vec<(EntryKey, EntryState)>, Error> {
        let mut names = Vec::new();
        for kind in &self.kinds {
            let room =
                NAMES_MAX.saturating_add(1).saturating_sub(u32::try_from(names.len()).unwrap_or(NAMES_MAX));
            names.extend(packages::names(tx, self.repository, (*kind, self.package.key()), room)?);
        }
        if names.len() > NAMES_MAX as usize {
            return Err(Error::refused("too many names at once, delete versions of it first"));
        }
        Ok(names)
    }

    fn removals(&self, tx: &mut dyn Tx, key: &EntryKey) -> Result<Vec<Removal>, Error> {
        let rules = repositories::rules(tx, &self.policies, self.repository)?.ok_or(Error::Absent)?;
        Ok((self.delete)(key, &*rules))
    }

    /// Refuses if anything of the package is pinned or never removed: half of it would be left otherwise.
    fn refuse_kept(&self, tx: &mut dyn Tx, names: &[(EntryKey, EntryState)]) -> Result<(), Error> {
        if let Some(pin) = pins::in_package(tx, self.repository, self.package.key())? {
            return Err(Error::pinned(&pin));
        }
        let rules = repositories::rules(tx, &self.policies, self.repository)?.ok_or(Error::Absent)?;
        match names.iter().find(|(key, _)| !rules.may_remove(key)) {
            Some((key, _)) => Err(kept(Error::Kept { name: Box::new(key.clone()) })),
            None => Ok(()),
        }
    }

    /// Whether a version has so many files or tags that the first of them go in a transaction of their own.
    fn are_many(&self, tx: &mut dyn Tx, at: Stamp, removals: &[Removal]) -> Result<bool, Error> {
        for removal in removals {
            if entries::are_many(tx, &self.policies, at, removal).map_err(kept)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
