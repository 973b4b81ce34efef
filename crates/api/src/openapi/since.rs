//! Since when there is each field and parameter (docs/api.md 1): since its operation, unless it says otherwise itself, which is
//! `#[schemars(extend("x-since" = "0.2"))]`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::shape::DEFINITIONS;

/// What it is called in the description.
const SINCE: &str = "x-since";

/// By the names of documents: the first release that had an operation with it.
type First = BTreeMap<String, String>;

/// Says it of all that the description has.
pub(super) fn add(document: &mut Value) {
    let mut first = First::new();
    let mut earliest = None;
    for operation in operations(document) {
        let Some(since) = operation.get(SINCE).and_then(Value::as_str).map(str::to_owned) else { continue };
        for parameter in parts(operation, &["parameters"]) {
            of_parameter(parameter, &since);
        }
        for schema in parts(operation, &["requestBody", "responses"]) {
            mark(schema, &since);
            referred(schema, &since, &mut first);
        }
        keep_earlier(&mut earliest, &since);
    }
    let Some(earliest) = earliest else { return };
    if let Some(Value::Object(shared)) = document.pointer_mut("/components/parameters") {
        shared.values_mut().for_each(|parameter| of_parameter(parameter, &earliest));
    }
    if let Some(shared) = document.pointer_mut("/components/responses") {
        referred(shared, &earliest, &mut first);
    }
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    spread(schemas, &mut first);
    for (name, schema) in schemas {
        mark(schema, first.get(name).unwrap_or(&earliest));
    }
}

/// What documents hold is as old as the oldest that holds it.
fn spread(schemas: &Map<String, Value>, first: &mut First) {
    loop {
        let before = first.clone();
        for (name, since) in &before {
            if let Some(schema) = schemas.get(name) {
                referred(schema, since, first);
            }
        }
        if *first == before {
            return;
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let methods = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    methods.flat_map(Map::values_mut)
}

/// Everything in some members of an operation.
fn parts<'v>(
    operation: &'v mut Value,
    names: &'static [&'static str],
) -> impl Iterator<Item = &'v mut Value> {
    let members = operation.as_object_mut().into_iter().flat_map(Map::iter_mut);
    let wanted = members.filter(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value);
    wanted.flat_map(|value| match value {
        Value::Array(items) => items.iter_mut().collect::<Vec<_>>(),
        other => vec![other],
    })
}

fn of_parameter(parameter: &mut Value, since: &str) {
    let Some(fields) = parameter.as_object_mut().filter(|fields| !fields.contains_key("$ref")) else {
        return;
    };
    let own = fields.get_mut("schema").and_then(Value::as_object_mut).and_then(|schema| schema.remove(SINCE));
    fields.insert(SINCE.to_owned(), own.unwrap_or_else(|| since.into()));
}

/// Marks every field of every schema in it that is not marked.
fn mark(value: &mut Value, since: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mark(item, since)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("properties", Value::Object(fields)) => {
                        for field in fields.values_mut() {
                            if let Some(field) = field.as_object_mut() {
                                field.entry(SINCE).or_insert_with(|| since.into());
                            }
                            mark(field, since);
                        }
                    }
                    ("enum" | "const" | "default" | "required" | "x-codes", _) => {}
                    (_, member) => mark(member, since),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Notes the documents that something refers to.
fn referred(value: &Value, since: &str, first: &mut First) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| referred(item, since, first)),
        Value::Object(members) => {
            let name =
                members.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(DEFINITIONS));
            if let Some(name) = name {
                let mut known = first.remove(name);
                keep_earlier(&mut known, since);
                first.extend(known.map(|known| (name.to_owned(), known)));
            }
            members.values().for_each(|member| referred(member, since, first));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn keep_earlier(known: &mut Option<String>, since: &str) {
    let number =
        |release: &str| release.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect::<Vec<_>>();
    if known.as_deref().is_none_or(|known| number(since) < number(known)) {
        *known = Some(since.to_owned());
    }
}

#[cfg(test)]
mod tests;
