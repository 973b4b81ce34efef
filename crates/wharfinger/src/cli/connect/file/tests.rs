use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::Found;
use crate::scratch::Scratch;

#[test]
fn a_file_keeps_its_mode_and_the_link_that_leads_to_it() {
    let scratch = Scratch::new("connect-file");
    let real = scratch.file("real.xml", "before");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    let link = scratch.path("settings.xml");
    symlink(&real, &link).expect("a link");
    let found = Found::read(&link).expect("read");
    assert!(found.warning().expect("others may read it").contains("640"));
    let copy = found.back_up("2026").expect("copied").expect("a copy");
    found.replace("after").expect("replaced");
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(fs::read_to_string(&real).expect("text"), "after");
    for file in [&real, &copy] {
        assert_eq!(fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o640);
    }
    assert_eq!(fs::read_to_string(copy).expect("text"), "before");
}

#[test]
fn what_somebody_else_changed_meanwhile_stays() {
    let scratch = Scratch::new("connect-race");
    let path = scratch.file("config.json", "{}");
    let found = Found::read(&path).expect("read");
    fs::write(&path, "{\"a\":1}").expect("written");
    assert!(found.replace("{}").is_err());
    assert_eq!(fs::read_to_string(&path).expect("text"), "{\"a\":1}");
    let absent = Found::read(&scratch.path("folder/new")).expect("nothing there");
    assert!(absent.back_up("2026").expect("nothing to keep").is_none());
    absent.replace("x").expect("made");
    let mode = fs::metadata(scratch.path("folder/new")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
