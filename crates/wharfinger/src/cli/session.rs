//! As whom, and where: what `login` remembers and what every verb that asks a gateway takes from it.

use std::path::PathBuf;

use super::client::Client;
use super::failure::Failure;
use super::flags::At;
use crate::config::{Environment, ServerUrl};

pub(super) mod file;
pub(super) mod helper;

use file::{Credentials, Entry};

/// The gateway on this machine.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

/// The gateway that is meant, asked as whoever one is there: what flags and environment say, else what `login` remembers. A token of the
/// environment goes nowhere but where flags or environment say, or to this machine.
pub(super) fn client(at: &At, environment: &Environment) -> Result<Client, Failure> {
    let given = environment.get("WHARFINGER_TOKEN");
    let server = match (said(at, environment)?, given) {
        (Some(server), _) => server,
        (None, Some(_)) => on_this_machine()?,
        (None, None) => remembered(environment)?,
    };
    let token = match given {
        Some(token) => Some(token.to_owned()),
        None => token_for(&server, environment)?,
    };
    Ok(Client::new(server, token.as_deref(), at.ca_file.as_deref().into())?.patient())
}

/// The gateway that is meant, whoever one is.
pub(super) fn server(at: &At, environment: &Environment) -> Result<ServerUrl, Failure> {
    match said(at, environment)? {
        Some(server) => Ok(server),
        None => remembered(environment),
    }
}

pub(super) fn on_this_machine() -> Result<ServerUrl, Failure> {
    ServerUrl::parse(DEFAULT_SERVER).ok_or_else(|| Failure::Other(DEFAULT_SERVER.to_owned()))
}

/// What flags or environment say.
fn said(at: &At, environment: &Environment) -> Result<Option<ServerUrl>, Failure> {
    let wrong = || Failure::Usage("WHARFINGER_SERVER must be an address such as https://HOST".to_owned());
    match (&at.server, environment.get("WHARFINGER_SERVER")) {
        (Some(server), _) => Ok(Some(server.clone())),
        (None, Some(text)) => ServerUrl::parse(text).map(Some).ok_or_else(wrong),
        (None, None) => Ok(None),
    }
}

fn remembered(environment: &Environment) -> Result<ServerUrl, Failure> {
    let Some(path) = credentials_path(environment) else { return on_this_machine() };
    match Credentials::read(&path)?.default_server() {
        Some(server) => Ok(server),
        None => on_this_machine(),
    }
}

/// The token that `login` keeps for a gateway.
fn token_for(server: &ServerUrl, environment: &Environment) -> Result<Option<String>, Failure> {
    let Some(path) = credentials_path(environment) else { return Ok(None) };
    let credentials = Credentials::read(&path)?;
    credentials.entry(server).map(|entry| secret_of(&entry, server)).transpose()
}

/// The token itself.
pub(super) fn secret_of(entry: &Entry, server: &ServerUrl) -> Result<String, Failure> {
    match (&entry.token, &entry.helper) {
        (Some(token), _) => Ok(token.clone()),
        (None, Some(helper)) => helper::get(helper, &helper::key(server)),
        (None, None) => Err(Failure::Configuration(format!("nothing is kept for {server}: log in again"))),
    }
}

/// The folder of what programs remember of their user: `$XDG_CONFIG_HOME/wharfinger`, else `~/.config/wharfinger`.
pub(super) fn folder(environment: &Environment) -> Option<PathBuf> {
    let absolute = |name| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    Some(config?.join("wharfinger"))
}

pub(super) fn credentials_path(environment: &Environment) -> Option<PathBuf> {
    Some(folder(environment)?.join("credentials.toml"))
}
