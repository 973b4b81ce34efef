//! Statements about repositories and their rules.

use domain::{
    AcceptVersions, DeleteByDigest, Duplicates, Mode, NuGetDelete, Pattern, Releases, RepositoryId,
    RepositoryPolicy,
};

use super::{Columns, Tx, Value, maybe};
use crate::error::Error;

/// Columns of the rules, as [`policy_of`] reads them, and the mode.
const SELECT_POLICY: &str = "SELECT immutable_tags, sparse_indexes, accept, releases, strict_layout, snapshots_keep_newest, \
     snapshots_keep_days, duplicates, delete_means, reserved_prefixes, delete_by_digest, mode FROM repository WHERE node = $1";

/// The rules of a repository; `None` if it does not exist (any more).
pub(crate) fn policy(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Option<RepositoryPolicy>, Error> {
    maybe(tx, SELECT_POLICY, &[repository.get().into()], policy_of)
}

/// The rules of a repository that is about to get names of its own.
///
/// # Errors
/// `Absent` if it does not exist (any more), `NotHosted` if nobody publishes to it.
pub(crate) fn policy_of_hosted(tx: &mut dyn Tx, repository: RepositoryId) -> Result<RepositoryPolicy, Error> {
    let found = maybe(tx, SELECT_POLICY, &[repository.get().into()], |row| {
        Ok((Mode::parse(row.text(11)?)?, policy_of(row)?))
    })?;
    let (mode, policy) = found.ok_or(Error::Absent)?;
    hosted(mode)?;
    Ok(policy)
}

/// Whether a repository is there, and is one that gets names and content of its own.
///
/// # Errors
/// As [`policy_of_hosted`].
pub(crate) fn require_hosted(tx: &mut dyn Tx, repository: RepositoryId) -> Result<(), Error> {
    let sql = "SELECT mode FROM repository WHERE node = $1";
    let mode = maybe(tx, sql, &[repository.get().into()], |row| Ok(Mode::parse(row.text(0)?)?))?;
    hosted(mode.ok_or(Error::Absent)?)
}

fn hosted(mode: Mode) -> Result<(), Error> {
    match mode {
        Mode::Hosted => Ok(()),
        Mode::Mirror | Mode::Virtual => Err(Error::NotHosted(mode)),
    }
}

fn policy_of(row: &dyn Columns) -> Result<RepositoryPolicy, Error> {
    Ok(RepositoryPolicy {
        immutable_tags: lines(row.text(0)?).map(Pattern::parse).collect::<Result<_, _>>()?,
        sparse_indexes: row.flag(1)?,
        accept: word(&ACCEPT, row.text(2)?)?,
        releases: word(&RELEASES, row.text(3)?)?,
        strict_layout: row.flag(4)?,
        snapshots_keep_newest: row.opt_id(5)?,
        snapshots_keep_days: row.opt_id(6)?,
        duplicates: word(&DUPLICATES, row.text(7)?)?,
        delete: word(&DELETE, row.text(8)?)?,
        reserved_prefixes: lines(row.text(9)?).map(Into::into).collect(),
        delete_by_digest: word(&BY_DIGEST, row.text(10)?)?,
    })
}

/// How often something was taken away from a repository; `None` if it does not exist (any more).
pub(crate) fn removals(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Option<u64>, Error> {
    let sql = "SELECT removals FROM repository WHERE node = $1";
    maybe(tx, sql, &[repository.get().into()], |row| row.count(0))
}

/// Notes, in the turn of the repository, that something is taken away: a name, or the link of a blob.
pub(crate) fn note_removal(tx: &mut dyn Tx, repository: RepositoryId) -> Result<(), Error> {
    let sql = "UPDATE repository SET removals = removals + 1 WHERE node = $1";
    tx.execute(sql, &[repository.get().into()]).map(drop)
}

/// Sets the rules of a repository; false if it has them already or does not exist.
pub(crate) fn set_policy(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    policy: &RepositoryPolicy,
) -> Result<bool, Error> {
    if self::policy(tx, repository)?.is_none_or(|present| present == *policy) {
        return Ok(false);
    }
    let tags: Vec<&str> = policy.immutable_tags.iter().map(Pattern::as_str).collect();
    tx.execute(
        "UPDATE repository SET immutable_tags = $1, sparse_indexes = $2, accept = $3, releases = $4, strict_layout = $5, \
         snapshots_keep_newest = $6, snapshots_keep_days = $7, duplicates = $8, delete_means = $9, \
         reserved_prefixes = $10, delete_by_digest = $11 WHERE node = $12",
        &[
            tags.join("\n").as_str().into(),
            policy.sparse_indexes.into(),
            text(&ACCEPT, policy.accept).into(),
            text(&RELEASES, policy.releases).into(),
            policy.strict_layout.into(),
            policy.snapshots_keep_newest.into(),
            policy.snapshots_keep_days.into(),
            text(&DUPLICATES, policy.duplicates).into(),
            text(&DELETE, policy.delete).into(),
            Value::Text(&policy.reserved_prefixes.join("\n")),
            text(&BY_DIGEST, policy.delete_by_digest).into(),
            repository.get().into(),
        ],
    )?;
    Ok(true)
}

const ACCEPT: [(&str, AcceptVersions); 3] = [
    ("mixed", AcceptVersions::Mixed),
    ("release", AcceptVersions::Release),
    ("snapshot", AcceptVersions::Snapshot),
];
const RELEASES: [(&str, Releases); 3] =
    [("write-once", Releases::WriteOnce), ("read-only", Releases::ReadOnly), ("replace", Releases::Replace)];
const DUPLICATES: [(&str, Duplicates); 3] = [
    ("never", Duplicates::Never),
    ("prerelease-only", Duplicates::PrereleaseOnly),
    ("always", Duplicates::Always),
];
const DELETE: [(&str, NuGetDelete); 2] = [("unlist", NuGetDelete::Unlist), ("hard", NuGetDelete::Hard)];
const BY_DIGEST: [(&str, DeleteByDigest); 2] =
    [("all-tags", DeleteByDigest::AllTags), ("only-if-one-tag", DeleteByDigest::OnlyIfOneTag)];

fn word<T: Copy>(table: &[(&str, T)], text: &str) -> Result<T, Error> {
    let found = table.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| Error::corrupt("a repository has an unknown rule"))
}

fn text<T: Copy + PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    table.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty())
}
