//! What is said of versions after they were published: that they should no longer be used, and in which a weakness was found. Both are
//! documents of the protocol; storage does not look into them.

use std::sync::Arc;

use domain::{Delete, EntryKey, EntryKind, Granted, Read, RepositoryId, RepositorySettings};

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::version::Place;
use super::{Directory, InForce};
use crate::error::{DirectoryError, Error};
use crate::model::{Advisory, NewAdvisory, Stamp, check_document};
use crate::name_cache::NamesChanged;
use crate::sql::{Tx, content, nodes, remarks};

impl Directory {
    /// Longest document about a version that should no longer be used, in bytes.
    pub const DEPRECATION_BYTES_MAX: usize = 4 << 10;

    /// Says that a version should no longer be used, or takes that back.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Refused` for a document beyond its bound.
    pub async fn deprecate(
        &self,
        may: &Granted<Delete>,
        key: &EntryKey,
        document: Option<Arc<str>>,
    ) -> Result<InForce, DirectoryError> {
        let (id, key) = (may.node().id(), key.clone());
        let deprecate = move |change: &mut Change<'_>| {
            if key.kind != EntryKind::Version {
                return Err(Error::Absent);
            }
            if let Some(document) = &document {
                check_document(document, Self::DEPRECATION_BYTES_MAX)?;
            }
            let (place, at) = (Place::take(change, id, &key)?, stamp(change, id));
            let before = remarks::deprecation(change.tx, id, &key)?;
            if before.as_deref() == document.as_deref() {
                return Ok(());
            }
            remarks::deprecate(change.tx, at, &key, document.as_deref())?;
            let turn = match (&before, &document) {
                (None, Some(after)) => Turn::Made(said(after)),
                (Some(before), None) => Turn::Gone(said(before)),
                (before, after) => Turn::Changed {
                    before: said(before.as_deref().unwrap_or_default()),
                    after: said(after.as_deref().unwrap_or_default()),
                },
            };
            place.happened(change, "version.deprecate", turn)
        };
        Ok(self.change_names(Author::of(may), documents_of(id), deprecate).await?.1)
    }

    /// What is said of a version that should no longer be used; `None` of others.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn deprecation(
        &self,
        may: &Granted<Read>,
        key: &EntryKey,
    ) -> Result<Option<Box<str>>, DirectoryError> {
        let (id, key) = (may.node().id(), key.clone());
        Ok(self.database.read(move |tx| remarks::deprecation(tx, id, &key)).await?)
    }

    /// An advisory.
    ///
    /// # Errors
    /// `Absent` if there is none of this id.
    pub async fn advisory(&self, may: &Granted<Read>, id: &str) -> Result<Advisory, DirectoryError> {
        let (repository, id) = (may.node().id(), id.to_owned());
        let read = move |tx: &mut dyn Tx| remarks::advisory(tx, repository, &id)?.ok_or(Error::Absent);
        Ok(self.database.read(read).await?)
    }

    /// Puts an advisory in place of the one of its id, if there is one; tells whether it was made.
    ///
    /// # Errors
    /// `Refused` beyond a bound: of its parts, or of how many there are of the repository or of one package. `Absent` if the
    /// repository is gone.
    pub async fn put_advisory(
        &self,
        may: &Granted<RepositorySettings>,
        advisory: NewAdvisory,
    ) -> Result<(bool, InForce), DirectoryError> {
        let id = may.node().id();
        let put = move |change: &mut Change<'_>| {
            advisory.check()?;
            if !content::take_turn(change.tx, id)? {
                return Err(Error::Absent);
            }
            let present = remarks::advisory(change.tx, id, &advisory.id)?;
            if present.as_ref().is_some_and(|present| present.document == advisory.document) {
                return Ok(false);
            }
            let at = stamp(change, id);
            remarks::put_advisory(change.tx, at, &advisory)?;
            let packages: Vec<&str> = advisory.packages.iter().map(|package| package.display()).collect();
            let turn = match &present {
                None => Turn::Made(Document::default().with("packages", packages)),
                Some(_) => {
                    let (before, after) =
                        (Document::default(), Document::default().with("packages", packages));
                    Turn::Changed { before, after }
                }
            };
            happened(change, "advisory.put", (id, &advisory.id), turn)?;
            Ok(present.is_none())
        };
        Ok(self.change_names(Author::of(may), documents_of(id), put).await?)
    }

    /// Takes an advisory away.
    ///
    /// # Errors
    /// `Absent` if there is none of this id.
    pub async fn remove_advisory(
        &self,
        may: &Granted<RepositorySettings>,
        advisory: &str,
    ) -> Result<InForce, DirectoryError> {
        let (id, advisory) = (may.node().id(), advisory.to_owned());
        let remove = move |change: &mut Change<'_>| {
            let at = stamp(change, id);
            if !content::take_turn(change.tx, id)? || !remarks::delete_advisory(change.tx, at, &advisory)? {
                return Err(Error::Absent);
            }
            happened(change, "advisory.delete", (id, &advisory), Turn::Gone(Document::default()))
        };
        Ok(self.change_names(Author::of(may), documents_of(id), remove).await?.1)
    }
}

/// Documents are rendered again, lists of names are what they were.
const fn documents_of(id: RepositoryId) -> (RepositoryId, NamesChanged) {
    (id, NamesChanged::Versions(Vec::new()))
}

fn stamp(change: &Change<'_>, repository: RepositoryId) -> Stamp {
    Stamp { repository, principal: change.author().id(), now: change.now }
}

fn said(document: &str) -> Document {
    Document::default().with("deprecation", document)
}

fn happened(
    change: &mut Change<'_>,
    action: &str,
    (id, advisory): (RepositoryId, &str),
    turn: Turn,
) -> Result<(), Error> {
    let row = nodes::repository_by_id(change.tx, id)?.ok_or(Error::Absent)?;
    let (node, name) = (id.into(), format!("{}/{advisory}", row.path));
    let (kind, object) = (ObjectKind::Advisory, id.get().into());
    change.happened(&Event { action, node, kind, object, name: &name, of: None, turn })
}
