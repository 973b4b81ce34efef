use super::{encoded, grants_path, limit_of};

#[test]
fn nodes_are_paths() {
    for (node, path) in [
        ("/", Some("/api/v1/organisation/grants")),
        ("alpha", Some("/api/v1/projects/alpha/grants")),
        ("alpha/jars", Some("/api/v1/repositories/alpha/jars/grants")),
        ("alpha/jars/x", None),
        ("", None),
        ("alpha/", None),
    ] {
        assert_eq!(grants_path(node).ok().as_deref(), path, "{node}");
    }
}

#[test]
fn limits_are_a_node_and_words() {
    let limit = limit_of("alpha/images=read,publish").expect("a limit");
    assert_eq!(limit.to_string(), r#"{"on":"alpha/images","permissions":["read","publish"]}"#);
    assert!(limit_of("alpha/images").is_err());
}

#[test]
fn names_stay_one_part_of_a_path() {
    assert_eq!(encoded("member:al ice?x=/é"), "member:al%20ice%3Fx%3D%2F%C3%A9");
}
