use proptest::prelude::*;

use super::*;

/// `group:artifact:base version build [classifier] extension`, or `raw`.
fn kind_of(path: &str) -> String {
    match FilePath::parse(path) {
        FilePath::Raw(whole) => {
            assert_eq!(&*whole, path);
            "raw".to_owned()
        }
        FilePath::File(file) => {
            let build = match &file.build {
                Build::Release => "release".to_owned(),
                Build::Literal => "literal".to_owned(),
                Build::Expanded(stamp) => format!("{}#{}", stamp.timestamp, stamp.number),
            };
            let classifier = file.classifier.as_deref().map(|text| format!(" [{text}]")).unwrap_or_default();
            format!("{} {build}{classifier} {}", file.gav.key(), file.extension)
        }
    }
}

#[test]
fn files_are_read_from_the_right() {
    for (path, expected) in [
        ("org/foo/bar/1.0/bar-1.0.jar", "org.foo:bar:1.0 release jar"),
        ("a/b/1/b-1.pom", "a:b:1 release pom"),
        ("org/foo/bar/1.0/bar-1.0-sources.jar", "org.foo:bar:1.0 release [sources] jar"),
        ("org/foo/bar/1.0/bar-1.0.tar.gz", "org.foo:bar:1.0 release tar.gz"),
        ("org/foo/bar/1.0/bar-1.0-bin.tar.gz", "org.foo:bar:1.0 release [bin] tar.gz"),
        ("org/foo/bar/1.0/bar-1.0-bin.tar.gz.asc", "org.foo:bar:1.0 release [bin] tar.gz.asc"),
        ("org/foo/bar/1.0/bar-1.0.jar.asc", "org.foo:bar:1.0 release jar.asc"),
        ("org/foo/bar/1.0/bar-1.0-sources.jar.asc", "org.foo:bar:1.0 release [sources] jar.asc"),
        (
            "org/foo/bar/1.0/bar-1.0-sources.jar.sigstore.json",
            "org.foo:bar:1.0 release [sources] jar.sigstore.json",
        ),
        ("org/foo/bar/1.0/bar-1.0-scala_2.13.jar", "org.foo:bar:1.0 release [scala_2.13] jar"),
        ("org/foo/bar/1.0/bar-1.0.module", "org.foo:bar:1.0 release module"),
        ("org/foo/bar/1.0-1/bar-1.0-1-x.jar", "org.foo:bar:1.0-1 release [x] jar"),
        ("org/foo/bar_2.13/1.0/bar_2.13-1.0.jar", "org.foo:bar_2.13:1.0 release jar"),
        ("org/foo/bar-1.0/1.0/bar-1.0-1.0.jar", "org.foo:bar-1.0:1.0 release jar"),
        ("org/foo/bar/1;0/bar-1;0.jar", "org.foo:bar:1;0 release jar"),
        ("org/foo/bar/1 0/bar-1 0-a b@c.jar", "org.foo:bar:1 0 release [a b@c] jar"),
        ("org/foo/bar/1.0ü/bar-1.0ü-文.jar", "org.foo:bar:1.0ü release [文] jar"),
        ("org/x/sbt-y_2.12_1.0/1.2/sbt-y_2.12_1.0-1.2.jar", "org.x:sbt-y_2.12_1.0:1.2 release jar"),
        ("org/x/sbt-y_2.12_1.0/1.2/sbt-y-1.2.jar", "org.x:sbt-y_2.12_1.0:1.2 release jar"),
        (
            "org/x/sbt-y_2.10_0.13/1.2/sbt-y-1.2-sources.jar",
            "org.x:sbt-y_2.10_0.13:1.2 release [sources] jar",
        ),
        (
            "org/x/sbt-y_2.12_1.0/1-SNAPSHOT/sbt-y-1-20260102.030405-7.pom",
            "org.x:sbt-y_2.12_1.0:1-SNAPSHOT 20260102.030405#7 pom",
        ),
        ("x/y/1.0-SNAPSHOT/y-1.0-SNAPSHOT.jar", "x:y:1.0-SNAPSHOT literal jar"),
        ("x/y/1.0-SNAPSHOT/y-1.0-SNAPSHOT-tests.jar", "x:y:1.0-SNAPSHOT literal [tests] jar"),
        ("x/y/1.0-SNAPSHOT/y-1.0-20260102.030405-7.jar", "x:y:1.0-SNAPSHOT 20260102.030405#7 jar"),
        (
            "x/y/1.0-SNAPSHOT/y-1.0-20260102.030405-17-sources.jar",
            "x:y:1.0-SNAPSHOT 20260102.030405#17 [sources] jar",
        ),
        ("x/y/SNAPSHOT/y-20260102.030405-7.jar", "x:y:SNAPSHOT 20260102.030405#7 jar"),
        ("x/y/1.0.SNAPSHOT/y-1.0.20260102.030405-7.jar", "x:y:1.0.SNAPSHOT 20260102.030405#7 jar"),
    ] {
        assert_eq!(kind_of(path), expected, "{path}");
    }
}

#[test]
fn what_the_layout_does_not_have_is_raw() {
    for path in [
        "bar-1.0.jar",
        "bar/1.0/bar-1.0.jar",
        "org/foo/bar/1.0/baz-1.0.jar",
        "org/foo/bar/1.0/bar-1.1.jar",
        "org/x/sbt-y_2.12/1.2/sbt-y-1.2.jar",
        "org/x/sbt-y_2.12_1.0/1.2/sbt-y_2.12-1.2.jar",
        "org/x/sbt_y_z/1.2/sbt-1.2.jar",
        "org/x/_2.12_1.0/1.2/-1.2.jar",
        "org/foo/bar/1.0/bar-1.0",
        "org/foo/bar/1.0/bar-1.0.",
        "org/foo/bar/1.0/bar-1.0..jar",
        "org/foo/bar/1.0/bar-1.01.jar",
        "org/foo/bar/1.0/bar-1.0-.jar",
        "org/foo/bar/1.0/bar-1.0-sources",
        "org/foo/bar/1.0/bar-1.0_x.jar",
        "org.foo/bar/1.0/bar-1.0.jar",
        "org/fo o/bar/1.0/bar-1.0.jar",
        "org/foo/b:r/1.0/b:r-1.0.jar",
        "org/foo/bar/1:0/bar-1:0.jar",
        "org/foo/bar/[1,2)/bar-[1,2).jar",
        "org/foo/bar/1.0 /bar-1.0 .jar",
        "org/foo/bar/1\u{202e}0/bar-1\u{202e}0.jar",
        "org/foo/bar/1.0/bar-1.0.jar;x",
        "org/foo/bär/1.0/bär-1.0.jar",
        "x/y/1.0-SNAPSHOT/y-1.0.jar",
        "x/y/1.0-SNAPSHOT/y-1.0-20260102.030405.jar",
        "x/y/1.0-SNAPSHOT/y-1.0-20260102.030405-.jar",
        "x/y/1.0-SNAPSHOT/y-1.0-20260102.030405-07.jar",
        "x/y/1.0-SNAPSHOT/y-1.0-20260102030405-7.jar",
        "x/y/1.0-SNAPSHOT/y-1.0-20260102.030405-99999999999999999999.jar",
        ".meta/prefixes.txt",
        "archetype-catalog.xml",
    ] {
        assert_eq!(kind_of(path), "raw", "{path}");
    }
}

#[test]
fn a_directory_is_all_that_it_can_be() {
    let found = |path: &str| {
        let Directory { group, package, gav, .. } = Directory::parse(path);
        [group.map(String::from), package.map(|package| package.key()), gav.map(|gav| gav.key())]
            .map(|text| text.unwrap_or_else(|| "-".to_owned()))
            .join(" ")
    };
    assert_eq!(found(""), "- - -");
    assert_eq!(found("org"), "org - -");
    assert_eq!(found("org/foo"), "org.foo org:foo -");
    assert_eq!(found("org/foo/bar"), "org.foo.bar org.foo:bar org:foo:bar");
    assert_eq!(found("org/foo/bar/1.0-SNAPSHOT"), "- org.foo.bar:1.0-SNAPSHOT org.foo:bar:1.0-SNAPSHOT");
    assert_eq!(found("org/foo/bar_2.13"), "- org.foo:bar_2.13 org:foo:bar_2.13");
    assert_eq!(found("org/foo/bar_2.13/1+1"), "- - org.foo:bar_2.13:1+1");
    assert_eq!(found("a/b c"), "- - -");
}

#[test]
fn rows_name_the_file_and_put_new_builds_first() {
    let entry = |path: &str| Stored::parse(path).unwrap().key;
    let jar = entry("org/foo/bar/1.0/bar-1.0.jar");
    assert_eq!(
        (jar.package.key(), jar.name.key(), jar.kind),
        ("org.foo:bar", "1.0/bar-1.0.jar", EntryKind::File)
    );
    let raw = entry("some/where.txt");
    assert_eq!((raw.package.key(), raw.name.key()), ("/", "some/where.txt"));
    let sorts: Vec<String> =
        ["20260102.030405-10", "20260102.030405-9", "20260102.030404-11", "20251231.235959-99"]
            .map(|build| entry(&format!("x/y/1-SNAPSHOT/y-1-{build}.jar")).name.sort_key().to_owned())
            .into();
    assert!(sorts.is_sorted(), "{sorts:?}");
    let version = Directory::parse("org/foo/bar/1.0").gav.unwrap().entry().unwrap();
    assert_eq!(
        (version.package.key(), version.name.key(), version.kind),
        ("org.foo:bar", "1.0", EntryKind::Version)
    );
}

#[test]
fn names_beyond_the_bound_of_rows_are_refused() {
    let long = format!("a/{}/1/{}-1.jar", "b".repeat(600), "b".repeat(600));
    assert!(Stored::parse(&long).is_err());
    assert!(Stored::parse(&"x/".repeat(400)).is_err());
}

proptest! {
    #[test]
    fn a_row_leads_back_to_its_file(
        group in "[a-z]{1,5}(/[a-z_-]{1,5}){0,3}",
        artifact in "[a-zA-Z0-9_.-]{1,9}",
        version in "[0-9]{1,3}(\\.[0-9a-z]{1,3}){0,3}(-SNAPSHOT)?",
        stamp in proptest::option::of(("[0-9]{8}\\.[0-9]{6}", 0_u64..1000)),
        classifier in proptest::option::of("[a-z][a-z0-9_-]{0,6}"),
        extension in "(jar|pom|tar\\.gz|module|jar\\.asc|war)",
    ) {
        let shown = match (&stamp, version.strip_suffix(SNAPSHOT)) {
            (Some((timestamp, number)), Some(base)) => format!("{base}{timestamp}-{number}"),
            _ => version.clone(),
        };
        let classified = classifier.as_deref().map(|text| format!("-{text}")).unwrap_or_default();
        let path = format!("{group}/{artifact}/{version}/{artifact}-{shown}{classified}.{extension}");
        let FilePath::File(file) = FilePath::parse(&path) else { panic!("raw: {path}") };
        prop_assert_eq!(&*file.gav.package.group, group.replace('/', "."));
        prop_assert_eq!(file.version(), shown);
        prop_assert_eq!(&file.classifier.as_deref(), &classifier.as_deref());
        prop_assert_eq!(&*file.extension, extension);
        let key = file.entry().unwrap();
        prop_assert_eq!(File::of_entry(&file.gav, &key), Some(file));
    }

    #[test]
    fn nothing_panics(path in "\\PC{0,80}|([a-z.-]{0,6}/){0,5}[a-z0-9.-]{0,20}") {
        let _ = Stored::parse(&path);
        let _ = Directory::parse(&path);
    }
}
