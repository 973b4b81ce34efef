//! Symbols: pushed by the client unasked, fetched as a debugger does by what the library itself says.

use std::io::Read as _;
use std::{fs, path::Path};

use super::super::{clients::Dotnet, hub::Hub, plain::Plain};
use super::{BERTH, tell};

#[test]
fn symbols_follow_their_package_and_are_found_by_the_library() {
    tell(followed);
}

fn followed(dotnet: &Dotnet, hub: &Hub) {
    let feed = hub.nuget("private-packages");
    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
    let package = dotnet.pack(BERTH, "1.0.0");
    let pushed = dotnet.push(&package, "wharfinger", None, &[]).succeeds();
    assert!(pushed.text.contains(".snupkg"), "{pushed}");
    let (file, key) = debug_entry(&library(&package));
    let plain = Plain::new(hub, &hub.member);
    for (file, key) in [(file.clone(), key.clone()), (file.to_lowercase(), key.to_uppercase())] {
        let found = plain.get(&format!("{feed}/symbols/{file}/{key}/{file}"));
        assert!(found.status == 200 && found.body.starts_with(b"BSJB"), "{found}");
    }
    assert_eq!(plain.get(&format!("{feed}/symbols/{file}/{key}1/{file}")).status, 404);
    // Again, and by itself.
    dotnet.push(&package, "wharfinger", None, &[]).succeeds().says("these symbols were there already");
    dotnet.push(&package.with_extension("snupkg"), "wharfinger", None, &[]).succeeds();
}

/// The library in a package.
fn library(package: &Path) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(fs::File::open(package).unwrap()).unwrap();
    let mut library = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        if file.name().unwrap().ends_with(".dll") {
            file.read_to_end(&mut library).unwrap();
        }
    }
    library
}

/// Name and key of its symbols, from its debug directory: a mark, the GUID, an age, and the path where they were built.
fn debug_entry(library: &[u8]) -> (String, String) {
    let at = library.windows(4).position(|window| window == b"RSDS").expect("a debug directory") + 4;
    let guid = &library[at..at + 16];
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let key: String = order.iter().map(|place| format!("{:02x}", guid[*place])).collect();
    let path: Vec<u8> = library[at + 20..].iter().copied().take_while(|byte| *byte != 0).collect();
    let path = String::from_utf8(path).unwrap();
    (path.rsplit(['/', '\\']).next().unwrap().to_owned(), key + "ffffffff")
}
