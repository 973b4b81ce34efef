//! What is said of versions after they were published: that they should no longer be used, and in which a weakness was found.
//! Both are documents of the protocol; storage does not look into them.

use std::sync::Arc;

use domain::{
    Delete, EntryKey, EntryKind, Granted, Implies, Limit, PackageName, Probe, RepositorySettings, Timestamp,
};

use super::Storage;
use crate::error::Error;
use crate::model::{Advisory, NewAdvisory, Remarks, Stamp, check_document};
use crate::name_cache::NamesChanged;
use crate::sql::{Load, Tx, content, remarks};

/// What putting or lifting one weighs at the writer, in rows, besides the packages it names.
const REMARK_ROWS: u64 = 4;
impl Storage {
    /// Longest document about a version that should no longer be used, in bytes.
    pub const DEPRECATION_BYTES_MAX: usize = 4 << 10;

    /// Says that a version should no longer be used, or takes that back.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Refused` for a document beyond its bound.
    pub async fn deprecate(
        &self,
        may: Granted<Delete>,
        key: &EntryKey,
        document: Option<&str>,
    ) -> Result<(), Error> {
        if key.kind != EntryKind::Version {
            return Err(Error::Absent);
        }
        if let Some(document) = document {
            check_document(document, Self::DEPRECATION_BYTES_MAX)?;
        }
        let at = self.stamp(&may);
        let (key, document) = (key.clone(), document.map(str::to_owned));
        let load = Load::of(may.client(), REMARK_ROWS);
        let write = move |tx: &mut dyn Tx| {
            may.recheck()?;
            if !content::take_turn(tx, at.repository)? {
                return Err(Error::Absent);
            }
            if remarks::deprecate(tx, at, &key, document.as_deref())? { Ok(()) } else { Err(Error::Absent) }
        };
        self.shared.database.write_then(load, write, self.documents_change(at)).await
    }

    /// Puts an advisory in place of the one of its id, if there is one.
    ///
    /// # Errors
    /// `Refused` beyond a bound: of its parts, or of how many there are of the repository or of one package. `Absent` if the
    /// repository is gone.
    pub async fn put_advisory(
        &self,
        may: Granted<RepositorySettings>,
        advisory: NewAdvisory,
    ) -> Result<(), Error> {
        advisory.check()?;
        let at = self.stamp(&may);
        let load = Load::of(may.client(), REMARK_ROWS.saturating_add(advisory.packages.len() as u64));
        let write = move |tx: &mut dyn Tx| {
            may.recheck()?;
            if !content::take_turn(tx, at.repository)? {
                return Err(Error::Absent);
            }
            remarks::put_advisory(tx, at, &advisory)
        };
        self.shared.database.write_then(load, write, self.documents_change(at)).await
    }

    /// Takes an advisory away.
    ///
    /// # Errors
    /// `Absent` if there is none of this id.
    pub async fn remove_advisory(&self, may: Granted<RepositorySettings>, id: &str) -> Result<(), Error> {
        let at = self.stamp(&may);
        let (id, load) = (id.to_owned(), Load::of(may.client(), REMARK_ROWS));
        let write = move |tx: &mut dyn Tx| {
            may.recheck()?;
            if !content::take_turn(tx, at.repository)? {
                return Err(Error::Absent);
            }
            if remarks::delete_advisory(tx, at, &id)? { Ok(()) } else { Err(Error::Absent) }
        };
        self.shared.database.write_then(load, write, self.documents_change(at)).await
    }

    /// Advisories by id, after one of them. There are fewer than asked for once their documents are longer than 1 MiB together;
    /// the list ends with an empty page.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn advisories<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        after: &str,
        limit: Limit,
    ) -> Result<Vec<Advisory>, Error> {
        let (repository, after) = (may.node().id(), after.to_owned());
        let read = move |tx: &mut dyn Tx| remarks::advisories(tx, repository, &after, limit.rows());
        self.shared.database.read(read).await
    }

    /// When an advisory was last put or taken away; the beginning of time for never.
    ///
    /// # Errors
    /// `Absent` if the repository is gone.
    pub async fn advisories_changed_at<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
    ) -> Result<Timestamp, Error> {
        let repository = may.node().id();
        let read = move |tx: &mut dyn Tx| remarks::advisories_changed_at(tx, repository);
        self.shared.database.point(read).await?.ok_or(Error::Absent)
    }

    /// What is said of the versions of a package.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn remarks<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        package: &PackageName,
    ) -> Result<Remarks, Error> {
        let (repository, package) = (may.node().id(), package.key().to_owned());
        let read = move |tx: &mut dyn Tx| remarks::of_package(tx, repository, &package);
        self.shared.database.read(read).await
    }

    /// What follows a change of what is said: documents are rendered again, lists of names are what they were.
    fn documents_change(&self, at: Stamp) -> impl FnOnce() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.name_cache.move_on(at.repository, NamesChanged::Versions(Vec::new()))
    }
}
