//! Whether a document is what its schema allows. The schema asked here is the one that is published, so what 400 means cannot
//! be said in two ways; and all that is wrong is found at once, which a deserializer cannot do.
//!
//! Only the rules below are known; a test walks every schema of the list and refuses any other.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::problem::{Code, FIELDS_MAX, Where, WrongField};
use crate::suggest::closest;
use crate::words::FORMATS;

/// Schemas by name, as `#/components/schemas/NAME` refers to them.
pub(crate) type Definitions = Map<String, Value>;

/// Where references lead.
pub(crate) const DEFINITIONS: &str = "#/components/schemas/";

/// Everything in the document that the schema does not allow, at most [`FIELDS_MAX`].
pub(crate) fn check(schema: &Value, definitions: &Definitions, document: &Value) -> Vec<WrongField> {
    let mut check = Check { definitions, found: Vec::new() };
    check.value(schema, document, "");
    check.found.truncate(FIELDS_MAX);
    check.found
}

/// Everything in the document that the schema does not allow, for a schema that is complete in itself: of documents that come another way than through the management.
#[must_use]
pub fn wrong_fields(schema: &Value, document: &Value) -> Vec<WrongField> {
    check(schema, &Definitions::new(), document)
}

struct Check<'a> {
    definitions: &'a Definitions,
    found: Vec<WrongField>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, at: &str) {
        if self.found.len() >= FIELDS_MAX {
            return;
        }
        let Some(schema) = resolved(self.definitions, schema) else {
            return self.wrong(at, "there is no description of it");
        };
        let Some(rules) = schema.as_object() else { return };
        if let Some(kinds) = rules.get("type")
            && !kinds_of(kinds).any(|kind| is_a(value, kind))
        {
            let wanted: Vec<&str> = kinds_of(kinds).filter(|kind| *kind != "null").map(word).collect();
            return self.wrong(at, format!("it must be {}", wanted.join(" or ")));
        }
        if let Some(known) = one_of_words(rules)
            && !known.contains(&value)
        {
            let words: Vec<&str> = known.iter().filter_map(|word| word.as_str()).collect();
            let meant = value.as_str().and_then(|word| closest(word, words.iter().copied()));
            let meant = meant.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default();
            return self.wrong(at, format!("it must be one of {}{meant}", words.join(", ")));
        }
        match value {
            Value::String(text) => self.text(rules, text, at),
            Value::Number(number) => self.number(rules, number.as_f64().unwrap_or_default(), at),
            Value::Array(items) => self.list(rules, items, at),
            Value::Object(fields) => self.object(rules, fields, at),
            Value::Null | Value::Bool(_) => {}
        }
        self.alternatives(rules, value, at);
    }

    fn text(&mut self, rules: &Map<String, Value>, text: &str, at: &str) {
        let chars = text.chars().count() as u64;
        let bound = |name: &str| rules.get(name).and_then(Value::as_u64);
        if let Some(least) = bound("minLength").filter(|least| chars < *least) {
            return match chars {
                0 => self.wrong(at, "it is empty"),
                _ => self.wrong(at, format!("it must have at least {least} characters")),
            };
        }
        if let Some(most) = bound("maxLength").filter(|most| chars > *most) {
            return self.wrong(at, format!("it has more than {most} characters"));
        }
        let format = rules.get("format").and_then(Value::as_str);
        let known = FORMATS.iter().find(|(name, _)| Some(*name) == format);
        if let Some(Err(why)) = known.map(|(_, check)| check(text)) {
            self.wrong(at, why);
        }
    }

    fn number(&mut self, rules: &Map<String, Value>, number: f64, at: &str) {
        let bound = |name: &str| rules.get(name).and_then(Value::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.wrong(at, format!("it must be at least {least}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.wrong(at, format!("it must be at most {most}"));
        }
    }

    fn list(&mut self, rules: &Map<String, Value>, items: &[Value], at: &str) {
        let count = items.len() as u64;
        let bound = |name: &str| rules.get(name).and_then(Value::as_u64);
        if let Some(least) = bound("minItems").filter(|least| count < *least) {
            return match count {
                0 => self.wrong(at, "it is empty"),
                _ => self.wrong(at, format!("it must have at least {least} items")),
            };
        }
        if let Some(most) = bound("maxItems").filter(|most| count > *most) {
            return self.wrong(at, format!("it has more than {most} items"));
        }
        if let Some(schema) = rules.get("items") {
            for (index, item) in items.iter().enumerate() {
                self.value(schema, item, &format!("{at}/{index}"));
            }
        }
    }

    fn object(&mut self, rules: &Map<String, Value>, fields: &Map<String, Value>, at: &str) {
        let none = Map::new();
        let known = rules.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let others = rules.get("additionalProperties");
        let closed = others.and_then(Value::as_bool) == Some(false);
        let bound = rules.get("maxProperties").and_then(Value::as_u64);
        if let Some(most) = bound.filter(|most| fields.len() as u64 > *most) {
            return self.wrong(at, format!("it has more than {most} fields"));
        }
        for (name, value) in fields {
            match known.get(name).or_else(|| others.filter(|schema| schema.is_object())) {
                Some(schema) => self.value(schema, value, &format!("{at}/{}", escaped(name))),
                None if closed => self.unknown(name, known.keys().map(String::as_str), at),
                None => {}
            }
        }
        for name in rules.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str().filter(|name| !fields.contains_key(*name)) {
                self.wrong(&format!("{at}/{name}"), "it is missing");
            }
        }
    }

    fn unknown<'k>(&mut self, name: &str, known: impl Iterator<Item = &'k str>, at: &str) {
        let detail = match closest(name, known) {
            Some(known) => Cow::Owned(format!("there is no such field; did you mean `{known}`?")),
            None => Cow::Borrowed("there is no such field"),
        };
        // What a stranger calls a field is shown, but no more of it than a field can be long.
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(64).collect();
        let at = Where::Pointer(format!("{at}/{}", escaped(&name)));
        self.found.push(WrongField { at, code: Code::UnknownField, detail });
    }

    /// `anyOf` is a type or nothing; `oneOf` are forms that exclude each other.
    fn alternatives(&mut self, rules: &Map<String, Value>, value: &Value, at: &str) {
        let definitions = self.definitions;
        let fits = |schema: &Value| {
            let mut check = Check { definitions, found: Vec::new() };
            check.value(schema, value, at);
            check.found
        };
        if let Some(any) = rules.get("anyOf").and_then(Value::as_array) {
            let tried: Vec<_> = any.iter().map(&fits).collect();
            if !tried.iter().any(Vec::is_empty) {
                // The form that comes closest is the one that was meant.
                let meant = tried.into_iter().min_by_key(|found| {
                    let unknown = |wrong: &&WrongField| wrong.code == Code::UnknownField;
                    (found.iter().any(|wrong| is_at(wrong, at)), found.iter().filter(unknown).count())
                });
                self.found.extend(meant.unwrap_or_default());
            }
        }
        if let Some(by) = rules.get("discriminator") {
            return self.told_apart(by, rules, value, at);
        }
        let one = rules.get("oneOf").and_then(Value::as_array).filter(|_| one_of_words(rules).is_none());
        if let Some(forms) = one
            && forms.iter().filter(|form| fits(form).is_empty()).count() != 1
        {
            let rule = rules.get("x-rule").and_then(Value::as_str).unwrap_or("it must have one of its forms");
            self.wrong(at, rule.to_owned());
        }
    }

    /// Forms that are told apart by the word in one of their fields.
    fn told_apart(&mut self, by: &Value, rules: &Map<String, Value>, value: &Value, at: &str) {
        let Some(name) = by.get("propertyName").and_then(Value::as_str) else { return };
        let forms = rules.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let words = forms.filter_map(|form| {
            let word = resolved(self.definitions, form)?.pointer(&format!("/properties/{name}/const"))?;
            Some((word, form))
        });
        let words: Vec<(&Value, &Value)> = words.collect();
        let at_field = format!("{at}/{}", escaped(name));
        match value.get(name) {
            None => self.wrong(&at_field, "it is missing"),
            Some(said) => match words.iter().find(|(word, _)| *word == said) {
                Some((_, form)) => self.value(form, value, at),
                None => {
                    let known = Value::Array(words.iter().map(|(word, _)| (*word).clone()).collect());
                    let words = serde_json::json!({ "enum": known });
                    self.value(&words, said, &at_field);
                }
            },
        }
    }

    fn wrong(&mut self, at: &str, detail: impl Into<Cow<'static, str>>) {
        let (at, detail) = (Where::Pointer(at.to_owned()), detail.into());
        self.found.push(WrongField { at, code: Code::Invalid, detail });
    }
}

/// The schema itself, or what it refers to; `None` if that is not there, so that nothing passes for want of a rule.
pub(crate) fn resolved<'s>(definitions: &'s Definitions, schema: &'s Value) -> Option<&'s Value> {
    match schema.get("$ref") {
        None => Some(schema),
        Some(to) => definitions.get(to.as_str()?.strip_prefix(DEFINITIONS)?),
    }
}

fn is_at(wrong: &WrongField, at: &str) -> bool {
    matches!(&wrong.at, Where::Pointer(pointer) if pointer == at)
}

fn kinds_of(kinds: &Value) -> impl Iterator<Item = &str> {
    let one = kinds.as_str().into_iter();
    one.chain(kinds.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        _ => false,
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "boolean" => "true or false",
        "string" => "text",
        "array" => "a list",
        "object" => "an object",
        "integer" => "a whole number",
        "number" => "a number",
        other => other,
    }
}

/// The words of an enumeration, however it is written: `enum`, or `oneOf` constants that have descriptions.
fn one_of_words(rules: &Map<String, Value>) -> Option<Vec<&Value>> {
    if let Some(words) = rules.get("enum").and_then(Value::as_array) {
        return Some(words.iter().collect());
    }
    if let Some(word) = rules.get("const") {
        return Some(vec![word]);
    }
    rules.get("oneOf")?.as_array()?.iter().map(|form| form.get("const")).collect()
}

/// As a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
