//! An answer as the flags ask for it.

use api::tokens::Token;
use serde_json::{Map, Value};

use super::super::calls::Received;
use super::super::flags::{Form, Output, Remote};
use super::super::output;

/// What things are called by, the likeliest first.
const NAMES: [&str; 6] = ["ref", "path", "key", "id", "name", "to"];

/// An object as a table of its fields.
pub(in crate::cli) fn show_fields(remote: &Remote, document: &Value) {
    show_object(remote.form, document, None);
}

/// A thing that can be changed: its fields, and the ETag that a change can be made conditional on.
pub(super) fn show_resource<A>(remote: &Remote, received: &Received<A>) {
    show_object(remote.form, &received.document, received.etag.as_deref());
}

fn show_object(form: Form, document: &Value, etag: Option<&str>) {
    if programs_read(form, document) {
        return;
    }
    let mut rows = rows(document.clone());
    rows.extend(etag.map(|etag| vec!["etag".to_owned(), etag.trim_matches('"').to_owned()]));
    output::show_table(&["field", "value"], &rows);
}

/// The fields of an object, one a row. What has fields of its own, such as a count by format, is a row for each: `name.field`.
pub(super) fn rows(object: Value) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (name, value) in flat(object) {
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

/// Items as rows with these columns; the first is what each is called by.
pub(in crate::cli) fn show_list(remote: &Remote, items: Vec<Value>, titles: &[&str]) {
    match remote.form {
        Form { quiet: false, output: Output::Json } => output::json(&Value::Array(items)),
        Form { quiet: false, output: Output::Jsonl } => {
            items.iter().for_each(|item| output::say(&item.to_string()));
        }
        Form { quiet, output: Output::Table | Output::Json | Output::Jsonl } => {
            let items: Vec<Map<String, Value>> = items.into_iter().map(flat).collect();
            let cells = |item: &Map<String, Value>| -> Vec<String> {
                titles.iter().map(|title| output::cell(item.get(*title))).collect()
            };
            let rows: Vec<Vec<String>> = items.iter().map(cells).collect();
            if quiet {
                rows.iter().filter_map(|row| row.first()).for_each(|name| output::say(name));
            } else {
                output::show_table(titles, &rows);
            }
        }
    }
}

/// The secret alone on standard output, so that it can be piped; what it is goes to the terminal.
pub(super) fn show_secret(remote: &Remote, made: &Received<Token>) {
    if remote.form.output != Output::Table {
        programs_read(remote.form, &made.document);
        return;
    }
    match &made.answer.secret {
        Some(secret) => {
            if !remote.form.quiet {
                output::complain(&format!("token {} was made; it is shown only now:", made.answer.id));
            }
            output::say(secret);
        }
        None => output::complain(&format!("only tried: token {} could be made", made.answer.name)),
    }
}

/// A change that is done: a line about it, or its document.
pub(in crate::cli) fn show_done(remote: &Remote, document: &Value, line: &str) {
    if !programs_read(remote.form, document) {
        output::say(line);
    }
}

/// Says the document, or what it is about, if that is what programs asked for.
pub(in crate::cli) fn programs_read(form: Form, document: &Value) -> bool {
    match form {
        Form { quiet: true, .. } => name_of(document).iter().for_each(|name| output::say(name)),
        Form { output: Output::Json, .. } => output::json(document),
        Form { output: Output::Jsonl, .. } => output::say(&document.to_string()),
        Form { output: Output::Table, .. } => return false,
    }
    true
}

/// What a thing is called by; nothing for an answer that is about none.
fn name_of(document: &Value) -> Option<String> {
    let about = document.get("about");
    // In `about` stands the id that is never used again, too; nobody calls a thing by that.
    let named = |name: &str| about.filter(|_| name != "id").and_then(|about| about.get(name));
    let found = NAMES.iter().find_map(|name| named(name).or_else(|| document.get(*name)));
    found.and_then(Value::as_str).map(|text| output::cell(Some(&text.into())))
}

/// What is in `about` stands beside the other fields.
fn flat(document: Value) -> Map<String, Value> {
    let Value::Object(mut fields) = document else { return Map::new() };
    if let Some(Value::Object(about)) = fields.remove("about") {
        for (name, value) in about {
            fields.entry(name).or_insert(value);
        }
    }
    fields
}
