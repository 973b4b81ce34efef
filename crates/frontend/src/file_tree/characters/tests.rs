use super::*;

/// The list of `DefaultModelValidator` of Maven.
#[test]
fn names_take_what_maven_takes_in_versions() {
    for character in "aZ0._-+~@!=$#;&' ^`äß文🚢".chars() {
        assert!(is_taken(character), "{character}");
    }
    for character in "\\/:\"<>|?*[](){},%\u{0}\n\u{7f}\u{85}\u{202e}\u{200f}\u{2066}\u{ffff}".chars() {
        assert!(!is_taken(character), "{}", character.escape_unicode());
    }
}
