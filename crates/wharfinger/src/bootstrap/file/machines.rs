use api::plans::{Described, WebhookDocument};
use api::{Where, WrongField};
use serde_json::{Map, Value};

use super::each;
use super::people::{SecretFrom, secret};
use crate::config::document::{At, Table};
use crate::config::problem::{Problem, Problems};

/// Who is told of what happens at a node: all but the secret, and where that is.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) document: At<WebhookDocument>,
    /// `None` keeps the one that is there.
    pub(crate) secret: Option<At<SecretFrom>>,
}

/// The webhooks of a node.
pub(super) fn webhooks<'d>(table: &Table<'d>, title: &'d str, problems: &mut Problems) -> Vec<Webhook> {
    each(table, "webhooks", title, problems, |table, problems| {
        let document = document_but(table, &[SECRET], &["secret_env", "secret_file"], problems);
        let secret = secret(table, SECRET, problems);
        Some(Webhook { document: document?, secret })
    })
}

/// The field of a webhook that no file has.
const SECRET: &str = "secret";

/// A table that is a document of the API, word for word.
pub(super) fn document<D: Described>(table: &Table<'_>, problems: &mut Problems) -> Option<At<D>> {
    document_but(table, &[], &[], problems)
}

/// The same without some of its fields; keys that are read elsewhere may stand there instead.
fn document_but<D: Described>(
    table: &Table<'_>,
    without: &[&str],
    besides: &[&str],
    problems: &mut Problems,
) -> Option<At<D>> {
    let schema = D::schema();
    let fields = schema.get("properties").and_then(Value::as_object);
    let known = fields.into_iter().flat_map(|fields| fields.keys()).map(String::as_str);
    let known: Vec<&str> = known.filter(|key| !without.contains(key)).collect();
    table.only(&[&known[..], besides].concat(), problems);
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
