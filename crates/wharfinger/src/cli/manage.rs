//! Commands that a running gateway carries out, over its API.

use http::Method;
use serde_json::{Map, Value, json};

use super::client::{Answer, Client};
use super::failure::Failure;
use super::{
    GrantCommand, GrantName, Output, Owner, PrincipalCommand, Remote, RepositoryCommand, TokenCommand,
    VisibilityWord, output,
};
use crate::config::{Environment, ServerUrl};

/// The gateway on this machine.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
/// Most pages that one list asks for.
const PAGES_MAX: usize = 1_000;

pub(super) async fn token(command: TokenCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        // Made here, without a server.
        TokenCommand::Generate { kind } => super::local::generate(kind),
        TokenCommand::Create { name, limits, expires, owner, remote } => {
            let mut body = Map::from_iter([("name".to_owned(), json!(name))]);
            if !limits.is_empty() {
                let limits: Result<Vec<Value>, Failure> =
                    limits.iter().map(|limit| limit_of(limit)).collect();
                body.insert("limits".to_owned(), Value::Array(limits?));
            }
            if let Some(expires) = expires {
                body.insert("expires".to_owned(), json!(expires));
            }
            let path = tokens_path(&owner)?;
            let made =
                connect(&remote, environment)?.ask(Method::POST, &path, Some(&Value::Object(body))).await?;
            show_secret(&remote, &made);
            Ok(())
        }
        TokenCommand::List { owner, remote } => {
            let titles = ["id", "name", "state", "expires", "limits", "last_used"];
            list(&remote, environment, &tokens_path(&owner)?, "tokens", &titles).await
        }
        TokenCommand::Disable { id, owner, remote } => {
            set_state(&id, &owner, &remote, environment, "disabled").await
        }
        TokenCommand::Revoke { id, owner, remote } => {
            set_state(&id, &owner, &remote, environment, "revoked").await
        }
    }
}

async fn set_state(
    id: &str,
    owner: &Owner,
    remote: &Remote,
    environment: &Environment,
    state: &str,
) -> Result<(), Failure> {
    let path = format!("{}/{}/state", tokens_path(owner)?, segment(id)?);
    let body = json!({ "state": state });
    let answer = connect(remote, environment)?.ask(Method::PUT, &path, Some(&body)).await?;
    done(remote, &answer, &format!("token {id} is {state}"));
    Ok(())
}

pub(super) async fn principal(command: PrincipalCommand, environment: &Environment) -> Result<(), Failure> {
    let (principal, suspended, remote) = match &command {
        PrincipalCommand::Suspend { principal, remote } => (principal, true, remote),
        PrincipalCommand::Resume { principal, remote } => (principal, false, remote),
    };
    let path = format!("/api/v1/principals/{}/suspended", segment(principal)?);
    let body = json!({ "suspended": suspended });
    let answer = connect(remote, environment)?.ask(Method::PUT, &path, Some(&body)).await?;
    done(remote, &answer, &format!("{principal} is {}", if suspended { "suspended" } else { "active" }));
    Ok(())
}

pub(super) async fn grant(command: GrantCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        GrantCommand::List { on, remote } => {
            let titles = ["to", "role", "permissions", "expires"];
            list(&remote, environment, &grants_path(&on)?, "grants", &titles).await
        }
        GrantCommand::Put { grant, permissions, expires, remote } => {
            let mut body = Map::from_iter([("to".to_owned(), json!(grant.to))]);
            if let Some(role) = &grant.role {
                body.insert("role".to_owned(), json!(role));
            }
            if let Some(permissions) = permissions {
                body.insert("permissions".to_owned(), words(&permissions));
            }
            if let Some(expires) = expires {
                body.insert("expires".to_owned(), json!(expires));
            }
            let path = grants_path(&grant.on)?;
            let answer =
                connect(&remote, environment)?.ask(Method::PUT, &path, Some(&Value::Object(body))).await?;
            done(&remote, &answer, &format!("granted to {} on {}", grant.to, grant.on));
            Ok(())
        }
        GrantCommand::Delete { grant, remote } => {
            let answer =
                connect(&remote, environment)?.ask(Method::DELETE, &named_grant(&grant)?, None).await?;
            done(&remote, &answer, &format!("deleted: {} on {}", grant.to, grant.on));
            Ok(())
        }
    }
}

pub(super) async fn repository(command: RepositoryCommand, environment: &Environment) -> Result<(), Failure> {
    let RepositoryCommand::Visibility { repository, visibility, remote } = command;
    let word = match visibility {
        VisibilityWord::Public => "public",
        VisibilityWord::Private => "private",
    };
    let Some((project, name)) = repository.split_once('/') else {
        return Err(Failure::Usage(format!("{repository}: a repository is PROJECT/REPOSITORY")));
    };
    let path = format!("/api/v1/repositories/{}/{}/visibility", segment(project)?, segment(name)?);
    let body = json!({ "visibility": word });
    let answer = connect(&remote, environment)?.ask(Method::PUT, &path, Some(&body)).await?;
    done(&remote, &answer, &format!("{repository} is {word}"));
    Ok(())
}

pub(super) async fn me(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let answer = connect(remote, environment)?.ask(Method::GET, "/api/v1/me", None).await?;
    if remote.output == Output::Json {
        output::json(&answer);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = answer
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| vec![name.clone(), output::cell(Some(value))])
        .collect();
    output::say(output::table(&["field", "value"], &rows).trim_end());
    Ok(())
}

fn connect(remote: &Remote, environment: &Environment) -> Result<Client, Failure> {
    let server = match (&remote.server, environment.get("WHARFINGER_SERVER")) {
        (Some(server), _) => server.clone(),
        (None, Some(text)) => ServerUrl::parse(text).ok_or_else(|| {
            Failure::Usage("WHARFINGER_SERVER must be an address such as https://HOST".to_owned())
        })?,
        (None, None) => default_server()?,
    };
    Client::new(server, environment.get("WHARFINGER_TOKEN"), remote.ca_file.as_deref().into())
}

pub(super) fn default_server() -> Result<ServerUrl, Failure> {
    ServerUrl::parse(DEFAULT_SERVER).ok_or_else(|| Failure::Other(DEFAULT_SERVER.to_owned()))
}

impl Client {
    /// Sends a request; an answer that is no success is a failure with the server's own words.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let answer = self.call(method, path, body).await?;
        if answer.status.is_success() {
            return Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null));
        }
        Err(Failure::answered(answer.status, &detail(&answer)))
    }
}

/// The words of an `application/problem+json` answer.
fn detail(answer: &Answer) -> String {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let text = output::cell(problem.get("detail"));
    if text.is_empty() { output::cell(problem.get("title")) } else { text }
}

async fn list(
    remote: &Remote,
    environment: &Environment,
    path: &str,
    field: &str,
    titles: &[&str],
) -> Result<(), Failure> {
    let client = connect(remote, environment)?;
    let mut items = Vec::new();
    let mut next = path.to_owned();
    for _ in 0..PAGES_MAX {
        let page = client.ask(Method::GET, &next, None).await?;
        items.extend(page.get(field).and_then(Value::as_array).into_iter().flatten().cloned());
        match page.get("next").and_then(Value::as_str) {
            Some(after) => next = format!("{path}?after={}", encoded(after)),
            None => break,
        }
    }
    if remote.output == Output::Json {
        output::json(&Value::Array(items));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| titles.iter().map(|title| output::cell(item.get(*title))).collect())
        .collect();
    output::say(output::table(titles, &rows).trim_end());
    Ok(())
}

/// The secret alone on standard output, so that it can be piped; what it is goes to the terminal.
fn show_secret(remote: &Remote, made: &Value) {
    if remote.output == Output::Json {
        output::json(made);
        return;
    }
    output::complain(&format!("token {} was made; it is shown only now:", output::cell(made.get("id"))));
    output::say(&output::cell(made.get("secret")));
}

fn done(remote: &Remote, answer: &Value, line: &str) {
    if remote.output == Output::Json {
        output::json(answer);
    } else {
        output::say(line);
    }
}

fn tokens_path(owner: &Owner) -> Result<String, Failure> {
    match &owner.of {
        None => Ok("/api/v1/tokens".to_owned()),
        Some(of) => Ok(format!("/api/v1/principals/{}/tokens", segment(of)?)),
    }
}

fn grants_path(on: &str) -> Result<String, Failure> {
    match on.split_once('/') {
        Some(("", "")) => Ok("/api/v1/organisation/grants".to_owned()),
        None => Ok(format!("/api/v1/projects/{}/grants", segment(on)?)),
        Some((project, name)) => {
            Ok(format!("/api/v1/repositories/{}/{}/grants", segment(project)?, segment(name)?))
        }
    }
}

fn named_grant(grant: &GrantName) -> Result<String, Failure> {
    let mut path = format!("{}?to={}", grants_path(&grant.on)?, encoded(&grant.to));
    if let Some(role) = &grant.role {
        path.push_str("&role=");
        path.push_str(&encoded(role));
    }
    Ok(path)
}

/// `NODE=PERMISSION,PERMISSION`.
fn limit_of(text: &str) -> Result<Value, Failure> {
    let wrong = || Failure::Usage(format!("{text}: a limit is NODE=PERMISSION[,PERMISSION…]"));
    let (on, permissions) = text.split_once('=').ok_or_else(wrong)?;
    Ok(json!({ "on": on, "permissions": words(permissions) }))
}

fn words(list: &str) -> Value {
    list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Value::from).collect()
}

fn segment(text: &str) -> Result<String, Failure> {
    if text.is_empty() || text.contains('/') {
        return Err(Failure::Usage(format!("`{text}` is no name")));
    }
    Ok(encoded(text))
}

/// Percent-encoded, so that a name stays one part of a path or query.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':' | b'@') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
