//! Files by their paths, of repositories in Maven's layout and of any others.

use bytes::Bytes;

use super::account::{Account, Outcome};
use super::content::Content;
use super::place::Place;
use super::sums::{KINDS, Kind, Sums, read_hash};
use crate::cli::failure::Failure;

pub(super) mod listing;
pub(super) mod local;

/// Longest file that holds a hash, and longest document about versions, in bytes.
const HASH_BYTES_MAX: usize = 4 << 10;
const METADATA_BYTES_MAX: usize = 16 << 20;
/// The document about versions, which a gateway makes itself.
const METADATA: &str = "maven-metadata.xml";
/// How files end that hold the hash of another.
const HASH_ENDINGS: [&str; 4] = ["md5", "sha1", "sha256", "sha512"];

/// What the names of a tree mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Maven's: hashes beside their files, documents about versions, what clients note down in their own copies.
    Maven,
    /// Any.
    Plain,
}

/// A file that is carried.
pub(super) struct Entry {
    pub(super) path: String,
    content: Content,
    /// Files that hold its hashes, the strongest first.
    beside: Vec<(Kind, Content)>,
}

/// A file of a folder.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) content: Content,
}

/// Who carries files.
pub(super) struct Files<'a> {
    pub(super) layout: Layout,
    pub(super) to: &'a Place,
    pub(super) account: &'a Account,
    /// Whether other content is replaced, where that may be.
    pub(super) replace: bool,
}

/// The entries of one folder, `at` with a slash at its end or empty.
pub(super) fn entries(layout: Layout, at: &str, files: Vec<Named>) -> Vec<Entry> {
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let (mut hashes, mut others) = (Vec::new(), Vec::new());
    for file in files {
        match hash_of(&file.name).filter(|(base, _)| names.iter().any(|name| name == base)) {
            Some((base, ending)) => hashes.push((base.to_owned(), ending.to_owned(), file.content)),
            None if passed_over(layout, &file.name) => {}
            None => others.push(file),
        }
    }
    let entry = |file: Named| {
        let of = hashes.iter().filter(|(base, ..)| *base == file.name);
        let mut beside: Vec<(Kind, Content)> = of
            .filter_map(|(_, ending, content)| {
                Some((KINDS.into_iter().find(|kind| kind.word() == ending)?, content.clone()))
            })
            .collect();
        beside.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind as u8));
        Entry { path: format!("{at}{}", file.name), content: file.content, beside }
    };
    others.into_iter().map(entry).collect()
}

/// The file that a name is of the hash of, and what it ends with.
fn hash_of(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(_, ending)| HASH_ENDINGS.contains(ending))
}

/// What programs leave in a tree for themselves.
fn passed_over(layout: Layout, name: &str) -> bool {
    if super::place::is_part(name) {
        return true;
    }
    let exact = [
        "_remote.repositories",
        "_maven.repositories",
        "resolver-status.properties",
        "archetype-catalog.xml",
        "index.html",
    ];
    let endings = [".lastUpdated", ".lock", ".part", ".tmp"];
    layout == Layout::Maven
        && (exact.contains(&name)
            || name.starts_with('.')
            || hash_of(name).is_some()
            || endings.iter().any(|ending| name.ends_with(ending))
            || name.starts_with("maven-metadata-")
            || name.starts_with("m2e-"))
}

/// Whether a path is that of a document about versions.
pub(super) fn is_document(path: &str) -> bool {
    path.rsplit('/').next() == Some(METADATA)
}

/// Whether a folder holds what is carried.
fn is_entered(layout: Layout, name: &str) -> bool {
    layout == Layout::Plain || !name.starts_with('.')
}

impl Files<'_> {
    /// Brings one there, unless the same is there.
    pub(super) async fn carry(&self, entry: &Entry) -> Result<Outcome, Failure> {
        if self.layout == Layout::Maven && is_document(&entry.path) {
            return self.metadata(entry).await;
        }
        let promised = entry.promised().await?;
        let there = self.to.there(&entry.path).await?;
        let local = matches!(entry.content, Content::File(_));
        // A file of this machine is read anyway: its own hashes count, not what stands beside it.
        let here = match (&there, local && (there.is_some() || self.account.dry_run())) {
            (_, true) => entry.content.sums().await?,
            (Some(there), false) => entry.content.known(&promised, there).await?,
            (None, false) => Sums::default(),
        };
        if let Some(wrong) = here.contradiction(&promised) {
            return Ok(Outcome::Refused(Failure::Other(wrong)));
        }
        match &there {
            Some(there) if here.same_as(there) == Some(true) => return Ok(Outcome::Same),
            Some(_) if !self.replace => {
                return Ok(Outcome::Refused(Failure::Conflict("other content is there".to_owned())));
            }
            _ => {}
        }
        if self.account.dry_run() {
            return Ok(Outcome::Taken(0));
        }
        let opened = entry.content.open().await?;
        let bytes = self.to.put(&entry.path, opened, &promised).await?;
        if self.layout == Layout::Maven && matches!(self.to, Place::Folder(_)) {
            self.hash_beside(&entry.path).await?;
        }
        Ok(Outcome::Taken(bytes))
    }

    /// A document about versions. Of a gateway it is taken as it is; a gateway makes its own, but for the names of plug-ins.
    async fn metadata(&self, entry: &Entry) -> Result<Outcome, Failure> {
        let document = entry.content.whole(METADATA_BYTES_MAX).await?;
        let there = self.to.small(&entry.path, METADATA_BYTES_MAX).await?;
        let same = match self.to {
            Place::Folder(_) => there.as_ref() == Some(&document),
            Place::Repository(_) => {
                let known = there.as_deref().map(prefixes).unwrap_or_default();
                prefixes(&document).iter().all(|prefix| known.contains(prefix))
            }
        };
        if same {
            return Ok(Outcome::Same);
        }
        let bytes = document.len() as u64;
        if !self.account.dry_run() {
            self.to.put_small(&entry.path, document).await?;
            if matches!(self.to, Place::Folder(_)) {
                self.hash_beside(&entry.path).await?;
            }
        }
        Ok(Outcome::Taken(bytes))
    }

    /// What Maven looks for beside a file in a tree.
    async fn hash_beside(&self, path: &str) -> Result<(), Failure> {
        let Some(sums) = self.to.there(path).await? else { return Ok(()) };
        let Some(hex) = sums.of(Kind::Sha1) else { return Ok(()) };
        self.to.put_small(&format!("{path}.sha1"), Bytes::from(hex.to_owned())).await
    }
}

impl Entry {
    /// The strongest hash beside it.
    async fn promised(&self) -> Result<Sums, Failure> {
        let mut sums = Sums::default();
        let Some((kind, content)) = self.beside.first() else { return Ok(sums) };
        let text = content.whole(HASH_BYTES_MAX).await?;
        let Some(hex) = read_hash(*kind, &String::from_utf8_lossy(&text)) else {
            return Err(Failure::Other(format!("{} holds no hash", content.place())));
        };
        sums.put(*kind, &hex);
        Ok(sums)
    }
}

/// The prefixes of plug-ins that a document names.
fn prefixes(document: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(document);
    let found = text.split("<prefix>").skip(1).filter_map(|rest| rest.split_once("</prefix>"));
    found.map(|(prefix, _)| prefix.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;
