use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::{Value, json};

use super::{Definitions, check, resolved};
use crate::policies::tests::policies;
use crate::problem::FIELDS_MAX;
use crate::router::Api;
use crate::words::FORMATS;

/// What is wrong with a body sent to an endpoint.
fn wrong(api: &Api, id: &str, body: &Value) -> Vec<String> {
    let route = api.routes.iter().find(|route| route.mounted.meta.id == id).expect("an endpoint");
    let found = check(&route.shapes.body, &api.definitions, body);
    found.iter().map(|wrong| format!("{}: {wrong}", wrong.code.as_str())).collect()
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let api = Api::new();
    let body = json!({
        "nmae": "x",
        "limits": [
            { "on": "Alpha", "permissions": ["read", "raed"] },
            { "on": "alpha/jars", "permissions": "read", "extra": 1 },
            7,
        ],
        "expires": "tomorrow",
    });
    expect![[r#"
        invalid: expires: it must be a time such as 2030-01-01T00:00:00Z
        invalid: limits/0/on: it must be `/`, PROJECT or PROJECT/REPOSITORY
        invalid: limits/0/permissions/1: it must be one of read, publish, overwrite, delete-package, repository-create, repository-settings, repository-delete, access-manage, project-create, organisation-manage, subscription, directory-view, directory-manage, audit-view
        unknown-field: limits/1/extra: there is no such field
        invalid: limits/1/permissions: it must be a list
        invalid: limits/2: it must be an object
        unknown-field: nmae: there is no such field
        invalid: name: it is missing"#]]
    .assert_eq(&wrong(&api, "token_create", &body).join("\n"));
}

#[test]
fn a_grant_has_a_role_or_permissions() {
    let api = Api::new();
    let put = |body: Value| wrong(&api, "project_grant_put", &body);
    let none: [String; 0] = [];
    let to = "member:alice";
    assert_eq!(put(json!({ "to": to, "role": "viewer" })), none);
    assert_eq!(put(json!({ "to": to, "permissions": ["read"], "role": null })), none);
    let either = ["invalid: a grant has either a role or permissions"];
    assert_eq!(put(json!({ "to": to })), either);
    assert_eq!(put(json!({ "to": to, "role": null })), either);
    assert_eq!(put(json!({ "to": to, "permissions": ["read"], "role": "viewer" })), either);
    // What a list shows can be put back.
    let shown = json!({
        "to": to, "role": "viewer", "permissions": null, "expires": null,
        "about": { "id": "7", "created_at": "2030-01-01T00:00:00.000Z" },
    });
    assert_eq!(put(shown), none);
}

#[test]
fn what_is_too_short_is_told_from_what_is_empty() {
    let told = |text: &str| {
        let found = check(&json!({ "type": "string", "minLength": 12 }), &Definitions::new(), &json!(text));
        found.into_iter().map(|wrong| wrong.detail).collect::<Vec<_>>()
    };
    assert_eq!(told("eleven char"), ["it must have at least 12 characters"]);
    assert_eq!(told(""), ["it is empty"]);
    assert!(told("twelve chars").is_empty());
    let listed = |items: Value| {
        let found = check(&json!({ "type": "array", "minItems": 2 }), &Definitions::new(), &items);
        found.into_iter().map(|wrong| wrong.detail).collect::<Vec<_>>()
    };
    assert_eq!(listed(json!([1])), ["it must have at least 2 items"]);
    assert_eq!(listed(json!([])), ["it is empty"]);
    assert!(listed(json!([1, 2])).is_empty());
}

#[test]
fn nothing_passes_for_want_of_a_description() {
    let schema = json!({ "$ref": "#/components/schemas/Nowhere" });
    assert_eq!(check(&schema, &Definitions::new(), &json!({})).len(), 1);
}

#[test]
fn no_more_than_twenty_are_told() {
    let api = Api::new();
    let body: serde_json::Map<String, Value> = (0..50).map(|n| (format!("x{n}"), json!(n))).collect();
    assert_eq!(wrong(&api, "principal_suspend", &Value::Object(body)).len(), FIELDS_MAX);
}

/// A rule that stands in a schema and is not looked at would be a promise that nobody keeps.
#[test]
fn schemas_have_no_rules_but_those_that_are_checked() {
    const CHECKED: [&str; 20] = [
        "$ref",
        "type",
        "enum",
        "const",
        "minLength",
        "maxLength",
        "format",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "items",
        "properties",
        "required",
        "additionalProperties",
        "maxProperties",
        "anyOf",
        "oneOf",
        "discriminator",
        "pattern",
    ];
    const WORDS: [&str; 7] =
        ["writeOnly", "title", "description", "default", "examples", "x-rule", "x-open-enum"];
    let api = Api::with(&policies());
    let mut seen = BTreeSet::new();
    for_each_request_schema(&api, &mut |schema| {
        for (rule, value) in schema.as_object().into_iter().flatten() {
            assert!(CHECKED.contains(&rule.as_str()) || WORDS.contains(&rule.as_str()), "{rule}: {schema}");
            seen.insert(rule.clone());
            let of_text = schema.get("type").is_none_or(|kind| kind.to_string().contains("string"));
            if rule == "format" && of_text {
                assert!(FORMATS.iter().any(|(name, _)| value == name), "{value}");
            }
            // Patterns are for other programs: the format of the same name decides.
            assert!(rule != "pattern" || schema.get("format").is_some(), "{schema}");
        }
    });
    assert!(seen.contains("format") && seen.contains("oneOf") && seen.contains("maximum"), "{seen:?}");
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    for_each_request_schema(&Api::with(&policies()), &mut |schema| {
        let is_form = schema.get("type").is_none();
        if schema.get("properties").is_some() && !is_form {
            assert_eq!(schema["additionalProperties"], json!(false), "{schema}");
        }
    });
}

/// The reader and a validator that is not ours agree about what the schemas say.
#[test]
fn others_read_the_schemas_as_we_do() {
    let api = Api::with(&policies());
    let samples = [
        json!({}),
        json!({ "name": "laptop" }),
        json!({ "name": "laptop", "limits": null, "expires": null }),
        json!({ "name": "laptop", "limits": [{ "on": "alpha", "permissions": [] }] }),
        json!({ "name": "laptop", "limits": [{ "on": "alpha/", "permissions": ["read"] }] }),
        json!({ "name": "", "limits": {} }),
        json!({ "name": "\u{7}" }),
        json!({ "name": "   " }),
        json!({ "name": "x".repeat(129) }),
        json!({ "to": "member:alice", "role": "viewer" }),
        json!({ "to": "alice", "role": "viewer" }),
        json!({ "to": "team:x", "permissions": ["read", "read"] }),
        json!({ "to": "team:x", "permissions": ["reed"] }),
        json!({ "to": "team:x", "permissions": ["read"], "role": "viewer" }),
        json!({ "to": "team:x", "role": null }),
        json!({ "to": "team:x", "role": "viewer", "about": 1 }),
        json!({ "state": "revoked" }),
        json!({ "state": "active" }),
        json!({ "visibility": "public" }),
        json!({ "visibility": "Public" }),
        json!({ "format": "oci", "policy": { "immutable_tags": ["v*"] } }),
        json!({ "format": "maven", "policy": { "immutable_tags": ["v*"] } }),
        json!({ "format": "maven", "policy": { "snapshots": { "keep_newest": 10_001 } } }),
        json!({ "format": "cargo" }),
        json!({ "policy": { "releases": "replace" } }),
        json!({ "suspended": true }),
        json!({ "issuer": "github", "claims": {}, "permissions": [] }),
        json!({ "issuer": "github", "claims": { "sub": "x", "a~/b": "y" }, "permissions": ["read"] }),
        json!({ "issuer": "github", "claims": { "sub": 7 }, "permissions": ["read"] }),
        json!({ "issuer": "github", "claims": { "sub": "" }, "permissions": ["read"], "minutes": 61 }),
        json!({ "issuer": "github", "claims": ["sub"], "permissions": ["read"] }),
        json!({ "url": "https://issuer.example/x", "kind": "any", "jwks": { "keys": [] } }),
        json!({ "url": "https://issuer.example/?x", "kind": "any" }),
        json!({ "suspended": "true" }),
        json!({ "suspended": true, "x": 1 }),
        json!([]),
        json!(null),
    ];
    let (mut taken, mut refused) = (0, 0);
    for route in &api.routes {
        let schema = json!({ "allOf": [route.shapes.body], "components": { "schemas": api.definitions } });
        let other = jsonschema::validator_for(&schema).expect("a schema");
        for sample in &samples {
            let ours = check(&route.shapes.body, &api.definitions, sample).is_empty();
            assert_eq!(ours, other.is_valid(sample), "{}: {sample}", route.mounted.meta.id);
            if ours { taken += 1 } else { refused += 1 }
        }
    }
    assert!(taken > 20 && refused > 100, "{taken} {refused}");
}

/// Calls `look` with every schema of queries and bodies, those inside others too.
fn for_each_request_schema(api: &Api, look: &mut dyn FnMut(&Value)) {
    fn walk(definitions: &Definitions, schema: &Value, look: &mut dyn FnMut(&Value)) {
        look(schema);
        if schema.get("$ref").is_some() {
            let to = resolved(definitions, schema).unwrap_or_else(|| panic!("{schema} leads nowhere"));
            return walk(definitions, to, look);
        }
        let inner = |name: &str| schema.get(name).and_then(Value::as_array).into_iter().flatten();
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flat_map(|all| all.values());
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let each = schema.get("items").into_iter().chain(others);
        for schema in inner("anyOf").chain(inner("oneOf")).chain(properties).chain(each) {
            walk(definitions, schema, look);
        }
    }
    for route in &api.routes {
        walk(&api.definitions, &route.shapes.query, look);
        walk(&api.definitions, &route.shapes.body, look);
    }
}
