//! A tree of this machine.

use std::fs;
use std::path::Path;

use super::super::content::Content;
use super::super::run::Finds;
use super::{Entry, Layout, Named, entries, is_entered};
use crate::cli::failure::Failure;

/// Deepest folder.
const DEPTH_MAX: usize = 64;

/// Hands in all files below a folder, folder by folder in the order of their names. Links to folders are not followed.
///
/// # Errors
/// A folder cannot be read.
pub(in super::super) async fn find(
    layout: Layout,
    root: &Path,
    wanted: impl Fn(&str) -> bool,
    finds: Finds<Entry>,
) -> Result<(), Failure> {
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let (files, folders) = names(root, &at)?;
        if at.matches('/').count() >= DEPTH_MAX && !folders.is_empty() {
            return Err(Failure::Other(format!("{}: folders lie too deep", root.join(&at).display())));
        }
        for entry in entries(layout, &at, files) {
            if wanted(&entry.path) && finds.send(entry).await.is_err() {
                return Ok(());
            }
        }
        let entered = folders.into_iter().filter(|name| is_entered(layout, name));
        open.extend(entered.rev().map(|name| format!("{at}{name}/")));
    }
    Ok(())
}

/// The files of a folder, and the names of the folders in it, in their order.
pub(in super::super) fn names(root: &Path, at: &str) -> Result<(Vec<Named>, Vec<String>), Failure> {
    let folder = root.join(at);
    let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", folder.display()));
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let Ok(name) = entry.file_name().into_string() else {
            return Err(Failure::Other(format!("{}: its name is not UTF-8", entry.path().display())));
        };
        let kind = entry.file_type().map_err(wrong)?;
        if kind.is_dir() {
            folders.push(name);
        } else if kind.is_file() || fs::metadata(entry.path()).is_ok_and(|leads_to| leads_to.is_file()) {
            files.push(Named { name, content: Content::File(entry.path()) });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    folders.sort();
    Ok((files, folders))
}
