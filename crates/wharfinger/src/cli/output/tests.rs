use expect_test::expect;

use super::{cell, table};

fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

#[test]
fn a_table_fits_the_terminal_and_is_whole_without_one() {
    let rows = rows(&[
        &["alpha/images", "oci", "a repository of which much is said, on and on and on"],
        &["b", "maven", ""],
    ]);
    expect![[r#"
        PATH          FORMAT  DESCRIPTION
        alpha/images  oci     a repository of which much is said, on and on and on
        b             maven
    "#]]
    .assert_eq(&table(&["path", "format", "description"], &rows, None));
    expect![[r#"
        PATH          FORMAT  DESCRIPTION
        alpha/images  oci     a repository of w…
        b             maven
    "#]]
    .assert_eq(&table(&["path", "format", "description"], &rows, Some(40)));
    for chars_max in 0..90 {
        let text = table(&["path", "format", "description"], &rows, Some(chars_max));
        let widest = text.lines().map(|line| line.chars().count()).max().expect("lines");
        assert!(widest <= chars_max.max(8 + 2 + 6 + 2 + 8), "{chars_max}: {text}");
    }
}

#[test]
fn columns_that_are_equally_wide_give_way_together() {
    let rows = rows(&[&["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb"]]);
    let text = table(&["a", "b"], &rows, Some(32));
    assert_eq!(text.lines().last(), Some("aaaaaaaaaaaaaa…  bbbbbbbbbbbbbb…"));
}

#[test]
fn foreign_text_does_not_steer_the_terminal() {
    assert_eq!(cell(Some(&"a\u{1b}[31mb\nc".into())), "a[31mbc");
}
