use super::limit_of;

#[test]
fn limits_are_a_node_and_words() {
    let limit = limit_of("alpha/images=read, publish").expect("a limit");
    let text = serde_json::to_string(&limit).expect("JSON");
    assert_eq!(text, r#"{"on":"alpha/images","permissions":["read","publish"]}"#);
    for text in ["alpha/images", "alpha/images=raed", "alpha/images/x=read"] {
        assert!(limit_of(text).is_err(), "{text}");
    }
}
