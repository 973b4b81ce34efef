use api::plans::Described;
use api::{Where, WrongField};
use serde_json::{Map, Value};

use crate::config::document::{At, Table};
use crate::config::problem::{Problem, Problems};

/// A table that is a document of the API, word for word.
pub(super) fn document<D: Described>(table: &Table<'_>, problems: &mut Problems) -> Option<At<D>> {
    let schema = D::schema();
    let fields = schema.get("properties").and_then(Value::as_object);
    let known: Vec<&str> = fields.into_iter().flat_map(|fields| fields.keys()).map(String::as_str).collect();
    table.only(&known, problems);
    let document: Map<String, Value> =
        known.iter().filter_map(|key| Some(((*key).to_owned(), table.json(key)?))).collect();
    let document = Value::Object(document);
    let wrong = api::wrong_fields(&schema, &document);
    for field in &wrong {
        problems.add(misfit(table, field));
    }
    if !wrong.is_empty() {
        return None;
    }
    match serde_json::from_value(document) {
        Ok(value) => Some(At { value, line: table.line() }),
        Err(why) => {
            problems.add(table.source().problem(table.line(), why.to_string()));
            None
        }
    }
}

/// What a field should be, on its line: "it must be …" said about the key.
pub(super) fn misfit(table: &Table<'_>, field: &WrongField) -> Problem {
    let pointer = match &field.at {
        Where::Pointer(pointer) => pointer.as_str(),
        Where::Parameter(_) => "",
    };
    let key = pointer.trim_start_matches('/').replace('/', ".");
    let message = match field.detail.strip_prefix("it ") {
        Some(rest) => format!("`{key}` {rest}"),
        None => format!("`{key}`: {}", field.detail),
    };
    table.source().problem(table.line_at(pointer), message)
}
