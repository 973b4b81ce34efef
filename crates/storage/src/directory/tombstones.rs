use domain::{EntryKey, Granted, Limit, Read, RepositoryId, RepositorySettings};

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::{Directory, InForce};
use crate::error::{DirectoryError, Error};
use crate::model::Tombstone;
use crate::sql::{Tx, audited, content, nodes, tombstones};

/// A name that was removed and stays reserved, and who removed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneRow {
    /// The name.
    pub tombstone: Tombstone,
    /// Who removed it, such as `member:alice`; `None` for somebody who is gone.
    pub removed_by: Option<Box<str>>,
}

impl Directory {
    /// Reserved names by kind, package and name, after one of them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn tombstones(
        &self,
        may: &Granted<Read>,
        after: Option<EntryKey>,
        limit: Limit,
    ) -> Result<Vec<TombstoneRow>, DirectoryError> {
        let repository = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let rows = tombstones::list(tx, repository, after.as_ref(), limit.rows())?;
            let named = rows.into_iter().map(|tombstone| {
                let removed_by = audited::subject(tx, tombstone.removed_by.get())?.map(Into::into);
                Ok(TombstoneRow { tombstone, removed_by })
            });
            named.collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a reserved name free for any content: the first of these that is reserved.
    ///
    /// # Errors
    /// `Absent` if none is.
    pub async fn lift_tombstone(
        &self,
        may: &Granted<RepositorySettings>,
        keys: Vec<EntryKey>,
    ) -> Result<InForce, DirectoryError> {
        let id = may.node().id();
        let lift = move |change: &mut Change<'_>| {
            // In line with those who write names.
            content::take_turn(change.tx, id)?;
            for key in &keys {
                if tombstones::delete(change.tx, id, key)? {
                    return happened(change, id, key);
                }
            }
            Err(Error::Absent)
        };
        Ok(self.change(Author::of(may), lift).await?.1)
    }
}

fn happened(change: &mut Change<'_>, id: RepositoryId, key: &EntryKey) -> Result<(), Error> {
    let row = nodes::repository_by_id(change.tx, id)?.ok_or(Error::Absent)?;
    let (node, name) = (id.into(), format!("{}/{key}", row.path));
    let turn = Turn::Gone(Document::default().with("kind", key.kind.as_str()));
    let (action, kind, object) = ("tombstone.lift", ObjectKind::Tombstone, id.get().into());
    change.happened(&Event { action, node, kind, object, name: &name, of: None, turn })
}
