use domain::{
    Access, AccessManage, Denied, Granted, KnownProject, KnownProjects, Limit, Organisation, Permission,
    Project, ProjectCreate, ProjectId, ProjectKey, RepositoryDelete, RepositorySettings, Right, Timestamp,
};

use super::change::{Author, Change};
use super::listing::{Words, filled, judged};
use super::nodes::{self as making, NewProject};
use super::{Directory, InForce, OnlyIf, removal, rule};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::{self, Tx, nodes};

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// Never used again.
    pub id: ProjectId,
    /// Its key.
    pub key: ProjectKey,
    /// Its title, for people.
    pub title: Box<str>,
    /// What it is for.
    pub description: Box<str>,
    /// Whether every member may read in it.
    pub access: Access,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a project is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectWanted {
    /// Its title; `None` for its key.
    pub title: Option<Box<str>>,
    /// What it is for.
    pub description: Box<str>,
    /// Whether every member may read in it; `None` for the organisation's preset, or what it has.
    pub access: Option<Access>,
}

/// Which projects.
#[derive(Debug, Clone, Default)]
pub struct ProjectFilter {
    /// Words in key or title.
    pub query: Option<Box<str>>,
    /// Those of this kind only.
    pub access: Option<Access>,
}

/// In which order projects are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProjectSort {
    /// By key.
    #[default]
    Key,
    /// By key, the last first.
    KeyDown,
    /// The oldest first.
    Created,
    /// The newest first.
    CreatedDown,
}

/// Where a project stands, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPlace {
    /// Its key.
    pub key: ProjectKey,
    /// When it was made.
    pub created_at: Timestamp,
    /// Which of those that were made in the same millisecond.
    pub id: ProjectId,
}

/// What went with a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Its repositories.
    pub repositories: u64,
    /// Grants on it and in it, and to its computed team.
    pub grants: u64,
}

impl Directory {
    /// The projects a caller may know of, in this order, after `after`. Looks at all projects in that order until a page is full.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn projects(
        &self,
        known: &KnownProjects,
        filter: ProjectFilter,
        (sort, after): (ProjectSort, Option<ProjectPlace>),
        limit: Limit,
    ) -> Result<Vec<ProjectRow>, DirectoryError> {
        let known = known.ids();
        let read = move |tx: &mut dyn Tx| {
            let next = |last: Option<&ProjectRow>, rows| {
                let last = last.map(|last| (last.key.as_str(), (last.created_at, last.id)));
                let first = after.as_ref().map(|after| (after.key.as_str(), (after.created_at, after.id)));
                let found = sorted_after(tx, sort, last.or(first), rows)?;
                Ok(found.into_iter().map(row_of).collect())
            };
            let words = Words::of(filter.query.as_deref());
            filled(limit, next, |row| {
                known.binary_search(&row.id).is_ok()
                    && filter.access.is_none_or(|access| access == row.access)
                    && words.are_in(&[row.key.as_str(), &row.title])
            })
        };
        Ok(self.database.read(read).await?)
    }

    /// A project.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn project(&self, known: &KnownProject) -> Result<ProjectRow, DirectoryError> {
        self.row_of_project(known.node().clone()).await
    }

    /// As [`Self::project`], for who may change it.
    ///
    /// # Errors
    /// As there.
    pub async fn project_to_change(
        &self,
        may: &Granted<RepositorySettings, Project>,
    ) -> Result<ProjectRow, DirectoryError> {
        self.row_of_project(may.node().clone()).await
    }

    async fn row_of_project(&self, project: Project) -> Result<ProjectRow, DirectoryError> {
        Ok(self.database.point(move |tx| present(tx, &project)).await?.into())
    }

    /// Makes a project. Its maker becomes its administrator.
    ///
    /// # Errors
    /// `Exists` if the key is taken, `Precondition`.
    pub async fn create_project(
        &self,
        may: &Granted<ProjectCreate, Organisation>,
        new: NewProject,
        only_if: OnlyIf<ProjectRow>,
    ) -> Result<(ProjectRow, InForce), DirectoryError> {
        let make = move |change: &mut Change<'_>| {
            judged(&only_if, None)?;
            let id = making::create_project(change, &new)?;
            making::administer(change, id)?;
            Ok(row_of(nodes::project(change.tx, &new.key)?.ok_or(Error::Absent)?))
        };
        Ok(self.change(Author::of(may), make).await?)
    }

    /// Sets what can be set about a project.
    ///
    /// # Errors
    /// `Absent` if it is gone, `Precondition`, `Denied` if what members may read changes and the caller manages no access there.
    pub async fn set_project(
        &self,
        may: &Granted<RepositorySettings, Project>,
        wanted: ProjectWanted,
        only_if: OnlyIf<ProjectRow>,
    ) -> Result<(ProjectRow, InForce), DirectoryError> {
        let project = may.node().clone();
        let opens = may.held().contains(Permission::AccessManage);
        let set = move |change: &mut Change<'_>| {
            let present = present(change.tx, &project)?;
            judged(&only_if, Some(&row_of(present.clone())))?;
            let mut next = present.clone();
            next.title = wanted.title.unwrap_or_else(|| present.key.as_str().into());
            next.description = wanted.description;
            next.access = wanted.access.unwrap_or(present.access);
            if next.access != present.access && !opens {
                let right = AccessManage::KIND;
                return Err(Error::Denied(Denied { authenticated: true, may_know: true, right }));
            }
            making::set_project(change, &present, &next)?;
            Ok(row_of(next))
        };
        Ok(self.change(Author::of(may), set).await?)
    }

    /// Takes a project away: with its repositories if they may go too, its roles, and every grant on it or in it.
    ///
    /// # Errors
    /// `Absent` if it is gone, `Precondition`, `Forbidden` if it has repositories that may not go.
    pub async fn remove_project(
        &self,
        may: &Granted<RepositoryDelete, Project>,
        also: &Granted<AccessManage, Project>,
        with_repositories: bool,
        only_if: OnlyIf<ProjectRow>,
    ) -> Result<(Removed, InForce), DirectoryError> {
        let (project, other) = (may.node().clone(), also.node().id());
        let remove = move |change: &mut Change<'_>| {
            let present = present(change.tx, &project)?;
            if present.id != other {
                return Err(Error::Stale);
            }
            judged(&only_if, Some(&row_of(present.clone())))?;
            let repositories = sql::removal::repositories_in(change.tx, project.id())?;
            if !with_repositories && !repositories.is_empty() {
                let why =
                    format!("it has {} repositories, which go only if that is asked for", repositories.len());
                return Err(Error::forbidden(DirectoryRule::NotEmpty, why));
            }
            let mut removed = Removed { repositories: repositories.len() as u64, grants: 0 };
            for id in repositories {
                let ended = removal::repository(change, id)?;
                removed.grants = removed.grants.saturating_add(ended);
            }
            rule::remove_all(change, present.id)?;
            let ended = removal::project(change, &present)?;
            removed.grants = removed.grants.saturating_add(ended);
            Ok(removed)
        };
        Ok(self.change(Author::of(may).trusting(also.version()), remove).await?)
    }
}

/// Projects in an order, behind one of them.
fn sorted_after(
    tx: &mut dyn Tx,
    sort: ProjectSort,
    after: Option<(&str, (Timestamp, ProjectId))>,
    limit: u32,
) -> Result<Vec<nodes::ProjectRow>, Error> {
    let (key, made) = after.unzip();
    match sort {
        ProjectSort::Key => nodes::projects_after(tx, key.unwrap_or_default(), limit),
        ProjectSort::KeyDown => nodes::projects_before(tx, key, limit),
        ProjectSort::Created => nodes::projects_made_after(tx, made, limit),
        ProjectSort::CreatedDown => nodes::projects_made_before(tx, made, limit),
    }
}

/// The project of a proof, if it is still there and still that one.
fn present(tx: &mut dyn Tx, project: &Project) -> Result<nodes::ProjectRow, Error> {
    nodes::project(tx, project.key())?.filter(|row| row.id == project.id()).ok_or(Error::Absent)
}

fn row_of(row: nodes::ProjectRow) -> ProjectRow {
    let nodes::ProjectRow { id, key, title, description, access, created_at } = row;
    ProjectRow { id, key, title, description, access, created_at }
}

impl From<nodes::ProjectRow> for ProjectRow {
    fn from(row: nodes::ProjectRow) -> Self {
        row_of(row)
    }
}
