//! Values that could be sent.

use serde_json::{Map, Value, json};

use super::schema::followed;

/// How deep an example goes: documents may hold themselves.
const DEPTH_MAX: usize = 6;

/// The example of a name in a path. One repository has them all: `alpha/packages`.
pub(super) fn named(name: &str) -> &str {
    match name {
        "project" => "alpha",
        "repository" => "packages",
        "principal" | "participant" | "person" | "member" => "member:alice",
        "team" => "releasers",
        "application" => "build-server",
        "role" => "project-member",
        "token" | "invitation" => "LhAesif4",
        "package" => "Json",
        "version" => "1.0.0",
        "advisory" => "GHSA-1",
        "delivery" | "job" => "1",
        "webhook" | "publisher" | "issuer" | "name" => "ci",
        // A name that is none of these is as good as another.
        other => other,
    }
}

/// The example of a parameter that has to be given.
pub(super) fn parameter(description: &Value, name: &str, schema: &Value) -> String {
    match name {
        "on" => "alpha".to_owned(),
        _ => match of(description, schema) {
            Value::String(text) => text.replace(' ', "+"),
            other => other.to_string(),
        },
    }
}

/// The smallest document that a schema takes, more or less: what has to be there.
pub(super) fn of(description: &Value, schema: &Value) -> Value {
    within(description, schema, 0)
}

fn within(description: &Value, schema: &Value, depth: usize) -> Value {
    let schema = followed(description, schema);
    if let Some(word) = schema.get("const").or_else(|| schema.pointer("/enum/0")) {
        return word.clone();
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    match kind {
        _ if depth >= DEPTH_MAX => Value::Null,
        Some("object") => object(description, schema, depth),
        Some("array") => match (schema.get("items"), schema.get("minItems")) {
            (Some(items), Some(_)) => json!([within(description, items, depth.saturating_add(1))]),
            _ => json!([]),
        },
        Some("string") => text(schema).into(),
        Some("integer") => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        Some("boolean") => true.into(),
        _ => {
            let alternatives = schema.get("oneOf").or_else(|| schema.get("anyOf"));
            let first = alternatives.and_then(|some| some.get(0));
            first.map_or(Value::Null, |first| within(description, first, depth.saturating_add(1)))
        }
    }
}

/// Of a document with alternatives, the first.
fn object(description: &Value, schema: &Value, depth: usize) -> Value {
    let first = followed(description, schema.pointer("/oneOf/0").unwrap_or(&Value::Null));
    let mut all = Map::new();
    for part in [schema, first] {
        for name in part.get("required").and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = name.as_str() else { continue };
            let field = |of: &'_ Value| of.get("properties").and_then(|fields| fields.get(name)).cloned();
            let word = field(first).filter(|field| field.get("const").is_some());
            if let Some(field) = word.or_else(|| field(schema)).or_else(|| field(part)) {
                all.insert(name.to_owned(), within(description, &field, depth.saturating_add(1)));
            }
        }
    }
    Value::Object(all)
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
        "project-key" | "node" => "alpha",
        "repository-name" => "packages",
        "subject" | "principal" => "member:alice",
        "token-id" => "LhAesif4",
        "date-time" => "2030-01-01T00:00:00Z",
        "login" => "alice@example.org",
        "cidr" => "10.0.0.0/8",
        "ip-address" => "10.0.0.1",
        "hook-url" | "issuer-url" => "https://ci.example.org",
        "sha256" => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "name-pattern" => "v*",
        "rule" => "alpha/ci",
        _ => "example",
    }
}
