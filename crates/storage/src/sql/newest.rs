//! Statements about names in many repositories: those that changed last, and those of some content.

use domain::{Algorithm, Digest, EntryKey, EntryKind, RepositoryId};

use super::among::{from_numbers, numbers};
use super::row::{joined, row, select};
use super::{Tx, rows};
use crate::error::Error;
use crate::model::{NamedContent, NewestVersion};

row! { NewestVersion { repository, package, name, changed_at } }

row! { NamedContent { repository: "e.repository", key: EntryKey::COLUMNS, changed_at: "e.changed_at" } }

/// Those of the repositories in which a listed name of this kind changed last, the one of the last change first.
pub(crate) fn changed_last(
    tx: &mut dyn Tx,
    repositories: &[RepositoryId],
    kind: EntryKind,
    limit: u32,
) -> Result<Vec<(RepositoryId, i64)>, Error> {
    let sql = from_numbers!(tx, "$2", ASKED => joined!(
        "SELECT id, newest FROM (SELECT asked.value AS id, (SELECT max(e.changed_at) FROM entry e \
         WHERE e.repository = asked.value AND e.kind = $1 AND e.state = 'live') AS newest FROM ",
        ASKED,
        ") found WHERE newest IS NOT NULL ORDER BY newest DESC, id LIMIT $3"
    ));
    let ids = numbers(repositories.iter().map(|id| id.get().into()));
    let values = [kind.as_str().into(), ids.as_str().into(), limit.into()];
    rows(tx, sql, &values, |row| Ok((RepositoryId::new(row.id(0)?), row.int(1)?)))
}

/// The listed names of this kind in a repository that changed last, the last first.
pub(crate) fn names(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    limit: u32,
) -> Result<Vec<NewestVersion>, Error> {
    let sql = select!(
        NewestVersion,
        "FROM entry WHERE repository = $1 AND kind = $2 AND state = 'live' \
         ORDER BY changed_at DESC LIMIT $3"
    );
    rows(tx, sql, &[repository.get().into(), kind.as_str().into(), limit.into()], Ok)
}

/// Names of content with this hash, by repository; of what several contents may share, of all of them. More than so many are looked at
/// by nobody.
pub(crate) fn of_content(tx: &mut dyn Tx, digest: &Digest, most: u32) -> Result<Vec<NamedContent>, Error> {
    macro_rules! of {
        ($algorithm:literal) => {
            select!(
                NamedContent,
                "FROM blob_digest d JOIN entry e ON e.blob = d.blob WHERE d.value = $1 AND d.algorithm ",
                $algorithm,
                " AND e.state IN ('live', 'unlisted') ORDER BY e.repository, e.package_key, e.kind, e.name_key LIMIT $2"
            )
        };
    }
    // Each names the condition of the index on it.
    let sql = match digest.algorithm() {
        Algorithm::Sha256 => of!("= 'sha256' AND d.algorithm IN ('sha256', 'sha512')"),
        Algorithm::Sha512 => of!("= 'sha512' AND d.algorithm IN ('sha256', 'sha512')"),
        Algorithm::Sha1 => of!("= 'sha1'"),
        Algorithm::Md5 => return Ok(Vec::new()),
    };
    rows(tx, sql, &[digest.as_bytes().into(), most.into()], Ok)
}
