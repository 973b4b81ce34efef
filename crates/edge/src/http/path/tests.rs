use proptest::prelude::*;

use super::*;

#[test]
fn plain_and_encoded_names_decode() {
    assert_eq!(decode(""), Ok("".into()));
    assert_eq!(decode("/"), Ok("/".into()));
    assert_eq!(decode("/a/b/"), Ok("/a/b/".into()));
    assert_eq!(decode("/blobs/sha256%3Aab"), Ok("/blobs/sha256:ab".into()));
    assert_eq!(decode("/%C3%BC"), Ok("/ü".into()));
    assert_eq!(decode("/a..b/.hidden/x..."), Ok("/a..b/.hidden/x...".into()));
}

#[test]
fn what_could_mean_another_place_is_refused() {
    for path in ["/a%2Fb", "/a%2fb", "/a\\b", "/a%5Cb", "/a%00b", "/a%0Ab", "/a%252e", "/a%25"] {
        assert!(matches!(decode(path), Err(BadPath::Character(_))), "{path}");
    }
    for path in ["//", "/a//b", "/../x", "/a/..", "/a/./b", "/%2e%2e/x", "/%2e", "/a/../", "a"] {
        assert_eq!(decode(path), Err(BadPath::Segment), "{path}");
    }
    for path in ["/%", "/%2", "/%zz", "/%ff", "/%c0%ae"] {
        assert_eq!(decode(path), Err(BadPath::Encoding), "{path}");
    }
}

#[test]
fn a_refusal_names_the_character() {
    for (path, says) in [
        ("/a\\b", "the path holds `\\`, which no name may have"),
        ("/a%2Fb", "the path holds `/`, which no name may have"),
        ("/a%0Ab", "the path holds the character U+000A, which no name may have"),
    ] {
        assert_eq!(decode(path).map_err(|bad| bad.to_string()), Err(says.to_owned()));
    }
    assert_eq!(named(' '), "a space");
}

proptest! {
    #[test]
    fn nothing_panics_and_what_decodes_stays_below(text in "\\PC{0,64}|[/.%0-9a-fA-F\\\\]{0,32}") {
        if let Ok(path) = decode(&text) {
            prop_assert!(!path.contains(['\\', '\0', '%']));
            prop_assert!(path.split('/').all(|segment| segment != ".." && segment != "."));
            prop_assert_eq!(path.matches('/').count(), text.matches('/').count());
        }
    }
}
