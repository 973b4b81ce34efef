//! Queries: read by the schema of their parameters, so that they are checked as documents are.

use serde_json::{Map, Value, json};

use crate::endpoint::Method;
use crate::problem::{Code, Fault, Where, WrongField};
use crate::shape::{Definitions, check};
use crate::wait::Wait;

/// The parameters of everything that changes something.
pub(crate) const DRY_RUN: &str = "dry_run";
pub(crate) const WAIT: &str = "wait";
/// Longest query, in bytes.
const BYTES_MAX: usize = 8 * 1024;

/// The parameters as a document that the schema allows.
///
/// # Errors
/// `UnknownParameter`, with the closest known one; `Invalid` for a value that is none, and for one that is given twice.
pub(crate) fn read(query: &str, schema: &Value, definitions: &Definitions) -> Result<Value, Fault> {
    if query.len() > BYTES_MAX {
        return Err(Fault::Told(Code::Malformed, "the query has more than 8,192 bytes".into()));
    }
    let mut read = Map::new();
    let mut wrong = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let property = schema.get("properties").and_then(|known| known.get(&*name));
        let value = typed(property, &value);
        if read.insert(name.clone().into_owned(), value).is_some() {
            wrong.push(WrongField {
                at: Where::Pointer(format!("/{name}")),
                code: Code::Invalid,
                detail: "it is given twice".into(),
            });
        }
    }
    let read = Value::Object(read);
    wrong.extend(check(schema, definitions, &read));
    if wrong.is_empty() {
        return Ok(read);
    }
    Err(Fault::Fields(wrong.into_iter().map(as_parameter).collect()))
}

/// Adds to the parameters of what changes something that it can be tried, and where it is to be in force.
pub(crate) fn add_those_of_changes(method: Method, schema: &mut Value) {
    let Some(rules) = schema.as_object_mut().filter(|_| method.changes()) else { return };
    let properties = rules.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        let description =
            "Runs it to its end and takes it back: the answer is the same, but nothing is changed.";
        properties.insert(DRY_RUN.to_owned(), json!({ "type": "boolean", "description": description }));
        let description = "Where it is in force when it is answered: at the node that answers, or at every node that lives. Not confirmed by all \
             within six seconds is `not-confirmed`: the change stays.";
        let words = Wait::ALL.map(Wait::as_str);
        let wait =
            json!({ "type": "string", "enum": words, "default": words.first(), "description": description });
        properties.insert(WAIT.to_owned(), wait);
    }
}

/// Whether it is only to be tried, and where it is to be in force; for the endpoint's own parameters those are none.
pub(crate) fn take_those_of_changes(method: Method, read: &mut Value) -> (bool, Wait) {
    let Some(read) = read.as_object_mut().filter(|_| method.changes()) else { return (false, Wait::Node) };
    let dry_run = read.remove(DRY_RUN) == Some(Value::Bool(true));
    let wait = read.remove(WAIT);
    let is_asked = |word: &Wait| wait.as_ref().and_then(Value::as_str) == Some(word.as_str());
    (dry_run, Wait::ALL.into_iter().find(is_asked).unwrap_or_default())
}

/// Numbers and truths as what they are; everything else is text, and the schema says what may stand there.
fn typed(property: Option<&Value>, text: &str) -> Value {
    let kind = property.and_then(|property| property.get("type"));
    let is = |name: &str| match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        Some(kind) => kind == name,
        None => false,
    };
    let rule = |name: &str| property.and_then(|property| property.get(name));
    // The description sets no bound where a number is asked about that nothing has: more than is counted here is the most that is.
    let most = match rule("format").and_then(Value::as_str) {
        Some("uint32") if rule("maximum").is_none() => u32::MAX.into(),
        _ => u64::MAX,
    };
    let number = || {
        let plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| Value::Number(text.parse().unwrap_or(u64::MAX).min(most).into()))
    };
    let truth = || text.parse::<bool>().ok().map(Value::Bool);
    let parsed = if is("integer") {
        number()
    } else if is("boolean") {
        truth()
    } else {
        None
    };
    parsed.unwrap_or_else(|| text.into())
}

fn as_parameter(wrong: WrongField) -> WrongField {
    let at = match wrong.at {
        Where::Pointer(pointer) => {
            let name = pointer.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
            Where::Parameter(name)
        }
        named @ Where::Parameter(_) => named,
    };
    match wrong.code {
        Code::UnknownField => {
            let detail = wrong.detail.replace("such field", "such parameter").into();
            WrongField { at, code: Code::UnknownParameter, detail }
        }
        _ => WrongField { at, ..wrong },
    }
}

/// Writes parameters that [`read`] reads; what is none is left out.
pub(crate) fn write(parameters: &Value) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) => {
                query.append_pair(name, text);
            }
            other => {
                query.append_pair(name, &other.to_string());
            }
        }
    }
    query.finish()
}

#[cfg(test)]
mod tests;
