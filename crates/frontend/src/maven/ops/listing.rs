//! What a directory lists, for people and for tools.

use bytes::Bytes;
use domain::{EntryKind, Implies, Limit, Probe};
use http::header::{CONTENT_SECURITY_POLICY, LINK, VARY};
use http::{HeaderValue, StatusCode};
use shelf::Shelf;
use storage::{EntryQuery, Listed};

use super::{Failure, metadata};
use crate::blocking::blocking;
use crate::error::Error;
use crate::maven::Maven;
use crate::maven::error::Bad;
use crate::maven::layout::{Directory, raw_package};
use crate::maven::listing::{Page, Style, Window};
use crate::maven::op::List;
use crate::protocol::ReplyResult;
use crate::reply::Reply;

/// Packages or paths looked at in one statement.
const STEP: usize = 100;
/// In front of the names of listings; no path begins like this.
const LISTING: &str = "\nlisting ";
/// Behind everything that begins alike.
const LAST: char = '\u{10ffff}';
/// What every directory has that lists versions or builds.
const METADATA: &str = "maven-metadata.xml";

/// One page of the names in a directory, as HTML or as JSON.
pub(crate) async fn list<R: Implies<Probe>>(op: &List, shelf: &Shelf<'_, R>) -> ReplyResult<Maven> {
    let from = op.from.as_deref().unwrap_or_default();
    let name = format!("{LISTING}{}\n{from}", op.at.path);
    let names = shelf.derived(&name, || names(&op.at, from, shelf)).await?;
    let (at, style, from, after) = (op.at.path.clone(), op.style, op.from.clone(), op.after.clone());
    let base = if op.within { String::new() } else { format!("{}/", shelf.own().node().path().repository) };
    let page = blocking("writing a listing", move || {
        Page::of(&String::from_utf8_lossy(&names), from.as_deref(), after.as_deref()).write(style, &at, &base)
    });
    let (text, next) = page.await?;
    let media_type = match op.style {
        Style::Html => HeaderValue::from_static("text/html; charset=utf-8"),
        Style::Json => HeaderValue::from_static("application/json"),
    };
    let reply = Reply::new(StatusCode::OK)
        .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"))
        .header(VARY, HeaderValue::from_static("accept"));
    let reply = match next {
        Some(next) => reply.header(LINK, format!("<{next}>; rel=\"next\"")),
        None => reply,
    };
    Ok(reply.bytes(media_type, Bytes::from(text)))
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
    raw(&at.path, &mut found, shelf).await?;
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

/// Files and directories outside the layout.
async fn raw<R: Implies<Probe>>(
    path: &str,
    found: &mut Window<'_>,
    shelf: &Shelf<'_, R>,
) -> Result<(), Failure> {
    let Ok(package) = raw_package() else { return Ok(()) };
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut after = prefix.clone();
    loop {
        let query = EntryQuery {
            kind: EntryKind::File,
            package: &package,
            unlisted: false,
            after: Some((&after, &after)),
            limit: Limit::capped(STEP as u64),
        };
        let Listed::Names { items: step, more: _ } = shelf.display_names(&query).await? else {
            return Ok(());
        };
        let names: Vec<&str> = step.iter().map_while(|name| name.strip_prefix(&*prefix)).collect();
        let Some(last) = names.last() else { return Ok(()) };
        let child = |name: &str| name.find('/').map_or(name.len(), |slash| slash.saturating_add(1));
        found.extend(names.iter().filter_map(|name| name.get(..child(name))).map(str::to_owned));
        let block = last.get(..child(last)).filter(|block| block.ends_with('/'));
        after = block.map_or_else(|| format!("{prefix}{last}"), |block| format!("{prefix}{block}{LAST}"));
        if names.len() < STEP {
            return Ok(());
        }
    }
}
