//! What needs a package, in all repositories that somebody may read.

use std::collections::HashSet;

use domain::{Format, Limit, RepositoryId, Visible};

use super::Storage;
use crate::error::{ContentError, Error};
use crate::model::{Dependent, DependentsQuery};
use crate::sql::Tx;
use crate::sql::needs::{self, Wanted};

/// Repositories that are looked into at once.
const PLACES: usize = 500;

impl Storage {
    /// Packages that need a package, in the repositories of its format that somebody may read: by repository, the oldest first, and then by
    /// key, each by the last of its versions that does. It costs a look into each of the repositories before the page is full, and a few for
    /// each package, however many versions these have. Its client waits in line with other searches.
    ///
    /// # Errors
    /// `Crowded` or `Full` if too many searches of the client, or of all, wait, `TooSlow`, failures of the database.
    pub async fn dependents(
        &self,
        within: &Visible,
        asked: DependentsQuery<'_>,
        limit: Limit,
    ) -> Result<Vec<Dependent>, ContentError> {
        let (from, after) = asked.after.unwrap_or((RepositoryId::new(0), ""));
        let walk = Walk {
            of: within.repositories().iter().copied().filter(|id| *id >= from).collect(),
            format: asked.format,
            package: asked.package.into(),
            version: asked.version.map(Into::into),
            from,
            after: after.into(),
            limit: limit.rows(),
        };
        self.in_line(within.client(), move |tx| walk.walk(tx)).await
    }
}

/// A walk through what needs a package.
struct Walk {
    of: Vec<RepositoryId>,
    format: Format,
    package: Box<str>,
    version: Option<Box<str>>,
    /// Where it goes on behind a key.
    from: RepositoryId,
    after: Box<str>,
    limit: u32,
}

impl Walk {
    fn walk(&self, tx: &mut dyn Tx) -> Result<Vec<Dependent>, Error> {
        let wanted = Wanted { package: &self.package, version: self.version.as_deref() };
        let mut found: Vec<Dependent> = Vec::new();
        for places in self.of.chunks(PLACES) {
            let with_any: HashSet<RepositoryId> = needs::among(tx, places, wanted)?.into_iter().collect();
            for repository in places.iter().filter(|id| with_any.contains(id)) {
                let room = self.limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
                if room == 0 {
                    return Ok(found);
                }
                let after = if *repository == self.from { &*self.after } else { "" };
                // Of another format it is another package that has the same key.
                let here = needs::page(tx, *repository, wanted, (after, room))?;
                found.extend(here.into_iter().filter(|one| one.format == self.format));
            }
        }
        Ok(found)
    }
}
