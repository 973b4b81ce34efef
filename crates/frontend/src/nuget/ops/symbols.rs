//! Symbols on their way in and out. Each file is content of its own, found by its key whatever package it came with: of several,
//! the first that came, so that nobody changes what debuggers get for the package of another.

use std::sync::Arc;

use domain::{Digest, Granted, Implies, Overwrite, Probe, Publish, Read};
use edge::Body;
use edge::conditional::begin;
use edge::http::condition::{Conditions, Validators};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use shelf::{Item, Shelf};
use storage::{
    Batch, EdgeKind, EntryOutcome, NewEdge, NewEntry, Precondition, Receiving, Rule, Upload, Verified,
};
use tokio::sync::Semaphore;

use super::push::{look_into, receive};
use super::{Failure, absent, key, symbols_key};
use crate::error::Error;
use crate::nuget::NuGet;
use crate::nuget::archive::{Expander, Packed};
use crate::nuget::error::Bad;
use crate::nuget::fault::{Fault, Quoted};
use crate::nuget::op::{Form, Identity};
use crate::nuget::symbols::{Found, Pdb, PdbId, Symbols, examine, file_name, target};
use crate::nuget::wire::{PACKAGE, WARNING};
use crate::protocol::{self, WriteCx};
use crate::reply::{Begun, Reply};
use crate::upload_body;

/// Bytes of a symbols package read at a time.
const WINDOW_BYTES: u64 = 64 << 10;

/// Publishes the symbols in the body, of a version that is there.
pub(crate) async fn push(
    form: Form,
    examining: &Arc<Semaphore>,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> protocol::ReplyResult<NuGet> {
    let upload = receive(form, &may, body, cx).await?.verify_any().await?;
    let bytes_max = cx.limits.nupkg_bytes_max;
    let (upload, found) = look_into(upload, examining, move |staging| examine(staging, bytes_max)).await?;
    let of = Identity { id: found.nuspec.id.clone(), version: found.nuspec.version.clone() };
    cx.storage.entry(&may, &key(&of)?).await.map_err(absent(Bad::SymbolsOfNothing))?;
    let (symbols, uploads) = take_out(&upload, &found, &may, cx).await?;
    let batch = batch(&of, upload, &symbols, uploads)?;
    let replace = cx.gate.also::<Overwrite>(&may);
    let committed = cx.storage.commit(may, replace, batch).await.map_err(|error| match error {
        storage::ContentError::MissingOverwrite => Error::Bad(Bad::SymbolsExist),
        storage::ContentError::AbsentEntries { .. } => Error::Bad(Bad::SymbolsOfNothing),
        other => other.into(),
    })?;
    let reply = Reply::new(StatusCode::CREATED);
    if committed.entries.contains(&EntryOutcome::Unchanged) {
        return Ok(reply.header(WARNING, "these symbols were there already"));
    }
    Ok(reply)
}

/// Expands each symbol file into an upload of its own.
async fn take_out(
    package: &Upload<Verified>,
    found: &Found,
    may: &Granted<Publish>,
    cx: &WriteCx<'_>,
) -> Result<(Symbols, Vec<Upload<Verified>>), Failure> {
    let (mut symbols, mut uploads) = (Symbols::default(), Vec::new());
    for packed in &found.pdbs {
        let mut upload = cx.storage.begin_upload(may).await?;
        let expanded = expand(package, packed, &mut upload).await;
        let key = expanded.as_ref().ok().cloned().flatten();
        let upload = upload_body::or_gone(upload, expanded.map(drop)).await?.verify_any().await?;
        let Some(key) = key else {
            return Err(Error::Bad(Bad::Package(Fault::NotPortable(Quoted::new(packed.path())))));
        };
        let target = target(file_name(packed.path()), &key);
        // The same file may lie there for several frameworks.
        if symbols.pdbs.iter().all(|other| other.target != target) {
            let digest = upload.digest().to_string();
            symbols.pdbs.push(Pdb { target, digest, size_bytes: upload.size_bytes() });
            uploads.push(upload);
        }
    }
    Ok((symbols, uploads))
}

/// Expands one file and finds out its key; `None` if it is no portable PDB.
async fn expand(
    package: &Upload<Verified>,
    packed: &Packed,
    into: &mut Upload<Receiving>,
) -> Result<Option<String>, Failure> {
    let wrong = |fault| Error::Bad(Bad::Package(fault));
    let (mut expander, mut id) = (Expander::new(packed), PdbId::default());
    let mut left = packed.range();
    while !left.is_empty() {
        let end = left.end.min(left.start.saturating_add(WINDOW_BYTES));
        expander.feed(package.read_at(left.start..end).await?);
        left.start = end;
        while let Some(piece) = expander.next().map_err(wrong)? {
            id.see(&piece);
            into.append(piece).await?;
        }
    }
    expander.finish().map_err(wrong)?;
    Ok(id.key())
}

fn batch(
    of: &Identity,
    package: Upload<Verified>,
    symbols: &Symbols,
    mut uploads: Vec<Upload<Verified>>,
) -> Result<Batch, Failure> {
    let edge = |kind, target: &str| NewEdge { kind, target: target.into() };
    let mut edges: Vec<NewEdge> =
        symbols.pdbs.iter().map(|pdb| edge(EdgeKind::Symbol, &pdb.target)).collect();
    for pdb in &symbols.pdbs {
        let blob = edge(EdgeKind::Blob, &pdb.digest);
        if !edges.contains(&blob) {
            edges.push(blob);
        }
    }
    let entry = NewEntry {
        key: symbols_key(of)?,
        content: Some(*package.digest()),
        rule: Rule::Overwritable,
        media_type: Arc::from(PACKAGE),
        attributes: symbols.to_json().into(),
        words: Arc::from(""),
        edges,
    };
    uploads.push(package);
    let preconditions = vec![Precondition::Entry(key(of)?)];
    Ok(Batch { preconditions, uploads, entries: vec![entry], ..Batch::default() })
}

/// Is it there, and how long is it?
pub(super) async fn look(
    target: &str,
    conditions: &Conditions,
    shelf: &Shelf<'_, Probe>,
) -> protocol::ReplyResult<NuGet> {
    let (begun, ..) = find(target, conditions, shelf).await?;
    match begun {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => Ok(reply.length(part.end.saturating_sub(part.start))),
    }
}

/// The file, or a part of it.
pub(super) async fn fetch(
    target: &str,
    conditions: &Conditions,
    shelf: &Shelf<'_, Read>,
) -> protocol::ReplyResult<NuGet> {
    let (begun, item, digest) = find(target, conditions, shelf).await?;
    match begun {
        Begun::Complete(reply) => Ok(reply),
        Begun::Bytes(reply, part) => {
            let package = &item.entry.key.package;
            let blob = shelf.open_blob(package, &digest).await.map_err(absent(Bad::UnknownSymbols))?;
            Ok(reply.stream(blob.stream(part).await?))
        }
    }
}

/// Everything but the body, and which content of which name that is.
async fn find<R: Implies<Probe>>(
    target: &str,
    conditions: &Conditions,
    shelf: &Shelf<'_, R>,
) -> Result<(Begun, Item, Digest), Failure> {
    let unknown = || Error::Bad(Bad::UnknownSymbols);
    let item = shelf.oldest_pointing_to((EdgeKind::Symbol, target)).await?.ok_or_else(unknown)?;
    let symbols = Symbols::from_json(&item.entry.attributes);
    let pdb = symbols.pdbs.iter().find(|pdb| pdb.target == target).ok_or_else(unknown)?;
    let digest = Digest::parse(&pdb.digest).map_err(|_| unknown())?;
    let tag = format!("\"{}\"", pdb.digest);
    let now = Validators { tag: &tag, modified: item.entry.changed_at };
    let begun = begin(&now, pdb.size_bytes, conditions)?;
    Ok(match begun {
        Begun::Bytes(reply, part) => {
            let reply = reply
                .header(CONTENT_TYPE, HeaderValue::from_static(PACKAGE))
                .header(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
            (Begun::Bytes(reply, part), item, digest)
        }
        complete => (complete, item, digest),
    })
}
