use std::collections::BTreeSet;

use super::{
    PARTS, Places, Source, Tier,
    find::{project_directory, tool_directory},
    table::part,
};

#[test]
fn every_part_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = PARTS.iter().map(|part| part.name).collect();
    assert_eq!(names.len(), PARTS.len());
    // The tests get the missing ones as one list between commas.
    assert!(names.iter().all(|name| !name.contains(',')));
}

#[test]
fn two_versions_of_a_tool_never_share_a_directory() {
    let cache = std::path::Path::new("/cache");
    let directories: Vec<_> = PARTS.iter().filter_map(|part| tool_directory(cache, &part.from)).collect();
    let different: BTreeSet<_> = directories.iter().collect();
    assert_eq!(different.len(), directories.len());
    let crane = Source::Go { packages: &["example.org/x/cmd/crane"], version: "v1.2.3" };
    assert_eq!(tool_directory(cache, &crane).unwrap(), cache.join("tools/crane-v1.2.3"));
}

#[test]
fn a_part_that_lies_apart_is_not_found_in_path() {
    let places = Places::look().unwrap();
    let shell = part("shell", Tier::Ci, &["sh"], Source::Apt(&["dash"]));
    assert!(places.has(&shell));
    let apart = super::Part { apart: Some("VARIABLE"), ..shell };
    assert!(!places.has(&apart));
}

#[test]
fn a_build_has_its_project_and_its_builder() {
    for part in PARTS {
        let (builder, project, file) = match &part.from {
            Source::Build { mvn, project } => (*mvn, project, "pom.xml"),
            Source::SbtBuild { project } => ("sbt", project, "build.sbt"),
            _ => continue,
        };
        assert!(project_directory(project).join(file).is_file(), "{project}");
        // Installed in the order of the table.
        let names: Vec<_> =
            PARTS.iter().map(|part| part.name).take_while(|name| *name != part.name).collect();
        assert!(names.contains(&builder), "{builder} does not stand before {}", part.name);
    }
}

#[test]
fn files_without_their_folder_are_missing() {
    let places = Places::look().unwrap();
    let folder = Source::Folder { folder: "WHARFINGER_TEST_NO_SUCH_FOLDER" };
    assert!(!places.has(&super::Part { apart: Some("VARIABLE"), ..part("files", Tier::Ci, &[], folder) }));
}
