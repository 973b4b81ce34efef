use super::*;

/// The list of `DefaultModelValidator` of Maven.
#[test]
fn versions_take_what_maven_takes() {
    for character in "aZ0._-+~@!=$#;&' ^`äß文🚢".chars() {
        assert!(is_taken(character), "{character}");
    }
    for character in "\\/:\"<>|?*[](){},%\u{0}\n\u{7f}\u{85}\u{202e}\u{200f}\u{2066}\u{ffff}".chars() {
        assert!(!is_taken(character), "{}", character.escape_unicode());
    }
}

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
