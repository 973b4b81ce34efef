use serde_json::json;

use super::{OnlyIf, Tag};
use crate::problem::Code;

#[test]
fn a_tag_is_of_the_id_and_of_what_can_be_set() {
    let shown = |id: &str, title: &str, tokens: u64| {
        Tag::of(&json!({ "title": title, "about": { "id": id, "tokens": tokens } }))
    };
    let tag = shown("17", "Alpha", 0);
    assert_eq!(tag, shown("17", "Alpha", 3), "what cannot be set changes no tag");
    assert_ne!(tag, shown("17", "Beta", 0));
    assert_ne!(tag, shown("18", "Alpha", 0), "what was made anew under the name is something else");
    assert_eq!(tag.quoted().len(), 34);
}

#[test]
fn conditions_are_read_as_they_are_written() {
    let tag = Tag::of(&json!({ "about": { "id": "1" } }));
    let parse = |if_match, if_none_match| OnlyIf::parse(if_match, if_none_match).expect("conditions");
    let (own, other) = (tag.quoted(), Tag::of(&json!({ "about": { "id": "2" } })));
    let listed = format!("\"x\", {own}");
    let weak = format!("W/{own}");
    for (only_if, there, absent) in [
        (parse(None, None), true, true),
        (parse(Some("*"), None), true, false),
        (parse(None, Some("*")), false, true),
        (parse(Some(&own), None), true, false),
        (parse(Some(&listed), None), true, false),
        (parse(Some(&other.quoted()), None), false, false),
        (parse(Some(&weak), None), false, false),
        (parse(Some(&format!(" , {own} ,")), None), true, false),
        // Nothing is in none of all states, or there and not there.
        (parse(Some(""), None), false, false),
        (parse(None, Some("")), true, true),
        (parse(Some("*"), Some("*")), false, false),
        (parse(Some(&own), Some("*")), false, false),
    ] {
        assert_eq!((only_if.holds(Some(&tag)), only_if.holds(None)), (there, absent), "{only_if:?}");
        let header = only_if.header();
        let read = match &header {
            Some(("if-match", value)) => OnlyIf::parse(Some(value), None),
            Some((_, value)) => OnlyIf::parse(None, Some(value)),
            None => Ok(OnlyIf::Whatever),
        };
        let read = read.expect("conditions");
        assert_eq!(read, only_if);
    }
    for (if_match, if_none_match) in
        [(Some("x"), None), (Some("\"a"), None), (None, Some("\"a\"")), (Some("*"), Some("\"a\""))]
    {
        let refused = OnlyIf::parse(if_match, if_none_match).expect_err("no condition");
        assert_eq!(refused.code(), Code::Malformed, "{if_match:?} {if_none_match:?}");
    }
}
