use super::*;
use crate::protocols;

/// Written before snapshots had bounds: it is read, and not taken anew.
const BEYOND: &str =
    r#"{"accept":"snapshot","releases":"replace","layout":"strict","snapshots":{"keep_days":4294967295}}"#;
/// What databases hold, in any order of fields: a policy is read as long as they live, so no line here is ever taken away.
const KEPT: [(&str, &str); 11] = [
    ("oci", r#"{"immutable_tags":[],"sparse_indexes":true,"delete_by_digest":"all-tags"}"#),
    ("oci", r#"{"immutable_tags":["v*","?"],"sparse_indexes":false,"delete_by_digest":"only-if-one-tag"}"#),
    ("maven", r#"{"accept":"mixed","releases":"write-once","layout":"strict","snapshots":{}}"#),
    (
        "maven",
        r#"{"accept":"release","releases":"read-only","layout":"permissive","snapshots":{"keep_newest":10,"keep_days":30}}"#,
    ),
    ("maven", BEYOND),
    ("nuget", r#"{"duplicates":"never","delete":"unlist"}"#),
    ("nuget", r#"{"duplicates":"prerelease-only","delete":"hard"}"#),
    ("nuget", r#"{"duplicates":"always","delete":"hard"}"#),
    ("nuget", "{}"),
    ("files", r#"{"immutable":[]}"#),
    ("files", r#"{"immutable":["release/*","*.sig"]}"#),
];

#[test]
fn documents_are_read_and_written_in_the_same_words() {
    for (format, document) in KEPT {
        let known = protocols::formats().find(format).unwrap();
        let policy = (known.read_policy)(document).unwrap();
        assert_eq!(policy.format(), known.format);
        if document == "{}" {
            assert_eq!(policy, known.new_policy().unwrap());
        } else {
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(value(policy.document()), value(document));
        }
        assert_eq!((known.read_policy)(policy.document()).unwrap(), policy);
    }
}

#[test]
fn what_is_unknown_is_refused() {
    let formats = protocols::formats();
    for known in formats.iter() {
        for wrong in ["", "null", r#"{"immutable":true}"#, r#"{"reserved_prefixes":[]}"#] {
            let error = (known.read_policy)(wrong).unwrap_err();
            assert!(error.to_string().contains(known.format.as_str()), "{error}");
        }
    }
    let error = formats.find("docker").unwrap_err().to_string();
    assert!(
        error.starts_with("the format `docker` is unknown here; the known ones are oci, maven, nuget"),
        "{error}"
    );
}

#[test]
fn lists_of_patterns_have_bounds() {
    let read = |patterns: Vec<String>| serde_json::from_value::<Patterns>(patterns.into());
    assert!(read(vec!["a*".to_owned(); PATTERNS_MAX]).unwrap().match_any("abc"));
    assert!(read(vec!["a*".to_owned(); PATTERNS_MAX + 1]).is_err());
    for wrong in [String::new(), "a\n".to_owned(), "a".repeat(129)] {
        assert!(read(vec![wrong]).is_err());
    }
}

/// Whoever is shown the schema of a policy (the bootstrap file, later the management) is told what the reader takes.
#[test]
fn schemas_take_what_readers_take() {
    for (format, document) in KEPT {
        let all = protocols::descriptors();
        let of = all.iter().find(|of| of.known.format.as_str() == format).unwrap();
        let read = serde_json::from_str(document).unwrap();
        let wrong: Vec<String> =
            api::wrong_fields(&(of.policy_schema)(), &read).iter().map(ToString::to_string).collect();
        let beyond = ["snapshots/keep_days: it must be at most 3650"];
        assert_eq!(wrong, beyond[usize::from(document != BEYOND)..]);
    }
}
