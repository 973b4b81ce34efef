use super::*;

#[test]
fn patterns_match_whole_names() {
    let cases = [
        ("v*", "v1.0", true),
        ("v*", "v", true),
        ("v*", "xv1", false),
        ("*", "", true),
        ("*-rc?", "1.0-rc1", true),
        ("*-rc?", "1.0-rc", false),
        ("a*b*c", "aXXbYYbZZc", true),
        ("a*b*c", "aXXbYYbZZ", false),
        ("release", "release", true),
        ("release", "release1", false),
        ("?", "é", true),
        ("**", "anything", true),
    ];
    for (pattern, name, fits) in cases {
        assert_eq!(Pattern::parse(pattern).unwrap().matches(name), fits, "{pattern} {name}");
    }
    let hostile = Pattern::parse(&"*a".repeat(60)).unwrap();
    assert!(!hostile.matches(&format!("{}b", "a".repeat(128))));
}
