use super::{COLUMNS, attack, row};
use crate::error::Error;

#[test]
fn a_row_is_found_behind_the_name_of_its_test() {
    let line = "test attacks::streams::x ... ATTACK\t1: x\t20 MB\tnobody";
    assert_eq!(row(line).as_deref(), Some("| 1: x | 20 MB | nobody |"));
    assert_eq!(row("test attacks::streams::x ... ok"), None);
    assert_eq!(COLUMNS.matches('|').count(), 14);
}

#[test]
fn what_is_not_understood_is_refused() {
    for words in [&["--long"][..], &["streams", "search"]] {
        assert!(matches!(attack(words), Err(Error::Usage(_))));
    }
}
