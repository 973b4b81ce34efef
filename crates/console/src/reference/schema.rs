//! Documents as tables of their fields.

use std::fmt::Write as _;

use serde_json::Value;

use super::{ROOT, TABLE_ENDS, escaped, prose, table, text_of};

/// How deep fields of fields are shown in one table; what has a name has a table of its own.
const DEPTH_MAX: usize = 4;
/// What the names of documents begin with where they are referred to.
const DOCUMENTS: &str = "#/components/schemas/";

/// What a reference in the description leads to; itself if it is none.
pub(super) fn followed<'d>(description: &'d Value, value: &'d Value) -> &'d Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
    target.and_then(|target| description.pointer(target)).unwrap_or(value)
}

/// Writes what a document is, called so, and its fields if it is not one that has a table elsewhere.
pub(super) fn write(text: &mut String, called: &str, schema: &Value) {
    let mut rows = String::new();
    fields(&mut rows, "", schema, 0);
    let described = text_of(schema, "description");
    if !described.is_empty() {
        let _ = writeln!(text, "<p>{}</p>", prose(described));
    }
    if rows.is_empty() {
        let _ = writeln!(text, "<p>{}</p>", kind(schema));
        return;
    }
    table(text, called, &["Field", "What", "Since", "Meaning"]);
    text.push_str(&rows);
    text.push_str(TABLE_ENDS);
}

fn fields(rows: &mut String, above: &str, schema: &Value, depth: usize) {
    if depth >= DEPTH_MAX {
        return;
    }
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, field) in properties.into_iter().flatten() {
        let path = format!("{above}{name}");
        let needed = if is_required(name) { ", required" } else { "" };
        let _ = writeln!(
            rows,
            "<tr><td><code>{}</code></td><td>{}{needed}</td><td>{}</td><td>{}</td></tr>",
            escaped(&path),
            kind(field),
            escaped(text_of(field, "x-since")),
            prose(text_of(field, "description")),
        );
        fields(rows, &format!("{path}."), field, depth.saturating_add(1));
        if let Some(items) = field.get("items") {
            fields(rows, &format!("{path}[]."), items, depth.saturating_add(1));
        }
    }
    for name in ["oneOf", "anyOf"] {
        let alternatives = schema.get(name).and_then(Value::as_array).into_iter().flatten();
        for alternative in alternatives.filter(|one| one.get("description").is_some()) {
            fields(rows, above, alternative, depth.saturating_add(1));
        }
    }
}

/// What a value is, in a few words.
pub(super) fn kind(schema: &Value) -> String {
    let mut told = shape(schema);
    for (name, before, after) in [
        ("minimum", "from ", ""),
        ("maximum", "to ", ""),
        ("minLength", "at least ", " characters"),
        ("maxLength", "at most ", " characters"),
        ("maxItems", "at most ", ""),
        ("default", "else <code>", "</code>"),
    ] {
        if let Some(bound) = schema.get(name).filter(|bound| !bound.is_null()) {
            let bound = bound.as_str().map_or_else(|| bound.to_string(), str::to_owned);
            let _ = write!(told, ", {before}{}{after}", escaped(&bound));
        }
    }
    told
}

fn shape(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(DOCUMENTS)) {
        return format!("<a href=\"{ROOT}/documents/{0}\">{0}</a>", escaped(name));
    }
    let code = |value: &Value| {
        let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("<code>{}</code>", escaped(&word))
    };
    if let Some(word) = schema.get("const") {
        return code(word);
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().map(code).collect::<Vec<_>>().join(" ");
    }
    for name in ["oneOf", "anyOf"] {
        if let Some(some) =
            schema.get(name).and_then(Value::as_array).filter(|_| schema.get("type").is_none())
        {
            return some.iter().map(shape).collect::<Vec<_>>().join(" or ");
        }
    }
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(kind)) => vec![kind.as_str()],
        _ => Vec::new(),
    };
    let named = |kind: &&str| match *kind {
        "array" => {
            schema.get("items").map_or_else(|| "list".to_owned(), |items| format!("list of {}", shape(items)))
        }
        "string" => match text_of(schema, "format") {
            "" => "text".to_owned(),
            format => escaped(format),
        },
        "integer" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        kind => escaped(kind),
    };
    match kinds.is_empty() {
        true => "anything".to_owned(),
        false => kinds.iter().map(named).collect::<Vec<_>>().join(" or "),
    }
}
