//! What a pushed package must be before it is published: looked into where it lies, never expanded (docs/nuget.md 8).

use bytes::Bytes;
use domain::Timestamp;

use super::archive::{Archive, Entry, Staged, Stopped};
use super::fault::{Fault, Quoted};
use super::metadata::{Enclosed, Files, Icon};
use super::nuspec::Nuspec;
use domain::time;

/// Longest nuspec, readme, licence and icon, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// How far a time stamp may lie ahead, in seconds: it is in the zone of whoever packed it.
const AHEAD_SECS_MAX: i64 = 24 * 3600;
/// Signature of PNG, and what every JPEG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Looks into a package that is to be published, and finds its manifest with the files that are served by themselves. Reads and
/// computes for milliseconds: for a thread that may block.
pub(crate) fn examine(staged: &impl Staged, now: Timestamp) -> Result<Nuspec, Stopped> {
    let archive = Archive::open(staged)?;
    for entry in archive.entries() {
        if changed(entry).is_some_and(|at| at > now.plus_secs(AHEAD_SECS_MAX)) {
            return Err(Fault::Future(Quoted::new(entry.path())).into());
        }
    }
    let (mut nuspec, enclosed) = manifest(&archive, staged)?;
    nuspec.metadata.pdbs = archive.entries().iter().any(|entry| is_pdb_of_library(entry.path()));
    let sources = archive.entries().iter().any(|entry| is_source(entry.path()));
    if nuspec.symbols || nuspec.metadata.pdbs && sources {
        return Err(Fault::Symbols.into());
    }
    let file = |element, path: &Option<String>| {
        path.as_deref().map(|path| read(&archive, staged, element, path)).transpose()
    };
    let (readme, icon) = (file("readme", &nuspec.readme)?, file("icon", &nuspec.icon)?);
    let licence = file("license", &nuspec.licence)?;
    if let (Some(path), Some((bytes, _))) = (&nuspec.readme, &readme) {
        text(path, bytes, &["md", "txt"], "'.md' or '.txt'")?;
    }
    if let (Some(path), Some((bytes, _))) = (&nuspec.licence, &licence) {
        text(path, bytes, &["md", "txt", ""], "'.md' or '.txt', or have no ending")?;
    }
    nuspec.metadata.enclosed = Files {
        nuspec: Some(enclosed),
        readme: readme.map(|(_, file)| file),
        icon: icon.map(image).transpose()?,
        licence: licence.map(|(_, file)| file),
    };
    Ok(nuspec)
}

/// The manifest of a package, and where it lies.
pub(crate) fn manifest(archive: &Archive, staged: &impl Staged) -> Result<(Nuspec, Enclosed), Stopped> {
    let mut nuspecs = archive.entries().iter().filter(|entry| is_nuspec(entry.path()));
    let (Some(nuspec), None) = (nuspecs.next(), nuspecs.next()) else { return Err(Fault::Nuspecs.into()) };
    let (text, enclosed) = nuspec.content(staged, FILE_BYTES_MAX)?;
    Ok((Nuspec::parse(&text)?, enclosed))
}

/// In the root, whatever it is called.
fn is_nuspec(path: &str) -> bool {
    let ending = path.len().checked_sub(".nuspec".len()).and_then(|at| path.get(at..));
    !path.contains('/') && ending.is_some_and(|ending| ending.eq_ignore_ascii_case(".nuspec"))
}

/// As `--include-symbols` puts them into a symbols package of the old kind. A package may have them too, but not with its
/// sources in the root.
fn is_pdb_of_library(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.starts_with("lib/") && path.ends_with(".pdb")
}

fn is_source(path: &str) -> bool {
    path.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("src/"))
}

fn read(
    archive: &Archive,
    staged: &impl Staged,
    element: &'static str,
    path: &str,
) -> Result<(Bytes, Enclosed), Stopped> {
    match archive.find(path) {
        Some(entry) => entry.content(staged, FILE_BYTES_MAX),
        None => Err(Fault::NoSuchFile { element, name: Quoted::new(path) }.into()),
    }
}

/// Refuses what would not be shown as text: another ending, or bytes that no text has.
fn text(path: &str, bytes: &Bytes, endings: &[&str], named: &'static str) -> Result<(), Fault> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if !endings.contains(&&*ending) {
        return Err(Fault::Ending(Quoted::new(path), named));
    }
    if bytes.contains(&0) {
        return Err(Fault::NotText(Quoted::new(path)));
    }
    Ok(())
}

/// An image by what it is, not by what it is called.
fn image((bytes, file): (Bytes, Enclosed)) -> Result<Icon, Fault> {
    let jpeg = bytes.starts_with(JPEG);
    if jpeg || bytes.starts_with(PNG) { Ok(Icon { file, jpeg }) } else { Err(Fault::Icon) }
}

/// The time stamp of a file, as if it were in UTC; `None` if it is no date.
fn changed(entry: &Entry) -> Option<Timestamp> {
    let [date, clock] = [entry.changed() >> 16, entry.changed() & 0xffff];
    let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
    let (hour, minute, second) = (clock >> 11, clock >> 5 & 63, (clock & 31) * 2);
    time::parse(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

#[cfg(test)]
mod tests;
