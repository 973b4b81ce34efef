//! A version as an object of administration.

use domain::{EntryKey, RepositoryId};

use super::change::Change;
use super::event::{Event, ObjectKind, Turn};
use crate::error::Error;
use crate::sql::{content, nodes, pins};

/// A version, in line with those who write names of its repository.
pub(super) struct Place {
    repository: RepositoryId,
    /// Its row.
    pub(super) entry: i64,
    name: String,
}

impl Place {
    pub(super) fn take(
        change: &mut Change<'_>,
        repository: RepositoryId,
        key: &EntryKey,
    ) -> Result<Self, Error> {
        if !content::take_turn(change.tx, repository)? {
            return Err(Error::Absent);
        }
        let row = nodes::repository_by_id(change.tx, repository)?.ok_or(Error::Absent)?;
        let named = pins::entry(change.tx, repository, key)?.ok_or(Error::Absent)?;
        Ok(Self { repository, entry: named.id, name: format!("{}/{}", row.path, named.key) })
    }

    pub(super) fn happened(&self, change: &mut Change<'_>, action: &str, turn: Turn) -> Result<(), Error> {
        let (node, kind) = (self.repository.into(), ObjectKind::Version);
        change.happened(&Event { action, node, kind, object: self.entry, name: &self.name, of: None, turn })
    }
}
