//! What the command line says: results on standard output, complaints on standard error.

use std::io::{self, Write as _};

use serde_json::Value;

/// Widest column of a table, in characters.
const COLUMN_CHARS_MAX: usize = 80;

/// A line of result. A reader that went away is no failure.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// A line for the person at the terminal.
pub(super) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// An answer as JSON, indented.
pub(super) fn json(value: &Value) {
    say(&format!("{value:#}"));
}

/// Rows under a headline, each column as wide as its widest cell.
pub(super) fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = titles.iter().map(|title| title.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(COLUMN_CHARS_MAX);
        }
    }
    let headline: Vec<String> = titles.iter().map(|title| title.to_uppercase()).collect();
    let mut text = String::new();
    for row in std::iter::once(&headline).chain(rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Rows without a headline, each column but the last as wide as its widest cell.
pub(super) fn rows(rows: &[Vec<String>]) -> String {
    let titles = vec![""; rows.first().map_or(0, Vec::len)];
    let text = table(&titles, rows);
    text.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default()
}

/// A field of an answer as a cell: text as it is, nothing for null, lists between commas. Control characters of foreign
/// text do not reach the terminal.
pub(super) fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(","),
        Some(Value::Object(fields)) => {
            fields.values().map(|field| cell(Some(field))).collect::<Vec<_>>().join("=")
        }
        Some(other) => other.to_string(),
    };
    text.chars().filter(|letter| !letter.is_control()).collect()
}
