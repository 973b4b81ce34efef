//! What a directory lists, for people and for tools.

use bytes::Bytes;
use domain::{EntryKind, Implies, Limit, Probe, Read};
use shelf::Shelf;

use super::{Failure, metadata};
use crate::error::Error;
use crate::file_tree::children;
use crate::file_tree::listing::{Window, answer};
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::layout::{Directory, raw_package};
use crate::maven::op::List;
use crate::protocol::ReplyResult;

/// Packages looked at in one statement.
const STEP: usize = 100;
/// Behind everything that begins alike.
const LAST: char = '\u{10ffff}';
/// What every directory has that lists versions or builds.
const METADATA: &str = "maven-metadata.xml";

/// One page of the names in a directory, as HTML or as JSON.
pub(crate) async fn list<R: Implies<Probe>>(op: &List, shelf: &Shelf<'_, R>) -> ReplyResult<Maven> {
    let List { at, page } = op;
    let names = shelf.derived(&page.document(&at.path), || names(at, page.from(), shelf)).await?;
    answer(names, &at.path, page, &shelf.own().node().path().repository).await
}

/// A window of the names in a directory: those behind `from`.
async fn names<R: Implies<Probe>>(
    at: &Directory,
    from: &str,
    shelf: &Shelf<'_, R>,
) -> Result<Bytes, Failure> {
    let mut found = Window::behind(from);
    groups(at, &mut found, shelf).await?;
    if let Some(package) = at.package.as_ref().and_then(|package| package.name().ok()) {
        let versions = metadata::versions(&package, shelf).await?;
        let metadata = (!versions.is_empty()).then_some(METADATA);
        found.extend(versions.iter().map(|version| format!("{}/", version.what)));
        found.extend(metadata.map(str::to_owned));
    }
    if let Some(gav) = &at.gav {
        let mut snapshots = false;
        metadata::each_file(gav, shelf, |file, _| {
            snapshots |= gav.version.is_snapshot();
            found.extend([String::from(file.name)]);
        })
        .await?;
        found.extend(snapshots.then(|| METADATA.to_owned()));
    }
    if let Ok(package) = raw_package() {
        children::gather(&package, &at.path, &mut found, shelf).await?;
    }
    if found.is_nothing() && !at.path.is_empty() {
        return Err(Error::Bad(Bad::Nothing));
    }
    Ok(found.lines().into())
}

/// The directories below a group: of further groups and of artifacts. Of each but the first few packages are passed over. All are
/// looked at for every window, because what comes first in storage does not come first in a listing.
async fn groups<R: Implies<Probe>>(
    at: &Directory,
    found: &mut Window<'_>,
    shelf: &Shelf<'_, R>,
) -> Result<(), Failure> {
    let below = match (&at.group, at.path.is_empty()) {
        (Some(group), _) => vec![(format!("{group}."), true), (format!("{group}:"), false)],
        (None, true) => vec![(String::new(), true)],
        (None, false) => Vec::new(),
    };
    for (prefix, is_group) in below {
        let mut after = prefix.clone();
        loop {
            let step = shelf.packages_of(EntryKind::Version, &after, Limit::capped(STEP as u64)).await?;
            let keys: Vec<&str> = step.iter().map_while(|key| key.strip_prefix(&*prefix)).collect();
            let Some(last) = keys.last() else { break };
            let child = |key: &str| key.find(['.', ':']).filter(|_| is_group).unwrap_or(key.len());
            found.extend(keys.iter().filter_map(|key| Some(format!("{}/", key.get(..child(key))?))));
            let block = last.get(..=child(last)).map(|block| format!("{block}{LAST}"));
            after = format!("{prefix}{}", block.as_deref().unwrap_or(last));
            if keys.len() < STEP {
                break;
            }
        }
    }
    Ok(())
}

/// The names in a directory behind one of them, those of directories with a slash; none of one that is not there.
pub(crate) async fn folder(path: &str, after: &str, shelf: &Shelf<'_, Read>) -> Result<Vec<String>, Failure> {
    match names(&Directory::parse(path), after, shelf).await {
        Ok(lines) => Ok(String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()),
        Err(Error::Bad(Bad::Nothing)) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}
