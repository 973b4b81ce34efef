//! `wharfinger setup CODE`: the first minutes.

use std::io::Read as _;

use api::Text128;
use api::setup::SetupWanted;
use frontend::FirstLogin;
use http::Method;
use serde_json::Value;

use super::client::Client;
use super::failure::Failure;
use super::{Setup, output};
use crate::config::ServerUrl;

/// Longest password that is read, in bytes.
const PASSWORD_BYTES_MAX: u64 = 1024;

pub(super) async fn setup(flags: &Setup) -> Result<(), Failure> {
    let server = match &flags.server {
        Some(server) => server.clone(),
        None => super::session::on_this_machine()?,
    };
    super::client::not_in_clear(&server, "the code")?;
    let body = SetupWanted {
        code: flags.code.clone(),
        username: Text128::try_from(flags.username.clone())
            .map_err(|why| Failure::Usage(format!("--username: {why}")))?,
        password: if flags.password_stdin { Some(password()?) } else { None },
        project: None,
    };
    let body = serde_json::to_string(&body).map_err(|error| Failure::Other(error.to_string()))?;
    let client = Client::new(server.clone(), None, flags.ca_file.as_deref().into())?;
    let made = client.ask(Method::POST, "/api/v1/setup", Some(body)).await?;
    output::say(&welcome(&server, &made));
    Ok(())
}

fn password() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::Usage("standard input holds no password".to_owned()));
    }
    Ok(password.to_owned())
}

/// What was made, and lines to paste for each protocol that exists.
fn welcome(server: &ServerUrl, made: &Value) -> String {
    let field = |name: &str| output::cell(made.get(name));
    let (username, token) = (field("username"), field("token"));
    let mut text = format!(
        "The first administrator is {username}. The token, shown only now:\n\n    {token}\n\nMade in project {}:\n\n",
        field("project")
    );
    let repositories = made.get("repositories").and_then(Value::as_array);
    for repository in repositories.into_iter().flatten() {
        let cell = |name: &str| output::cell(repository.get(name));
        text.push_str(&format!("    {:<16} {:<6} {}\n", cell("path"), cell("format"), cell("visibility")));
    }
    let public = made.get("public_url").and_then(Value::as_str).and_then(ServerUrl::parse);
    let server = public.as_ref().unwrap_or(server);
    let login = FirstLogin { origin: server.as_str(), username: &username, token: &token };
    for repository in repositories.into_iter().flatten() {
        let [format, path] = ["format", "path"].map(|name| output::cell(repository.get(name)));
        text.push_str(&frontend::first_steps(&format, &login, &path));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
