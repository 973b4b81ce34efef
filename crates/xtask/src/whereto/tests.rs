use super::rows;

const MAP: &str = "\
# Map
SQL is mentioned outside a table.
| the line | goes to |
|---|---|
| is SQL | `storage/sql.rs` |
| moves bytes | `storage/` |
";

#[test]
fn a_word_finds_its_rows_whatever_its_case() {
    assert_eq!(rows(MAP, "sql"), ["is SQL  →  `storage/sql.rs`"]);
    assert_eq!(rows(MAP, "STORAGE").len(), 2);
}

#[test]
fn a_word_that_no_row_has_finds_nothing() {
    assert!(rows(MAP, "npm").is_empty());
    assert!(rows(MAP, "---").is_empty());
}
