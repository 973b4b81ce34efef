//! Head → operation: `/p/{project}/{repository}/{path…}` (docs/files.md 2). Pure.

use domain::RepositoryPath;
use edge::http::condition::Conditions;
use edge::http::path;
use http::header::{CONTENT_RANGE, IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, Method};

use super::error::Bad;
use super::op::{Fetch, Get, List, Look, Push, Remove};
use super::path::{FilePath, check};
use super::{Files, content_digest};
use crate::file_tree::listing::PageQuery;
use crate::file_tree::{address, checksum};
use crate::head::Head;
use crate::protocol::{At, Routed};

/// What can be done with a file.
const FILE: &str = "GET, HEAD, PUT, DELETE, OPTIONS";
/// What can be done with a directory.
const DIRECTORY: &str = "GET, HEAD, OPTIONS";

/// What a path names.
#[derive(Debug)]
enum Target {
    File(FilePath),
    /// Without a slash at either end.
    Directory(Box<str>),
}

/// Reads a request.
pub(crate) fn route(head: &Head<'_>) -> Routed<Files> {
    // An encoded slash, a relative segment: what such a path means depends on who reads it, so it means nothing here.
    let path = match path::decode(head.path) {
        Ok(path) => path,
        Err(bad) => return Routed::Open(Err(Bad::Path(bad))),
    };
    let Some((repository, below)) = address::cut(&path) else { return Routed::Open(Err(Bad::NoRoute)) };
    let target = Target::parse(below);
    match *head.method {
        Method::GET | Method::HEAD => get(head, repository, target),
        Method::PUT => Routed::Publish(At::new(repository, target.and_then(|target| push(head, target)))),
        Method::DELETE => Routed::Delete(At::new(repository, target.and_then(|target| remove(head, target)))),
        Method::OPTIONS => {
            Routed::Probe(At::new(repository, target.map(|target| Look::Options { allow: target.methods() })))
        }
        _ => Routed::Probe(At::new(repository, target.and_then(|target| Err(target.not_allowed())))),
    }
}

/// Who may only publish looks for files, and is not told what else there is.
fn get(head: &Head<'_>, repository: Option<RepositoryPath>, target: Result<Target, Bad>) -> Routed<Files> {
    let conditions = Conditions::of(head.method, head.headers);
    let looks = *head.method == Method::HEAD;
    match target {
        Ok(Target::File(path)) if looks => {
            Routed::Probe(At::new(repository, Ok(Look::File(Box::new(Fetch { path, conditions })))))
        }
        Ok(Target::File(path)) => {
            Routed::Read(At::new(repository, Ok(Get::File(Box::new(Fetch { path, conditions })))))
        }
        Ok(Target::Directory(path)) => {
            let page = PageQuery::of(head, path.is_empty());
            Routed::Read(At::new(repository, Ok(Get::Listing(List { path, page }))))
        }
        Err(bad) if looks => Routed::Probe(At::new(repository, Err(bad))),
        Err(bad) => Routed::Read(At::new(repository, Err(bad))),
    }
}

fn push(head: &Head<'_>, target: Target) -> Result<Push, Bad> {
    let path = target.file()?;
    if head.headers.contains_key(CONTENT_RANGE) {
        return Err(Bad::PartialPut);
    }
    let mut declared = checksum::declared(head.headers).map_err(Bad::ChecksumHeader)?;
    declared.extend(content_digest::declared(head.headers)?);
    Ok(Push { path, declared, only_new: only_new(head.headers)? })
}

fn remove(head: &Head<'_>, target: Target) -> Result<Remove, Bad> {
    let path = target.file()?;
    if only_new(head.headers)? {
        return Err(Bad::Condition);
    }
    Ok(Remove { path })
}

/// Whether nothing may be there yet. A client that makes another condition relies on it, so it is told that it cannot.
fn only_new(headers: &HeaderMap) -> Result<bool, Bad> {
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE) {
        return Err(Bad::Condition);
    }
    let mut known = headers.get_all(IF_NONE_MATCH).iter();
    match (known.next(), known.next()) {
        (None, _) => Ok(false),
        (Some(one), None) if one.as_bytes().trim_ascii() == b"*" => Ok(true),
        (Some(_), _) => Err(Bad::Condition),
    }
}

impl Target {
    fn parse(below: &str) -> Result<Self, Bad> {
        match below.strip_suffix('/') {
            Some(directory) => check(directory).map(|()| Self::Directory(directory.into())),
            None if below.is_empty() => Ok(Self::Directory(below.into())),
            None => FilePath::parse(below).map(Self::File),
        }
    }

    /// The file, for what is done with files alone.
    fn file(self) -> Result<FilePath, Bad> {
        match self {
            Self::File(path) => Ok(path),
            Self::Directory(_) => Err(self.not_allowed()),
        }
    }

    const fn not_allowed(&self) -> Bad {
        Bad::Method { allow: self.methods() }
    }

    const fn methods(&self) -> &'static str {
        match self {
            Self::File(_) => FILE,
            Self::Directory(_) => DIRECTORY,
        }
    }
}

#[cfg(test)]
mod tests;
