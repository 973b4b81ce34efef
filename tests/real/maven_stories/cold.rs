//! A build that finds nothing on its machine: more than a hundred libraries and every plug-in come out of the gateway.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::{
    clients::{Maven, MavenVersion},
    hub::Hub,
    plain::Plain,
    wanted::{apart, wanted},
};

/// Fewest libraries that the service must have been built with.
const LIBRARIES_MIN: usize = 100;

#[test]
fn a_service_with_a_hundred_libraries_is_built_cold() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted(&["service-files"]) {
        return;
    }
    let files = apart("WHARFINGER_TEST_SERVICE_FILES");
    let hub = Hub::start();
    let jars = hub.maven("jars");
    let plain = Plain::new(&hub, &hub.application);
    let deployed = files_below(&files);
    for file in &deployed {
        let path = file.strip_prefix(&files).unwrap().display();
        plain.put(&format!("{jars}/{path}"), fs::read(file).unwrap()).is(201);
    }

    let maven = Maven::new(MavenVersion::V3_9);
    let service = maven.project("service", "1.0", &jars);
    maven.build_cold(&service, &jars, &hub.member).succeeds();
    let fetched = files_below(&maven.repository());
    // Byte for byte what was deployed, and with it the hashes that the gateway gave: Maven checked them.
    for file in &fetched {
        let path = file.strip_prefix(maven.repository()).unwrap();
        assert!(same(file, &files.join(path)), "{} is another file", path.display());
    }
    let plug_ins = ["org/apache/maven", "org/codehaus/plexus", "org/sonatype", "org/eclipse/sisu"];
    let libraries = fetched
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "jar"))
        .filter(|file| !plug_ins.iter().any(|group| file.starts_with(maven.repository().join(group))))
        .count();
    assert!(libraries >= LIBRARIES_MIN, "only {libraries} libraries of {} files", fetched.len());
}

fn same(one: &Path, other: &Path) -> bool {
    fs::read(one).unwrap() == fs::read(other).unwrap_or_default()
}

/// POMs and jars; beside them a local repository holds notes of Maven's own.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|end| end == "jar" || end == "pom") {
            found.push(path);
        }
    }
    found.sort_unstable();
    found
}
