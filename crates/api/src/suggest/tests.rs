use super::{closest, distance};

#[test]
fn counts_edits() {
    for (left, right, steps) in [
        ("listen", "listen", 0),
        ("lisen", "listen", 1),
        ("Listen", "listen", 0),
        ("public-url", "public_url", 0),
        ("kitten", "sitting", 3),
        ("", "abc", 3),
        ("abc", "", 3),
    ] {
        assert_eq!(distance(left, right), steps, "{left} {right}");
    }
}

#[test]
fn suggests_only_what_is_near() {
    let known = ["listen", "public_url", "trusted_proxies"];
    assert_eq!(closest("lisen", known), Some("listen"));
    assert_eq!(closest("trusted_proxy", known), Some("trusted_proxies"));
    assert_eq!(closest("colour", known), None);
    assert_eq!(closest(&"l".repeat(1000), known), None);
}
