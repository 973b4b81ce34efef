use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use super::*;

/// 2027-01-15.
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn nuspec(extra: &str) -> String {
    format!("<package><metadata><id>A</id><version>1.0</version>{extra}</metadata></package>")
}

fn packed(files: &[(&str, &[u8])], year: u16) -> Result<Nuspec, Fault> {
    examined(zipped(files, year))
}

fn zipped(files: &[(&str, &[u8])], year: u16) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let changed = DateTime::from_date_and_time(year, 1, 16, 23, 59, 58).unwrap();
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default().last_modified_time(changed)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn examined(bytes: impl Into<Bytes>) -> Result<Nuspec, Fault> {
    examine(&bytes.into(), NOW).map_err(|stopped| match stopped {
        Stopped::Fault(fault) => fault,
        Stopped::Upload(error) => panic!("{error}"),
    })
}

fn pack(extra: &str, files: &[(&str, &[u8])]) -> Result<Nuspec, Fault> {
    let nuspec = nuspec(extra);
    packed(&[&[("A.nuspec", nuspec.as_bytes())], files].concat(), 2020)
}

#[test]
fn files_that_the_nuspec_names_are_taken_out() {
    let extra = "<readme>docs\\R.md</readme><icon>i.png</icon><license type='file'>LICENSE</license>";
    let icon = [PNG, b"..."].concat();
    let files: [(&str, &[u8]); 3] = [("docs/R.md", b"# hi"), ("i.png", &icon), ("LICENSE", b"free")];
    let text = nuspec(extra);
    let package = zipped(&[&[("A.nuspec", text.as_bytes())], &files[..]].concat(), 2020);
    let found = examined(package.clone()).unwrap().metadata.enclosed;
    assert!(!found.icon.as_ref().unwrap().jpeg);
    let inside = [found.nuspec, found.readme, found.icon.map(|icon| icon.file), found.licence];
    for (file, content) in inside.into_iter().zip([text.as_bytes(), b"# hi", &icon, b"free"]) {
        let file = file.unwrap();
        let at = usize::try_from(file.at).unwrap();
        let packed = &package[at..at + usize::try_from(file.packed_bytes).unwrap()];
        assert_eq!(file.content(packed).as_deref(), Some(content));
        assert_eq!(file.content(&packed[1..]), None, "cut short");
        let other = [packed, &packed[..1]].concat();
        assert_eq!(file.content(&other[1..]), None, "shifted");
    }
    for left_out in 0..3 {
        let mut files = files.to_vec();
        files.remove(left_out);
        assert!(matches!(pack(extra, &files), Err(Fault::NoSuchFile { .. })), "{left_out}");
    }
}

#[test]
fn there_is_one_nuspec_in_the_root_whatever_its_name() {
    let text = nuspec("");
    let text = text.as_bytes();
    assert!(packed(&[("x y.NuSpec", text), ("lib/b.nuspec", b"?")], 2020).is_ok());
    for files in
        [&[("lib/A.nuspec", text)][..], &[("A.nuspec", text), ("B.nuspec", text)], &[("A.xml", text)], &[]]
    {
        assert_eq!(packed(files, 2020).map(drop), Err(Fault::Nuspecs));
    }
    let long = [nuspec("").into_bytes(), vec![b' '; 1 << 20]].concat();
    assert!(matches!(packed(&[("A.nuspec", &long)], 2020), Err(Fault::FileTooLarge { .. })));
}

#[test]
fn icons_are_what_they_are_not_what_they_are_called() {
    let icon = |bytes: &[u8]| {
        pack("<icon>i.png</icon>", &[("i.png", bytes)])
            .map(|package| package.metadata.enclosed.icon.unwrap().jpeg)
    };
    assert_eq!(icon(&[PNG, b"x"].concat()), Ok(false));
    assert_eq!(icon(&[JPEG, b"x"].concat()), Ok(true));
    for other in [&b"<svg onload='alert(1)'/>"[..], b"GIF89a", b"<html>", b""] {
        assert_eq!(icon(other), Err(Fault::Icon));
    }
    let large = [PNG, &vec![0; 1 << 20]].concat();
    assert!(matches!(icon(&large), Err(Fault::FileTooLarge { .. })));
}

#[test]
fn texts_are_texts() {
    let readme =
        |name: &str, bytes: &[u8]| pack(&format!("<readme>{name}</readme>"), &[(name, bytes)]).map(drop);
    assert_eq!(readme("R.MD", b"x"), Ok(()));
    assert_eq!(readme("r.txt", "é".as_bytes()), Ok(()));
    assert!(matches!(readme("r.html", b"x"), Err(Fault::Ending(..))));
    assert!(matches!(readme("r", b"x"), Err(Fault::Ending(..))));
    assert!(matches!(readme("r.md", b"a\0b"), Err(Fault::NotText(_))));
    let licence =
        |name: &str| pack(&format!("<license type='file'>{name}</license>"), &[(name, b"x")]).map(drop);
    assert_eq!((licence("LICENSE"), licence("l.txt"), licence("v1.0/l.md")), (Ok(()), Ok(()), Ok(())));
    assert!(matches!(licence("l.exe"), Err(Fault::Ending(..))));
}

#[test]
fn files_of_the_future_are_refused() {
    let text = nuspec("");
    // A day and a half ahead.
    assert_eq!(
        packed(&[("A.nuspec", text.as_bytes())], 2027).map(drop),
        Err(Fault::Future(Quoted::new("A.nuspec")))
    );
    assert!(packed(&[("A.nuspec", text.as_bytes())], 2026).is_ok());
}

/// Packages that nobody here made: all `.nupkg` files of the folder `WHARFINGER_TEST_NUGET_PACKAGES`, if it is set.
#[test]
fn published_packages_pass() {
    let Some(folder) = std::env::var_os("WHARFINGER_TEST_NUGET_PACKAGES") else { return };
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "nupkg") {
            continue;
        }
        let nuspec =
            examined(std::fs::read(&path).unwrap()).unwrap_or_else(|fault| panic!("{path:?}: {fault}"));
        let name = format!("{}.{}.nupkg", nuspec.id.key(), nuspec.version.key());
        assert_eq!(path.file_name().unwrap().to_string_lossy(), name);
        nuspec.metadata.to_json().unwrap();
        assert_eq!(nuspec.metadata.enclosed.readme.is_some(), nuspec.readme.is_some());
        seen += 1;
    }
    assert!(seen > 0, "no packages there");
}
