//! PATCH, once for everything that can be PUT (RFC 7396): read, merge, check as PUT, and put if nobody changed it since.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use storage::DirectoryError;

use crate::conditions::Tag;
use crate::endpoint::{Ask, Cx, Done, Endpoint, May, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::router;

/// How often a patch is made anew because others changed the same in between.
const TRIES_MAX: usize = 16;

/// A PUT whose resource can also be patched.
pub trait Editable: Endpoint<Query = Nothing> {
    /// Id of the PATCH, and the words of the command line that call it.
    const PATCH: (&'static str, Option<&'static str>);
    /// The proof for what is there.
    type Edit: May<Self::At> + Sync;

    /// The resource as it is.
    fn shown(
        cx: &Cx,
        may: &Self::Edit,
        at: &Self::At,
    ) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;

    /// Sets it.
    fn set(
        cx: &Cx,
        may: &Self::Edit,
        ask: &Ask<Self>,
    ) -> impl Future<Output = Result<Done<Self::Answer>, Fault>> + Send;
}

/// `PATCH` where [`Editable`] is `PUT`.
pub struct Patch<E>(PhantomData<fn() -> E>);

/// What is to be other than it is. `null` is the default; what is absent stays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Merge<B>(Map<String, Value>, #[serde(skip)] PhantomData<fn() -> B>);

impl<B> Merge<B> {
    /// These fields, the others stay.
    #[must_use]
    pub const fn new(fields: Map<String, Value>) -> Self {
        Self(fields, PhantomData)
    }
}

impl<E: Editable> Endpoint for Patch<E>
where
    E::At: Clone,
    E::Body: 'static,
{
    const META: Meta = Meta {
        id: E::PATCH.0,
        method: Method::Patch,
        summary: "Changes what is given and leaves the rest.",
        cli: E::PATCH.1,
        ..E::META
    };
    const CONDITIONAL: bool = true;
    type At = E::At;
    type Query = Nothing;
    type Body = Merge<E::Body>;
    type Answer = E::Answer;
    type May = E::Edit;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<E::Answer>, Fault> {
        for _ in 0..TRIES_MAX {
            let shown = E::shown(cx, &may, &ask.at).await?;
            let tag = Tag::of(&shown);
            if !ask.only_if.holds(Some(&tag)) {
                return Err(DirectoryError::Precondition.into());
            }
            let body = merged::<E::Body>(&shown, &ask.body)?;
            let put = Ask::<E> { only_if: tag.unchanged(), ..Ask::new(ask.at.clone(), Nothing {}, body) };
            match E::set(cx, &may, &put).await {
                Err(Fault::Directory(DirectoryError::Precondition)) => {}
                settled => return settled,
            }
        }
        Err(Fault::Told(Code::Stale, "others change the same at the same time".into()))
    }
}

/// The document that would be put: what can be set, with the changes laid over it.
fn merged<B: JsonSchema + serde::de::DeserializeOwned>(
    shown: &impl Serialize,
    changes: &Merge<B>,
) -> Result<B, Fault> {
    let mut document = serde_json::to_value(shown).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        fields.remove("about");
        merge(fields, &changes.0);
    }
    router::checked_value::<B>(document)
}

fn merge(into: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, change) in changes {
        match (into.get_mut(name), change) {
            (_, Value::Null) => drop(into.remove(name)),
            (Some(Value::Object(inner)), Value::Object(changes)) => merge(inner, changes),
            (_, Value::Object(changes)) => {
                let mut inner = Map::new();
                merge(&mut inner, changes);
                into.insert(name.clone(), Value::Object(inner));
            }
            (_, change) => drop(into.insert(name.clone(), change.clone())),
        }
    }
}

impl<B: JsonSchema> JsonSchema for Merge<B> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Changes", B::schema_name()).into()
    }

    /// That of PUT, with nothing required, no defaults, and `null` allowed for what has one.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = B::json_schema(generator);
        let required = schema.remove("required").unwrap_or_default();
        let is_required =
            |name: &String| required.as_array().is_some_and(|names| names.contains(&json!(name)));
        if let Some(Value::Object(fields)) = schema.get_mut("properties") {
            fields.retain(|name, _| name != "about");
            fields.iter_mut().filter(|(name, _)| !is_required(name)).for_each(|(_, field)| allow_null(field));
        }
        schema
    }
}

/// Lets `null` stand for the default, which is no longer written.
pub(crate) fn allow_null(property: &mut Value) {
    let Some(rules) = property.as_object_mut() else { return };
    rules.remove("default");
    let nothing = json!({ "type": "null" });
    if let Some(Value::Array(any)) = rules.get_mut("anyOf") {
        if !any.contains(&nothing) {
            any.push(nothing);
        }
        return;
    }
    let nullable = matches!(rules.get("type"), Some(Value::Array(kinds)) if kinds.contains(&json!("null")));
    if !nullable {
        let description = rules.remove("description");
        *property = json!({ "anyOf": [rules.clone(), nothing], "description": description });
    }
}

#[cfg(test)]
mod tests;
