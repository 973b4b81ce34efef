//! Packages of NuGet: a folder of them, or a feed of another server.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::account::{Account, Outcome};
use super::content::Content;
use super::place::{Place, written};
use super::run::Finds;
use super::sums::{Kind, Sums};
use super::tree::local::names;
use super::web::{Wanted, Web};
use crate::cli::failure::Failure;

pub(super) mod remote;

/// Longest file that holds a hash, and longest description of a version, in bytes.
const HASH_BYTES_MAX: usize = 4 << 10;
const LEAF_BYTES_MAX: usize = 8 << 20;
/// Deepest folder.
const DEPTH_MAX: usize = 64;

/// What a package file holds, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    Packages,
    Symbols,
}

/// A package file that is carried.
pub(super) struct Package {
    /// What it is called in the account.
    pub(super) name: String,
    content: Content,
    /// Id and version, where whoever has it tells.
    told: Option<(String, String)>,
    promised: Promised,
}

/// Where the hash of a package stands.
enum Promised {
    Nowhere,
    /// In a file beside it, in base64.
    Beside(Content),
    /// In the description of its version.
    Leaf(Arc<Web>, url::Url),
}

/// Who carries packages.
pub(super) struct Packages<'a> {
    pub(super) kinds: Kinds,
    pub(super) to: &'a Place,
    pub(super) account: &'a Account,
}

impl Kinds {
    const fn ending(self) -> &'static str {
        match self {
            Self::Packages => ".nupkg",
            Self::Symbols => ".snupkg",
        }
    }
}

/// Hands in all package files below a folder; those of the old form of symbols are none.
///
/// # Errors
/// A folder cannot be read.
pub(super) async fn find(kinds: Kinds, root: &Path, finds: Finds<Package>) -> Result<(), Failure> {
    let mut open = vec![String::new()];
    while let Some(at) = open.pop() {
        let (files, folders) = names(root, &at)?;
        let hashes: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
        for file in files {
            let lower = file.name.to_ascii_lowercase();
            if !lower.ends_with(kinds.ending()) || lower.ends_with(".symbols.nupkg") {
                continue;
            }
            let hash = format!("{}.sha512", file.name);
            let promised = if hashes.contains(&hash) {
                Promised::Beside(Content::File(root.join(&at).join(hash)))
            } else {
                Promised::Nowhere
            };
            let name = format!("{at}{}", file.name);
            let package = Package { name, content: file.content, told: None, promised };
            if finds.send(package).await.is_err() {
                return Ok(());
            }
        }
        if at.matches('/').count() < DEPTH_MAX {
            open.extend(folders.into_iter().rev().map(|name| format!("{at}{name}/")));
        }
    }
    Ok(())
}

impl Package {
    /// Id and version as addresses have them. A file is looked into.
    fn identity(&self, kinds: Kinds) -> Result<(String, String), Failure> {
        let file = match (&self.told, &self.content) {
            (Some(told), _) => return Ok(told.clone()),
            (None, Content::File(file)) => file,
            (None, Content::Web { url, .. }) => {
                return Err(Failure::Other(format!("{url}: nobody tells what it is")));
            }
        };
        let wrong = |why: String| Failure::Other(format!("{}: {why}", file.display()));
        let opened = File::open(file).map_err(|error| wrong(error.to_string()))?;
        let read = frontend::package_file(&opened).map_err(wrong)?;
        if read.symbols != (kinds == Kinds::Symbols) {
            return Err(wrong(format!("what it holds does not end in {}", kinds.ending())));
        }
        Ok((read.id_key, read.version_key))
    }

    async fn promised(&self) -> Result<Sums, Failure> {
        let mut sums = Sums::default();
        match &self.promised {
            Promised::Nowhere => {}
            Promised::Beside(hash) => {
                let text = hash.whole(HASH_BYTES_MAX).await?;
                sums.put_base64(Kind::Sha512, &String::from_utf8_lossy(&text));
            }
            Promised::Leaf(web, url) => {
                let leaf = web.document(Wanted::at(url, "application/json"), LEAF_BYTES_MAX).await?;
                let leaf: Value = serde_json::from_slice(&leaf).unwrap_or_default();
                let text = |name: &str| leaf.get(name).and_then(Value::as_str).unwrap_or_default();
                let kind = match text("packageHashAlgorithm") {
                    algorithm if algorithm.eq_ignore_ascii_case("sha256") => Kind::Sha256,
                    _ => Kind::Sha512,
                };
                sums.put_base64(kind, text("packageHash"));
            }
        }
        Ok(sums)
    }
}

impl Packages<'_> {
    /// Brings one there, unless the same is there.
    pub(super) async fn carry(&self, package: &Package) -> Result<Outcome, Failure> {
        let (id, version) = match package.identity(self.kinds) {
            Ok(identity) => identity,
            Err(failure) => return Ok(Outcome::Refused(failure)),
        };
        let promised = package.promised().await?;
        let there = match self.kinds {
            Kinds::Packages => self.to.there(&self.path(&id, &version)).await?,
            // A feed gives out symbols file by file, and says of the whole only that it was there.
            Kinds::Symbols => None,
        };
        let own = match &package.content {
            Content::File(_) => Some(package.content.sums().await?),
            Content::Web { .. } => None,
        };
        if let Some(wrong) = own.as_ref().and_then(|own| own.contradiction(&promised)) {
            return Ok(Outcome::Refused(Failure::Other(wrong)));
        }
        if let Some(there) = &there {
            let here = match own {
                Some(own) => own,
                None => package.content.known(&promised, there).await?,
            };
            return Ok(match here.same_as(there) {
                Some(true) => Outcome::Same,
                _ => Outcome::Refused(Failure::Conflict("other content is there".to_owned())),
            });
        }
        if self.account.dry_run() {
            return Ok(Outcome::Taken(0));
        }
        let opened = package.content.open().await?;
        match self.to {
            Place::Folder(folder) => {
                let file = super::place::below(folder, &self.path(&id, &version))?;
                written(&file, opened, &promised).await.map(Outcome::Taken)
            }
            Place::Repository(target) => {
                let path = match self.kinds {
                    Kinds::Packages => "v3/package",
                    Kinds::Symbols => "v3/symbolpackage",
                };
                let sent = target.stream((Method::PUT, path), &[], opened, &promised);
                let (answer, bytes) = sent.await?;
                let warning = answer.headers().get("x-nuget-warning").and_then(|value| value.to_str().ok());
                let known = warning.is_some_and(|text| text.contains("there already"));
                Ok(if known { Outcome::Same } else { Outcome::Taken(bytes) })
            }
        }
    }

    /// Where the file of a version is asked for.
    fn path(&self, id: &str, version: &str) -> String {
        match self.to {
            Place::Folder(_) => format!("{id}.{version}.nupkg"),
            Place::Repository(_) => format!("v3/flat/{id}/{version}/{id}.{version}.nupkg"),
        }
    }
}
