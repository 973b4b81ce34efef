use std::collections::BTreeSet;
use std::path::Path;

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::all::all;
use crate::policies::tests::policies;
use crate::router::Api;

fn document() -> Value {
    serde_json::from_str(&Api::with(&policies()).document()).expect("JSON")
}

/// What changes here changes for everybody who has a generated client. `UPDATE_EXPECT=1` writes it anew.
#[test]
fn the_description_is_the_committed_one() {
    let text = format!("{:#}\n", document());
    expect_file!["../../../../docs/openapi.json"].assert_eq(&text);
}

/// A reader that is not ours takes it for OpenAPI 3.1, and finds every operation.
#[test]
fn the_description_is_openapi() {
    let spec = oas3::from_json(Api::with(&policies()).document()).expect("a description");
    spec.validate_version().expect("3.1");
    let found: BTreeSet<String> =
        spec.operations().filter_map(|(_, _, operation)| operation.operation_id.clone()).collect();
    let listed: BTreeSet<String> = all().iter().map(|mounted| mounted.meta.id.to_owned()).collect();
    assert_eq!(found, listed);
}

#[test]
fn every_schema_is_one() {
    fn walk(value: &Value, look: &mut dyn FnMut(&Value)) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if name == "schema" {
                        look(value);
                    }
                    walk(value, look);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, look)),
            _ => {}
        }
    }
    let document = document();
    let mut seen = 0;
    let mut look = |schema: &Value| {
        seen += 1;
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("{error}: {schema}");
        }
        if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to} is not there");
        }
    };
    walk(&document, &mut look);
    for schema in document["components"]["schemas"].as_object().expect("schemas").values() {
        look(schema);
    }
    assert!(seen > 100, "{seen}");
}

/// An event that storage does not write would be one that nobody can look for.
#[test]
fn declared_events_are_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../storage/src/directory");
    let mut sources = String::new();
    for entry in std::fs::read_dir(folder).expect("the directory's files") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "rs") {
            sources.push_str(&std::fs::read_to_string(path).expect("a source"));
        }
    }
    for mounted in all() {
        for event in mounted.meta.audit {
            assert!(sources.contains(&format!("\"{event}\"")), "{event} of {}", mounted.meta.id);
        }
        // What is only worked out is asked for with a document, and changes nothing.
        let only_asked =
            ["plan_make", "publisher_try", "issuer_test", "login_provider_test"].contains(&mounted.meta.id);
        let changes = mounted.meta.method != crate::Method::Get && !only_asked;
        assert_eq!(changes, !mounted.meta.audit.is_empty(), "{}", mounted.meta.id);
    }
    assert_eq!(document()["paths"]["/me"]["get"]["x-audit"], json!([]));
}
