//! A policy as fields of a form, made of the schema of its format: what a format calls for is never written here.

use serde_json::{Map, Value};

use crate::form::Form;

/// A field of a policy.
pub(super) struct Field {
    /// As the document calls it.
    pub(super) name: String,
    /// What it is for, in the words of the schema.
    pub(super) about: String,
    pub(super) kind: Kind,
}

/// How a field is filled in, and what is in it.
pub(super) enum Kind {
    /// A box to tick.
    Switch(bool),
    /// One of these: its word, what it means, whether it is chosen.
    Choice(Vec<(String, String, bool)>),
    /// Texts, one a line.
    Lines(String),
    /// Whatever else a schema may ask for.
    Json(String),
}

/// The fields of a policy, but for those that do nothing yet.
pub(super) fn fields(schema: &Value, policy: &Map<String, Value>, idle: &[&str]) -> Vec<Field> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten().filter(|(name, _)| !idle.contains(&name.as_str()));
    properties
        .map(|(name, schema)| Field {
            name: name.clone(),
            about: text(schema, "description"),
            kind: kind(schema, policy.get(name).unwrap_or(&Value::Null)),
        })
        .collect()
}

fn text(schema: &Value, name: &str) -> String {
    schema.get(name).and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

fn kind(schema: &Value, value: &Value) -> Kind {
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let choice = |one: &Value| {
            let word = one.get("const").and_then(Value::as_str)?;
            Some((word.to_owned(), text(one, "description"), value.as_str() == Some(word)))
        };
        if let Some(choices) = choices.iter().map(choice).collect::<Option<Vec<_>>>() {
            return Kind::Choice(choices);
        }
    }
    let of = |schema: &Value| schema.get("type").and_then(Value::as_str).map(str::to_owned);
    let items = schema.get("items").and_then(of);
    match (of(schema).as_deref(), items.as_deref()) {
        (Some("boolean"), _) => Kind::Switch(value.as_bool().unwrap_or_default()),
        (Some("array"), Some("string")) => {
            let lines = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            Kind::Lines(lines.collect::<Vec<_>>().join("\n"))
        }
        _ => Kind::Json(value.to_string()),
    }
}

impl Field {
    /// What the form calls it.
    pub(super) fn id(&self) -> String {
        format!("policy-{}", self.name)
    }

    /// What a form says of it; `None` if it cannot be read.
    pub(super) fn read(&self, form: &Form<'_>) -> Option<Value> {
        let id = self.id();
        match &self.kind {
            Kind::Switch(_) => Some(form.ticked(&id).into()),
            Kind::Choice(_) => Some(form.text(&id).into()),
            Kind::Lines(_) => {
                let lines = form.text(&id).lines().map(str::trim).filter(|line| !line.is_empty());
                Some(lines.collect::<Vec<_>>().into())
            }
            Kind::Json(_) => serde_json::from_str(form.text(&id)).ok(),
        }
    }

    /// The same with what was typed.
    pub(super) fn typed(self, form: &Form<'_>) -> Self {
        let id = self.id();
        let kind = match self.kind {
            Kind::Switch(_) => Kind::Switch(form.ticked(&id)),
            Kind::Choice(choices) => {
                let chosen = form.text(&id);
                let again = choices.into_iter().map(|(word, about, _)| {
                    let is_chosen = word == chosen;
                    (word, about, is_chosen)
                });
                Kind::Choice(again.collect())
            }
            Kind::Lines(_) => Kind::Lines(form.text(&id).to_owned()),
            Kind::Json(_) => Kind::Json(form.text(&id).to_owned()),
        };
        Self { kind, ..self }
    }
}
