//! Which versions changed lately, so that a list of them is brought up to date by reading those alone.

use std::collections::VecDeque;

use domain::{EntryKey, EntryKind, RepositoryId};

use crate::batch::{NewEntry, Removal};

/// Most changes remembered, of all repositories together.
const REMEMBERED_MAX: usize = 2048;

/// What a change of names did to the versions of packages.
#[derive(Debug)]
pub(crate) enum Changed {
    /// These versions, by the keys of package and name, and no other.
    Versions(Vec<(Box<str>, Box<str>)>),
    /// Any.
    Unknown,
}

/// Changes of versions in the order they came into force, the last ones.
#[derive(Debug)]
pub(super) struct Changes {
    remembered: VecDeque<Change>,
    /// By place of a turn: the last one at which something is no longer known.
    forgotten: Box<[u64]>,
}

#[derive(Debug)]
struct Change {
    place: usize,
    turn: u64,
    repository: RepositoryId,
    package: Box<str>,
    name: Box<str>,
}

impl Changed {
    /// What a batch of these names does.
    pub(crate) fn by_entries(entries: &[NewEntry]) -> Self {
        Self::by(entries.iter().map(|entry| &entry.key))
    }

    /// What these removals do.
    pub(crate) fn by_removals(removals: &[Removal]) -> Self {
        let mut keys = Vec::new();
        for removal in removals {
            match removal {
                Removal::Entry(key)
                | Removal::EntryAndPointers { key, .. }
                | Removal::Unlist(key)
                | Removal::Relist(key)
                | Removal::Orphan { key, .. } => keys.push(key),
                Removal::Parts(_) => return Self::Unknown,
                Removal::Link(_) => {}
            }
        }
        Self::by(keys.into_iter())
    }

    fn by<'k>(keys: impl Iterator<Item = &'k EntryKey>) -> Self {
        let versions = keys.filter(|key| key.kind == EntryKind::Version);
        Self::Versions(versions.map(|key| (key.package.key().into(), key.name.key().into())).collect())
    }
}

impl Changes {
    pub(super) fn new(places: usize) -> Self {
        Self { remembered: VecDeque::new(), forgotten: (0..places).map(|_| 0).collect() }
    }

    /// What came into force with this turn.
    pub(super) fn add(&mut self, place: usize, turn: u64, repository: RepositoryId, changed: Changed) {
        let Changed::Versions(versions) = changed else { return self.forget(place, turn) };
        for (package, name) in versions {
            if self.remembered.len() >= REMEMBERED_MAX
                && let Some(oldest) = self.remembered.pop_front()
            {
                self.forget(oldest.place, oldest.turn);
            }
            self.remembered.push_back(Change { place, turn, repository, package, name });
        }
    }

    /// Names of a package that changed after that turn, each once; `None` if not all of them are known.
    pub(super) fn since(
        &self,
        place: usize,
        turn: u64,
        repository: RepositoryId,
        package: &str,
    ) -> Option<Vec<Box<str>>> {
        if self.forgotten.get(place).is_none_or(|forgotten| *forgotten > turn) {
            return None;
        }
        let here = |change: &&Change| {
            change.turn > turn && change.repository == repository && *change.package == *package
        };
        let mut names: Vec<Box<str>> =
            self.remembered.iter().filter(here).map(|change| change.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// What came into force there up to this turn is no longer known.
    pub(super) fn forget(&mut self, place: usize, turn: u64) {
        if let Some(forgotten) = self.forgotten.get_mut(place) {
            *forgotten = turn.max(*forgotten);
        }
    }
}

#[cfg(test)]
mod tests;
