//! The list as an OpenAPI 3.1 document. Schemas come from the types (schemars), everything else from the endpoints' own words.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::at::Parameter;
use crate::endpoint::{Method, Need, On};
use crate::problem::{COMMON, Code};
use crate::router::{Api, BASE, Route};
use crate::shape::DEFINITIONS;
use crate::words::KEY;

mod since;

/// Any state, or some between commas, as RFC 9110 8.8.3 writes them; or none, in which nothing ever is.
const ETAGS: &str = r#"^(\*|(W/)?"[!#-+\--~]*"( *, *(W/)?"[!#-+\--~]*")*)?$"#;

/// What the parameter is called that everything takes.
const AT_LEAST: &str = "AtLeast";

impl Api {
    /// The description of all of it, OpenAPI 3.1 as JSON.
    #[must_use]
    pub fn document(&self) -> String {
        let mut document = document(self);
        since::add(&mut document);
        document.to_string()
    }
}

fn document(api: &Api) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in &api.routes {
        let method = route.mounted.meta.method.as_str().to_ascii_lowercase();
        paths.entry(route.mounted.meta.path).or_default().insert(method, operation(route));
    }
    let shared = by_status(COMMON.iter()).into_iter();
    let shared: Map<String, Value> =
        shared.map(|(status, codes)| (refused(status), refusal(&codes))).collect();
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Wharfinger",
            "version": "1",
            "description": "How a Wharfinger gateway is administered. Version 1 only grows.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": BASE }],
        "security": [{ "basic": [] }, { "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": api.definitions,
            "headers": headers(),
            "parameters": { AT_LEAST: at_least() },
            "responses": shared,
            "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic", "description": "Name and token or password." },
                "bearer": { "type": "http", "scheme": "bearer", "description": "A permanent token." },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let (mounted, shapes) = (&route.mounted, &route.shapes);
    let meta = &mounted.meta;
    let mut parameters: Vec<Value> = mounted.parameters.iter().map(in_path).collect();
    parameters.push(json!({ "$ref": format!("#/components/parameters/{AT_LEAST}") }));
    parameters.extend(in_query(&shapes.query));
    if mounted.conditional && meta.method.changes() {
        parameters.push(condition(
            "If-Match",
            "Only if the resource is in one of these states; `*`: only if it is there.",
            ETAGS,
        ));
    }
    if mounted.conditional && meta.method == Method::Put {
        parameters.push(condition("If-None-Match", "`*`: only if it is not there yet.", r"^\*?$"));
    }
    if meta.method == Method::Post {
        parameters.push(condition(
            "Idempotency-Key",
            "Done at most once within a day, however often it is sent: 1 to 64 letters, digits, `_` and `-`.",
            "^[A-Za-z0-9_-]{1,64}$",
        ));
    }
    let mut operation = json!({
        "operationId": meta.id,
        "summary": meta.summary,
        "tags": [meta.path.split('/').nth(1)],
        "parameters": parameters,
        "responses": responses(route),
        "x-right": right(mounted.need),
        "x-audit": meta.audit,
        "x-since": meta.since,
        "x-cli": meta.cli,
    });
    if mounted.need == Need::Open
        && let Some(fields) = operation.as_object_mut()
    {
        fields.insert("security".to_owned(), json!([]));
    }
    if meta.method.has_body()
        && let Some(fields) = operation.as_object_mut()
    {
        let mut content = Map::new();
        content.insert(meta.method.media_type().to_owned(), json!({ "schema": shapes.body }));
        fields.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    operation
}

fn in_path(parameter: &Parameter) -> Value {
    let mut schema = json!({ "type": "string", "format": parameter.format });
    let is_key = matches!(parameter.format, "project-key" | "repository-name");
    if let Some(fields) = schema.as_object_mut().filter(|_| is_key) {
        fields.insert("pattern".to_owned(), KEY.into());
        fields.insert("maxLength".to_owned(), 64.into());
    }
    json!({
        "name": parameter.name,
        "in": "path",
        "required": true,
        "description": parameter.description,
        "schema": schema,
    })
}

fn condition(name: &str, description: &str, pattern: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "required": false,
        "description": description,
        "schema": { "type": "string", "pattern": pattern },
    })
}

/// What a caller was told by another node.
fn at_least() -> Value {
    json!({
        "name": "Wharfinger-Policy-Version",
        "in": "header",
        "required": false,
        "description": "Only once at least this version of all access changes is in force at the node that answers, for which it waits a second.",
        "schema": { "type": "integer", "minimum": 0 },
    })
}

fn in_query(schema: &Value) -> Vec<Value> {
    let required = |name: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    let described = |(name, property): (&String, &Value)| {
        let mut schema = property.clone();
        let description = schema.as_object_mut().and_then(|fields| fields.remove("description"));
        json!({
            "name": name,
            "in": "query",
            "required": required(name),
            "description": description,
            "schema": schema,
        })
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(described).collect()
}

fn responses(route: &Route) -> Map<String, Value> {
    let meta = &route.mounted.meta;
    let success: &[(u16, &str)] = match meta.method {
        Method::Get => &[(200, "As it is.")],
        Method::Post if route.mounted.begins => {
            &[(200, "Only tried."), (202, "Begun; `Location` says where it is seen.")]
        }
        Method::Post => &[(200, "Done, or only tried."), (201, "Made; `Location` says where it is found.")],
        Method::Put if route.mounted.conditional => {
            &[(200, "In force, or only tried."), (201, "Made, and in force.")]
        }
        Method::Patch => &[(200, "In force, or only tried.")],
        Method::Put | Method::Delete => {
            &[(200, "In force, or only tried."), (202, "In force, but the disk is full: not stored yet.")]
        }
    };
    let mut all = Map::new();
    for (status, description) in success {
        let mut content = json!({ "application/json": { "schema": route.shapes.answer } });
        if let Some(kinds) = content.as_object_mut().filter(|_| route.mounted.has_csv) {
            kinds.insert("text/csv".to_owned(), json!({ "schema": { "type": "string" } }));
        }
        let changed = ["Wharfinger-Policy-Version", "Wharfinger-Changed"];
        let tagged = route.mounted.conditional && meta.method != Method::Delete;
        let names = ["X-Request-Id"]
            .into_iter()
            .chain((*status == 201 || route.mounted.begins && *status == 202).then_some("Location"));
        let names = names.chain(changed.into_iter().filter(|_| meta.method.changes()));
        let names = names.chain(tagged.then_some("ETag"));
        let headers: Map<String, Value> = names.map(str::to_owned).map(header).collect();
        let response = json!({ "description": description, "headers": headers, "content": content });
        all.insert(status.to_string(), response);
    }
    // A name in the path may be one that nothing can have.
    let nowhere = (!route.mounted.parameters.is_empty()).then_some(&Code::NoRoute);
    let own_faults = || meta.method.faults().iter().chain(meta.faults).chain(nowhere);
    for (status, codes) in by_status(COMMON.iter().chain(own_faults())) {
        let own = own_faults().any(|code| code.status() == status);
        let shared = || json!({ "$ref": format!("#/components/responses/{}", refused(status)) });
        all.insert(status.to_string(), if own { refusal(&codes) } else { shared() });
    }
    all
}

fn by_status<'c>(codes: impl Iterator<Item = &'c Code>) -> BTreeMap<u16, Vec<Code>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let codes = by_status.entry(code.status()).or_default();
        if !codes.contains(code) {
            codes.push(*code);
        }
    }
    by_status
}

/// What the refusals that all endpoints share are called.
fn refused(status: u16) -> String {
    format!("Refused{status}")
}

fn header(name: String) -> (String, Value) {
    let reference = json!({ "$ref": format!("#/components/headers/{name}") });
    (name, reference)
}

fn refusal(codes: &[Code]) -> Value {
    let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
    let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let schema = json!({ "$ref": format!("{DEFINITIONS}Problem") });
    json!({
        "description": format!("{}.", titles.join(". ")),
        "x-codes": words,
        "content": { "application/problem+json": { "schema": schema } },
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "X-Request-Id": text("Names the request in the log and in the audit."),
        "Location": text("Where what was made is found."),
        "ETag": text("Tells states of the resource apart; a change can be made conditional on it with `If-Match`."),
        "Wharfinger-Policy-Version": {
            "description": "The version of all access changes that this one is part of.",
            "schema": { "type": "integer", "minimum": 0 },
        },
        "Wharfinger-Changed": {
            "description": "Whether anything changed.",
            "schema": { "type": "boolean" },
        },
    })
}

/// The right in words, such as `access-manage on the project`.
fn right(need: Need) -> String {
    match need {
        Need::Open => "none: what is sent is the proof".to_owned(),
        Need::LogIn | Need::Reader => "any log-in".to_owned(),
        Need::Own => "a person, about their own".to_owned(),
        Need::AboutOthers => {
            "directory-view on the organisation, or access-manage where `on` says".to_owned()
        }
        Need::OrOneself(need) => format!("{}, or to be the person", right(*need)),
        Need::OrOfItsProject(need) => {
            format!("{}, or access-manage on the project whose team it is", right(*need))
        }
        Need::KnownProject => "to take part in the project, or to read something in it".to_owned(),
        Need::Either(make, change) => format!("{} to make it, {} to change it", right(*make), right(*change)),
        Need::Both(one, other) => format!("{} and {}", right(*one), right(*other)),
        Need::Right(right, on) => {
            let on = match on {
                On::Organisation => "organisation",
                On::Project => "project",
                On::Repository => "repository",
            };
            format!("{} on the {on}", right.as_str())
        }
    }
}

#[cfg(test)]
mod tests;
