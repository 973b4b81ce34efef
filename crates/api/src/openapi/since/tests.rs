use serde_json::{Value, json};

use super::add;
use crate::policies::tests::policies;
use crate::router::Api;

/// Where a field or a parameter does not say since when there is one.
fn silent(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| silent(&format!("{at}/{index}"), item, found));
        }
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{name}");
                if let ("properties", Some(fields)) = (name.as_str(), member.as_object()) {
                    found.extend(
                        fields
                            .iter()
                            .filter(|(_, field)| field.is_object() && field.get("x-since").is_none())
                            .map(|(field, _)| format!("{at}/{field}")),
                    );
                }
                if let ("parameters", Some(all)) = (name.as_str(), member.as_array()) {
                    let said = |one: &&Value| one.get("x-since").is_none() && one.get("$ref").is_none();
                    found.extend(all.iter().filter(said).map(|one| format!("{at}: {one}")));
                }
                silent(&at, member, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_says_since_when_there_is_one() {
    let text = Api::with(&policies()).document();
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut found = Vec::new();
    silent("", &document, &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(document["components"]["parameters"]["AtLeast"]["x-since"], "0.1");
}

#[test]
fn a_field_that_came_later_says_so() {
    let operation = |since: &str, name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        let old = json!({ "name": "query", "schema": { "type": "string" } });
        let new = json!({ "name": "sort", "schema": { "type": "string", "x-since": "0.12" } });
        let parameters = [old, new];
        json!({
            "x-since": since,
            "parameters": parameters,
            "responses": { "200": { "content": { "application/json": { "schema": schema } } } },
        })
    };
    let mut document = json!({
        "paths": { "/a": { "get": operation("0.10", "Newer") }, "/b": { "get": operation("0.9", "Older") } },
        "components": { "schemas": {
            "Newer": { "properties": { "one": { "$ref": "#/components/schemas/Part" }, "two": { "x-since": "0.11" } } },
            "Older": { "properties": { "parts": { "items": { "$ref": "#/components/schemas/Part" } } } },
            "Part": { "properties": { "x": { "type": "string" } } },
            "Nobody": { "properties": { "x": {} } },
        } },
    });
    add(&mut document);
    let since = |at: &str| document.pointer(at).and_then(|of| of.get("x-since")).cloned().unwrap_or_default();
    let schemas = "/components/schemas";
    assert_eq!(since(&format!("{schemas}/Newer/properties/one")), "0.10");
    assert_eq!(since(&format!("{schemas}/Newer/properties/two")), "0.11");
    assert_eq!(since(&format!("{schemas}/Older/properties/parts")), "0.9");
    assert_eq!(since(&format!("{schemas}/Part/properties/x")), "0.9", "the older of two");
    assert_eq!(since(&format!("{schemas}/Nobody/properties/x")), "0.9");
    assert_eq!(since("/paths/~1a/get/parameters/0"), "0.10");
    assert_eq!(since("/paths/~1a/get/parameters/1"), "0.12");
    assert_eq!(document.pointer("/paths/~1a/get/parameters/1/schema"), Some(&json!({ "type": "string" })));
}
