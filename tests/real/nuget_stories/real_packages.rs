//! Packages that others have published: signed, with icons, analyzers, native parts, and dependencies among each other.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::{
    clients::Dotnet,
    hub::Hub,
    wanted::{apart, wanted},
};

/// Their dependencies are not there, so that they cannot be restored with their graph.
const ALONE: [&str; 2] = ["humanizer", "mediatr"];

#[test]
fn published_packages_are_pushed_and_restored() {
    if !wanted(&["dotnet", "nuget-packages"]) {
        return;
    }
    let (hub, dotnet) = (Hub::start(), Dotnet::new());
    let feed = hub.nuget("private-packages");
    let folder = apart("WHARFINGER_TEST_NUGET_PACKAGES");
    let packages = packages(&folder);
    assert!(packages.len() >= 25, "only {} packages in {}", packages.len(), folder.display());
    // The client takes a pattern and pushes file after file.
    let all = folder.join("*.nupkg");
    let key = Some(hub.application.secret.as_str());
    dotnet.push(&all, &format!("{feed}/package"), key, &["--skip-duplicate"]).succeeds();

    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
    let items: Vec<String> = packages
        .iter()
        .map(|(id, version, _)| {
            if ALONE.contains(&id.as_str()) {
                format!("<PackageDownload Include=\"{id}\" Version=\"[{version}]\" />")
            } else {
                format!("<PackageReference Include=\"{id}\" Version=\"{version}\" />")
            }
        })
        .collect();
    let program = dotnet.program_with(&items.join("\n    "));
    dotnet.restore(&program).succeeds();
    for (id, version, file) in &packages {
        let fetched = fs::read(dotnet.fetched(id, version)).unwrap();
        assert!(fetched == fs::read(file).unwrap(), "{id} {version} has other bytes than were pushed");
    }
}

/// Id, version and file of each; they are called `id.version.nupkg`.
fn packages(folder: &Path) -> Vec<(String, String, PathBuf)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let packages = files.filter(|file| file.extension().is_some_and(|end| end == "nupkg"));
    packages
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap();
            // The version begins with the first part that is a number.
            let at = name.match_indices('.').find(|(at, _)| name.as_bytes()[at + 1].is_ascii_digit());
            let (id, version) = name.split_at(at.unwrap().0);
            (id.to_owned(), version.trim_start_matches('.').to_owned(), file.clone())
        })
        .collect()
}
