//! `cargo xtask where WORD`: where such a line goes.

use std::fs;

use crate::{
    error::{Error, Result},
    run::root,
};

/// Prints the rows of the tables of `crates/README.md` that speak of `word`.
pub(crate) fn whereto(word: &str) -> Result<()> {
    let map = root().join("crates").join("README.md");
    let text = fs::read_to_string(&map).map_err(Error::io(map.display().to_string()))?;
    let rows = rows(&text, word);
    for row in &rows {
        println!("{row}");
    }
    if rows.is_empty() {
        return Err(Error::Unfit(format!("no row of crates/README.md speaks of {word}")));
    }
    Ok(())
}

/// The table rows that contain the word, whatever its case, without the outer bars.
fn rows(text: &str, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let table_rows = text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    table_rows
        .filter(|line| line.to_lowercase().contains(&word))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("  →  "))
        .collect()
}

#[cfg(test)]
mod tests;
