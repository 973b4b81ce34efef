//! Head → operation: `/p/{project}/{repository}/{path…}`, the path read from the right (docs/maven.md 2 and 3). Pure.

use std::borrow::Cow;

use domain::RepositoryPath;
use edge::http::condition::Conditions;
use edge::http::path;
use http::Method;
use http::header::CONTENT_RANGE;

use super::Maven;
use super::catalog::CATALOG;
use super::error::Bad;
use super::hash::{Hash, hash_of};
use super::layout::{Directory, Stored};
use super::op::{Fetch, Get, List, Look, Push, Remove};
use crate::file_tree::characters::{has_dot_at_end, is_deceptive};
use crate::file_tree::listing::PageQuery;
use crate::file_tree::{address, checksum};
use crate::head::Head;
use crate::protocol::{At, Routed};

/// What can be done with a file.
const FILE: &str = "GET, HEAD, PUT, DELETE, OPTIONS";
/// What can be done with what is derived: hashes and metadata.
const DERIVED: &str = "GET, HEAD, PUT, OPTIONS";
/// What can be done with what is derived and never sent by clients.
const READ: &str = "GET, HEAD, OPTIONS";
/// What can be done with a directory.
pub(super) const DIRECTORY: &str = "GET, HEAD, DELETE, OPTIONS";

/// What a path names.
#[derive(Debug)]
enum Target {
    File { file: Stored, hash: Option<Hash> },
    Metadata { at: Directory, hash: Option<Hash> },
    Catalog { hash: Option<Hash> },
    Directory(Directory),
}

/// Reads a request.
pub(crate) fn route(head: &Head<'_>) -> Routed<Maven> {
    // An encoded slash, a relative segment: what such a path means depends on who reads it, so it means nothing here.
    let path = collapsed(head.path);
    let path = match path::decode(&path) {
        Ok(path) => path,
        Err(bad) => return Routed::Open(Err(Bad::Path(bad))),
    };
    let Some((repository, below)) = address::cut(&path) else { return Routed::Open(Err(Bad::NoRoute)) };
    let target = target(below);
    match *head.method {
        Method::GET | Method::HEAD => get(head, repository, target),
        Method::PUT => Routed::Publish(At::new(repository, target.and_then(|target| push(head, target)))),
        Method::DELETE => {
            Routed::Delete(At::new(repository, target.and_then(|target| remove(target, below))))
        }
        Method::OPTIONS => {
            Routed::Probe(At::new(repository, target.map(|target| Look::Options { allow: target.methods() })))
        }
        _ => {
            let allow = |target: Target| Err(Bad::Method { allow: target.methods() });
            Routed::Probe(At::new(repository, target.and_then(allow)))
        }
    }
}

/// `//` and `/./` are one slash, as for every file system that clients were tried on: addresses of repositories are written with
/// a slash at the end and without.
fn collapsed(path: &str) -> Cow<'_, str> {
    // Nearly every path: none of its names is empty or begins with a dot.
    if !path.as_bytes().windows(2).any(|pair| matches!(pair, b"//" | b"/.")) {
        return Cow::Borrowed(path);
    }
    let idle = |segment: &&str| matches!(*segment, "" | ".");
    let Some(below) = path.strip_prefix('/') else { return Cow::Borrowed(path) };
    let within = below.strip_suffix('/').unwrap_or(below);
    if below.is_empty() || !within.split('/').any(|segment| idle(&segment)) {
        return Cow::Borrowed(path);
    }
    let names: Vec<&str> = below.split('/').filter(|segment| !idle(segment)).collect();
    let directory = below.rsplit('/').next().is_some_and(|last| idle(&last));
    let end = if directory && !names.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", names.join("/")))
}

fn target(below: &str) -> Result<Target, Bad> {
    let path = below.strip_suffix('/').unwrap_or(below);
    if has_dot_at_end(path) {
        return Err(Bad::Dot);
    }
    if let Some(character) = path.chars().find(|character| is_deceptive(*character)) {
        return Err(Bad::Character(character));
    }
    if path.len() != below.len() || path.is_empty() {
        return Ok(Target::Directory(Directory::parse(path)));
    }
    let (stem, hash) = hash_of(path);
    if stem == CATALOG {
        return Ok(Target::Catalog { hash });
    }
    let (directory, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    if name == "maven-metadata.xml" {
        return Ok(Target::Metadata { at: Directory::parse(directory), hash });
    }
    Ok(Target::File { file: Stored::parse(stem).map_err(Bad::Name)?, hash })
}

/// Who may only publish looks for files and reads metadata, and is not told what else there is.
fn get(head: &Head<'_>, repository: Option<RepositoryPath>, target: Result<Target, Bad>) -> Routed<Maven> {
    let conditions = Conditions::of(head.method, head.headers);
    let looks = *head.method == Method::HEAD;
    match target {
        Ok(Target::Metadata { at, hash }) => {
            Routed::Probe(At::new(repository, Ok(Look::Metadata { at, hash, conditions })))
        }
        Ok(Target::File { file, hash }) if looks => {
            Routed::Probe(At::new(repository, Ok(Look::File(Fetch { file, hash, conditions }))))
        }
        Ok(Target::File { file, hash }) => {
            Routed::Read(At::new(repository, Ok(Get::File(Fetch { file, hash, conditions }))))
        }
        Ok(Target::Directory(at)) => {
            let page = PageQuery::of(head, at.path.is_empty());
            Routed::Read(At::new(repository, Ok(Get::Listing(List { at, page }))))
        }
        Ok(Target::Catalog { hash }) => {
            Routed::Read(At::new(repository, Ok(Get::Catalog { hash, conditions })))
        }
        Err(bad) if looks => Routed::Probe(At::new(repository, Err(bad))),
        Err(bad) => Routed::Read(At::new(repository, Err(bad))),
    }
}

fn push(head: &Head<'_>, target: Target) -> Result<Push, Bad> {
    if head.headers.contains_key(CONTENT_RANGE) {
        return Err(Bad::PartialPut);
    }
    match target {
        Target::File { file, hash: None } => {
            let declared = checksum::declared(head.headers).map_err(Bad::ChecksumHeader)?;
            Ok(Push::File { file, declared })
        }
        Target::File { file, hash: Some(hash) } => Ok(Push::Hash { of: file, hash }),
        Target::Metadata { at, hash: None } => Ok(Push::Metadata(at)),
        Target::Metadata { hash: Some(_), .. } => Ok(Push::MetadataHash),
        Target::Catalog { .. } => Err(Bad::Method { allow: READ }),
        Target::Directory(_) => Err(Bad::Method { allow: DIRECTORY }),
    }
}

fn remove(target: Target, below: &str) -> Result<Remove, Bad> {
    match target {
        Target::File { file, hash: None } => {
            Ok(Remove { file: Some(file), directory: Directory::parse(below) })
        }
        Target::Directory(directory) => Ok(Remove { file: None, directory }),
        Target::File { hash: Some(_), .. } | Target::Metadata { .. } => Err(Bad::Method { allow: DERIVED }),
        Target::Catalog { .. } => Err(Bad::Method { allow: READ }),
    }
}

impl Target {
    const fn methods(&self) -> &'static str {
        match self {
            Self::File { hash: None, .. } => FILE,
            Self::File { hash: Some(_), .. } | Self::Metadata { .. } => DERIVED,
            Self::Catalog { .. } => READ,
            Self::Directory(_) => DIRECTORY,
        }
    }
}

#[cfg(test)]
mod tests;
