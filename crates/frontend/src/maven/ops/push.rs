//! Files and hashes, as they are deployed.

use std::sync::Arc;

use domain::{Digest, Granted, Overwrite, Publish, Rules as _};
use edge::Body;
use http::StatusCode;
use storage::{
    Batch, EdgeKind, Entry, EntryOutcome, NewEdge, NewEntry, NewNeeds, Precondition, Rule, Upload, Verified,
};

use super::{Besides, Failure, derived};
use crate::blocking::blocking;
use crate::error::Error;
use crate::file_tree::checksum::{COMPUTED_ALSO, compare};
use crate::file_tree::media_type::media_type;
use crate::file_tree::replace::{Other, refuse_other};
use crate::maven::Maven;
use crate::maven::catalog::{ARCHETYPE, attributes};
use crate::maven::characters::first_refused;
use crate::maven::error::Bad;
use crate::maven::hash::{Hash, read};
use crate::maven::layout::{Build, File, FilePath, Stored};
use crate::maven::policy::{Accept, Layout, Policy, Releases};
use crate::maven::pom::{self, Described, POM_BYTES_MAX};
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;
use crate::upload_body;

/// Longest body of an uploaded hash, in bytes: the digits, and perhaps the name of the file.
const HASH_BYTES_MAX: u64 = 4096;
/// After so long a hash is not about the content that came last, in seconds: clients send it at once.
const SETTLED_SECS: i64 = 60;

/// Stores a file. Everything that can be decided without its bytes is, before the client sends them.
pub(crate) async fn file(
    file: &Stored,
    declared: &[Digest],
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Maven> {
    let policy = cx.policy::<Policy>(&may).await?;
    accepts(&policy, &file.path)?;
    let besides = Besides::of(&file.path, &may, cx)?;
    // Asked softly: the same bytes need no right to overwrite, other bytes meet the repository's rule first (docs/design.md 7).
    let replace = cx.gate.also::<Overwrite>(&may);
    let new = Other { key: &file.key, rule: rule(&file.path), bytes: body.declared_bytes() };
    refuse_other(&new, replace.is_some(), &may, cx).await?;
    let upload = cx.storage.begin_upload(&may).await?;
    let upload = upload.hashed_also(&COMPUTED_ALSO);
    let bytes_max = match &file.path {
        FilePath::File(file) if file.is_pom() => cx.limits.blob_bytes_max.min(POM_BYTES_MAX),
        FilePath::File(_) | FilePath::Raw(_) => cx.limits.blob_bytes_max,
    };
    let upload = upload_body::whole(upload, body, bytes_max).await?.verify_any().await?;
    for expected in declared {
        compare(*expected, upload.digests())?;
    }
    let described = match &file.path {
        FilePath::File(file) if file.is_pom() => {
            Some(check_pom(file, policy.layout == Layout::Strict, &upload).await?)
        }
        FilePath::File(_) | FilePath::Raw(_) => None,
    };
    besides.recheck()?;
    let committed = cx.storage.commit(may, replace, batch(file, described, upload)?).await?;
    let created = committed.entries.first() == Some(&EntryOutcome::Created);
    Ok(Reply::new(if created { StatusCode::CREATED } else { StatusCode::OK }).length(0))
}

/// Compares a hash with the bytes that are here, or notes it for those that come. All hashes of them are known then, so that
/// nothing else of it is kept.
pub(crate) async fn hash(
    of: &Stored,
    hash: Hash,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Maven> {
    let policy = cx.policy::<Policy>(&may).await?;
    let here = here(of, &may, cx).await?;
    if here.is_none() {
        accepts(&policy, &of.path)?;
    }
    let text = body.whole(HASH_BYTES_MAX).await?;
    let sent = read(&text, hash.algorithm).ok_or(Error::Bad(Bad::NoHash(hash.algorithm)))?;
    let created = Reply::new(StatusCode::CREATED).length(0);
    // The hash of a hash is that of the client's form of it, as that of its metadata.
    if hash.of.is_some() {
        return Ok(created);
    }
    let seen = here.as_ref().map(|(entry, _)| entry);
    if let Some((entry, digests)) = &here {
        match compare(sent, digests) {
            Err(_) if is_settled(&policy, of, entry, cx) => {}
            compared => return Ok(compared.map(|()| created)?),
        }
    }
    if let Some(digests) = cx.storage.expect(may, &of.key, sent, seen).await? {
        compare(sent, &digests)?;
    }
    Ok(created)
}

/// The file as the repository itself has it, and all hashes of its bytes.
async fn here(
    file: &Stored,
    may: &Granted<Publish>,
    cx: &WriteCx<'_>,
) -> Result<Option<(Entry, Arc<[Digest]>)>, Failure> {
    let found = async {
        let entry = cx.storage.entry(may, &file.key).await?;
        let digests = cx.storage.digests(may, &entry).await?;
        Ok((entry, digests))
    };
    match found.await {
        Ok(here) => Ok(Some(here)),
        Err(storage::ContentError::Absent) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Whether a hash that does not fit is rather that of content still to come: the name may get other content, and did not just now.
fn is_settled(policy: &Policy, file: &Stored, entry: &Entry, cx: &WriteCx<'_>) -> bool {
    let replaceable = match rule(&file.path) {
        Rule::Mutable | Rule::Overwritable => true,
        Rule::ByPolicy => policy.may_replace(&file.key),
        Rule::Immutable | Rule::Derived => false,
    };
    replaceable && entry.changed_at.plus_secs(SETTLED_SECS) < cx.storage.now()
}

/// Reads and drops a body that says nothing.
pub(crate) async fn ignored(body: &mut Body, bytes_max: u64) -> ReplyResult<Maven> {
    body.cap(bytes_max);
    while body.chunk().await?.is_some() {}
    Ok(Reply::new(StatusCode::CREATED).length(0))
}

/// Whether the repository takes such a path at all.
fn accepts(policy: &Policy, path: &FilePath) -> Result<(), Failure> {
    let bad = match path {
        _ if policy.releases == Releases::ReadOnly => Bad::ReadOnly,
        FilePath::Raw(_) if path.is_prefixes() => return Ok(()),
        FilePath::Raw(text) if policy.layout == Layout::Strict => {
            first_refused(text).map_or(Bad::Layout, Bad::Character)
        }
        FilePath::Raw(_) => return Ok(()),
        FilePath::File(file) => match (policy.accept, file.gav.version.is_snapshot()) {
            (Accept::Release, true) => Bad::SnapshotRefused,
            (Accept::Snapshot, false) => Bad::ReleaseRefused,
            (Accept::Release | Accept::Snapshot | Accept::Mixed, _) => return Ok(()),
        },
    };
    Err(Error::Bad(bad))
}

/// A retry of an expanded snapshot repeats its bytes, whatever the repository allows for releases (docs/maven.md 1).
fn rule(path: &FilePath) -> Rule {
    match path {
        FilePath::Raw(_) if path.is_prefixes() => Rule::Mutable,
        FilePath::File(File { build: Build::Expanded(_), .. }) => Rule::Immutable,
        FilePath::File(File { build: Build::Literal, .. }) => Rule::Mutable,
        FilePath::File(File { build: Build::Release, .. }) | FilePath::Raw(_) => Rule::ByPolicy,
    }
}

async fn check_pom(file: &File, strict: bool, upload: &Upload<Verified>) -> Result<Described, Failure> {
    let document = upload.read_at(0..POM_BYTES_MAX).await?;
    let file = file.clone();
    let checked = blocking("reading a POM", move || pom::check(&document, &file, strict)).await?;
    checked.map_err(|pom| Error::Bad(Bad::Pom(pom)))
}

/// The file, and the version that it makes appear in lists.
fn batch(file: &Stored, described: Option<Described>, upload: Upload<Verified>) -> Result<Batch, Failure> {
    let part = |target: String| NewEdge { kind: EdgeKind::Part, target: target.into() };
    let file_key = &file.key;
    let mut entry = NewEntry {
        key: file.key.clone(),
        content: Some(*upload.digest()),
        rule: rule(&file.path),
        media_type: media_type(file.key.name.key()).into(),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges: Vec::new(),
    };
    let (mut entries, mut needs) = (Vec::new(), Vec::new());
    if let FilePath::File(file) = &file.path {
        let package = file.gav.package.key();
        entry.edges = vec![part(file.gav.key()), part(package.clone())];
        let version = file.gav.entry().map_err(|invalid| Error::Bad(Bad::Name(invalid)))?;
        if let Some(described) = described {
            if described.archetype {
                entry.attributes = attributes(&described.description).into();
                entry.edges.push(NewEdge { kind: EdgeKind::Fact, target: ARCHETYPE.into() });
            }
            needs.push(NewNeeds { of: version.clone(), said_by: file_key.clone(), needs: described.needs });
        }
        entries.push(derived(version, "{}", vec![part(package)]));
    }
    entries.insert(0, entry);
    let preconditions = vec![Precondition::AsExpected(file.key.clone())];
    Ok(Batch { preconditions, uploads: vec![upload], entries, needs, ..Batch::default() })
}
