//! Packages of NuGet: a folder of them, or a feed of another server.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::account::{Account, Outcome, Remarked};
use super::content::{Content, Opened};
use super::place::{Place, written};
use super::run::Finds;
use super::sums::{Kind, Sums};
use super::tree::local::names;
use super::web::{Wanted, Web};
use crate::cli::failure::Failure;

mod documents;
mod registrations;
pub(super) mod remarks;
pub(super) mod remote;

use remarks::{Listener, Remarks};

/// Longest file that holds a hash, longest file of what is said of a version, and longest description of a version, in bytes.
const HASH_BYTES_MAX: usize = 4 << 10;
const REMARKS_BYTES_MAX: usize = 64 << 10;
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
    said: Said,
}

/// Where that stands which is said of a version besides.
enum Said {
    Nothing,
    /// The feed told it.
    Told(Remarks),
    /// In a file beside it.
    Beside(Content),
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
    /// Who is told what is said of versions, of a repository.
    pub(super) listener: Option<Listener<'a>>,
    /// Only these ids, if there are any.
    pub(super) only: &'a [String],
    /// Whether other symbols are replaced, where that may be.
    pub(super) replace: bool,
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
        let beside: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
        for file in files {
            let lower = file.name.to_ascii_lowercase();
            if !lower.ends_with(kinds.ending()) || lower.ends_with(".symbols.nupkg") {
                continue;
            }
            let hash = format!("{}.sha512", file.name);
            let lies = |name: &str| beside.contains(name).then(|| Content::File(root.join(&at).join(name)));
            let promised = lies(&hash).map_or(Promised::Nowhere, Promised::Beside);
            let said = lies(&remarks::beside(&file.name)).filter(|_| kinds == Kinds::Packages);
            let said = said.map_or(Said::Nothing, Said::Beside);
            let name = format!("{at}{}", file.name);
            let package = Package { name, content: file.content, told: None, promised, said };
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

    /// What is said of it where it comes from.
    async fn remarks(&self) -> Result<Remarks, Failure> {
        let beside = match &self.said {
            Said::Nothing => return Ok(Remarks::default()),
            Said::Told(remarks) => return Ok(remarks.clone()),
            Said::Beside(beside) => beside,
        };
        let text = beside.whole(REMARKS_BYTES_MAX).await?;
        match serde_json::from_slice(&text) {
            Ok(said @ Value::Object(_)) => Ok(Remarks::read(&said)),
            _ => Err(Failure::Other(format!("{}: it is no JSON object", beside.place()))),
        }
    }
}

impl Packages<'_> {
    /// Brings one there, unless the same is there, and what is said of it.
    pub(super) async fn carry(&self, package: &Package) -> Result<Outcome, Failure> {
        let (id, version) = match package.identity(self.kinds) {
            Ok(identity) => identity,
            Err(failure) => return Ok(Outcome::Refused(failure)),
        };
        if !self.only.is_empty() && !self.only.iter().any(|one| one.eq_ignore_ascii_case(&id)) {
            return Ok(Outcome::Nothing);
        }
        let at = (id.as_str(), version.as_str());
        let outcome = match (self.kinds, &package.content) {
            (Kinds::Symbols, Content::Web { .. }) => return self.offered(package, at).await,
            _ => self.brought(package, at).await?,
        };
        if self.kinds == Kinds::Symbols || !matches!(outcome, Outcome::Taken(_) | Outcome::Same) {
            return Ok(outcome);
        }
        match self.told(package, at).await {
            Ok(new) if new == Remarked::default() => Ok(outcome),
            Ok(new) => Ok(Outcome::Told(Box::new(outcome), new)),
            Err(failure @ (Failure::Unreachable(_) | Failure::Unauthenticated(_))) => Err(failure),
            Err(failure) => Ok(Outcome::Refused(untold(failure))),
        }
    }

    /// Brings what is said of a version.
    async fn told(&self, package: &Package, (id, version): (&str, &str)) -> Result<Remarked, Failure> {
        let remarks = package.remarks().await?;
        match (self.to, &self.listener) {
            (Place::Folder(folder), _) => {
                remarks.write_beside(folder, &self.path(id, version), self.account.dry_run())
            }
            (Place::Repository(_), Some(listener)) => listener.tell((id, version), &remarks).await,
            (Place::Repository(_), None) => Ok(Remarked::default()),
        }
    }

    /// Brings the symbols of a version of a feed, if it gives them out.
    async fn offered(&self, package: &Package, at: (&str, &str)) -> Result<Outcome, Failure> {
        let Some(opened) = package.content.open_if_offered().await? else { return Ok(Outcome::Nothing) };
        self.account.asked_for_symbols(true);
        let promised = Sums::default();
        if let Some(there) = self.to.there(&self.path(at.0, at.1)).await? {
            let same = match opened.said.same_as(&there) {
                Some(same) => same,
                None => package.content.sums().await?.same_as(&there) == Some(true),
            };
            match same {
                true => return Ok(Outcome::Same),
                false if !self.replace => return Ok(Outcome::Refused(other_content())),
                false => {}
            }
        }
        if self.account.dry_run() {
            return Ok(Outcome::Taken(0));
        }
        self.put(opened, &promised, at).await
    }

    async fn brought(&self, package: &Package, at: (&str, &str)) -> Result<Outcome, Failure> {
        let promised = package.promised().await?;
        let there = self.to.there(&self.path(at.0, at.1)).await?;
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
            if here.same_as(there) == Some(true) {
                return Ok(Outcome::Same);
            }
            // A version is what it is; its symbols may be made anew.
            if self.kinds == Kinds::Packages || !self.replace {
                return Ok(Outcome::Refused(other_content()));
            }
        }
        if self.account.dry_run() {
            return Ok(Outcome::Taken(0));
        }
        self.put(package.content.open().await?, &promised, at).await
    }

    async fn put(
        &self,
        opened: Opened,
        promised: &Sums,
        (id, version): (&str, &str),
    ) -> Result<Outcome, Failure> {
        match self.to {
            Place::Folder(folder) => {
                let file = super::place::below(folder, &self.path(id, version))?;
                written(&file, opened, promised).await.map(Outcome::Taken)
            }
            Place::Repository(target) => {
                let path = match self.kinds {
                    Kinds::Packages => "v3/package",
                    Kinds::Symbols => "v3/symbolpackage",
                };
                let sent = target.stream((Method::PUT, path), &[], opened, promised);
                let (answer, bytes) = sent.await?;
                let warning = answer.headers().get("x-nuget-warning").and_then(|value| value.to_str().ok());
                let known = warning.is_some_and(|text| text.contains("there already"));
                Ok(if known { Outcome::Same } else { Outcome::Taken(bytes) })
            }
        }
    }

    /// Where the file of a version is asked for.
    fn path(&self, id: &str, version: &str) -> String {
        match (self.to, self.kinds) {
            (Place::Folder(_), kinds) => format!("{id}.{version}{}", kinds.ending()),
            (Place::Repository(_), Kinds::Packages) => {
                format!("v3/flat/{id}/{version}/{id}.{version}.nupkg")
            }
            (Place::Repository(_), Kinds::Symbols) => format!("v3/symbolpackage/{id}/{version}"),
        }
    }
}

fn other_content() -> Failure {
    Failure::Conflict("other content is there".to_owned())
}

/// The package came, and what is said of it did not.
fn untold(failure: Failure) -> Failure {
    let with = |text: String| format!("it is there, but not what is said of it: {text}");
    match failure {
        Failure::Refused(text) => Failure::Refused(with(text)),
        Failure::Conflict(text) => Failure::Conflict(with(text)),
        Failure::Absent(text) => Failure::Absent(with(text)),
        Failure::Usage(text) | Failure::Other(text) => Failure::Other(with(text)),
        other => other,
    }
}
