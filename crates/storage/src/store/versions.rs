//! The versions of a package, from memory where they are known.

use std::sync::Arc;

use domain::{Granted, Implies, PackageName, Probe};

use super::Storage;
use crate::error::Error;
use crate::model::Versions;
use crate::sql::{Tx, versions};
use crate::version_lists::{LIST_BYTES_MAX, ListAt, VersionList};

impl Storage {
    /// The versions of a package in their order, listed or not; none of an unknown one. Beyond 16 MiB of names the oldest are
    /// left out. `note` makes a number of an attribute document, always the same of the same one.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn versions<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        package: &PackageName,
        note: fn(&str) -> u64,
    ) -> Result<Versions, Error> {
        let repository = may.node().id();
        let moment = self.shared.name_cache.moment(repository);
        let at = ListAt { repository, package: package.key().into() };
        let known = self.shared.version_lists.get(&at);
        if let Some(list) = known.as_ref().filter(|list| list.moment == moment) {
            return Ok(Arc::clone(&list.versions));
        }
        let known = known.and_then(|list| {
            let changed = self.shared.name_cache.changed_since(list.moment, package.key())?;
            Some((list, changed))
        });
        let package = at.package.clone();
        let list = match known {
            Some((list, changed)) => {
                let read = move |tx: &mut dyn Tx| {
                    let now = versions::some(tx, repository, &package, &changed, note)?;
                    Ok(list.with(moment, &changed, now))
                };
                self.shared.database.read(read).await?
            }
            None => {
                let read = move |tx: &mut dyn Tx| {
                    let all = versions::newest(tx, repository, &package, LIST_BYTES_MAX, note)?;
                    Ok(VersionList::collect(moment, all))
                };
                self.shared.database.read(read).await?
            }
        };
        let found = Arc::clone(&list.versions);
        if self.shared.name_cache.is_kept() {
            self.shared.version_lists.keep(at, list);
        }
        Ok(found)
    }
}
