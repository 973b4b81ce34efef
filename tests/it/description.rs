//! Version 1 only grows (docs/api.md 1): what `api/v1.json` promises the gateway still does. `UPDATE_EXPECT=1` adds to the promise
//! what was added to the description, and never takes anything out of it: what breaks is refused first.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

use crate::support::{Ask, Server};

mod growth;

use growth::breakages;

/// The description without its prose: what clients are built on.
fn promise(description: &Value) -> Value {
    const PROSE: [&str; 5] = ["description", "summary", "tags", "servers", "x-cli"];
    match description {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, value)| {
                // A field may be called so: then its value is a schema.
                !PROSE.contains(&name.as_str()) || value.is_object()
            });
            kept.map(|(name, value)| (name.clone(), promise(value))).collect()
        }
        Value::Array(items) => items.iter().map(promise).collect(),
        other => other.clone(),
    }
}

/// A line for each operation and each schema, so that a difference shows which.
fn written(promise: &Value) -> String {
    let mut text = String::new();
    lines(&mut text, promise, 3);
    text.push('\n');
    text
}

fn lines(text: &mut String, value: &Value, depth: usize) {
    let Some(fields) = value.as_object().filter(|fields| depth > 0 && !fields.is_empty()) else {
        let _ = write!(text, "{value}");
        return;
    };
    let mut before = "{\n";
    for (name, value) in fields {
        let _ = write!(text, "{before}{}: ", json!(name));
        lines(text, value, depth - 1);
        before = ",\n";
    }
    text.push_str("\n}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_only_grows() {
    let hub = Server::start().await;
    let served = hub.stranger().send(Ask::get("/api/openapi.json")).await.is(200).json();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/api/v1.json");
    let kept = fs::read_to_string(&file).expect("the promise");
    let promised: Value = serde_json::from_str(&kept).expect("JSON");
    let (broken, present) = (breakages(&promised, &served), written(&promise(&served)));
    assert!(broken.is_empty(), "version 1 no longer does what it promised:\n{}", broken.join("\n"));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &present).expect("a file that can be written");
    } else {
        // What is not written down could be taken away again without a word.
        let differs = kept.lines().zip(present.lines()).find(|(kept, present)| kept != present);
        assert!(kept == present, "UPDATE_EXPECT=1 adds to the promise what is new: {differs:?}");
    }
    // The promise is the description as far as clients go: it keeps itself, and nothing less does.
    assert_eq!(breakages(&promise(&served), &served), Vec::<String>::new());
    assert_eq!(breakages(&served, &promise(&served)), Vec::<String>::new());
}

/// A small description of one operation of each kind.
fn small() -> Value {
    json!({
        "paths": {
            "/things/{thing}": {
                "put": {
                    "operationId": "thing_put",
                    "x-since": "0.1",
                    "x-audit": ["thing.put"],
                    "parameters": [
                        { "name": "thing", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 64 } },
                        { "name": "dry_run", "in": "query", "required": false, "schema": { "type": "boolean" } },
                    ],
                    "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Wanted" } } } },
                    "responses": {
                        "200": {
                            "headers": { "ETag": {} },
                            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
                        },
                        "409": { "$ref": "#/components/responses/Refused409" },
                    },
                },
                "get": { "operationId": "thing_show", "x-since": "0.1", "security": [], "parameters": [], "responses": {} },
            },
        },
        "components": {
            "responses": { "Refused409": { "x-codes": ["rule", "in-use"] } },
            "schemas": {
                "Wanted": {
                    "type": "object", "additionalProperties": false, "required": ["title"],
                    "properties": {
                        "title": { "type": "string", "maxLength": 200, "x-since": "0.1" },
                        "count": { "type": ["integer", "null"], "minimum": 1, "default": 3 },
                        "kind": { "oneOf": [{ "const": "big" }, { "const": "small" }] },
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Wanted" } },
                        "limit": { "anyOf": [{ "type": "integer" }, { "type": "null" }] },
                        "free": {},
                    },
                },
                "Thing": {
                    "type": "object", "required": ["title", "state"],
                    "properties": {
                        "title": { "type": "string" },
                        "state": { "enum": ["on", "off"] },
                        "cause": { "type": "string", "x-open-enum": true, "enum": ["age"] },
                        "at": { "type": "string", "format": "date-time" },
                        "owner": { "anyOf": [{ "$ref": "#/components/schemas/Thing" }, { "type": "null" }] },
                    },
                },
            },
        },
    })
}

/// The small description with the value at `pointer` put, or taken out if it is `null`.
fn edited(pointer: &str, to: Value) -> Value {
    let mut edited = small();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = edited.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    let name = name.replace("~1", "/");
    match parent {
        Value::Array(items) if name == "-" => items.push(to),
        Value::Array(items) => items[name.parse::<usize>().expect("a place")] = to,
        Value::Object(fields) if to.is_null() => assert!(fields.remove(&name).is_some(), "no {pointer}"),
        other => other[name] = to,
    }
    edited
}

const PUT: &str = "/paths/~1things~1{thing}/put";
const WANTED: &str = "/components/schemas/Wanted";
const THING: &str = "/components/schemas/Thing";
const GONE: Value = Value::Null;

#[test]
fn each_kind_of_breakage_is_found() {
    let wants = |name: &str| json!({ "name": name, "in": "query", "required": true, "schema": {} });
    let put = |rest: &str| format!("{PUT}/{rest}");
    let wanted = |rest: &str| format!("{WANTED}/{rest}");
    let thing = |rest: &str| format!("{THING}/{rest}");
    for (pointer, to, word) in [
        (PUT.to_owned(), GONE, "put /things/{thing}: is gone"),
        ("/paths/~1things~1{thing}".to_owned(), GONE, "get /things/{thing}: is gone"),
        (put("operationId"), json!("thing_set"), "another operationId"),
        (put("x-since"), GONE, "another x-since"),
        (put("x-since"), json!("0.2"), "another x-since"),
        (put("x-audit/0"), json!("thing.set"), "no longer writes thing.put"),
        ("/paths/~1things~1{thing}/get/security".to_owned(), GONE, "wants a log-in now"),
        ("/paths/~1others".to_owned(), json!({ "get": {} }), "says not since when"),
        (put("parameters/1"), json!({ "name": "trial", "in": "query" }), "dry_run: is gone"),
        (put("parameters/1"), json!({ "name": "dry_run", "in": "header" }), "dry_run: is gone"),
        (put("parameters/1/required"), json!(true), "wants dry_run now"),
        (put("parameters/-"), wants("reason"), "wants reason now"),
        (put("parameters/0/schema/maxLength"), json!(32), "maxLength was 64, is 32"),
        (
            "/paths/~1things~1{thing}/get/requestBody".to_owned(),
            json!({ "required": true }),
            "wants a body now",
        ),
        (put("requestBody/content/application~1json"), GONE, "no longer as application/json"),
        (put("responses/409"), GONE, "409: is no longer answered"),
        (put("responses/204"), json!({}), "answers 204 now"),
        (put("responses/418"), json!({}), "answers 418 now"),
        (put("responses/200/headers/ETag"), GONE, "no longer with ETag"),
        ("/components/responses/Refused409/x-codes/1".to_owned(), json!("busy"), "the code in-use"),
        (wanted("required/-"), json!("count"), ".count: is wanted now"),
        (wanted("properties/count"), GONE, ".count: is gone"),
        (wanted("properties/count/type"), json!("integer"), "was [\"integer\",\"null\"], is \"integer\""),
        (wanted("properties/count/minimum"), json!(2), "minimum was 1, is 2"),
        (wanted("properties/count/maximum"), json!(9), "maximum was null, is 9"),
        (wanted("properties/count/default"), json!(4), "another default"),
        (wanted("properties/title/pattern"), json!("^a"), "another pattern"),
        (wanted("properties/title/format"), json!("uri"), "another format"),
        (wanted("properties/title/x-since"), GONE, "another x-since"),
        (wanted("properties/kind/oneOf"), json!([{ "const": "big" }]), "takes fewer words"),
        (wanted("properties/parts/uniqueItems"), json!(true), "wants each once now"),
        (wanted("properties/limit/anyOf"), json!([{ "type": "integer" }]), "nothing stands for"),
        (wanted("properties/free/type"), json!("string"), "was null, is \"string\""),
        (wanted("properties/free/additionalProperties"), json!(false), "less additionalProperties"),
        (thing("required/1"), json!("title"), ".state: may be absent now"),
        (thing("properties/at"), GONE, ".at: is gone"),
        (thing("properties/at/format"), GONE, "another format"),
        (thing("properties/title/type"), json!(["string", "null"]), "was \"string\""),
        (thing("properties/state/enum/-"), json!("broken"), "says other words"),
        (thing("properties/owner/anyOf/-"), json!({ "type": "string" }), "nothing stands for"),
    ] {
        let found = breakages(&small(), &edited(&pointer, to.clone()));
        assert!(found.iter().any(|one| one.contains(word)), "{pointer} to {to}: {found:?}");
    }
}

#[test]
fn growth_breaks_nothing() {
    for (pointer, to) in [
        ("/paths/~1others".to_owned(), json!({ "get": { "x-since": "0.2" } })),
        (
            format!("{PUT}/parameters/-"),
            json!({ "name": "wait", "in": "query", "required": false, "schema": {} }),
        ),
        (format!("{PUT}/responses/504"), json!({ "x-codes": ["not-confirmed"] })),
        (format!("{PUT}/responses/200/headers/Location"), json!({})),
        (format!("{PUT}/requestBody/content/application~1yaml"), json!({ "schema": {} })),
        ("/components/responses/Refused409/x-codes/-".to_owned(), json!("stale")),
        (format!("{WANTED}/properties/more"), json!({ "type": "string" })),
        (format!("{WANTED}/required"), json!([])),
        (format!("{WANTED}/properties/title/maxLength"), json!(300)),
        (format!("{WANTED}/properties/title/maxLength"), GONE),
        (format!("{WANTED}/properties/count/minimum"), json!(0)),
        (format!("{WANTED}/properties/count/type"), json!(["number", "null"])),
        (format!("{WANTED}/properties/kind/oneOf/-"), json!({ "const": "middle" })),
        (format!("{WANTED}/properties/limit/anyOf/-"), json!({ "type": "string" })),
        (format!("{WANTED}/additionalProperties"), json!(true)),
        (format!("{THING}/properties/more"), json!({ "type": "string" })),
        (format!("{THING}/required/-"), json!("at")),
        (format!("{THING}/properties/cause/enum/-"), json!("use")),
        (format!("{THING}/properties/state/enum"), json!(["on"])),
        (format!("{THING}/properties/cause/x-open-enum"), GONE),
    ] {
        let found = breakages(&small(), &edited(&pointer, to.clone()));
        assert_eq!(found, Vec::<String>::new(), "{pointer} to {to}");
    }
    assert_eq!(breakages(&small(), &small()), Vec::<String>::new());
}
