//! `wharfinger setup CODE`: the first minutes.

use std::io::Read as _;

use api::Text128;
use api::setup::SetupWanted;
use http::Method;
use serde_json::Value;

use super::client::Client;
use super::failure::Failure;
use super::{Setup, manage, output};
use crate::config::ServerUrl;

/// Longest password that is read, in bytes.
const PASSWORD_BYTES_MAX: u64 = 1024;

pub(super) async fn setup(flags: &Setup) -> Result<(), Failure> {
    let server = match &flags.server {
        Some(server) => server.clone(),
        None => manage::default_server()?,
    };
    if !server.is_tls() && !super::client::is_loopback(&server) {
        return Err(Failure::Usage(format!(
            "{server}: the code would cross the network in clear; use https://"
        )));
    }
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
    let login = Login { server: public.as_ref().unwrap_or(server), username: &username, token: &token };
    for repository in repositories.into_iter().flatten() {
        let path = output::cell(repository.get("path"));
        match output::cell(repository.get("format")).as_str() {
            "oci" => text.push_str(&docker(&login, &path)),
            "maven" => text.push_str(&maven(&login, &path)),
            "nuget" => text.push_str(&dotnet(&login, &path)),
            _ => {}
        }
    }
    text.trim_end().to_owned()
}

/// Who the lines are for, and where they lead.
#[derive(Clone, Copy)]
struct Login<'a> {
    server: &'a ServerUrl,
    username: &'a str,
    token: &'a str,
}

/// An image that needs nothing but a shell: one file of this machine.
fn docker(login: &Login<'_>, repository: &str) -> String {
    let Login { server, username, token } = login;
    let host = server.authority();
    let image = format!("{host}/p/{repository}/hello:1");
    format!(
        "\nLog in with docker, push an image made of one small file, and pull it:\n\n    \
         echo '{token}' | docker login {host} -u {username} --password-stdin\n    \
         tar -cf - -C /etc hosts | docker import - {image}\n    \
         docker push {image}\n    \
         docker pull {image}\n"
    )
}

/// What a project needs so that it is deployed there and fetches from there.
fn maven(login: &Login<'_>, repository: &str) -> String {
    let Login { server, username, token } = login;
    let url = format!("{}/maven/p/{repository}", server.as_str());
    let place = format!("<repository><id>wharfinger</id><url>{url}</url></repository>");
    // Older ones do not know the word that newer ones insist on.
    let insecure = if server.is_tls() { "" } else { " (from 7 on with allowInsecureProtocol = true)" };
    format!(
        "\nDeploy with mvn, and fetch. Between <servers> and </servers> of ~/.m2/settings.xml:\n\n    \
         <server><id>wharfinger</id><username>{username}</username><password>{token}</password></server>\n\n\
         In pom.xml:\n\n    \
         <distributionManagement>{place}</distributionManagement>\n    \
         <repositories>{place}</repositories>\n\n\
         Fetch with Gradle. In build.gradle{insecure}:\n\n    \
         repositories {{ maven {{ url = '{url}'; credentials {{ username = '{username}'; password = '{token}' }} }} }}\n"
    )
}

/// The index takes a log-in, the push address takes a key.
fn dotnet(login: &Login<'_>, repository: &str) -> String {
    let Login { server, username, token } = login;
    let feed = format!("{}/nuget/p/{repository}/v3", server.as_str());
    let insecure = if server.is_tls() { "" } else { " --allow-insecure-connections" };
    format!(
        "\nPush a package with dotnet, and add it to a project:\n\n    \
         dotnet nuget push hello.1.0.0.nupkg --source {feed}/package --api-key {token}{insecure}\n    \
         dotnet nuget add source {feed}/index.json --name wharfinger --username {username} --password {token} \
         --store-password-in-clear-text{insecure}\n    \
         dotnet add package hello\n"
    )
}

#[cfg(test)]
mod tests;
