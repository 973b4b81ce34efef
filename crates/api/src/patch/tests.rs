use serde_json::{Value, json};

use super::{Merge, merge, merged};
use crate::applications::ApplicationWanted;
use crate::problem::Code;
use crate::repositories::RepositoryWanted;

fn patched(of: Value, changes: Value) -> Value {
    let (Value::Object(mut of), Value::Object(changes)) = (of, changes) else { panic!("objects") };
    merge(&mut of, &changes);
    Value::Object(of)
}

/// The examples of RFC 7396 that are of objects.
#[test]
fn changes_are_merged_as_the_standard_says() {
    for (of, changes, becomes) in [
        (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
        (json!({"a":"b"}), json!({"a":null}), json!({})),
        (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
        (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
        (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
        (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
        (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
        (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
    ] {
        assert_eq!(patched(of.clone(), changes.clone()), becomes, "{of} {changes}");
    }
}

#[test]
fn what_comes_out_is_checked_as_if_it_were_put() {
    let shown = json!({ "format": "oci", "visibility": "public", "about": { "id": "17" } });
    let changes = |value: Value| match value {
        Value::Object(fields) => Merge::<RepositoryWanted>::new(fields),
        _ => panic!("an object"),
    };
    let body = merged(&shown, &changes(json!({ "visibility": null }))).expect("a repository");
    assert!(body.visibility.is_none(), "null is the default");
    let refused = merged(&shown, &changes(json!({ "format": null }))).expect_err("it has none then");
    assert_eq!(refused.code(), Code::Invalid);
}

/// What can be asked for by PATCH is what can be put, each field by itself, or `null` where there is a default.
#[test]
fn the_schema_is_that_of_put_with_nothing_required() {
    let schema = schemars::SchemaGenerator::default().subschema_for::<Merge<RepositoryWanted>>().to_value();
    assert_eq!(schema.get("required"), None);
    assert_eq!(schema["additionalProperties"], false);
    for (name, property) in schema["properties"].as_object().expect("fields") {
        let text = property.to_string();
        assert!(!text.contains("\"default\""), "{name}: {text}");
        assert_eq!(text.contains("\"null\""), name != "format", "{name}: {text}");
    }
    let schema = schemars::SchemaGenerator::default().subschema_for::<Merge<ApplicationWanted>>().to_value();
    assert_eq!(schema["properties"].get("about"), None);
}
