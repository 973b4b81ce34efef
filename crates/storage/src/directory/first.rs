use std::sync::Arc;

use domain::{
    BuiltinRole, Format, Login, PrincipalId, PrincipalKind, ProjectKey, RepositoryName, System, TeamId,
    Visibility,
};

use super::change::{Author, Change};
use super::nodes::{NewProject, NewRepository};
use super::principals::{self, NewPrincipal};
use super::tokens::{self, NewToken};
use super::{Directory, grants, nodes as making};
use crate::error::{DirectoryError, Error};
use crate::policy_cache::PolicyCache;
use crate::sql::directory as rows;
use crate::sql::nodes;

/// What the first-run set-up makes: an administrator with a token, a project with repositories.
#[derive(Debug, Clone)]
pub struct FirstAdministrator {
    /// User name.
    pub username: Box<str>,
    /// Argon2id hash in PHC form, if a password was given.
    pub password_hash: Option<Box<str>>,
    /// The administrator's first token.
    pub token: NewToken,
    /// The first project.
    pub project: ProjectKey,
    /// Its repositories.
    pub repositories: Vec<FirstRepository>,
}

/// A repository of the first project.
#[derive(Debug, Clone)]
pub struct FirstRepository {
    /// Its name.
    pub name: RepositoryName,
    /// The protocol it speaks.
    pub format: Format,
    /// Whether anonymous callers may read.
    pub visibility: Visibility,
}

impl Directory {
    /// Makes the first administrator, once: only while `org-admins` has no active member, asked in the same transaction.
    ///
    /// # Errors
    /// `Refused` if there is an administrator, `Exists` if a name is taken.
    pub async fn first_administrator(
        &self,
        system: &System,
        first: FirstAdministrator,
    ) -> Result<PrincipalId, DirectoryError> {
        let policies = Arc::clone(&self.policies);
        let make = move |change: &mut Change<'_>| make(change, &policies, &first);
        Ok(self.change(Author::system(system), make).await?.0)
    }
}

fn make(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    first: &FirstAdministrator,
) -> Result<PrincipalId, Error> {
    // Drawing the version first puts two set-ups in line, on PostgreSQL too.
    change.mark(crate::sql::records::ChangedKind::Team, TeamId::ORG_ADMINS.get().into())?;
    if rows::active_administrators(change.tx)? > 0 {
        return Err(Error::refused("there is an administrator already"));
    }
    let new = NewPrincipal {
        kind: PrincipalKind::Member,
        name: &first.username,
        email: None,
        logins: vec![Login::parse(&first.username)?],
        suspended: false,
        password_hash: first.password_hash.as_deref(),
        requested: None,
    };
    let id = principals::create(change, &new)?;
    let owner = rows::principal(change.tx, id)?.ok_or(Error::Absent)?;
    principals::add_administrator(change, id)?;
    let limits = tokens::resolve_limits(change.tx, first.token.limits.as_deref())?;
    tokens::store(change, &owner, &first.token, limits.as_deref(), domain::TokenState::Active)?;
    make_project(change, policies, first, id)?;
    Ok(id)
}

fn make_project(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    first: &FirstAdministrator,
    maker: PrincipalId,
) -> Result<(), Error> {
    let title = first.project.as_str().into();
    let new = NewProject { key: first.project.clone(), title, description: "".into(), access: None };
    let project = making::create_project(change, &new)?;
    let role = nodes::role_named(change.tx, Some(project), BuiltinRole::ProjectAdmin.as_str())?;
    let role = role.ok_or_else(|| Error::corrupt("a project has no project-admin"))?;
    grants::put_plain(change, "grant.put", (maker.into(), project.into()), Ok(role.id))?;
    for repository in &first.repositories {
        let new = NewRepository {
            name: repository.name.clone(),
            description: "".into(),
            format: repository.format,
            visibility: repository.visibility,
            policy: None,
        };
        making::create_repository(change, policies, (project, &first.project), &new)?;
    }
    Ok(())
}
