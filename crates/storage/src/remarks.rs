//! What is said of versions after they were published: that they should no longer be used, and in which a weakness was found.
//! Both are documents of the protocol; storage does not look into them.

use std::sync::Arc;

use domain::{
    Delete, EntryKey, EntryKind, Granted, Implies, Limit, PackageName, Probe, RepositorySettings, Timestamp,
};

use crate::error::Error;
use crate::recent::Changed;
use crate::sql::content::Stamp;
use crate::sql::{Load, Tx, content, remarks};
use crate::store::Storage;

/// What putting or lifting one weighs at the writer, in rows, besides the packages it names.
const REMARK_ROWS: u64 = 4;
/// Longest id of an advisory, in bytes.
const ID_BYTES_MAX: usize = 128;

/// An advisory as it is put.
#[derive(Debug, Clone)]
pub struct NewAdvisory {
    /// Its id, such as `GHSA-…`: letters, digits, `.`, `_`, `:` and `-`, at most 128. One that is there is replaced.
    pub id: Box<str>,
    /// The document, at most [`NewAdvisory::DOCUMENT_BYTES_MAX`].
    pub document: Arc<str>,
    /// The packages it is about, whether they are there or not; at most [`NewAdvisory::PACKAGES_MAX`].
    pub packages: Vec<PackageName>,
}

/// An advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// Its id.
    pub id: Box<str>,
    /// The document.
    pub document: Arc<str>,
    /// When it was put.
    pub changed_at: Timestamp,
}

/// What is said of the versions of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Versions that should no longer be used, by key, and the document about each.
    pub deprecations: Vec<(Box<str>, Arc<str>)>,
    /// What is about some of its versions, by id.
    pub advisories: Vec<Advisory>,
}

impl NewAdvisory {
    /// Longest document, in bytes: real ones have a tenth.
    pub const DOCUMENT_BYTES_MAX: usize = 32 << 10;
    /// Most packages of one.
    pub const PACKAGES_MAX: usize = 64;
    /// Most advisories of one repository.
    pub const REPOSITORY_MAX: u64 = 4096;
    /// Most advisories about one package.
    pub const PACKAGE_MAX: u64 = 256;

    fn check(&self) -> Result<(), Error> {
        check_id(&self.id)?;
        check_document(&self.document, Self::DOCUMENT_BYTES_MAX)?;
        if self.packages.len() > Self::PACKAGES_MAX {
            return Err(Error::refused("the advisory is about too many packages"));
        }
        Ok(())
    }
}

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

    fn stamp<R: domain::Right>(&self, may: &Granted<R>) -> Stamp {
        let (repository, principal) = (may.node().id(), may.principal().get());
        Stamp { repository, principal, now: self.shared.clock.now() }
    }

    /// What follows a change of what is said: documents are rendered again, lists of names are what they were.
    fn documents_change(&self, at: Stamp) -> impl FnOnce() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.recent.move_on(at.repository, Changed::Versions(Vec::new()))
    }
}

fn check_id(id: &str) -> Result<(), Error> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(letter) {
        return Err(Error::refused(
            "the id of an advisory is letters, digits, '.', '_', ':' and '-', at most 128",
        ));
    }
    Ok(())
}

fn check_document(document: &str, bytes_max: usize) -> Result<(), Error> {
    // PostgreSQL's text has no NUL.
    if document.len() > bytes_max || document.contains('\0') {
        return Err(Error::refused("the document is too long"));
    }
    Ok(())
}
