//! The versions of a NuGet feed in the order of their last changes, for whoever follows them: each change gives its version the
//! next number, under the turn of the repository, so that nothing ever comes to light behind what was read before.

use domain::{Granted, Implies, PackageName, Probe, RefName};

use super::Storage;
use crate::error::Error;
use crate::model::{ChangePage, VersionChange};
use crate::sql::{Tx, version_changes};

impl Storage {
    /// Where versions are by the numbers of their last changes, in order; only numbers that some version has.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes<R: Implies<Probe>>(&self, may: &Granted<R>) -> Result<Vec<ChangePage>, Error> {
        let repository = may.node().id();
        self.shared.database.read(move |tx: &mut dyn Tx| version_changes::pages(tx, repository)).await
    }

    /// The versions of one of [`Self::changes`], in the order of their numbers.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn changes_of<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        page: u64,
    ) -> Result<Vec<VersionChange>, Error> {
        let repository = may.node().id();
        self.shared.database.read(move |tx: &mut dyn Tx| version_changes::page(tx, repository, page)).await
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
    ) -> Result<VersionChange, Error> {
        let (repository, package, name) = (may.node().id(), package.key().to_owned(), name.key().to_owned());
        let find = move |tx: &mut dyn Tx| version_changes::find(tx, repository, &package, &name);
        self.shared.database.point(find).await?.ok_or(Error::Absent)
    }
}
