//! Commands that a running gateway carries out, over its API.

use api::grants::{DeleteGrant, GrantNamed, GrantWanted, HasGrants, ListGrants, PutGrant};
use api::me::ShowMe;
use api::principals::{Suspend, Suspended};
use api::tokens::{
    CreateToken, CreateTokenOf, ListTokens, ListTokensOf, SetTokenState, SetTokenStateOf, ShowToken,
    ShowTokenOf, StateWanted, TokenLimit, TokenWanted, WantedState,
};
use api::{Ask, Nothing, Paging, PrincipalAt, PrincipalTokenAt, TokenAt};
use domain::{Organisation, Permission, Project, ProjectKey, Repository, RepositoryName, RepositoryPath};
use serde_json::Value;

use super::calls::Received;
use super::client::Client;
use super::failure::Failure;
use super::{GrantCommand, Output, Owner, PrincipalCommand, Remote, TokenCommand, output};
use crate::config::{Environment, ServerUrl};

pub(super) mod asking;
pub(super) mod audit;
mod changing;
pub(super) mod nouns;
pub(super) mod organisation;
pub(super) mod participants;
pub(super) mod passwords;
pub(super) mod people;
pub(super) mod webhooks;

/// The gateway on this machine.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

pub(super) async fn token(command: TokenCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        // Made here, without a server.
        TokenCommand::Generate { kind } => super::local::generate(kind),
        TokenCommand::Create { name, limits, expires, owner, remote } => {
            let limits: Result<Vec<TokenLimit>, Failure> = limits.iter().map(|text| limit_of(text)).collect();
            let body = TokenWanted {
                name: typed("the name", name)?,
                limits: Some(limits?).filter(|limits| !limits.is_empty()),
                expires: moment("--expires", expires)?,
            };
            let client = connect(&remote, environment)?;
            let made = match principal_at(&owner) {
                None => client.call(&Ask::<CreateToken>::new((), Nothing {}, body)).await?,
                Some(at) => client.call(&Ask::<CreateTokenOf>::new(at, Nothing {}, body)).await?,
            };
            show_secret(&remote, &made);
            Ok(())
        }
        TokenCommand::List { owner, remote } => {
            let client = connect(&remote, environment)?;
            let items = match principal_at(&owner) {
                None => client.list::<_, ListTokens>((), Paging::default()).await?,
                Some(at) => client.list::<_, ListTokensOf>(at, Paging::default()).await?,
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
        TokenCommand::Disable { id, owner, remote } => {
            set_state(&id, &owner, &remote, environment, WantedState::Disabled).await
        }
        TokenCommand::Revoke { id, owner, remote } => {
            set_state(&id, &owner, &remote, environment, WantedState::Revoked).await
        }
    }
}

async fn set_state(
    id: &str,
    owner: &Owner,
    remote: &Remote,
    environment: &Environment,
    state: WantedState,
) -> Result<(), Failure> {
    let client = connect(remote, environment)?;
    let (token, query, body) = (token_at(id)?, Nothing {}, StateWanted { state });
    let done = match principal_at(owner) {
        None => client.call(&Ask::<SetTokenState>::new(token, query, body)).await?,
        Some(owner) => {
            let at = PrincipalTokenAt::new(owner, token);
            client.call(&Ask::<SetTokenStateOf>::new(at, query, body)).await?
        }
    };
    let word = match state {
        WantedState::Disabled => "disabled",
        WantedState::Revoked => "revoked",
    };
    show_done(remote, &done.document, &format!("token {id} is {word}"));
    Ok(())
}

pub(super) async fn principal(command: PrincipalCommand, environment: &Environment) -> Result<(), Failure> {
    let (principal, suspended, remote) = match &command {
        PrincipalCommand::Suspend { principal, remote } => (principal, true, remote),
        PrincipalCommand::Resume { principal, remote } => (principal, false, remote),
    };
    let (at, body) = (PrincipalAt::new(principal), Suspended { suspended });
    let done = connect(remote, environment)?.call(&Ask::<Suspend>::new(at, Nothing {}, body)).await?;
    let state = if suspended { "suspended" } else { "active" };
    show_done(remote, &done.document, &format!("{principal} is {state}"));
    Ok(())
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
            let items =
                connect(&remote, environment)?.list::<_, ListGrants<N>>(at, Paging::default()).await?;
            show_list(&remote, items, &["to", "role", "permissions", "expires"]);
        }
        GrantCommand::Put { grant, permissions, expires, remote } => {
            let line = format!("granted to {} on {}", grant.to, grant.on);
            let body = GrantWanted {
                to: typed("--to", grant.to)?,
                role: grant.role.map(|role| typed("--role", role)).transpose()?,
                permissions: permissions.map(|list| rights(&list)).transpose()?,
                expires: moment("--expires", expires)?,
                about: None,
            };
            let ask = Ask::<PutGrant<N>>::new(at, Nothing {}, body);
            show_done(&remote, &connect(&remote, environment)?.call(&ask).await?.document, &line);
        }
        GrantCommand::Delete { grant, remote } => {
            let line = format!("deleted: {} on {}", grant.to, grant.on);
            let query = GrantNamed {
                to: typed("--to", grant.to)?,
                role: grant.role.map(|role| typed("--role", role)).transpose()?,
            };
            let ask = Ask::<DeleteGrant<N>>::new(at, query, Nothing {});
            show_done(&remote, &connect(&remote, environment)?.call(&ask).await?.document, &line);
        }
    }
    Ok(())
}

async fn me(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let ask = Ask::<ShowMe>::new((), Nothing {}, Nothing {});
    let shown = connect(remote, environment)?.call(&ask).await?;
    show_fields(remote, &shown.document);
    Ok(())
}

pub(super) fn connect(remote: &Remote, environment: &Environment) -> Result<Client, Failure> {
    let token = environment.get("WHARFINGER_TOKEN");
    Client::new(server(remote, environment)?, token, remote.ca_file.as_deref().into())
}

/// Which gateway is meant.
fn server(remote: &Remote, environment: &Environment) -> Result<ServerUrl, Failure> {
    Ok(match (&remote.server, environment.get("WHARFINGER_SERVER")) {
        (Some(server), _) => server.clone(),
        (None, Some(text)) => ServerUrl::parse(text).ok_or_else(|| {
            Failure::Usage("WHARFINGER_SERVER must be an address such as https://HOST".to_owned())
        })?,
        (None, None) => default_server()?,
    })
}

pub(super) fn default_server() -> Result<ServerUrl, Failure> {
    ServerUrl::parse(DEFAULT_SERVER).ok_or_else(|| Failure::Other(DEFAULT_SERVER.to_owned()))
}

/// An object as a table of its fields.
fn show_fields(remote: &Remote, document: &Value) {
    if remote.output == Output::Json {
        return output::json(document);
    }
    let rows = changing::rows(document.clone());
    output::say(output::table(&["field", "value"], &rows).trim_end());
}

fn show_list(remote: &Remote, items: Vec<Value>, titles: &[&str]) {
    if remote.output == Output::Json {
        return output::json(&Value::Array(items));
    }
    let row = |item: &Value| titles.iter().map(|title| output::cell(item.get(*title))).collect();
    let rows: Vec<Vec<String>> = items.iter().map(row).collect();
    output::say(output::table(titles, &rows).trim_end());
}

/// The secret alone on standard output, so that it can be piped; what it is goes to the terminal.
fn show_secret(remote: &Remote, made: &Received<api::tokens::Token>) {
    if remote.output == Output::Json {
        return output::json(&made.document);
    }
    output::complain(&format!("token {} was made; it is shown only now:", made.answer.id));
    output::say(made.answer.secret.as_deref().unwrap_or_default());
}

fn show_done(remote: &Remote, document: &Value, line: &str) {
    if remote.output == Output::Json {
        output::json(document);
    } else {
        output::say(line);
    }
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

/// `NODE=PERMISSION,PERMISSION`.
fn limit_of(text: &str) -> Result<TokenLimit, Failure> {
    let wrong = || Failure::Usage(format!("{text}: a limit is NODE=PERMISSION[,PERMISSION…]"));
    let (on, permissions) = text.split_once('=').ok_or_else(wrong)?;
    Ok(TokenLimit { on: typed("--limit", on.to_owned())?, permissions: rights(permissions)? })
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
