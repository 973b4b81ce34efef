use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{
    EntryKind, Format, FormatPolicy, Granted, Limit, Project, ProjectId, Read, RepositoryCreate,
    RepositoryDelete, RepositoryId, RepositoryPath, RepositoryPolicy, RepositorySettings, Right, Timestamp,
    Visibility, Visible,
};

use super::change::{Author, Change};
use super::listing::{CHUNK_ROWS, Words, filled, judged};
use super::nodes::{self as making, NewRepository};
use super::{Directory, InForce, OnlyIf, removal};
use crate::error::{DirectoryError, DirectoryRule, Error};
#[cfg(doc)]
use crate::model::PackageRow;
use crate::policy_cache::PolicyCache;
use crate::sql::{Tx, nodes, packages, repositories};

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryRow {
    /// Never used again.
    pub id: RepositoryId,
    /// Project and name.
    pub path: RepositoryPath,
    /// The protocol it speaks.
    pub format: Format,
    /// Whether anonymous callers may read.
    pub visibility: Visibility,
    /// What it is for.
    pub description: Box<str>,
    /// What its format lets be said about it: a JSON document with every field.
    pub policy: Arc<str>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a repository is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryWanted {
    /// The protocol it speaks, which cannot be changed.
    pub format: Format,
    /// Whether anonymous callers may read.
    pub visibility: Visibility,
    /// What it is for.
    pub description: Box<str>,
    /// What is its format's own of its policy.
    pub policy: FormatPolicy,
}

/// Which repositories.
#[derive(Debug, Clone, Default)]
pub struct RepositoryFilter {
    /// Those of this project only.
    pub project: Option<domain::ProjectKey>,
    /// Those that speak this protocol only.
    pub format: Option<Format>,
    /// Those of this kind only.
    pub visibility: Option<Visibility>,
    /// Words in name or description.
    pub query: Option<Box<str>>,
}

/// What a repository says that is still to be made.
const NOTHING: &str = "{}";

impl RepositoryFilter {
    fn counts(&self, row: &RepositoryRow, words: &Words) -> bool {
        self.project.as_ref().is_none_or(|key| *key == row.path.project)
            && self.format.is_none_or(|format| format == row.format)
            && self.visibility.is_none_or(|visibility| visibility == row.visibility)
            && words.are_in(&[row.path.repository.as_str(), &row.description])
    }
}

impl Directory {
    /// The repositories somebody may read, by project key and name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn repositories(
        &self,
        within: &Visible,
        filter: RepositoryFilter,
        after: Option<RepositoryPath>,
        limit: Limit,
    ) -> Result<Vec<RepositoryRow>, DirectoryError> {
        let (readable, policies) = (within.repositories().to_vec(), Arc::clone(&self.policies));
        let read = move |tx: &mut dyn Tx| {
            let next = |last: Option<&RepositoryRow>, rows| {
                let after = last.map(|last| &last.path).or(after.as_ref());
                let after = after.map_or(("", ""), |path| (path.project.as_str(), path.repository.as_str()));
                let rows = nodes::repositories_after(tx, after, rows)?;
                Ok(rows.into_iter().map(|row| row_of(&policies, row)).collect())
            };
            let words = Words::of(filter.query.as_deref());
            let counts = |row: &RepositoryRow| filter.counts(row, &words);
            filled(limit, next, |row| readable.binary_search(&row.id).is_ok() && counts(row))
        };
        Ok(self.database.read(read).await?)
    }

    /// How many repositories of each format somebody may read in a project.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn repositories_by_format(
        &self,
        within: &Visible,
        project: ProjectId,
    ) -> Result<BTreeMap<Format, u64>, DirectoryError> {
        let readable = within.repositories().to_vec();
        let read = move |tx: &mut dyn Tx| {
            let (mut counts, mut after) = (BTreeMap::new(), Box::<str>::default());
            loop {
                let chunk = nodes::formats_in(tx, project, &after, CHUNK_ROWS)?;
                for row in chunk.iter().filter(|row| readable.binary_search(&row.id).is_ok()) {
                    let count: &mut u64 = counts.entry(row.format).or_default();
                    *count = count.saturating_add(1);
                }
                match chunk.into_iter().nth(CHUNK_ROWS as usize - 1) {
                    Some(last) => after = last.name,
                    None => return Ok(counts),
                }
            }
        };
        Ok(self.database.read(read).await?)
    }

    /// A repository.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn repository(&self, may: &Granted<Read>) -> Result<RepositoryRow, DirectoryError> {
        self.row_of_repository(may).await
    }

    /// As [`Self::repository`], for who may change it.
    ///
    /// # Errors
    /// As there.
    pub async fn repository_to_change(
        &self,
        may: &Granted<RepositorySettings>,
    ) -> Result<RepositoryRow, DirectoryError> {
        self.row_of_repository(may).await
    }

    async fn row_of_repository<R: Right>(&self, may: &Granted<R>) -> Result<RepositoryRow, DirectoryError> {
        let (id, policies) = (may.node().id(), Arc::clone(&self.policies));
        Ok(self.database.point(move |tx| present(tx, &policies, id)).await?)
    }

    /// How many versions a repository has, [`PackageRow::COUNTED_MAX`] at most, and the bytes of all it holds; `None` beyond as many
    /// blobs.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn repository_contents(
        &self,
        row: &RepositoryRow,
        versions: EntryKind,
    ) -> Result<(u64, Option<u64>), DirectoryError> {
        let id = row.id;
        Ok(self.database.read(move |tx| packages::contents(tx, id, versions)).await?)
    }

    /// Makes a repository.
    ///
    /// # Errors
    /// `Exists` if the name is taken, `Absent` if the project is gone, `Precondition`.
    pub async fn create_repository(
        &self,
        may: &Granted<RepositoryCreate, Project>,
        new: NewRepository,
        only_if: OnlyIf<RepositoryRow>,
    ) -> Result<(RepositoryRow, InForce), DirectoryError> {
        let (project, policies) = (may.node().clone(), Arc::clone(&self.policies));
        let make = move |change: &mut Change<'_>| {
            if nodes::node_name(change.tx, project.id().into())?.is_none() {
                return Err(Error::Absent);
            }
            judged(&only_if, None)?;
            if let Some(policy) = &new.policy {
                policies.enforceable(&policy.own, NOTHING)?;
            }
            let id = making::create_repository(change, &policies, (project.id(), project.key()), &new)?;
            present(change.tx, &policies, id)
        };
        Ok(self.change(Author::of(may), make).await?)
    }

    /// Sets what can be set about a repository.
    ///
    /// # Errors
    /// `Absent` if it is gone, `Precondition`, `Forbidden` for another format, `Refused` for what nothing keeps to
    /// yet.
    pub async fn set_repository(
        &self,
        may: &Granted<RepositorySettings>,
        wanted: RepositoryWanted,
        only_if: OnlyIf<RepositoryRow>,
    ) -> Result<(RepositoryRow, InForce), DirectoryError> {
        let (id, policies) = (may.node().id(), Arc::clone(&self.policies));
        let set = move |change: &mut Change<'_>| {
            let row = present(change.tx, &policies, id)?;
            judged(&only_if, Some(&row))?;
            set(change, &policies, &row, &wanted)?;
            present(change.tx, &policies, id)
        };
        Ok(self.change(Author::of(may), set).await?)
    }

    /// Takes a repository away. Its name is free at once and gives nothing back; its rows go in pieces.
    ///
    /// # Errors
    /// `Absent` if it is gone, `Precondition`.
    pub async fn remove_repository(
        &self,
        may: &Granted<RepositoryDelete>,
        only_if: OnlyIf<RepositoryRow>,
    ) -> Result<InForce, DirectoryError> {
        let (id, policies) = (may.node().id(), Arc::clone(&self.policies));
        let remove = move |change: &mut Change<'_>| {
            let row = present(change.tx, &policies, id)?;
            judged(&only_if, Some(&row))?;
            removal::repository(change, id).map(drop)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }
}

fn set(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    row: &RepositoryRow,
    wanted: &RepositoryWanted,
) -> Result<(), Error> {
    if wanted.format != row.format {
        let why = format!("it is a repository for {}; make another one", row.format.as_str());
        return Err(Error::forbidden(DirectoryRule::FormatFixed, why));
    }
    let named = (row.id, &*row.path.to_string());
    making::describe(change, named, (&row.description, &wanted.description))?;
    if *wanted.policy.document() != *row.policy {
        policies.enforceable(&wanted.policy, &row.policy)?;
        let present = repositories::policy(change.tx, policies, row.id)?.ok_or(Error::Absent)?;
        let policy = RepositoryPolicy { own: wanted.policy.clone(), ..present };
        making::set_policy(change, policies, (row.id, &row.path.to_string()), &policy)?;
    }
    if wanted.visibility != row.visibility {
        making::set_visibility(change, row.id, wanted.visibility)?;
    }
    Ok(())
}

/// The repository of a proof, if it is still there.
fn present(tx: &mut dyn Tx, policies: &PolicyCache, id: RepositoryId) -> Result<RepositoryRow, Error> {
    nodes::repository_by_id(tx, id)?.map(|row| row_of(policies, row)).ok_or(Error::Absent)
}

fn row_of(policies: &PolicyCache, row: nodes::RepositoryRow) -> RepositoryRow {
    let nodes::RepositoryRow { id, path, format, description, policy, created_at, public } = row;
    let policy = policies.shown(format.as_str(), &policy);
    let visibility = if public { Visibility::Public } else { Visibility::Private };
    RepositoryRow { id, path, format, visibility, description, policy, created_at }
}
