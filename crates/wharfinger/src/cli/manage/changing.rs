//! What all nouns have in common: shown, listed, made, changed in part, deleted.

use api::{Ask, Editable, Endpoint, Listed, Merge, Nothing, OnlyIf, Paged, Patch};
use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::nouns::Changing;
use super::super::{Output, Remote, output};
use super::{connect, show_done, show_fields, show_list};
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
    E: Endpoint<Query = Nothing, Body = Nothing>,
{
    let ask = Ask::<E>::new(at, Nothing {}, Nothing {});
    show_fields(remote, &connect(remote, environment)?.call(&ask).await?.document);
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
    let items = if remote.output == Output::Json { items } else { items.into_iter().map(flat).collect() };
    show_list(remote, items, titles);
    Ok(())
}

/// What is in `about` stands beside the other fields of a row; programs get the answer as it came.
fn flat(item: Value) -> Value {
    let Value::Object(mut fields) = item else { return item };
    if let Some(Value::Object(about)) = fields.get("about").cloned() {
        for (name, value) in about {
            fields.entry(name).or_insert(value);
        }
    }
    Value::Object(fields)
}

/// The fields of an object, one a row. What has fields of its own, such as a count by format, is a row for each: `name.field`.
pub(super) fn rows(object: Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let Value::Object(fields) = flat(object) else { return rows };
    for (name, value) in fields.into_iter().filter(|(name, _)| name != "about") {
        match value {
            Value::Object(inner) => {
                rows.extend(
                    inner.iter().map(|(key, value)| vec![format!("{name}.{key}"), output::cell(Some(value))]),
                );
            }
            value => rows.push(vec![name, output::cell(Some(&value))]),
        }
    }
    rows
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
    let ask =
        Ask::<E> { only_if: OnlyIf::Absent, dry_run: changing.dry_run, ..Ask::new(at, Nothing {}, body) };
    told(&ask, changing, line, environment).await
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
    let ask =
        Ask::<E> { only_if: only_if(changing)?, dry_run: changing.dry_run, ..Ask::new(at, Nothing {}, body) };
    told(&ask, changing, line, environment).await
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
    let ask = Ask::<Patch<E>> {
        only_if: only_if(changing)?,
        dry_run: changing.dry_run,
        ..Ask::new(at, Nothing {}, Merge::new(fields.0))
    };
    told(&ask, changing, line, environment).await
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
    let ask = Ask::<E> {
        only_if: only_if(changing)?,
        dry_run: changing.dry_run,
        ..Ask::new(at, query, Nothing {})
    };
    told(&ask, changing, line, environment).await
}

/// A change whose answer says that it is done.
pub(super) async fn act<E>(
    at: E::At,
    remote: &Remote,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Query = Nothing, Body = Nothing>,
{
    let ask = Ask::<E>::new(at, Nothing {}, Nothing {});
    show_done(remote, &connect(remote, environment)?.call(&ask).await?.document, line);
    Ok(())
}

async fn told<E: Endpoint>(
    ask: &Ask<E>,
    changing: &Changing,
    line: &str,
    environment: &Environment,
) -> Result<(), Failure> {
    let remote = &changing.remote;
    let done = connect(remote, environment)?.call(ask).await?;
    let line = if changing.dry_run { format!("only tried: {line}") } else { line.to_owned() };
    show_done(remote, &done.document, &line);
    Ok(())
}

fn only_if(changing: &Changing) -> Result<OnlyIf, Failure> {
    let Some(tag) = &changing.if_match else { return Ok(OnlyIf::Whatever) };
    let quoted = if tag == "*" || tag.starts_with('"') { tag.clone() } else { format!("\"{tag}\"") };
    OnlyIf::parse(Some(&quoted), None)
        .map_err(|_| Failure::Usage("--if-match: write the ETag that was shown".to_owned()))
}
