use std::path::PathBuf;

use domain::{Login, Network, Networks, Permissions, PrincipalKind, Timestamp, TokenId};

use super::{each, expires, login, moment, owned, permission_list, permissions, title};
use crate::config::document::{At, Table, shown};
use crate::config::problem::Problems;

/// Most bytes of a token's name.
const TOKEN_NAME_BYTES_MAX: usize = 100;

/// A member, collaborator or guest.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) kind: PrincipalKind,
    pub(crate) username: At<Login>,
    pub(crate) title: Option<String>,
    pub(crate) email: Option<At<Login>>,
    pub(crate) password: Option<At<SecretFrom>>,
    /// `None` leaves it as it is.
    pub(crate) suspended: Option<bool>,
    pub(crate) tokens: Vec<Token>,
}

#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) name: At<Login>,
    pub(crate) title: Option<String>,
    pub(crate) client_id: Option<At<Login>>,
    pub(crate) requested: Option<Permissions>,
    pub(crate) authorised: Vec<At<String>>,
    /// `None` leaves it as it is.
    pub(crate) suspended: Option<bool>,
    pub(crate) tokens: Vec<Token>,
}

#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) name: At<String>,
    pub(crate) secret: At<SecretFrom>,
    /// `None` is everything its owner may.
    pub(crate) limits: Option<Vec<TokenLimit>>,
    pub(crate) not_before: Option<At<Timestamp>>,
    pub(crate) expires: Option<At<Timestamp>>,
    pub(crate) networks: Networks,
    pub(crate) disabled: bool,
}

#[derive(Debug)]
pub(crate) struct TokenLimit {
    pub(crate) on: At<String>,
    pub(crate) permissions: At<Permissions>,
}

/// Where a secret is; never the secret.
#[derive(Debug)]
pub(crate) enum SecretFrom {
    Variable(String),
    File(PathBuf),
    /// Of a token: its id and the hash of its text, as an export gives them.
    Hash(TokenId, [u8; 32]),
}

pub(super) fn people(root: &Table<'_>, problems: &mut Problems) -> Vec<Person> {
    let kinds = [
        ("members", "[[members]]", PrincipalKind::Member),
        ("collaborators", "[[collaborators]]", PrincipalKind::Collaborator),
        ("guests", "[[guests]]", PrincipalKind::Guest),
    ];
    kinds
        .into_iter()
        .flat_map(|(key, title, kind)| {
            each(root, key, title, problems, |table, problems| person(table, kind, problems))
        })
        .collect()
}

pub(super) fn applications(root: &Table<'_>, problems: &mut Problems) -> Vec<Application> {
    each(root, "applications", "[[applications]]", problems, application)
}

fn person(table: &Table<'_>, kind: PrincipalKind, problems: &mut Problems) -> Option<Person> {
    let known = ["username", "title", "email", "password_env", "password_file", "suspended", "tokens"];
    table.only(&known, problems);
    let username = table.required_text("username", problems);
    let username = username.and_then(|name| login(table, name, problems));
    let email = table.text("email", problems).and_then(|name| login(table, name, problems));
    let password = secret(table, "password", problems);
    let suspended = table.flag("suspended", problems).map(|at| at.value);
    let tokens = tokens(table, problems);
    let title = title(table, problems);
    Some(Person { kind, username: username?, title, email, password, suspended, tokens })
}

fn application(table: &Table<'_>, problems: &mut Problems) -> Option<Application> {
    table.only(&["name", "title", "client_id", "requested", "authorised", "suspended", "tokens"], problems);
    let name = table.required_text("name", problems).and_then(|name| login(table, name, problems));
    let client_id = table.text("client_id", problems).and_then(|id| login(table, id, problems));
    let requested = permission_list(table, "requested", problems).map(|at| at.value);
    let authorised = table.texts("authorised", problems).unwrap_or_default().into_iter().map(owned).collect();
    let suspended = table.flag("suspended", problems).map(|at| at.value);
    let tokens = tokens(table, problems);
    let title = title(table, problems);
    Some(Application { name: name?, title, client_id, requested, authorised, suspended, tokens })
}

fn tokens(table: &Table<'_>, problems: &mut Problems) -> Vec<Token> {
    each(table, "tokens", "the token", problems, token)
}

fn token(table: &Table<'_>, problems: &mut Problems) -> Option<Token> {
    let keys = ["name", "secret_env", "secret_file", "id", "sha256", "limits", "not_before", "expires"];
    table.only(&[keys.as_slice(), &["cidrs", "disabled"]].concat(), problems);
    let name = table.required_text("name", problems).and_then(|name| token_name(table, name, problems));
    let hashed = hash(table, problems);
    let secret = hashed.or_else(|| secret(table, "secret", problems));
    if !["secret_env", "secret_file", "sha256"].into_iter().any(|key| table.has(key)) {
        problems.add(table.source().problem(table.line(), "a token needs `secret_env` or `secret_file`"));
    }
    let limits = table.has("limits").then(|| each(table, "limits", "a limit", problems, limit));
    let (not_before, expires) = (moment(table, "not_before", problems), expires(table, problems));
    let networks = networks(table, problems);
    let disabled = table.flag("disabled", problems).is_some_and(|at| at.value);
    Some(Token { name: name?, secret: secret?, limits, not_before, expires, networks, disabled })
}

/// From where a token is good; everywhere, if nothing is said.
fn networks(table: &Table<'_>, problems: &mut Problems) -> Networks {
    let texts = table.texts("cidrs", problems).unwrap_or_default();
    if let Some(one) = texts.get(Networks::MAX) {
        let message = format!("a token is good from at most {} networks", Networks::MAX);
        problems.add(table.source().problem(one.line, message));
    }
    if table.has("cidrs") && texts.is_empty() {
        let message = "`cidrs` names no network; leave it out for a token that is good from everywhere";
        problems.add(table.source().problem(table.line_of("cidrs").unwrap_or_else(|| table.line()), message));
    }
    let read = texts.into_iter().filter_map(|text| match text.value.parse::<Network>() {
        Ok(network) => Some(network),
        Err(wrong) => {
            problems.add(table.source().problem(text.line, format!("`{}`: {wrong}", shown(text.value))));
            None
        }
    });
    Networks::new(read.collect::<Vec<_>>())
}

/// `id` and `sha256`, in the place of a secret.
fn hash(table: &Table<'_>, problems: &mut Problems) -> Option<At<SecretFrom>> {
    let (id, sha256) = (table.text("id", problems), table.text("sha256", problems));
    let at = sha256.as_ref().or(id.as_ref())?.line;
    let named = id.and_then(|id| auth::parse_id(id.value));
    let hash = sha256.and_then(|text| api::plans::hash_of(text.value));
    match (named, hash) {
        _ if table.has("secret_env") || table.has("secret_file") => {
            problems.add(table.source().problem(at, "a token has either a secret or `id` and `sha256`"));
            None
        }
        (Some(id), Some(hash)) => Some(At { value: SecretFrom::Hash(id, hash), line: at }),
        _ => {
            let message =
                "`id` has the 8 characters of a token, and `sha256` 64 hexadecimal digits; both are needed";
            problems.add(table.source().problem(at, message));
            None
        }
    }
}

fn token_name(table: &Table<'_>, name: At<&str>, problems: &mut Problems) -> Option<At<String>> {
    let fits = !name.value.is_empty() && name.value.len() <= TOKEN_NAME_BYTES_MAX;
    if fits && !name.value.chars().any(char::is_control) {
        return Some(owned(name));
    }
    let message = format!("`{}`: a token's name has 1 to {TOKEN_NAME_BYTES_MAX} bytes", shown(name.value));
    problems.add(table.source().problem(name.line, message));
    None
}

fn limit(table: &Table<'_>, problems: &mut Problems) -> Option<TokenLimit> {
    table.only(&["on", "permissions"], problems);
    let on = table.required_text("on", problems).map(owned);
    let permissions = permissions(table, problems);
    Some(TokenLimit { on: on?, permissions: permissions? })
}

/// `NAME_env` or `NAME_file`; inline there is none.
pub(super) fn secret(table: &Table<'_>, name: &str, problems: &mut Problems) -> Option<At<SecretFrom>> {
    let (env, file) = (format!("{name}_env"), format!("{name}_file"));
    if table.has(&env) && table.has(&file) {
        let line = table.line_of(&file).unwrap_or_else(|| table.line());
        problems.add(table.source().problem(line, format!("only one of `{env}` and `{file}` may be given")));
        return None;
    }
    let variable = table.text(&env, problems).map(|at| at.map(|text| SecretFrom::Variable(text.to_owned())));
    variable.or_else(|| table.text(&file, problems).map(|at| at.map(|text| SecretFrom::File(text.into()))))
}
