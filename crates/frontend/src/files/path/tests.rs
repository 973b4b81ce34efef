use proptest::prelude::*;

use super::*;

fn said(path: &str) -> String {
    match FilePath::parse(path) {
        Ok(FilePath { key, hash_of }) => {
            let of = hash_of.map(|(file, algorithm)| format!(" or {} of {}", algorithm.as_str(), file.name));
            format!("{}{}", key.name, of.unwrap_or_default())
        }
        Err(bad) => format!("{bad:?}"),
    }
}

#[test]
fn a_path_is_a_name_and_perhaps_the_hash_of_another() {
    for (path, expected) in [
        ("a", "a"),
        ("a/b.txt", "a/b.txt"),
        ("a/b.txt.sha256", "a/b.txt.sha256 or sha256 of a/b.txt"),
        ("a.sha512.md5", "a.sha512.md5 or md5 of a.sha512"),
        ("a.SHA1", "a.SHA1"),
        (".sha1", ".sha1"),
        ("a/.sha1", "a/.sha1"),
        ("a./b", "Dot"),
        ("a.", "Dot"),
        ("..", "Dot"),
        ("a:b", "Character(':')"),
        ("a/b c+d@e", "a/b c+d@e"),
        ("a\u{202e}b", "Character('\\u{202e}')"),
        ("ä/ö🚢", "ä/ö🚢"),
    ] {
        assert_eq!(said(path), expected, "{path}");
    }
    assert_eq!(said(&"a".repeat(PATH_BYTES_MAX)), "a".repeat(PATH_BYTES_MAX));
    assert_eq!(said(&"a".repeat(PATH_BYTES_MAX + 1)), "Long { bytes_max: 1024 }");
    assert_eq!(said(&"ä".repeat(PATH_BYTES_MAX / 2 + 1)), "Long { bytes_max: 1024 }");
    let deep = vec!["a"; NAMES_MAX].join("/");
    assert_eq!(said(&deep), deep);
    assert_eq!(said(&format!("{deep}/a")), "Deep { names_max: 32 }");
}

proptest! {
    /// Two paths are one file only if they are the same, and what one of them may be called is bounded.
    #[test]
    fn each_path_is_a_file_of_its_own(one in "[a-cA-C./ä ]{1,8}", other in "[a-cA-C./ä ]{1,8}") {
        if let (Ok(first), Ok(second)) = (FilePath::parse(&one), FilePath::parse(&other)) {
            prop_assert_eq!(first.key == second.key, one == other);
            prop_assert_eq!(first.key.name.key(), &one);
            prop_assert_eq!(first.key.name.sort_key(), &one);
        }
    }

    #[test]
    fn nothing_beyond_the_bounds_is_a_path(path in "[ -~\u{80}-\u{10ffff}]{0,1200}") {
        if FilePath::parse(&path).is_ok() {
            prop_assert!(path.len() <= PATH_BYTES_MAX && path.split('/').count() <= NAMES_MAX);
            prop_assert!(path.chars().all(|character| character == '/' || is_taken(character)));
        }
    }
}
