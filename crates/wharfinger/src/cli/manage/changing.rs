//! What all nouns have in common: shown, listed, made, changed in part, deleted.

use api::{Ask, Editable, Endpoint, Listed, Merge, Nothing, OnlyIf, Paged, Patch};
use serde_json::{Map, Value};

use super::super::calls::Received;
use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::terminal;
use super::connect;
use super::shown::{show_done, show_list, show_resource};
use crate::config::Environment;

/// Fields to change, those that were given.
#[derive(Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Adds one, if it was given.
    pub(super) fn text(self, name: &str, value: Option<&str>) -> Self {
        self.value(name, value)
    }

    /// Adds a list, if it was given.
    pub(super) fn list(mut self, name: &str, values: &[String]) -> Self {
        if !values.is_empty() {
            self.0.insert(name.to_owned(), values.into());
        }
        self
    }

    /// Adds something else, if it was given.
    pub(super) fn value(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A whole document of them, whose other fields are the defaults.
    pub(super) fn whole<E: Endpoint>(self) -> Result<E::Body, Failure> {
        serde_json::from_value(Value::Object(self.0)).map_err(|why| Failure::Usage(why.to_string()))
    }
}

pub(super) async fn show<E>(at: E::At, remote: &Remote, environment: &Environment) -> Result<(), Failure>
where
    E: Endpoint<Body = Nothing, Query: Default>,
{
    let ask = Ask::<E>::new(at, E::Query::default(), Nothing {});
    show_resource(remote, &connect(remote, environment)?.call(&ask).await?);
    Ok(())
}

pub(super) async fn list<T, E>(
    (at, query): (E::At, E::Query),
    titles: &[&str],
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure>
where
    T: Listed,
    E: Endpoint<Body = Nothing, Answer = T>,
    E::Query: Paged,
{
    let items = connect(remote, environment)?.list::<T, E>(at, query).await?;
    show_list(remote, items, titles);
    Ok(())
}

/// Makes what is not there yet.
pub(super) async fn create<E>(
    (at, body): (E::At, E::Body),
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Query = Nothing>,
{
    if changing.if_match.is_some() {
        return Err(Failure::Usage("--if-match: what is made has no ETag before".to_owned()));
    }
    let ask = Ask::<E> {
        only_if: OnlyIf::Absent,
        dry_run: changing.dry_run,
        wait: changing.waiting.into(),
        ..Ask::new(at, Nothing {}, body)
    };
    let done = connect(&changing.remote, environment)?.call(&ask).await?;
    told(&done, changing, line);
    Ok(())
}

/// Sets all of it.
pub(super) async fn put<E>(
    (at, body): (E::At, E::Body),
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Query = Nothing>,
{
    change(Ask::<E>::new(at, Nothing {}, body), changing, line, environment).await
}

/// Sets these fields of it.
pub(super) async fn patch<E: Editable>(
    (at, fields): (E::At, Fields),
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E::At: Clone,
    E::Body: 'static,
{
    let ask = Ask::<Patch<E>>::new(at, Nothing {}, Merge::new(fields.0));
    change(ask, changing, line, environment).await
}

pub(super) async fn delete<E>(
    (at, query): (E::At, E::Query),
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Body = Nothing>,
{
    change(Ask::<E>::new(at, query, Nothing {}), changing, line, environment).await
}

/// The name of what goes, said once more: by `--confirm`, else at the terminal. What is only tried needs no second word.
///
/// # Errors
/// Wrong use, where nobody can be asked or another name is said.
pub(super) fn confirmed(
    confirm: Option<String>,
    name: &str,
    changing: &Changing,
) -> Result<Option<String>, Failure> {
    let said = match confirm {
        Some(said) => said,
        None if changing.dry_run => name.to_owned(),
        None if terminal::is_there() => terminal::ask(&format!("Type {name} to delete it for good: "))?,
        None => {
            let why = "this cannot be taken back: say so with --confirm";
            return Err(Failure::Usage(format!("{why} {name}")));
        }
    };
    if said == name {
        return Ok(Some(said));
    }
    Err(Failure::Usage(format!("`{}` is not {name}; nothing was deleted", said.escape_debug())))
}

/// A change whose answer says that it is done.
pub(super) async fn act<E>(
    at: E::At,
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Query = Nothing, Body = Nothing>,
{
    change(Ask::<E>::new(at, Nothing {}, Nothing {}), changing, line, environment).await
}

/// Asks for a change, and says in a line that it is done.
pub(super) async fn change<E: Endpoint>(
    ask: Ask<E>,
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure> {
    let done = call(ask, changing, environment).await?;
    told(&done, changing, line);
    Ok(())
}

/// Asks for a change, as the flags say.
pub(super) async fn call<E: Endpoint>(
    ask: Ask<E>,
    changing: &Changing,
    environment: &Environment,
) -> Result<Received<E::Answer>, Failure> {
    let (only_if, wait) = (only_if(changing)?, changing.waiting.into());
    let ask = Ask::<E> { only_if, dry_run: changing.dry_run, wait, ..ask };
    connect(&changing.remote, environment)?.call(&ask).await
}

pub(super) fn told<A>(done: &Received<A>, changing: &Changing, line: &str) {
    let line = if changing.dry_run { format!("only tried: {line}") } else { line.to_owned() };
    show_done(&changing.remote, &done.document, &line);
}

fn only_if(changing: &Changing) -> Result<OnlyIf, Failure> {
    only_if_text(changing.if_match.as_deref())
}

/// An ETag as people type it, with its quotes or without.
pub(super) fn only_if_text(tag: Option<&str>) -> Result<OnlyIf, Failure> {
    let Some(tag) = tag else { return Ok(OnlyIf::Whatever) };
    let quoted = if tag == "*" || tag.starts_with('"') { tag.to_owned() } else { format!("\"{tag}\"") };
    OnlyIf::parse(Some(&quoted), None)
        .map_err(|_| Failure::Usage("--if-match: write the ETag that was shown".to_owned()))
}
