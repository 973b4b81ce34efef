//! What is asked of all repositories at once that somebody may read: versions that changed last, content by a hash of it, and what was
//! fetched and made.

use domain::{Digest, EntryKind, Limit, RepositoryId, Visible};

use super::Storage;
use super::search::find;
use crate::error::{ContentError, Error};
use crate::model::{NamedContent, NewestVersion, PackagesOf, UsageDay, WordsFound};
use crate::search::{Field, Plan, Search, Wanted, title_and_text};
use crate::sql::{Tx, newest, packages, search, usage};

/// Names of one content that are looked at, in whatever repositories.
const NAMES_MAX: u32 = 4096;
/// Repositories that are looked through for words, one after another.
const SPOKEN_MAX: u32 = 500;

impl Storage {
    /// The listed versions in those of the repositories that somebody may read that changed last, the last first.
    ///
    /// # Errors
    /// `Crowded` or `Full` if too many searches of the client, or of all, wait, `TooSlow`, failures of the database.
    pub async fn newest_versions(
        &self,
        within: &Visible,
        repositories: Vec<PackagesOf>,
        limit: Limit,
    ) -> Result<Vec<NewestVersion>, ContentError> {
        let readable = within.repositories();
        let of = repositories.into_iter().filter(|of| readable.binary_search(&of.repository).is_ok());
        let of: Vec<_> = of.map(|of| (of.repository, of.versions)).collect();
        self.in_line(within.client(), move |tx| newest(tx, &of, limit.rows())).await
    }

    /// Names of content with this hash in the repositories that somebody may read.
    ///
    /// # Errors
    /// As for [`Self::newest_versions`].
    pub async fn names_of_content(
        &self,
        within: &Visible,
        digest: Digest,
        limit: Limit,
    ) -> Result<Vec<NamedContent>, ContentError> {
        let readable = within.repositories().to_vec();
        self.in_line(within.client(), move |tx| {
            let mut found = newest::of_content(tx, &digest, NAMES_MAX)?;
            found.retain(|name| readable.binary_search(&name.repository).is_ok());
            found.truncate(limit.rows() as usize);
            Ok(found)
        })
        .await
    }

    /// Packages whose name, tags, title, authors or description have all of these words, or words that begin like them, in those of the
    /// repositories that somebody may read and whose format says such things; the best of each repository first, the repositories in
    /// their order.
    ///
    /// # Errors
    /// `Refused` for more words than [`Search::WORDS_MAX`] and for one that is too long; as for [`Self::newest_versions`].
    pub async fn packages_by_words(
        &self,
        within: &Visible,
        repositories: Vec<PackagesOf>,
        words: Vec<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<WordsFound>, ContentError> {
        let readable = within.repositories();
        let of = repositories.into_iter().filter(|of| readable.binary_search(&of.repository).is_ok());
        let of: Vec<_> = of.collect();
        let recent = self.recent();
        let wanted = |word| Wanted { field: Field::Any, any: vec![word] };
        let wanted: Vec<_> = words.into_iter().map(wanted).collect();
        self.in_line(within.client(), move |tx| by_words(tx, (&of, &wanted), recent, limit)).await
    }

    /// What there was in the repositories that somebody may read from one day to another, both included; of days on which there was
    /// anything.
    ///
    /// # Errors
    /// As for [`Self::newest_versions`].
    pub async fn readable_usage_days(
        &self,
        within: &Visible,
        days: (i64, i64),
    ) -> Result<Vec<UsageDay>, ContentError> {
        let readable = within.repositories().to_vec();
        self.in_line(within.client(), move |tx| usage::days_among(tx, &readable, days)).await
    }
}

/// The versions of these repositories that changed last: first in which of them there are any, then those.
fn newest(
    tx: &mut dyn Tx,
    of: &[(RepositoryId, EntryKind)],
    limit: u32,
) -> Result<Vec<NewestVersion>, Error> {
    let mut kinds: Vec<EntryKind> = Vec::new();
    for (_, kind) in of {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    let mut places = Vec::new();
    for kind in kinds {
        let ids: Vec<RepositoryId> =
            of.iter().filter(|(_, versions)| *versions == kind).map(|(id, _)| *id).collect();
        let found = newest::changed_last(tx, &ids, kind, limit)?;
        places.extend(found.into_iter().map(|(id, at)| (at, id, kind)));
    }
    places.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut versions = Vec::new();
    for (_, repository, kind) in places.into_iter().take(limit as usize) {
        versions.extend(newest::names(tx, repository, kind, limit)?);
    }
    versions.sort_by_key(|version| std::cmp::Reverse(version.changed_at));
    versions.truncate(limit as usize);
    Ok(versions)
}

fn by_words(
    tx: &mut dyn Tx,
    (of, wanted): (&[PackagesOf], &[Wanted]),
    recent: i64,
    limit: Limit,
) -> Result<Vec<WordsFound>, Error> {
    let ids: Vec<RepositoryId> = of.iter().map(|of| of.repository).collect();
    let mut found = Vec::new();
    for repository in search::repositories(tx, &ids, SPOKEN_MAX)? {
        let asked = Search { wanted, facet: None, first: None, skip: 0, limit };
        let Some(plan) = Plan::new(repository, &asked)? else { break };
        for key in find(tx, &plan, 0, limit.rows())?.packages {
            let versions = of.iter().find(|of| of.repository == repository).map(|of| of.versions);
            let Some(versions) = versions else { continue };
            let Some(package) = packages::row(tx, repository, (versions, &key), recent)? else { continue };
            let words = search::texts(tx, repository, &key)?.unwrap_or_default();
            let (title, text) = title_and_text(&words);
            found.push(WordsFound { repository, package, title: title.into(), text: text.into() });
            if found.len() >= limit.rows() as usize {
                return Ok(found);
            }
        }
    }
    Ok(found)
}
