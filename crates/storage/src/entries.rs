//! What `commit` and `remove` do inside their transaction (design §7).

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use domain::{
    Digest, EntryKey, EntryKind, Granted, Overwrite, Publish, RepositoryId, RepositoryPolicy, Timestamp,
};

use crate::batch::{Batch, Committed, EdgeKind, NewEdge, NewEntry, Outcome, Package, Precondition, Rule};
use crate::error::Error;
use crate::expected;
use crate::recent::Changed;
use crate::search::refresh;
use crate::sql::content::{self, NewBlob, Stamp};
use crate::sql::uploads::UploadRow;
use crate::sql::{Load, Tx, bulk, names, parts, repositories, uploads};
use crate::store::Shared;
use crate::tombstones;

mod guards;
mod removals;

pub(crate) use removals::{remove, removed_rows};

/// Longest media type, and longest target of an edge, in bytes.
const MEDIA_TYPE_BYTES_MAX: usize = 255;
const TARGET_BYTES_MAX: usize = 512;

/// What a name or an upload weighs, in rows, and how many things to look for weigh as much as one row.
const ENTRY_ROWS: u64 = 8;
const CHECKED_PER_ROW: u64 = 4;

/// Now, and since when a lease is fresh enough.
type Lease = (Timestamp, Timestamp);

/// A committed batch, and which of its uploads were bytes that are stored already.
pub(crate) struct CommittedBatch {
    pub(crate) outcome: Committed,
    pub(crate) spare: Vec<bool>,
}

/// An upload, as the transaction sees it.
struct Arrived {
    row: UploadRow,
    digests: Vec<Digest>,
    size_bytes: u64,
}

/// A batch, as the transaction sees it.
struct Change {
    at: Stamp,
    may: Granted<Publish>,
    replace: Option<Granted<Overwrite>>,
    lease: Lease,
    preconditions: Vec<Precondition>,
    uploads: Vec<Arrived>,
    entries: Vec<NewEntry>,
    links: Vec<Digest>,
}

/// Runs the batch. Its uploads come back, to be told what became of them; if it fails they are dropped with it.
pub(crate) async fn commit(
    shared: &Arc<Shared>,
    (may, replace): (Granted<Publish>, Option<Granted<Overwrite>>),
    lease: Lease,
    mut batch: Batch,
) -> Result<(CommittedBatch, Batch), Error> {
    bounded(&batch)?;
    let at = Stamp { repository: may.node().id(), principal: may.principal().get(), now: lease.0 };
    let uploads = batch.uploads.iter().map(|upload| {
        let done = upload.done()?;
        // Bytes belong to the repository and the principal they were sent for.
        if done.row.repository != at.repository || done.row.owner.get() != at.principal {
            return Err(Error::UnknownUpload);
        }
        Ok(Arrived { row: done.row.clone(), digests: done.digests.clone(), size_bytes: done.size_bytes })
    });
    // In the order of the indexes: neighbours share a page, which halves the writer's work on a large document.
    for entry in &mut batch.entries {
        entry.edges.sort_unstable_by(|a, b| (a.kind.as_str(), &a.target).cmp(&(b.kind.as_str(), &b.target)));
    }
    let change = Change {
        at,
        may,
        replace,
        lease,
        preconditions: std::mem::take(&mut batch.preconditions),
        uploads: uploads.collect::<Result<_, Error>>()?,
        entries: std::mem::take(&mut batch.entries),
        links: std::mem::take(&mut batch.links),
    };
    let names =
        (!change.entries.is_empty()).then(|| (Arc::clone(shared), Changed::by_entries(&change.entries)));
    let after = move || {
        if let Some((shared, changed)) = names {
            shared.recent.move_on(at.repository, changed);
        }
    };
    let load = Load::of(change.may.client(), change.rows());
    let committed = shared.database.write_then(load, move |tx| change.run(tx), after).await?;
    Ok((committed, batch))
}

impl Change {
    /// What it weighs at the writer: a name is written with its event, and in several indexes.
    fn rows(&self) -> u64 {
        let entries = self.entries.iter().map(|entry| ENTRY_ROWS.saturating_add(entry.edges.len() as u64));
        let checked = self.preconditions.len().saturating_add(self.links.len()) as u64 / CHECKED_PER_ROW;
        let arrived = (self.uploads.len() as u64).saturating_mul(ENTRY_ROWS);
        entries.fold(checked.saturating_add(arrived), u64::saturating_add)
    }

    fn run(self, tx: &mut dyn Tx) -> Result<CommittedBatch, Error> {
        // Here and nowhere else: the body may have taken hours, and the queue of writers has its time too.
        self.may.recheck()?;
        if !self.entries.is_empty() && !content::take_turn(tx, self.at.repository)? {
            return Err(Error::Absent);
        }
        let policy = repositories::policy(tx, self.at.repository)?.ok_or(Error::Absent)?;
        let spare = self.arrive_all(tx)?;
        self.require(tx, &policy)?;
        // One order for everybody, so that two batches never wait for each other in a circle.
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        // Derived names come last: whether they changed depends on the others.
        order.sort_by_key(|index| {
            self.entries.get(*index).map(|entry| (entry.rule == Rule::Derived, sort_key(&entry.key)))
        });
        let mut outcomes = vec![Outcome::Unchanged; self.entries.len()];
        let (mut replaced, mut news) = (Vec::new(), false);
        for index in order {
            if let (Some(entry), Some(outcome)) = (self.entries.get(index), outcomes.get_mut(index)) {
                *outcome = self.put(tx, &policy, (entry, news), &mut replaced)?;
                news |= *outcome != Outcome::Unchanged;
            }
        }
        // Only now: another name of the batch may have the same content.
        for blob in replaced {
            release(tx, self.at.repository, Some(blob))?;
        }
        let changed =
            self.entries.iter().zip(&outcomes).filter(|(_, outcome)| **outcome != Outcome::Unchanged);
        let versions = changed.filter(|(entry, _)| entry.key.kind == EntryKind::Version);
        let packages: BTreeSet<&str> = versions.map(|(entry, _)| entry.key.package.key()).collect();
        for package in packages {
            refresh(tx, self.at.repository, package)?;
        }
        Ok(CommittedBatch { outcome: Committed { entries: outcomes }, spare })
    }

    /// Asked for softly, and again here: without it the same bytes are still welcome.
    fn may_overwrite(&self) -> bool {
        self.replace.as_ref().is_some_and(|replace| replace.recheck().is_ok())
    }

    /// Turns all uploads into blobs, in the order of their digests: batches of several repositories may bring the same.
    fn arrive_all(&self, tx: &mut dyn Tx) -> Result<Vec<bool>, Error> {
        let mut order: Vec<usize> = (0..self.uploads.len()).collect();
        order.sort_by_key(|index| self.uploads.get(*index).and_then(|upload| upload.digests.first()));
        let mut spare = vec![false; self.uploads.len()];
        for index in order {
            if let (Some(upload), Some(spare)) = (self.uploads.get(index), spare.get_mut(index)) {
                *spare = self.arrive(tx, upload)?;
            }
        }
        Ok(spare)
    }

    /// Turns an upload into a linked blob; true if its bytes were stored before and these are not needed.
    fn arrive(&self, tx: &mut dyn Tx, upload: &Arrived) -> Result<bool, Error> {
        let new = NewBlob {
            object_key: &upload.row.object_key,
            size_bytes: upload.size_bytes,
            digests: &upload.digests,
        };
        let (blob, fresh) = content::insert_blob(tx, &new, self.at.now)?;
        content::link(tx, self.at.repository, blob, self.lease.0, self.lease.1)?;
        let kept = if fresh {
            uploads::take(tx, upload.row.id, upload.row.revision)?
        } else {
            uploads::discard(tx, upload.row.id, upload.row.revision)?
        };
        // A sweep that was faster has removed the bytes.
        if kept { Ok(!fresh) } else { Err(Error::UnknownUpload) }
    }

    fn require(&self, tx: &mut dyn Tx, policy: &RepositoryPolicy) -> Result<(), Error> {
        let digests = self.absent_links(tx, policy)?;
        let present = self.present_entries(tx, policy)?;
        let mut names = Vec::new();
        for required in &self.preconditions {
            match required {
                Precondition::Parts(target) if !self.has_parts(tx, target)? => names.push(target.clone()),
                Precondition::AsTold(key) => self.meet_told(tx, key)?,
                Precondition::Linked(_) | Precondition::LinkedUnlessSparse(_) | Precondition::Parts(_) => {}
                Precondition::Entry(key) | Precondition::EntryUnlessSparse(key) => {
                    if needed_entry(required, policy).is_some() && !present.contains(key) {
                        names.push(key.name.display().into());
                    }
                }
            }
        }
        if !digests.is_empty() {
            return Err(Error::Unlinked { digests });
        }
        if names.is_empty() { Ok(()) } else { Err(Error::AbsentEntries { names }) }
    }

    /// Digests that must be linked and are not. The leases of those that are there are renewed, whether they must be or not.
    fn absent_links(&self, tx: &mut dyn Tx, policy: &RepositoryPolicy) -> Result<Vec<Digest>, Error> {
        let linked = self.preconditions.iter().filter_map(|required| match required {
            Precondition::Linked(digest) => Some((*digest, true)),
            Precondition::LinkedUnlessSparse(digest) => Some((*digest, !policy.sparse_indexes)),
            Precondition::Entry(_)
            | Precondition::EntryUnlessSparse(_)
            | Precondition::Parts(_)
            | Precondition::AsTold(_) => None,
        });
        let (wanted, required): (Vec<Digest>, Vec<bool>) =
            linked.chain(self.links.iter().map(|digest| (*digest, true))).unzip();
        let present = bulk::present_links(tx, self.at.repository, &wanted, self.lease)?;
        let absent = wanted
            .into_iter()
            .zip(required)
            .filter(|(digest, required)| *required && !present.contains(digest));
        Ok(absent.map(|(digest, _)| digest).collect())
    }

    /// Those of the entries that must be there which are, here or in the batch.
    fn present_entries(
        &self,
        tx: &mut dyn Tx,
        policy: &RepositoryPolicy,
    ) -> Result<HashSet<&EntryKey>, Error> {
        let mut present: HashSet<&EntryKey> = self.entries.iter().map(|entry| &entry.key).collect();
        let needed = self.preconditions.iter().filter_map(|required| needed_entry(required, policy));
        let needed: Vec<&EntryKey> = needed.filter(|key| !present.contains(key)).collect();
        let group = |key: &EntryKey| (key.kind, key.package.key().to_owned());
        for keys in needed.chunk_by(|a, b| a.kind == b.kind && a.package.key() == b.package.key()) {
            let Some((kind, package)) = keys.first().map(|key| group(key)) else { continue };
            let names: Vec<&str> = keys.iter().map(|key| key.name.key()).collect();
            let found = bulk::present_names(tx, self.at.repository, (kind, &package), &names)?;
            present.extend(keys.iter().filter(|key| found.contains(key.name.key())));
        }
        Ok(present)
    }

    /// Makes one name or points it at other content. Same content succeeds; then the rule is asked, and only where it
    /// allows replacing, the right to overwrite. A derived name changes with its document and with whatever is new in the
    /// batch. Content that gives way is noted.
    fn put(
        &self,
        tx: &mut dyn Tx,
        policy: &RepositoryPolicy,
        (new, news): (&NewEntry, bool),
        replaced: &mut Vec<i64>,
    ) -> Result<Outcome, Error> {
        let repository = self.at.repository;
        let blob = match &new.content {
            None => None,
            Some(digest) => match content::linked_blob(tx, repository, digest)? {
                Some(blob) => Some(blob.id),
                None => return Err(Error::Unlinked { digests: vec![*digest] }),
            },
        };
        let slot = content::take_slot(tx, self.at, new, blob)?;
        let same = slot.blob == blob && slot.media_type.as_deref() == Some(&*new.media_type);
        let outcome = if slot.created {
            if !policy.may_create(self.may.node().format()) {
                return Err(Error::Conflict);
            }
            tombstones::give_back(tx, repository, policy, new, blob)?;
            Outcome::Created
        } else if same && slot.live && (new.rule != Rule::Derived || slot.same_document && !news) {
            return Ok(Outcome::Unchanged);
        } else {
            if !same {
                self.may_replace(policy, new)?;
            }
            content::replace(tx, &slot, self.at, new, blob)?;
            replaced.extend(slot.blob.filter(|old| Some(*old) != blob));
            Outcome::Replaced
        };
        bulk::insert_edges(tx, repository, slot.id, &new.edges)?;
        if new.rule == Rule::Derived {
            return Ok(outcome);
        }
        let event = if outcome == Outcome::Created { "published" } else { "replaced" };
        content::insert_event(tx, self.at, event, &new.key)?;
        Ok(outcome)
    }

    fn meet_told(&self, tx: &mut dyn Tx, key: &EntryKey) -> Result<(), Error> {
        let new = self.entries.iter().find(|entry| entry.key == *key);
        let Some(digest) = new.and_then(|entry| entry.content) else { return Ok(()) };
        match content::linked_blob(tx, self.at.repository, &digest)? {
            Some(blob) => expected::meet(tx, self.at, key, blob.id),
            // That is told where the name is made.
            None => Ok(()),
        }
    }

    fn has_parts(&self, tx: &mut dyn Tx, target: &str) -> Result<bool, Error> {
        let part = |edge: &NewEdge| edge.kind == EdgeKind::Part && *edge.target == *target;
        let here = self.entries.iter().any(|entry| entry.edges.iter().any(part));
        Ok(here || parts::has_parts(tx, self.at.repository, target)?)
    }

    fn may_replace(&self, policy: &RepositoryPolicy, new: &NewEntry) -> Result<(), Error> {
        match new.rule {
            Rule::Derived => Ok(()),
            Rule::Immutable => Err(Error::Conflict),
            Rule::ByPolicy if !policy.may_replace(&new.key) => Err(Error::Conflict),
            // A repository that takes nothing new takes no other content either.
            Rule::Mutable if !policy.may_create(self.may.node().format()) => Err(Error::Conflict),
            Rule::Mutable => Ok(()),
            Rule::ByPolicy if self.may_overwrite() => Ok(()),
            Rule::ByPolicy => Err(Error::MissingOverwrite),
        }
    }
}

/// Links a blob of `from` to `to`.
pub(crate) fn mount(
    tx: &mut dyn Tx,
    to: RepositoryId,
    from: RepositoryId,
    digest: &Digest,
    lease: Lease,
) -> Result<(), Error> {
    let blob = content::linked_blob(tx, from, digest)?.ok_or(Error::Absent)?;
    if !content::repository_exists(tx, to)? {
        return Err(Error::Absent);
    }
    content::link(tx, to, blob.id, lease.0, lease.1)
}

/// Packages of several repositories in order, after one of them.
pub(crate) fn packages(
    tx: &mut dyn Tx,
    repositories: &[RepositoryId],
    after: (u32, &str),
    limit: u32,
) -> Result<Vec<Package>, Error> {
    let mut found: Vec<Package> = Vec::new();
    for repository in repositories {
        let room = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if room == 0 {
            break;
        }
        let key = if repository.get() == after.0 { after.1 } else { "" };
        let keys = content::packages(tx, *repository, key, room)?;
        found.extend(keys.into_iter().map(|key| Package { repository: *repository, key }));
    }
    Ok(found)
}

/// Content that no name of the repository needs any more is no longer readable there.
fn release(tx: &mut dyn Tx, repository: RepositoryId, blob: Option<i64>) -> Result<(), Error> {
    if let Some(blob) = blob
        && names::user_of(tx, repository, blob)?.is_none()
    {
        content::unlink(tx, repository, blob)?;
    }
    Ok(())
}

/// The entry that this precondition wants to be there.
fn needed_entry<'a>(required: &'a Precondition, policy: &RepositoryPolicy) -> Option<&'a EntryKey> {
    match required {
        Precondition::Entry(key) => Some(key),
        Precondition::EntryUnlessSparse(key) if !policy.sparse_indexes => Some(key),
        Precondition::EntryUnlessSparse(_)
        | Precondition::Linked(_)
        | Precondition::LinkedUnlessSparse(_)
        | Precondition::Parts(_)
        | Precondition::AsTold(_) => None,
    }
}

fn sort_key(key: &EntryKey) -> (EntryKind, Box<str>, Box<str>) {
    (key.kind, key.package.key().into(), key.name.key().into())
}

fn bounded(batch: &Batch) -> Result<(), Error> {
    let oversized = batch.entries.iter().any(|entry| {
        entry.attributes.len() > NewEntry::ATTRIBUTES_BYTES_MAX
            || entry.words.len() > NewEntry::WORDS_BYTES_MAX
            || entry.media_type.len() > MEDIA_TYPE_BYTES_MAX
            || entry.edges.len() > NewEntry::EDGES_MAX
            || entry.edges.iter().any(|edge| edge.target.len() > TARGET_BYTES_MAX)
    });
    if oversized || batch.entries.len() > Batch::ENTRIES_MAX {
        return Err(Error::refused("the document names more than one change can hold"));
    }
    if batch.entries.iter().any(|entry| !entry.words.is_empty() && entry.key.kind != EntryKind::Version) {
        return Err(Error::refused("only versions are found by words"));
    }
    // PostgreSQL's text has none, and SQLite's search would end at it.
    let nul = |entry: &NewEntry| {
        let targets = entry.edges.iter().map(|edge| &*edge.target);
        [&*entry.attributes, &*entry.words, &*entry.media_type]
            .into_iter()
            .chain(targets)
            .any(|text| text.contains('\0'))
    };
    if batch.entries.iter().any(nul) {
        return Err(Error::refused("the document holds a NUL"));
    }
    Ok(())
}
