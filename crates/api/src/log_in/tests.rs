use serde_json::{Map, Value};

use super::*;

#[test]
fn whoever_is_made_is_named_in_letters_of_every_address() {
    let named = |said: Value| {
        let claims = Claims::from(Map::from_iter([("preferred_username".to_owned(), said)]));
        name_of(&claims, "preferred_username", Makes::Member)
    };
    for (said, name) in [
        ("alice", "alice"),
        ("Alice.Liddell@corp.example", "alice.liddell"),
        ("admin:root/..", "admin-root"),
        ("@corp.example", "member"),
        ("\u{202e}evil\u{0}", "evil"),
        ("Ünal Öz", "nal--z"),
        ("", "member"),
    ] {
        assert_eq!(&*named(said.into()), name, "{said}");
    }
    assert_eq!(named("x".repeat(500).into()).len(), NAME_CHARS_MAX);
    assert_eq!(&*named(Value::Null), "member");
    assert_eq!(&*named(serde_json::json!(["alice"])), "member");
}
