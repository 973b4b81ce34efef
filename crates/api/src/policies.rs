//! Policies in the description: which ones repositories of each format have. What a format is its protocol says
//! ([decision 21](../../../docs/decisions/0021-formats-from-protocols.md)); here its schema is put where documents are checked.

use std::borrow::Cow;

use domain::Format;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::patch::allow_null;
use crate::router::Api;
use crate::shape::{DEFINITIONS, Definitions};

/// A format, and the schema of its policies, which refers to nothing outside itself.
#[derive(Debug, Clone)]
pub struct PolicySchema {
    /// The format.
    pub format: Format,
    /// The schema.
    pub schema: Value,
}

/// What the policy of a repository is to say: fields of its format.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Map<String, Value>);

/// Stands in a schema where the policy of some format is meant.
pub(crate) const OF_A_FORMAT: &str = "x-policy-of-a-format";
/// What has a policy: one form for each format.
const WANTED: &str = "RepositoryWanted";
/// What the policy of one format is called, and what may be changed of it.
const POLICY: &str = "Policy";
const CHANGES: &str = "PolicyChanges";

impl PolicyDocument {
    /// As text.
    pub(crate) fn text(&self) -> String {
        Value::from(self.0.clone()).to_string()
    }
}

impl JsonSchema for PolicyDocument {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PolicyDocument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", OF_A_FORMAT: true })
    }
}

impl Api {
    /// The schema of the policies of a format, as documents are checked by it; `None` of one that no protocol here speaks.
    #[must_use]
    pub fn policy_schema(&self, format: Format) -> Option<&Value> {
        self.definitions.get(&named(format, POLICY))
    }
}

/// Puts the policies of these formats where documents are checked, and where changes to one are.
pub(crate) fn place<'b>(
    policies: &[PolicySchema],
    definitions: &mut Definitions,
    bodies: impl Iterator<Item = &'b mut Value>,
) {
    for PolicySchema { format, schema } in policies {
        let mut schema = schema.clone();
        schema.as_object_mut().and_then(|rules| rules.remove("title"));
        definitions.insert(named(*format, CHANGES), changes(schema.clone()));
        definitions.insert(named(*format, POLICY), schema);
    }
    if let Some(wanted) = definitions.get(WANTED).cloned() {
        by_format(definitions, &wanted, policies);
    }
    let any: Vec<Value> = policies.iter().map(|of| reference(&named(of.format, CHANGES))).collect();
    bodies.for_each(|body| meant(body, &any));
}

/// Puts forms in the place of a document, one a format, told apart by the word.
fn by_format(definitions: &mut Definitions, wanted: &Value, policies: &[PolicySchema]) {
    let (mut forms, mut mapping) = (Vec::new(), Map::new());
    for PolicySchema { format, .. } in policies {
        let mut form = wanted.clone();
        if let Some(fields) = form.get_mut("properties").and_then(Value::as_object_mut) {
            set(fields, "format", json!({ "type": "string", "const": format.as_str() }));
            let policy = reference(&named(*format, POLICY));
            set(fields, "policy", json!({ "anyOf": [policy, { "type": "null" }] }));
        }
        let name = named(*format, WANTED);
        mapping.insert(format.to_string(), format!("{DEFINITIONS}{name}").into());
        forms.push(reference(&name));
        definitions.insert(name, form);
    }
    let whole = json!({
        "type": "object",
        "description": wanted["description"],
        "oneOf": forms,
        "discriminator": { "propertyName": "format", "mapping": mapping },
    });
    definitions.insert(WANTED.to_owned(), whole);
}

/// What may be changed of a policy: each field alone, to nothing for its default.
fn changes(mut policy: Value) -> Value {
    let fields = policy.get_mut("properties").and_then(Value::as_object_mut);
    fields.into_iter().flat_map(|fields| fields.values_mut()).for_each(allow_null);
    policy
}

/// Sets the schema of a field, which keeps its description.
fn set(fields: &mut Map<String, Value>, name: &str, mut schema: Value) {
    describe(&mut schema, fields.get(name).and_then(|field| field.get("description")).cloned());
    fields.insert(name.to_owned(), schema);
}

fn describe(schema: &mut Value, words: Option<Value>) {
    if let (Some(rules), Some(words)) = (schema.as_object_mut(), words) {
        rules.insert("description".to_owned(), words);
    }
}

/// Wherever changes to the policy of some format are meant, they are one of these.
fn meant(schema: &mut Value, any: &[Value]) {
    match schema {
        Value::Object(rules) if rules.contains_key(OF_A_FORMAT) => {
            let nothing = json!({ "type": "null" });
            let nullable = rules.get("type").is_some_and(|kind| kind.to_string().contains("null"));
            let forms: Vec<&Value> = any.iter().chain(nullable.then_some(&nothing)).collect();
            let described = rules.get("description").cloned();
            let mut whole = json!({ "anyOf": forms });
            describe(&mut whole, described);
            *schema = whole;
        }
        Value::Object(rules) => rules.values_mut().for_each(|inner| meant(inner, any)),
        Value::Array(items) => items.iter_mut().for_each(|inner| meant(inner, any)),
        _ => {}
    }
}

/// `OciPolicy`.
fn named(format: Format, what: &str) -> String {
    let parts = format.as_str().split('-').map(|part| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    parts.chain([what.to_owned()]).collect()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{DEFINITIONS}{name}") })
}

#[cfg(test)]
pub(crate) mod tests;
