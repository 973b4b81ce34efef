use std::collections::BTreeSet;

use super::{PARTS, Places, Source, find::tool_directory};

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
    let shell = super::part("shell", super::Tier::Ci, &["sh"], Source::Apt(&["dash"]));
    assert!(places.has(&shell));
    let apart = super::Part { apart: Some("VARIABLE"), ..shell };
    assert!(!places.has(&apart));
}
