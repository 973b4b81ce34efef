use super::*;

#[test]
fn a_refusal_names_the_first_character() {
    for (path, refused) in [
        ("org/foo/bar/1.0/bar-1.0.jar", None),
        ("org/fo o/bar/1.0/bar-1.0.jar", Some(' ')),
        ("org/foo/b@r/1.0/b@r-1.0.jar", Some('@')),
        ("org/foo/bar/1@0/bar-1@0.jar", None),
        ("org/foo/bar/1:0/bar-1:0.jar", Some(':')),
        ("org/foo/bar/[1,2)/bar-[1,2).jar", Some('[')),
        ("org/foo/bar/1.0/bar-1.0.jar;x", Some(';')),
        ("readme", None),
        ("", None),
    ] {
        assert_eq!(first_refused(path), refused, "{path}");
    }
}
