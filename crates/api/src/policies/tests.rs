use serde_json::{Value, json};

use super::PolicySchema;
use crate::router::Api;
use crate::shape::check;

/// The formats there are.
pub(crate) fn policies() -> Vec<PolicySchema> {
    let all = frontend::descriptors().into_iter();
    all.map(|of| PolicySchema { format: of.known.format, schema: (of.policy_schema)() }).collect()
}

/// What is wrong with a body sent to an endpoint.
fn wrong(id: &str, body: &Value) -> Vec<String> {
    let api = Api::with(&policies());
    let route = api.routes.iter().find(|route| route.mounted.meta.id == id).expect("an endpoint");
    let found = check(&route.shapes.body, &api.definitions, body);
    found.iter().map(|wrong| format!("{}: {wrong}", wrong.code.as_str())).collect()
}

#[test]
fn each_format_has_its_own_policies() {
    let put =
        |format: &str, policy: Value| wrong("repository_put", &json!({ "format": format, "policy": policy }));
    let none: [String; 0] = [];
    assert_eq!(put("oci", json!({ "immutable_tags": ["v*"], "sparse_indexes": false })), none);
    assert_eq!(put("oci", Value::Null), none);
    assert_eq!(put("maven", json!({ "snapshots": { "keep_newest": 1, "keep_days": 3650 } })), none);
    assert_eq!(
        put("maven", json!({ "release": "replace", "snapshots": { "keep_newest": 0, "keep_days": 3651 } })),
        [
            "unknown-field: policy/release: there is no such field; did you mean `releases`?",
            "invalid: policy/snapshots/keep_days: it must be at most 3650",
            "invalid: policy/snapshots/keep_newest: it must be at least 1",
        ]
    );
    assert_eq!(
        put("nuget", json!({ "immutable_tags": [] })),
        ["unknown-field: policy/immutable_tags: there is no such field"]
    );
    assert_eq!(
        put("mavan", json!({})),
        ["invalid: format: it must be one of oci, maven, nuget, files; did you mean `maven`?"]
    );
    assert_eq!(wrong("repository_put", &json!({})), ["invalid: format: it is missing"]);
    assert_eq!(wrong("repository_put", &json!([])), ["invalid: it must be an object"]);
}

#[test]
fn changes_are_to_what_some_format_has() {
    let patch = |policy: Value| wrong("repository_patch", &json!({ "policy": policy }));
    let none: [String; 0] = [];
    assert_eq!(patch(json!({ "releases": "replace" })), none);
    assert_eq!(patch(json!({ "immutable_tags": null, "sparse_indexes": false })), none);
    assert_eq!(patch(json!({ "immutable_tags": 1 })), ["invalid: policy/immutable_tags: it must be a list"]);
    assert_eq!(patch(Value::Null), none);
    assert_eq!(patch(json!({ "releases": "never" })).len(), 1);
}
