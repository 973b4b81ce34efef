use proptest::prelude::*;

use super::*;

/// Each as `field=value`, several values between `|`.
fn read(text: &str) -> (Vec<String>, Option<String>) {
    let Terms { wanted, first } = terms(text);
    let shown = |one: &Wanted| format!("{:?}={}", one.field, one.any.join("|"));
    (wanted.iter().map(shown).collect(), first.map(String::from))
}

#[test]
fn queries_are_words_with_fields() {
    let version = |text| format!("Name={}", Version::parse(text).unwrap().sort_key());
    let (one, two) = (version("1.0"), version("2.0.0-B"));
    let both = format!("{one}|{}", two.trim_start_matches("Name="));
    let cases = [
        ("", &[][..], None),
        ("  Json ", &["Any=Json"], Some("json")),
        ("json parser", &["Any=json", "Any=parser"], None),
        ("\"exact Phrase\" x", &["Any=exact Phrase", "Any=x"], None),
        ("packageid:Newtonsoft.Json", &["Key=Newtonsoft.Json"], None),
        ("PackageId:A packageid:B", &["Key=A|B"], None),
        ("id:Json", &["Id=Json"], Some("json")),
        ("id:\"Json\" x id:Xml", &["Id=Json|Xml", "Any=x"], None),
        ("version:1.0", &[&*one], None),
        ("version:1.0 version:\"2.0.0-B\"", &[&*both], None),
        ("version:x", &["Name=x"], None),
        ("tags:\"a b\" title:X", &["Tag=a|b", "Title=X"], None),
        ("tag:a,b;c", &["Tag=a|b|c"], None),
        ("tags:, x", &["Any=x"], None),
        ("author:Ann owner:Bob authors:Cy owners:Di", &["People=Ann|Bob|Cy|Di"], None),
        ("description:a summary:\"b c\"", &["Text=a|b c"], None),
        ("description:", &["Any=description:"], Some("description:")),
        ("a:b:c", &["Any=a b:c"], None),
        ("a:\"b c\"", &["Any=a b c"], None),
        ("a\u{1}b", &["Any=a", "Any=b"], None),
        ("\"open", &["Any=open"], Some("open")),
        ("a\"b\"", &["Any=a\"b\""], Some("a\"b\"")),
    ];
    for (text, expected, first) in cases {
        let expected = expected.iter().map(|term| (*term).to_owned()).collect();
        assert_eq!(read(text), (expected, first.map(str::to_owned)), "{text}");
    }
}

#[test]
fn queries_are_bounded() {
    assert_eq!(terms(&"x ".repeat(100)).wanted.len(), Search::WORDS_MAX);
    assert_eq!(terms(&"tags:a,b,c ".repeat(40)).wanted[0].any.len(), Search::WORDS_MAX);
    assert_eq!(terms(&"é".repeat(1000)).wanted[0].any[0].len(), 512);
}

fn sample(version: &str, semver2: bool) -> (Version, Metadata) {
    let metadata = Metadata {
        semver2,
        title: "The Title".to_owned(),
        description: "Long\ntext".to_owned(),
        tags: "One,two three".to_owned(),
        types: vec![PackageType { name: "DotnetTool".to_owned(), version: String::new() }],
        ..Metadata::default()
    };
    (Version::parse(version).unwrap(), metadata)
}

#[test]
fn versions_are_found_by_what_they_are() {
    let (version, metadata) = sample("1.0.0-rc", false);
    let facets = "0 p1 p1/dotnettool p2 p2/dotnettool";
    assert_eq!(&*found_by(&version, &metadata), format!("{facets}\nOne two three\nThe Title\n\n Long text"));
    let (version, metadata) = sample("1.0.0", true);
    assert!(found_by(&version, &metadata).starts_with("1 s2 s2/dotnettool p2 p2/dotnettool\n"));
}

#[test]
fn words_are_cut_at_a_character() {
    let (version, mut metadata) = sample("1.0", false);
    metadata.description = "é".repeat(4000);
    metadata.summary = "ü".repeat(8000);
    metadata.title = "x".to_owned();
    assert!(found_by(&version, &metadata).len() <= storage::NewEntry::WORDS_BYTES_MAX);
}

proptest! {
    /// The facet that a filter asks for is there exactly where it admits the version.
    #[test]
    fn filters_and_words_agree(
        prerelease: bool, semver2: bool, typed: bool, other in "(dotnettool|dependency|template)",
        version in "1\\.0\\.0(-rc)?", of_semver2: bool,
    ) {
        let filter = Filter { prerelease, semver2, package_type: typed.then(|| other.into()) };
        let (version, metadata) = sample(&version, of_semver2);
        let text = found_by(&version, &metadata);
        let facets: Vec<&str> = text.lines().next().unwrap().split(' ').collect();
        let found = filter.facet().is_none_or(|facet| facets.contains(&&*facet));
        prop_assert_eq!(found, filter.admits(&version, &metadata));
    }

    #[test]
    fn a_query_never_asks_for_more_than_storage_takes(text in any::<String>(), near in "[a-z:\", ]{0,40}(tags:[a-z,]{0,40})?") {
        for text in [text, near] {
            let Terms { wanted, .. } = terms(&text);
            let texts: Vec<_> = wanted.iter().flat_map(|one| one.any.iter()).collect();
            prop_assert!(texts.len() <= Search::WORDS_MAX && texts.iter().all(|text| !text.is_empty()));
            prop_assert!(wanted.iter().all(|one| !one.any.is_empty()));
            ids(&text);
        }
    }
}
