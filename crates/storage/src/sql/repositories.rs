//! Statements about repositories and their rules.

use std::sync::Arc;

use domain::{Mode, RepositoryId, RepositoryPolicy, Rules};

use super::row::{Select, row, select};
use super::{Tx, Value, maybe, policy_columns, rows};
use crate::error::Error;
use crate::policy_cache::PolicyCache;

/// What a repository lets happen, as it is stored.
struct PolicyRow<'r> {
    format: &'r str,
    policy: &'r str,
    reserved_prefixes: &'r str,
    mode: Mode,
}

row! { PolicyRow<'r> { format, policy, reserved_prefixes, mode } }

/// Of one repository.
const SELECT_POLICY: Select<PolicyRow<'static>> = select!(PolicyRow<'_>, "FROM repository WHERE node = $1");

/// The rules of a repository; `None` if it does not exist (any more).
pub(crate) fn rules(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    repository: RepositoryId,
) -> Result<Option<Arc<dyn Rules>>, Error> {
    maybe(tx, SELECT_POLICY, &[repository.get().into()], |row| policies.rules(row.format, row.policy))
}

/// The rules of a repository that is about to get names of its own.
///
/// # Errors
/// `Absent` if it does not exist (any more), `NotHosted` if nobody publishes to it.
pub(crate) fn rules_of_hosted(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    repository: RepositoryId,
) -> Result<Arc<dyn Rules>, Error> {
    let found = maybe(tx, SELECT_POLICY, &[repository.get().into()], |row| {
        Ok((row.mode, policies.rules(row.format, row.policy)?))
    })?;
    let (mode, rules) = found.ok_or(Error::Absent)?;
    hosted(mode)?;
    Ok(rules)
}

/// Whether a repository is there, and is one that gets names and content of its own.
///
/// # Errors
/// As [`rules_of_hosted`].
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

/// A format that repositories have.
pub(crate) struct FormatInUse {
    pub(crate) word: Box<str>,
    /// One of the repositories, as `PROJECT/REPOSITORY`.
    pub(crate) repository: Box<str>,
}

/// Every format that repositories have.
pub(crate) fn formats(tx: &mut dyn Tx) -> Result<Vec<FormatInUse>, Error> {
    let sql = "SELECT r.format, min(p.key || '/' || r.name) FROM repository r JOIN project p ON p.node = r.project \
               WHERE r.project <> 2 GROUP BY r.format ORDER BY r.format";
    rows(tx, sql, &[], |row| Ok(FormatInUse { word: row.text(0)?.into(), repository: row.text(1)?.into() }))
}

/// The policy of a repository; `None` if it does not exist (any more).
pub(crate) fn policy(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    repository: RepositoryId,
) -> Result<Option<RepositoryPolicy>, Error> {
    maybe(tx, SELECT_POLICY, &[repository.get().into()], |row| {
        Ok(RepositoryPolicy {
            own: policies.policy(row.format, row.policy)?,
            reserved_prefixes: row.reserved_prefixes.lines().map(Into::into).collect(),
        })
    })
}

/// Sets the policy of a repository; false if it has that already or does not exist.
///
/// # Errors
/// `Refused` if it is of another format than the repository.
pub(crate) fn set_policy(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    repository: RepositoryId,
    policy: &RepositoryPolicy,
) -> Result<bool, Error> {
    let Some(present) = self::policy(tx, policies, repository)? else { return Ok(false) };
    let (was, is) = (present.own.format(), policy.own.format());
    if was != is {
        return Err(Error::refused(format!(
            "a repository of the format {was} has no policy of the format {is}"
        )));
    }
    if present == *policy {
        return Ok(false);
    }
    let sql = "UPDATE repository SET policy = $1, reserved_prefixes = $2 WHERE node = $3";
    let prefixes = policy.reserved_prefixes.join("\n");
    tx.execute(sql, &[policy.own.document().into(), Value::Text(&prefixes), repository.get().into()])?;
    policy_columns::write(tx, repository, policy.own.document())?;
    Ok(true)
}

/// How often something was taken away from a repository; `None` if it does not exist (any more).
pub(crate) fn removal_count(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Option<u64>, Error> {
    let sql = "SELECT removals FROM repository WHERE node = $1";
    maybe(tx, sql, &[repository.get().into()], |row| row.count(0))
}

/// Counts, in the turn of the repository, that something is taken away: a name, or the link of a blob.
pub(crate) fn count_removal(tx: &mut dyn Tx, repository: RepositoryId) -> Result<(), Error> {
    let sql = "UPDATE repository SET removals = removals + 1 WHERE node = $1";
    tx.execute(sql, &[repository.get().into()]).map(drop)
}
