//! What is said of versions after they were published: that they should no longer be used, and in which a weakness was found.
//! Both are documents of the protocol; storage does not look into them.

use domain::{Granted, Implies, Limit, PackageName, Probe, Timestamp};
#[cfg(any(test, feature = "testing"))]
use {
    crate::error::Error,
    crate::model::{NewAdvisory, Stamp, check_document},
    crate::name_cache::NamesChanged,
    crate::sql::{Load, content},
    domain::{Delete, EntryKey, EntryKind, RepositorySettings},
    std::sync::Arc,
};

use super::Storage;
use crate::error::ContentError;
use crate::model::{Advisory, Remarks};
use crate::sql::{Tx, remarks};

/// What putting or lifting one weighs at the writer, in rows, besides the packages it names.
#[cfg(any(test, feature = "testing"))]
const REMARK_ROWS: u64 = 4;

impl Storage {
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
    ) -> Result<Vec<Advisory>, ContentError> {
        let (repository, after) = (may.node().id(), after.to_owned());
        let read = move |tx: &mut dyn Tx| remarks::advisories(tx, repository, &after, limit.rows());
        Ok(self.shared.database.read(read).await?)
    }

    /// When an advisory was last put or taken away; the beginning of time for never.
    ///
    /// # Errors
    /// `Absent` if the repository is gone.
    pub async fn advisories_changed_at<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
    ) -> Result<Timestamp, ContentError> {
        let repository = may.node().id();
        let read = move |tx: &mut dyn Tx| remarks::advisories_changed_at(tx, repository);
        self.shared.database.point(read).await?.ok_or(ContentError::Absent)
    }

    /// What is said of the versions of a package.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn remarks<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        package: &PackageName,
    ) -> Result<Remarks, ContentError> {
        let (repository, package) = (may.node().id(), package.key().to_owned());
        let read = move |tx: &mut dyn Tx| remarks::of_package(tx, repository, &package);
        Ok(self.shared.database.read(read).await?)
    }
}

/// As administration says it (`directory/remarks.rs`), for suites without one.
#[cfg(any(test, feature = "testing"))]
impl Storage {
    /// Says that a version should no longer be used, or takes that back.
    ///
    /// # Errors
    /// `Absent` if there is no such version, `Refused` for a document beyond its bound.
    pub async fn deprecate(
        &self,
        may: Granted<Delete>,
        key: &EntryKey,
        document: Option<&str>,
    ) -> Result<(), ContentError> {
        if key.kind != EntryKind::Version {
            return Err(ContentError::Absent);
        }
        if let Some(document) = document {
            check_document(document, crate::Directory::DEPRECATION_BYTES_MAX)?;
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
        Ok(self.shared.database.write_then(load, write, self.documents_change(at)).await?)
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
    ) -> Result<(), ContentError> {
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
        Ok(self.shared.database.write_then(load, write, self.documents_change(at)).await?)
    }

    /// Takes an advisory away.
    ///
    /// # Errors
    /// `Absent` if there is none of this id.
    pub async fn remove_advisory(
        &self,
        may: Granted<RepositorySettings>,
        id: &str,
    ) -> Result<(), ContentError> {
        let at = self.stamp(&may);
        let (id, load) = (id.to_owned(), Load::of(may.client(), REMARK_ROWS));
        let write = move |tx: &mut dyn Tx| {
            may.recheck()?;
            if !content::take_turn(tx, at.repository)? {
                return Err(Error::Absent);
            }
            if remarks::delete_advisory(tx, at, &id)? { Ok(()) } else { Err(Error::Absent) }
        };
        Ok(self.shared.database.write_then(load, write, self.documents_change(at)).await?)
    }

    /// What follows a change of what is said: documents are rendered again, lists of names are what they were.
    fn documents_change(&self, at: Stamp) -> impl FnOnce() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.name_cache.move_on(at.repository, NamesChanged::Versions(Vec::new()))
    }
}
