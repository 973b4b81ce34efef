use domain::time::DAY_MILLIS as DAY;
use proptest::prelude::*;

use super::*;
use crate::maven::layout::{FilePath, Stored};

fn day(count: i64) -> Timestamp {
    Timestamp::from_millis(20_000 * DAY + count * DAY)
}

fn versions(all: &[&str]) -> Vec<Dated<Arc<str>>> {
    let all = all.iter().zip(0..);
    all.map(|(version, count)| Dated { what: (*version).into(), at: day(count) }).collect()
}

fn builds(paths: &[&str]) -> Builds {
    let mut builds = Builds::default();
    for (path, count) in paths.iter().zip(0..) {
        let FilePath::File(file) = Stored::parse(path).unwrap().path else { panic!("raw: {path}") };
        builds.add(file, day(count));
    }
    builds
}

fn plugin(prefix: &str, artifact: &str, name: &str) -> Plugin {
    Plugin { prefix: prefix.into(), artifact: artifact.into(), name: name.into() }
}

fn written(listing: &Listing, at: &str) -> (Timestamp, String) {
    listing.document(&Directory::parse(at)).expect("something to list")
}

#[test]
fn an_artifact_lists_its_versions() {
    let listing = Listing { versions: versions(&["1.0", "1.1", "2.0-SNAPSHOT"]), ..Listing::default() };
    let (changed, xml) = written(&listing, "org/foo/bar");
    assert_eq!(changed, day(2));
    assert_eq!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<metadata modelVersion=\"1.1.0\">
  <groupId>org.foo</groupId>
  <artifactId>bar</artifactId>
  <versioning>
    <latest>2.0-SNAPSHOT</latest>
    <release>1.1</release>
    <versions>
      <version>1.0</version>
      <version>1.1</version>
      <version>2.0-SNAPSHOT</version>
    </versions>
    <lastUpdated>20241006000000</lastUpdated>
  </versioning>
</metadata>
"
    );
    let snapshots = Listing { versions: versions(&["1-SNAPSHOT"]), ..Listing::default() };
    assert!(!written(&snapshots, "org/foo/bar").1.contains("release"));
}

#[test]
fn a_snapshot_lists_the_newest_build_of_each_file() {
    let builds = builds(&[
        "org/foo/bar/1-SNAPSHOT/bar-1-20240101.000000-1.jar",
        "org/foo/bar/1-SNAPSHOT/bar-1-20240101.000000-1-sources.jar",
        "org/foo/bar/1-SNAPSHOT/bar-1-20240103.000000-10.jar",
        "org/foo/bar/1-SNAPSHOT/bar-1-20240102.000000-9.jar",
        "org/foo/bar/1-SNAPSHOT/bar-1-SNAPSHOT.pom",
    ]);
    let (changed, xml) = written(&Listing { builds, ..Listing::default() }, "org/foo/bar/1-SNAPSHOT");
    assert_eq!(changed, day(4));
    assert_eq!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<metadata modelVersion=\"1.1.0\">
  <groupId>org.foo</groupId>
  <artifactId>bar</artifactId>
  <version>1-SNAPSHOT</version>
  <versioning>
    <snapshot>
      <buildNumber>10</buildNumber>
      <localCopy>true</localCopy>
    </snapshot>
    <lastUpdated>20241008000000</lastUpdated>
    <snapshotVersions>
      <snapshotVersion>
        <extension>jar</extension>
        <value>1-20240103.000000-10</value>
        <updated>20241006000000</updated>
      </snapshotVersion>
      <snapshotVersion>
        <extension>pom</extension>
        <value>1-SNAPSHOT</value>
        <updated>20241008000000</updated>
      </snapshotVersion>
      <snapshotVersion>
        <classifier>sources</classifier>
        <extension>jar</extension>
        <value>1-20240101.000000-1</value>
        <updated>20241005000000</updated>
      </snapshotVersion>
    </snapshotVersions>
  </versioning>
</metadata>
"
    );
}

#[test]
fn a_snapshot_under_its_literal_name_is_a_local_copy() {
    let builds = builds(&["x/y/1-SNAPSHOT/y-1-SNAPSHOT.jar"]);
    let (_, xml) = written(&Listing { builds, ..Listing::default() }, "x/y/1-SNAPSHOT");
    assert!(xml.contains("<snapshot>\n      <localCopy>true</localCopy>\n    </snapshot>"), "{xml}");
    assert!(xml.contains("<value>1-SNAPSHOT</value>"), "{xml}");
}

#[test]
fn the_newest_of_a_kind_may_be_of_either_form() {
    let at = "x/y/1-SNAPSHOT";
    let (first, second) =
        (format!("{at}/y-1-20240101.000000-1.jar"), format!("{at}/y-1-20240102.000000-2.jar"));
    let literal = format!("{at}/y-1-SNAPSHOT.jar");
    let newest = |paths: &[&str]| {
        let (_, xml) = written(&Listing { builds: builds(paths), ..Listing::default() }, at);
        let value = xml.split("<value>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
        (
            value,
            xml.contains("<localCopy>true"),
            xml.contains("<buildNumber>2<"),
            xml.contains("<timestamp>20240102"),
        )
    };
    // Whoever deploys the next build counts on from the last, whichever form is newer.
    let literal_one = ("1-SNAPSHOT".to_owned(), true, true, false);
    assert_eq!(newest(&[&first, &second, &literal]), literal_one);
    // The time in the name decides between builds, however late an older one came.
    assert_eq!(newest(&[&second, &literal, &first]), literal_one);
    assert_eq!(newest(&[&first, &literal, &second]), ("1-20240102.000000-2".to_owned(), false, true, true));
    assert_eq!(newest(&[&literal, &second, &first]), ("1-20240102.000000-2".to_owned(), false, true, true));
}

#[test]
fn one_address_lists_all_that_it_is() {
    let plugins = vec![Dated { what: plugin("b", "bar-maven-plugin", "Bar & <Co>"), at: day(7) }];
    let alone = Listing { plugins: plugins.clone(), ..Listing::default() };
    let (changed, xml) = written(&alone, "org/foo/bar");
    assert_eq!(changed, day(7));
    assert_eq!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<metadata modelVersion=\"1.1.0\">
  <plugins>
    <plugin>
      <name>Bar &amp; &lt;Co&gt;</name>
      <prefix>b</prefix>
      <artifactId>bar-maven-plugin</artifactId>
    </plugin>
  </plugins>
</metadata>
"
    );
    let both = Listing { plugins, versions: versions(&["1"]), ..Listing::default() };
    let (changed, xml) = written(&both, "org/foo/bar");
    assert_eq!(changed, day(7));
    assert!(xml.contains("<artifactId>bar</artifactId>") && xml.contains("<prefix>b</prefix>"), "{xml}");
    assert_eq!(super::plugins(xml.as_bytes()).unwrap(), [plugin("b", "bar-maven-plugin", "Bar & <Co>")]);
}

#[test]
fn nothing_is_listed_where_nothing_is() {
    assert_eq!(Listing::default().document(&Directory::parse("org/foo/bar")), None);
}

#[test]
fn only_plugins_are_taken_from_clients() {
    let document = "<metadata xmlns=\"http://maven.apache.org/METADATA/1.1.0\"><groupId>g</groupId><plugins>
        <plugin><name>O&#1;n\ne&#xFFFE;</name><prefix>one</prefix><artifactId>one-plugin</artifactId></plugin>
        <plugin><prefix>two</prefix><artifactId>two-plugin</artifactId></plugin>
        <plugin><name>no prefix</name><artifactId>three</artifactId></plugin>
        <plugin><prefix>four</prefix></plugin>
        <plugin><prefix>fi ve</prefix><artifactId>five</artifactId></plugin>
        <plugin><prefix>six</prefix><artifactId>../six</artifactId></plugin>
        </plugins><versioning><latest>9</latest></versioning></metadata>";
    let found = plugins(document.as_bytes()).unwrap();
    assert_eq!(found, [plugin("one", "one-plugin", "One"), plugin("two", "two-plugin", "")]);
    assert_eq!(plugins(b"<metadata/>"), Ok(Vec::new()));
    assert_eq!(plugins(b"<project><plugins><plugin/></plugins></project>"), Ok(Vec::new()));
    assert_eq!(plugins(b"<!DOCTYPE x><metadata/>"), Err(Fault::DocumentType));
    let many = format!(
        "<metadata><plugins>{}</plugins></metadata>",
        "<plugin><prefix>p</prefix><artifactId>a</artifactId></plugin>".repeat(PLUGINS_MAX + 9)
    );
    assert_eq!(plugins(many.as_bytes()).unwrap().len(), PLUGINS_MAX);
}

proptest! {
    #[test]
    fn what_is_written_is_well_formed_whatever_a_plugin_is_called(name in "\\PC{0,40}", prefix in "[a-zA-Z0-9._-]{1,20}") {
        let what = plugin(&prefix, "artifact", name.trim());
        let listing = Listing { plugins: vec![Dated { what: what.clone(), at: day(0) }], ..Listing::default() };
        let (_, xml) = written(&listing, "g");
        prop_assert_eq!(plugins(xml.as_bytes()).unwrap(), [what]);
    }
}

#[test]
fn of_more_than_fits_the_newest_versions_are_listed() {
    let versions: Vec<Dated<Arc<str>>> =
        (0..80_000).map(|number| Dated { what: format!("{number:0>230}").into(), at: day(0) }).collect();
    let listing = Listing { versions, ..Listing::default() };
    let (_, xml) = written(&listing, "org/foo/bar");
    assert!((DOCUMENT_BYTES_MAX * 3 / 4..DOCUMENT_BYTES_MAX).contains(&xml.len()), "{}", xml.len());
    assert!(xml.contains(&format!("<version>{:0>230}</version>", 79_999)));
    assert!(!xml.contains(&format!("<version>{:0>230}</version>", 0)));
    let name = "&".repeat(1000);
    let plugins = (0..5000).map(|_| Dated { what: plugin("p", "a", &name), at: day(0) }).collect();
    let (_, xml) = written(&Listing { plugins, ..listing }, "org/foo/bar");
    assert!((DOCUMENT_BYTES_MAX * 3 / 4..DOCUMENT_BYTES_MAX).contains(&xml.len()), "{}", xml.len());
}
