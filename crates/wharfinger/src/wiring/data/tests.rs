use std::os::unix::fs::PermissionsExt as _;

use super::{DataDir, read_keys, write_private};
use crate::error::StartError;
use crate::scratch::Scratch;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn one_gateway_at_a_time_and_private() {
    let scratch = Scratch::new("data");
    let path = scratch.path("data");
    let first = DataDir::open(&path).expect("the first");
    assert_eq!(mode(&path), 0o700);
    assert!(matches!(DataDir::open(&path), Err(StartError::InUse { .. })));
    drop(first);
    DataDir::open(&path).expect("the lock is free again");
}

/// As a process that is being started has it, between its birth and its program.
#[test]
fn a_copy_of_the_descriptor_does_not_keep_the_lock() {
    let scratch = Scratch::new("copied");
    let path = scratch.path("data");
    let first = DataDir::open(&path).expect("the first");
    let copy = first.lock.try_clone().expect("a copy");
    drop(first);
    DataDir::open(&path).expect("the lock is free again");
    drop(copy);
}

#[test]
fn keys_are_made_once_and_stay() {
    let scratch = Scratch::new("keys");
    let data = DataDir::open(&scratch.path("data")).expect("a directory");
    let sealed = data.keys().expect("new keys").seal("test", b"hello");
    let path = scratch.path("data").join("keys");
    assert_eq!(mode(&path), 0o600);
    let again = data.keys().expect("the same keys");
    assert_eq!(again.open("test", &sealed).as_deref(), Some(b"hello".as_slice()));
}

#[test]
fn damaged_or_open_keys_are_refused() {
    let scratch = Scratch::new("bad-keys");
    let path = scratch.path("keys");
    write_private(&path, b"nonsense").expect("written");
    assert!(matches!(read_keys(&path), Err(StartError::Keys { .. })));
    write_private(&path, auth::KeyRing::generate().to_bytes().expose()).expect("written");
    read_keys(&path).expect("good keys");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    let refused = read_keys(&path).expect_err("others can read it").to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
}

#[test]
fn a_directory_that_cannot_be_made_is_said() {
    let scratch = Scratch::new("no-dir");
    let file = scratch.path("file");
    std::fs::write(&file, b"").expect("written");
    let refused = DataDir::open(&file.join("data")).expect_err("below a file").to_string();
    assert!(refused.contains("cannot be made"), "{refused}");
}
