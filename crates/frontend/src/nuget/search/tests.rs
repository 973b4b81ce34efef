use proptest::prelude::*;

use super::*;

fn named(text: &str) -> (Vec<String>, Option<String>) {
    let Terms { words, first } = terms(text);
    (words.iter().map(|term| term.replace(MARK, "|")).collect(), first.map(String::from))
}

#[test]
fn queries_are_words_with_fields() {
    let cases = [
        ("", &[][..], None),
        ("  Json ", &["json"], Some("json")),
        ("json parser", &["json", "parser"], None),
        ("\"exact Phrase\" x", &["exact phrase", "x"], None),
        ("packageid:Newtonsoft.Json", &["|id=newtonsoft.json|"], Some("newtonsoft.json")),
        ("id:Json", &["json"], Some("json")),
        ("version:1.0", &["|version=1.0.0|"], None),
        ("tags:\"a b\" title:X", &["|tag=a b|", "x"], None),
        ("description:", &["description:"], Some("description:")),
        ("a:b:c", &["b:c"], None),
        ("a\u{1}b", &["a", "b"], None),
        ("\"open", &["open"], Some("open")),
        ("a\"b\"", &["a\"b\""], Some("a\"b\"")),
    ];
    for (text, expected, first) in cases {
        let expected = expected.iter().map(|term| (*term).to_owned()).collect();
        assert_eq!(named(text), (expected, first.map(str::to_owned)), "{text}");
    }
}

#[test]
fn queries_are_bounded() {
    assert_eq!(terms(&"x ".repeat(100)).words.len(), TERMS_MAX);
    assert_eq!(terms(&"é".repeat(1000)).words[0].len(), 512);
}

fn sample(version: &str, semver2: bool) -> (PackageId, Version, Metadata) {
    let metadata = Metadata {
        semver2,
        title: "The Title".to_owned(),
        description: "Long\ntext".to_owned(),
        tags: "One,two three".to_owned(),
        types: vec![PackageType { name: "DotnetTool".to_owned(), version: String::new() }],
        ..Metadata::default()
    };
    (PackageId::parse("Some.Big-Id").unwrap(), Version::parse(version).unwrap(), metadata)
}

#[test]
fn versions_are_found_by_what_they_are() {
    let (id, version, metadata) = sample("1.0.0-rc", false);
    let text = found_by(&id, &version, &metadata).replace(MARK, "|");
    assert_eq!(
        text,
        "|p1|type=dotnettool|id=some.big-id|version=1.0.0-rc|at=some.big-id|at=big-id|at=id|tag=one|tag=two|tag=three|\
         the title\n\n\nlong text\n"
    );
}

#[test]
fn words_are_cut_at_a_character() {
    let (id, version, mut metadata) = sample("1.0", false);
    metadata.description = "é".repeat(4000);
    metadata.summary = "ü".repeat(4000);
    metadata.title = "x".to_owned();
    assert!(found_by(&id, &version, &metadata).len() <= NewEntry::WORDS_BYTES_MAX);
}

proptest! {
    /// The words that a filter asks for are there exactly where it admits the version.
    #[test]
    fn filters_and_words_agree(
        prerelease: bool, semver2: bool, typed: bool, other in "(dotnettool|dependency|template)",
        version in "1\\.0\\.0(-rc)?", of_semver2: bool,
    ) {
        let filter = Filter { prerelease, semver2, package_type: typed.then(|| other.into()) };
        let (id, version, metadata) = sample(&version, of_semver2);
        let text = found_by(&id, &version, &metadata);
        let found = filter.words().all(|word| text.contains(&*word));
        prop_assert_eq!(found, filter.admits(&version, &metadata));
    }

    #[test]
    fn a_query_never_asks_for_more_words_than_storage_takes(text in any::<String>(), near in "[a-z:\" ]{0,40}") {
        for text in [text, near] {
            let filter = Filter { package_type: Some("x".into()), ..Filter::default() };
            prop_assert!(terms(&text).words.len() + filter.words().count() <= Search::WORDS_MAX);
            prop_assert!(terms(&text).words.iter().all(|term| !term.is_empty()));
            ids(&text);
        }
    }
}
