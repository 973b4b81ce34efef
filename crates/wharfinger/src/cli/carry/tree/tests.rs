use std::path::PathBuf;

use super::*;

fn found(layout: Layout, names: &[&str]) -> Vec<String> {
    let named =
        |name: &&str| Named { name: (*name).to_owned(), content: Content::File(PathBuf::from(*name)) };
    let found = entries(layout, "org/a/", names.iter().map(named).collect());
    let told = |entry: &Entry| {
        let kinds: Vec<&str> = entry.beside.iter().map(|(kind, _)| kind.word()).collect();
        format!("{} {}", entry.path, kinds.join(" ")).trim_end().to_owned()
    };
    found.iter().map(told).collect()
}

#[test]
fn hashes_belong_to_their_files_and_notes_of_clients_to_nobody() {
    let names = [
        "a-1.jar",
        "a-1.jar.md5",
        "a-1.jar.sha1",
        "a-1.jar.sha512",
        "a-1.jar.lastUpdated",
        "a-1.pom",
        "_remote.repositories",
        "maven-metadata-central.xml",
        "maven-metadata.xml",
        "maven-metadata.xml.sha1",
    ];
    assert_eq!(
        found(Layout::Maven, &names),
        ["org/a/a-1.jar sha512 sha1", "org/a/a-1.pom", "org/a/maven-metadata.xml sha1"]
    );
}

#[test]
fn a_file_that_only_looks_like_a_hash_is_a_file() {
    let names = ["SHA256SUMS.sha256", "x", "x.md5", "_remote.repositories"];
    assert_eq!(
        found(Layout::Plain, &names),
        ["org/a/SHA256SUMS.sha256", "org/a/x", "org/a/_remote.repositories"]
    );
}

#[test]
fn prefixes_of_plugins_are_found() {
    let document = b"<metadata><plugins><plugin><prefix>site</prefix></plugin><plugin><prefix> x </prefix></plugin></plugins></metadata>";
    assert_eq!(prefixes(document), ["site", "x"]);
}
