//! Commands that a running gateway carries out, over its API.

use api::grants::{DeleteGrant, GrantNamed, GrantWanted, HasGrants, ListGrants, PutGrant};
use api::me::ShowMe;
use api::principals::{Suspend, Suspended};
use api::{Ask, Nothing, Paging, PrincipalAt};
use domain::{Organisation, Permission, Project, ProjectKey, Repository, RepositoryName, RepositoryPath};

use super::client::Client;
use super::failure::Failure;
use super::session;
use super::{GrantCommand, PrincipalCommand, Remote};
use crate::config::Environment;
use shown::show_fields;

pub(super) mod asking;
pub(super) mod audit;
pub(super) mod changing;
pub(super) mod identities;
pub(super) mod jobs;
pub(super) mod login_providers;
pub(super) mod nouns;
pub(super) mod organisation;
pub(super) mod packages;
pub(super) mod participants;
pub(super) mod passwords;
pub(super) mod people;
mod policy;
pub(super) mod raw;
mod reach;
pub(super) mod remarks;
pub(super) mod shown;
pub(super) mod tokens;
pub(super) mod usage;
pub(super) mod webhooks;

pub(super) async fn principal(command: PrincipalCommand, environment: &Environment) -> Result<(), Failure> {
    let (principal, suspended, changing) = match &command {
        PrincipalCommand::Suspend { principal, changing } => (principal, true, changing),
        PrincipalCommand::Resume { principal, changing } => (principal, false, changing),
    };
    let (at, body) = (PrincipalAt::new(principal), Suspended { suspended });
    let state = if suspended { "suspended" } else { "active" };
    let line = format!("{principal} is {state}");
    changing::change(Ask::<Suspend>::new(at, Nothing {}, body), changing, &line, environment).await
}

/// A node as it is named on the command line.
#[derive(Debug, PartialEq, Eq)]
enum On {
    Organisation,
    Project(ProjectKey),
    Repository(RepositoryPath),
}

pub(super) async fn grant(command: GrantCommand, environment: &Environment) -> Result<(), Failure> {
    let (GrantCommand::List { on, .. }
    | GrantCommand::Put { grant: super::GrantName { on, .. }, .. }
    | GrantCommand::Delete { grant: super::GrantName { on, .. }, .. }) = &command;
    match on_of(on)? {
        On::Organisation => grant_on::<Organisation>((), command, environment).await,
        On::Project(key) => grant_on::<Project>(key, command, environment).await,
        On::Repository(path) => grant_on::<Repository>(path, command, environment).await,
    }
}

async fn grant_on<N: HasGrants>(
    at: N::At,
    command: GrantCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        GrantCommand::List { remote, .. } => {
            let titles = ["to", "role", "permissions", "expires"];
            changing::list::<_, ListGrants<N>>((at, Paging::default()), &titles, &remote, environment).await
        }
        GrantCommand::Put { grant, permissions, expires, changing } => {
            let line = format!("granted to {} on {}", grant.to, grant.on);
            let body = GrantWanted {
                to: typed("--to", grant.to)?,
                role: grant.role.map(|role| typed("--role", role)).transpose()?,
                permissions: permissions.map(|list| rights(&list)).transpose()?,
                expires: moment("--expires", expires)?,
                about: None,
            };
            let ask = Ask::<PutGrant<N>>::new(at, Nothing {}, body);
            changing::change(ask, &changing, &line, environment).await
        }
        GrantCommand::Delete { grant, changing } => {
            let line = format!("deleted: {} on {}", grant.to, grant.on);
            let query = GrantNamed {
                to: typed("--to", grant.to)?,
                role: grant.role.map(|role| typed("--role", role)).transpose()?,
            };
            changing::delete::<DeleteGrant<N>>((at, query), &changing, &line, environment).await
        }
    }
}

async fn me(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let ask = Ask::<ShowMe>::new((), Nothing {}, Nothing {});
    let shown = connect(remote, environment)?.call(&ask).await?;
    show_fields(remote, &shown.document);
    Ok(())
}

/// The gateway that is meant, asked as whoever one is there.
pub(super) fn connect(remote: &Remote, environment: &Environment) -> Result<Client, Failure> {
    session::client(&remote.at, environment)
}

/// `/`, PROJECT or PROJECT/REPOSITORY.
fn on_of(text: &str) -> Result<On, Failure> {
    let wrong = || Failure::Usage(format!("`{text}` is no node: write /, PROJECT or PROJECT/REPOSITORY"));
    let project = |key: &str| ProjectKey::parse_folded(key).map_err(|_| wrong());
    match text.split_once('/') {
        Some(("", "")) => Ok(On::Organisation),
        None => project(text).map(On::Project),
        Some((key, name)) => {
            let repository = RepositoryName::parse_folded(name).map_err(|_| wrong())?;
            Ok(On::Repository(RepositoryPath { project: project(key)?, repository }))
        }
    }
}

fn rights(list: &str) -> Result<api::Rights, Failure> {
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    let parsed: Result<_, _> = words.map(Permission::parse).collect();
    parsed.map(api::Rights).map_err(|_| {
        let known = Permission::ALL.map(Permission::as_str).join(", ");
        Failure::Usage(format!("{list}: the permissions are {known}"))
    })
}

fn moment(flag: &str, text: Option<String>) -> Result<Option<api::Moment>, Failure> {
    let wrong = || Failure::Usage(format!("{flag}: write a time such as 2030-01-01T00:00:00Z"));
    text.map(|text| domain::time::parse(&text).map(api::Moment).ok_or_else(wrong)).transpose()
}

pub(super) fn typed<T: TryFrom<String>>(what: &str, text: String) -> Result<T, Failure>
where
    T::Error: std::fmt::Display,
{
    T::try_from(text).map_err(|why| Failure::Usage(format!("{what}: {why}")))
}

#[cfg(test)]
mod tests;
