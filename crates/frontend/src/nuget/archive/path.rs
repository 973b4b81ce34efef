//! Names of files: relative paths in their shortest form, different from each other on every system.

use std::collections::HashSet;

use super::Entry;
use crate::nuget::fault::{Fault, Quoted};

/// Refuses paths that leave the root or have another spelling, and two paths that are one where case makes no difference.
pub(super) fn check(entries: &mut [Entry]) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for entry in entries {
        let Some(path) = plain(&entry.name) else { return Err(Fault::Path(Quoted::new(&entry.name))) };
        if !seen.insert(path.to_lowercase()) {
            return Err(Fault::Duplicate(Quoted::new(&entry.name)));
        }
        entry.path = path.into();
    }
    Ok(())
}

/// The path that clients write to: they undo percent signs. `None` if that is anything but a relative path in its shortest
/// form; a slash at the end marks a folder.
fn plain(name: &str) -> Option<String> {
    let path = unescaped(name)?;
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let folder = path.strip_suffix('/').unwrap_or(&path);
    let good = !path.contains(odd)
        && folder.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.ends_with([' ', '.']));
    good.then_some(path)
}

/// Percent signs undone where two hexadecimal digits follow; others stay. `None` if that is no UTF-8.
fn unescaped(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = behind.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = behind;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}
