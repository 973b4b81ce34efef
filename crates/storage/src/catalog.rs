//! The versions of a NuGet feed in the order of their last changes, for whoever follows them: each change gives its version the
//! next number, under the turn of the repository, so that nothing ever comes to light behind what was read before.

use domain::{Granted, Implies, PackageName, Probe, RefName, Timestamp};

use crate::error::Error;
use crate::sql::{Tx, catalog};
use crate::store::Storage;

/// A version by its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its package, as first given.
    pub package: Box<str>,
    /// The version, as first given.
    pub name: Box<str>,
    /// Its place among all changes of the repository, from 1.
    pub number: u64,
    /// A moment of its own, later than that of every smaller number; the same only for what was there before there were numbers.
    pub at: Timestamp,
    /// Whether it was taken away.
    pub removed: bool,
}

/// Changes of neighbouring numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Which: the numbers from so many times [`Changes::NUMBERS`] on, that not included.
    pub page: u64,
    /// How many versions have one of these numbers.
    pub count: u64,
    /// The largest of these that some version has.
    pub number: u64,
    /// Its moment.
    pub at: Timestamp,
}

impl Changes {
    /// Numbers that are listed together.
    pub const NUMBERS: u64 = 512;
    /// Most that are told of at once, the newest.
    pub const PAGES_MAX: u32 = 32_768;
    /// Most versions remembered that were taken away, as long as others are.
    pub const REMOVED_MAX: u64 = 1 << 18;
}

impl Storage {
    /// Where versions are by the numbers of their last changes, in order; only numbers that some version has.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes<R: Implies<Probe>>(&self, may: &Granted<R>) -> Result<Vec<Changes>, Error> {
        let repository = may.node().id();
        self.shared.database.read(move |tx: &mut dyn Tx| catalog::pages(tx, repository)).await
    }

    /// The versions of one of [`Self::changes`], in the order of their numbers.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes_of<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        page: u64,
    ) -> Result<Vec<Change>, Error> {
        let repository = may.node().id();
        self.shared.database.read(move |tx: &mut dyn Tx| catalog::page(tx, repository, page)).await
    }

    /// The last change of one version.
    ///
    /// # Errors
    /// `Absent` if it never was there.
    pub async fn last_change<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        package: &PackageName,
        name: &RefName,
    ) -> Result<Change, Error> {
        let (repository, package, name) = (may.node().id(), package.key().to_owned(), name.key().to_owned());
        let find = move |tx: &mut dyn Tx| catalog::find(tx, repository, &package, &name);
        self.shared.database.point(find).await?.ok_or(Error::Absent)
    }
}
