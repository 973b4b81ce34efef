//! What the command line says: results on standard output, complaints on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use rustix::termios::tcgetwinsize;
use serde_json::Value;

/// What stands between two columns.
const GAP: &str = "  ";
/// Narrowest column that a table is cut to, in characters.
const COLUMN_CHARS_MIN: usize = 8;

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

/// A table as wide as the terminal; where nobody but a program reads it, as wide as it has to be.
pub(super) fn show_table(titles: &[&str], rows: &[Vec<String>]) {
    say(table(titles, rows, terminal_chars()).trim_end());
}

/// Rows under a headline, each column as wide as its widest cell. In all at most so many characters, if that is said: then the
/// widest columns give way, and what does not fit ends in `…`.
pub(super) fn table(titles: &[&str], rows: &[Vec<String>], chars_max: Option<usize>) -> String {
    let mut widths: Vec<usize> = titles.iter().map(|title| title.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    if let Some(chars_max) = chars_max {
        narrow(&mut widths, chars_max);
    }
    let headline: Vec<String> = titles.iter().map(|title| title.to_uppercase()).collect();
    let mut text = String::new();
    for row in std::iter::once(&headline).chain(rows) {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| fitted(cell, *width)).collect();
        text.push_str(cells.join(GAP).trim_end());
        text.push('\n');
    }
    text
}

/// Rows without a headline, each column but the last as wide as its widest cell.
pub(super) fn rows(rows: &[Vec<String>]) -> String {
    let titles = vec![""; rows.first().map_or(0, Vec::len)];
    let text = table(&titles, rows, None);
    text.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default()
}

/// Takes from the widest columns what all of them have too much.
fn narrow(widths: &mut [usize], chars_max: usize) {
    let gaps = GAP.len().saturating_mul(widths.len().saturating_sub(1));
    let room = chars_max.saturating_sub(gaps);
    let fits = |widest: &usize| widths.iter().map(|width| *width.min(widest)).sum::<usize>() <= room;
    let widest = widths.iter().max().copied().unwrap_or_default();
    let widest = (COLUMN_CHARS_MIN..=widest).rev().find(fits).unwrap_or(COLUMN_CHARS_MIN);
    widths.iter_mut().for_each(|width| *width = widest.min(*width));
}

fn fitted(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return format!("{cell:<width$}");
    }
    cell.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// How wide the terminal is that results go to, if they go to one.
fn terminal_chars() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
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

#[cfg(test)]
mod tests;
