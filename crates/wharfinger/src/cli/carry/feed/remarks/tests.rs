use serde_json::json;

use super::*;

#[test]
fn what_feeds_say_is_read_and_written_the_same_way() {
    assert!(Remarks::read(&json!({ "listed": true, "published": "2024-01-01T00:00:00Z" })).is_nothing());
    assert!(Remarks::read(&json!({ "listed": null })).is_nothing());
    for hidden in [json!({ "listed": false }), json!({ "published": "1900-01-01T00:00:00+00:00" })] {
        let remarks = Remarks::read(&hidden);
        assert_eq!(remarks.document().as_deref(), Some("{\n  \"listed\": false\n}\n"));
    }
    let said = json!({ "listed": true, "deprecation": {
        "reasons": ["criticalbugs", "Legacy", "because"], "message": " Gone.\r\nSee\u{7}there ",
        "alternatePackage": { "id": "Acme.Net", "range": "[2.0.0, )" } } });
    let remarks = Remarks::read(&said);
    let written: Value = serde_json::from_str(&remarks.document().expect("something")).expect("JSON");
    assert_eq!(
        written,
        json!({ "listed": true, "deprecation": { "reasons": ["Legacy", "CriticalBugs"],
            "message": "Gone.\nSee there", "alternatePackage": { "id": "Acme.Net", "range": "[2.0.0, )" } } })
    );
    assert_eq!(Remarks::read(&written), remarks);
}

#[test]
fn what_the_gateway_shows_is_the_same_as_what_it_was_told() {
    for said in [
        json!({ "reasons": ["because"] }),
        json!({ "reasons": ["Other", "CriticalBugs"], "message": "x".repeat(2000) }),
        json!({ "alternatePackage": { "id": "A" } }),
        json!({ "alternatePackage": { "id": "A", "range": "*" } }),
        json!({ "alternatePackage": { "range": "[1.0]" } }),
    ] {
        let read = Deprecated::read(said.as_object().expect("an object"));
        let wanted = read.wanted().expect("what the gateway takes");
        assert!(
            wanted.message.as_ref().is_none_or(|text| text.as_str().chars().count() <= MESSAGE_CHARS_MAX)
        );
        assert_eq!(Deprecated::of(&wanted), read, "{said}");
    }
}
