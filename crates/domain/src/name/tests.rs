use super::*;

#[test]
fn keys_follow_the_grammar_of_image_paths() {
    for good in ["a", "alpha", "a-b", "a_b.c", "0", "x1-2_3.4"] {
        assert!(ProjectKey::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "A", "-a", "a-", "a--b", "a._b", "a/b", "..", ".", "a b", "ä", "a\0", "p"] {
        assert!(ProjectKey::parse(bad).is_err(), "{bad:?}");
    }
    assert!(ProjectKey::parse(&"a".repeat(64)).is_ok());
    assert!(ProjectKey::parse(&"a".repeat(65)).is_err());
    assert_eq!(ProjectKey::parse_folded("AlPha").unwrap().as_str(), "alpha");
    assert!(RepositoryName::parse("p").is_ok());
}

#[test]
fn formats_are_short_words() {
    for good in ["oci", "nuget", "files", "helm-3", "0123456789abcdef"] {
        let format = Format::parse(good).unwrap();
        assert_eq!((format.as_str(), format.to_string().as_str()), (good, good));
    }
    for bad in ["", "OCI", "-a", "a-", "a--b", "a.b", "a b", "a\0", "ä", "0123456789abcdefg"] {
        assert!(Format::parse(bad).is_err(), "{bad:?}");
    }
    const OCI: Format = Format::new("oci");
    assert_eq!(Format::parse("oci").unwrap(), OCI);
    assert_ne!(Format::parse("oci2").unwrap(), OCI);
    assert_eq!(format!("{OCI:?}"), "Format(oci)");
}

#[test]
fn logins_are_folded_and_cannot_break_basic() {
    assert_eq!(Login::parse("Alice@Example.org").unwrap().as_str(), "alice@example.org");
    for bad in ["", "a:b", "a b", "a/b", "ä", "a\n"] {
        assert!(Login::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_repository_path_is_two_names() {
    assert_eq!(RepositoryPath::parse("alpha/images").unwrap().to_string(), "alpha/images");
    for bad in ["alpha", "alpha/", "/images", "alpha/images/x", "p/images"] {
        assert!(RepositoryPath::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_mode_is_one_of_three_words() {
    for mode in [Mode::Hosted, Mode::Mirror, Mode::Virtual] {
        assert_eq!(Mode::parse(mode.as_str()), Ok(mode));
    }
    assert!(Mode::parse("Hosted").is_err());
}
