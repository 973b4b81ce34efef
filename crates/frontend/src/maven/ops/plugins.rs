//! Plug-ins of a group: rows mined from the metadata that clients send, as long as their artifact is there.

use std::borrow::Cow;

use bytes::Bytes;
use domain::{EntryKind, Granted, Implies, Limit, PackageName, Probe, Publish};
use edge::Body;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use shelf::Shelf;
use storage::{Batch, EdgeKind, Entry, EntryQuery, Precondition};

use super::{Failure, derived};
use crate::blocking::blocking;
use crate::maven::Maven;
use crate::maven::layout::{Directory, Package};
use crate::maven::metadata::{Dated, METADATA_BYTES_MAX, Plugin, plugins};
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;

/// What a row knows beside the artifact id.
#[derive(Serialize, Deserialize)]
struct Attributes<'a> {
    prefix: Cow<'a, str>,
    name: Cow<'a, str>,
}

/// Takes metadata in. Whatever is in it, the client has done its part: what it deployed before counts.
pub(crate) async fn push(
    at: &Directory,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Maven> {
    let document = body.whole(METADATA_BYTES_MAX).await?;
    let created = Reply::new(StatusCode::CREATED).length(0);
    let Some(group) = &at.group else { return Ok(created) };
    let said = said(document).await?;
    if said.is_empty() {
        return Ok(created);
    }
    let known = known(group, &may, cx).await?;
    let mut batch = Batch::default();
    for plugin in said {
        let package = Package { group: group.clone(), artifact: plugin.artifact.clone() };
        let news = known.iter().all(|listed| listed.what != plugin);
        if news && is_here(&package, &may, cx).await? {
            let Ok(key) = package.plugin() else { continue };
            batch.preconditions.push(Precondition::Parts(package.key().into()));
            batch.entries.push(derived(key, &attributes(&plugin), Vec::new()));
        }
    }
    if batch.entries.is_empty() {
        return Ok(created);
    }
    match cx.storage.commit(may, None, batch).await {
        // An artifact went at this moment, or the repository takes nothing: then there is nothing to remember.
        Ok(_) | Err(storage::ContentError::AbsentEntries { .. } | storage::ContentError::Conflict) => {
            Ok(created)
        }
        Err(other) => Err(other.into()),
    }
}

/// The plug-ins of a group, by artifact id.
pub(super) async fn of_group<R: Implies<Probe>>(
    group: &str,
    shelf: &Shelf<'_, R>,
) -> Result<Vec<Dated<Plugin>>, Failure> {
    let Ok(package) = PackageName::exact(group) else { return Ok(Vec::new()) };
    let rows = shelf.names(&all_of(&package)).await?.into_items();
    Ok(rows.iter().filter_map(|item| of_entry(&item.entry)).collect())
}

/// Those that the repository itself has.
async fn known(group: &str, may: &Granted<Publish>, cx: &WriteCx<'_>) -> Result<Vec<Dated<Plugin>>, Failure> {
    let Ok(package) = PackageName::exact(group) else { return Ok(Vec::new()) };
    let rows = cx.storage.entries(may, &all_of(&package)).await?.into_items();
    Ok(rows.iter().filter_map(of_entry).collect())
}

const fn all_of(group: &PackageName) -> EntryQuery<'_> {
    EntryQuery { kind: EntryKind::Tag, package: group, unlisted: false, after: None, limit: Limit::MAX }
}

async fn said(document: Bytes) -> Result<Vec<Plugin>, Failure> {
    let read = blocking("reading metadata", move || plugins(&document)).await?;
    Ok(read.unwrap_or_default())
}

async fn is_here(package: &Package, may: &Granted<Publish>, cx: &WriteCx<'_>) -> Result<bool, Failure> {
    let Ok(name) = package.name() else { return Ok(false) };
    let part = package.key();
    let parts = cx.storage.pointing_to(may, (EdgeKind::Part, &part), &name, None, Limit::capped(1)).await?;
    Ok(!parts.is_empty())
}

fn attributes(plugin: &Plugin) -> String {
    let attributes = Attributes { prefix: (&*plugin.prefix).into(), name: (&*plugin.name).into() };
    serde_json::to_string(&attributes).unwrap_or_default()
}

fn of_entry(entry: &Entry) -> Option<Dated<Plugin>> {
    let Attributes { prefix, name } = serde_json::from_str(&entry.attributes).ok()?;
    let artifact = entry.key.name.key().into();
    let what = Plugin { prefix: prefix.as_ref().into(), artifact, name: name.as_ref().into() };
    Some(Dated { what, at: entry.changed_at })
}
