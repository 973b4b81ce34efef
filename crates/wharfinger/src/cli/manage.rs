//! Commands that a running gateway carries out, over its API.

use api::grants::{DeleteGrant, GrantNamed, GrantWanted, HasGrants, ListGrants, PutGrant};
use api::me::ShowMe;
use api::principals::{Suspend, Suspended};
use api::tokens::{
    CreateToken, CreateTokenOf, KindAsked, ListTokens, ListTokensOf, SetTokenState, SetTokenStateOf,
    ShowToken, ShowTokenOf, StateWanted, TokenWanted, TokensAsked, WantedState,
};
use api::{Ask, Nothing, Paging, PrincipalAt, PrincipalTokenAt, TokenAt};
use domain::{Organisation, Permission, Project, ProjectKey, Repository, RepositoryName, RepositoryPath};

use super::client::Client;
use super::failure::Failure;
use super::session;
use super::{Changing, GrantCommand, Owner, PrincipalCommand, Remote, TokenCommand};
use crate::config::Environment;
use shown::{show_fields, show_list, show_secret};

pub(super) mod asking;
pub(super) mod audit;
pub(super) mod changing;
pub(super) mod identities;
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
pub(super) mod webhooks;

pub(super) async fn token(command: TokenCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        // Made here, without a server.
        TokenCommand::Generate { kind } => super::local::generate(kind),
        TokenCommand::Create { name, reach, expires, owner, changing } => {
            let (name, expires) = (typed("the name", name)?, moment("--expires", expires)?);
            let body = TokenWanted { name, limits: reach::limits(&reach)?, expires };
            let made = match principal_at(&owner) {
                None => {
                    changing::call(Ask::<CreateToken>::new((), Nothing {}, body), &changing, environment)
                        .await?
                }
                Some(at) => {
                    changing::call(Ask::<CreateTokenOf>::new(at, Nothing {}, body), &changing, environment)
                        .await?
                }
            };
            show_secret(&changing.remote, &made);
            Ok(())
        }
        TokenCommand::List { short_lived, owner, remote } => {
            let client = connect(&remote, environment)?;
            let kind = short_lived.then_some(KindAsked::ShortLived);
            let asked = TokensAsked { kind, ..TokensAsked::default() };
            let items = match principal_at(&owner) {
                None => client.list::<_, ListTokens>((), asked).await?,
                Some(at) => client.list::<_, ListTokensOf>(at, asked).await?,
            };
            show_list(&remote, items, &["id", "name", "state", "expires", "limits", "last_used"]);
            Ok(())
        }
        TokenCommand::Show { id, owner, remote } => {
            let client = connect(&remote, environment)?;
            let (token, query, body) = (token_at(&id)?, Nothing {}, Nothing {});
            let shown = match principal_at(&owner) {
                None => client.call(&Ask::<ShowToken>::new(token, query, body)).await?,
                Some(owner) => {
                    let at = PrincipalTokenAt::new(owner, token);
                    client.call(&Ask::<ShowTokenOf>::new(at, query, body)).await?
                }
            };
            show_fields(&remote, &shown.document);
            Ok(())
        }
        TokenCommand::Disable { id, owner, changing } => {
            set_state(&id, &owner, &changing, environment, WantedState::Disabled).await
        }
        TokenCommand::Revoke { id, owner, changing } => {
            set_state(&id, &owner, &changing, environment, WantedState::Revoked).await
        }
    }
}

async fn set_state(
    id: &str,
    owner: &Owner,
    changing: &Changing,
    environment: &Environment,
    state: WantedState,
) -> Result<(), Failure> {
    let (token, query, body) = (token_at(id)?, Nothing {}, StateWanted { state });
    let word = match state {
        WantedState::Disabled => "disabled",
        WantedState::Revoked => "revoked",
    };
    let line = format!("token {id} is {word}");
    match principal_at(owner) {
        None => {
            let ask = Ask::<SetTokenState>::new(token, query, body);
            changing::change(ask, changing, &line, environment).await
        }
        Some(owner) => {
            let ask = Ask::<SetTokenStateOf>::new(PrincipalTokenAt::new(owner, token), query, body);
            changing::change(ask, changing, &line, environment).await
        }
    }
}

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

fn principal_at(owner: &Owner) -> Option<PrincipalAt> {
    owner.of.as_deref().map(PrincipalAt::new)
}

fn token_at(id: &str) -> Result<TokenAt, Failure> {
    TokenAt::new(id)
        .ok_or_else(|| Failure::Absent(format!("{id}: no token has such an id, which has 8 characters")))
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
