//! What `commit` and `remove` do inside their transaction (docs/design.md 7).

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{Client, Digest, EntryKey, EntryKind, Need, PrincipalId, RepositoryId, Rules, Timestamp, Watch};

use crate::batch::Batch;
use crate::error::Error;
use crate::limits::StorageLimits;
use crate::model::{
    Committed, EdgeKind, EntryOutcome, NewEdge, NewEntry, NewNeeds, Package, Precondition, Rule, Stamp,
};
use crate::name_cache::NamesChanged;
use crate::policy_cache::PolicyCache;
use crate::shared::Shared;
use crate::sql::blobs::{self, NewBlob};
use crate::sql::garbage::{self, Condemned, DAMAGED};
use crate::sql::search::refresh;
use crate::sql::uploads::UploadRow;
use crate::sql::{self, Load, Tx, bulk, content, names, needs, parts, repositories, reviews, uploads};

pub(crate) mod expected;
mod guards;
mod large;
mod making;
pub(crate) mod pins;
mod remove;
mod tombstones;

use large::Ahead;
pub(crate) use large::{SWEEP_ROWS, clear, sweep};
use making::{Left, Making};
pub(crate) use remove::{MANY_ROWS, are_many, remove, remove_some, removed_rows};

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
    /// Rows to be cleared away.
    gone: Vec<i64>,
}

/// An upload, as the transaction sees it.
struct Arrived {
    row: UploadRow,
    digests: Vec<Digest>,
    size_bytes: u64,
}

/// Where and for whom a batch is committed, and whom to ask again: no proof, which the public verbs alone know.
pub(crate) struct Publisher {
    pub(crate) repository: RepositoryId,
    pub(crate) principal: PrincipalId,
    pub(crate) client: Client,
    /// Whether it may still publish.
    pub(crate) may: Watch,
    /// Whether it may still overwrite; `None` if it never could.
    pub(crate) replace: Option<Watch>,
}

/// A batch, as the transaction sees it.
struct Publication {
    by: Publisher,
    policies: Arc<PolicyCache>,
    at: Stamp,
    lease: Lease,
    preconditions: Vec<Precondition>,
    uploads: Vec<Arrived>,
    entries: Vec<NewEntry>,
    needs: Vec<NewNeeds>,
    links: Vec<Digest>,
    limits: StorageLimits,
    /// Contents that were damaged and got the bytes of an upload.
    healed: AtomicU64,
}

/// Runs the batch. Its uploads come back, to be told what became of them; if it fails they are dropped with it.
pub(crate) async fn commit(
    shared: &Arc<Shared>,
    by: Publisher,
    lease: Lease,
    mut batch: Batch,
) -> Result<(CommittedBatch, Batch), Error> {
    fits(&batch)?;
    let at = Stamp { repository: by.repository, principal: by.principal.get(), now: lease.0 };
    let client = by.client;
    let uploads = batch.uploads.iter().map(|upload| {
        let done = upload.done();
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
    let change = Publication {
        by,
        policies: Arc::clone(&shared.policies),
        at,
        lease,
        preconditions: std::mem::take(&mut batch.preconditions),
        uploads: uploads.collect::<Result<_, Error>>()?,
        entries: std::mem::take(&mut batch.entries),
        needs: std::mem::take(&mut batch.needs),
        links: std::mem::take(&mut batch.links),
        limits: shared.limits,
        healed: AtomicU64::new(0),
    };
    let change = Arc::new(change);
    let committed = if change.is_large() {
        large::commit(shared, &change).await
    } else {
        let (load, after) = (Load::of(client, change.rows()), moving_on(shared, &change));
        let run = Arc::clone(&change);
        shared.database.write_then(load, move |tx| run.run(tx, &Ahead::nothing()), after).await
    };
    if matches!(committed, Err(Error::DigestMismatch)) {
        expected::forget(shared, client, at, change.expected().cloned().collect()).await;
    }
    let committed = committed?;
    clear(shared, client, &committed.gone).await;
    Ok((committed, batch))
}

/// What is to be done once the names of a change are durable.
fn moving_on(shared: &Arc<Shared>, change: &Arc<Publication>) -> impl FnOnce() + Send + 'static {
    let (shared, change) = (Arc::clone(shared), Arc::clone(change));
    move || {
        if !change.entries.is_empty() {
            let changed = NamesChanged::by_entries(&change.entries);
            shared.name_cache.move_on(change.at.repository, changed);
        }
        let healed = change.healed.load(Ordering::Relaxed);
        if healed > 0 {
            shared.healed(healed);
        }
    }
}

impl Publication {
    /// What it weighs at the writer: a name is written with its event, and in several indexes.
    fn rows(&self) -> u64 {
        let entries = self.entries.iter().map(|entry| ENTRY_ROWS.saturating_add(entry.edges.len() as u64));
        let arrived = (self.uploads.len() as u64).saturating_mul(ENTRY_ROWS);
        let needs = self.needs.iter().map(|new| new.needs.len() as u64);
        entries.chain(needs).fold(self.checked_rows().saturating_add(arrived), u64::saturating_add)
    }

    /// What looking for links and names weighs.
    fn checked_rows(&self) -> u64 {
        self.preconditions.len().saturating_add(self.links.len()) as u64 / CHECKED_PER_ROW
    }

    fn run(&self, tx: &mut dyn Tx, ahead: &Ahead) -> Result<CommittedBatch, Error> {
        // Here and nowhere else: the body may have taken hours, and the queue of writers has its time too.
        self.by.may.recheck()?;
        self.healed.store(0, Ordering::Relaxed);
        if !self.entries.is_empty() && !content::take_turn(tx, self.at.repository)? {
            return Err(Error::Absent);
        }
        let rules = repositories::rules_of_hosted(tx, &self.policies, self.at.repository)?;
        let spare = self.arrive_all(tx)?;
        let seen = match ahead.seen {
            Some(seen) => self.is_as_seen(tx, seen, rules.is_sparse())?,
            None => false,
        };
        if !seen && !ahead.at_once {
            return Err(Error::Stale);
        }
        let stale = self.require(tx, &*rules, seen)?;
        bulk::renew_links(tx, self.at.repository, &stale, self.lease)?;
        // One order for everybody, so that two batches never wait for each other in a circle.
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        // Derived names come last: whether they changed depends on the others.
        order.sort_by_key(|index| {
            self.entries.get(*index).map(|entry| (entry.rule == Rule::Derived, sort_key(&entry.key)))
        });
        let mut outcomes = vec![EntryOutcome::Unchanged; self.entries.len()];
        let (mut left, mut news) = (Left::default(), false);
        for index in order {
            if let (Some(entry), Some(outcome)) = (self.entries.get(index), outcomes.get_mut(index)) {
                let making = Making { new: entry, news, staged: ahead.staged(index), at_once: ahead.at_once };
                *outcome = self.put(tx, &*rules, &making, &mut left)?;
                news |= *outcome != EntryOutcome::Unchanged;
            }
        }
        self.note_needs(tx, &outcomes)?;
        if !(left.replaced.is_empty() && left.enclosed.is_empty()) {
            repositories::count_removal(tx, self.at.repository)?;
        }
        // Only now: another name of the batch may have the same content.
        for blob in left.replaced {
            release(tx, self.at, Some(blob))?;
        }
        content::release_enclosed(tx, self.at, &left.enclosed)?;
        reviews::note_links(tx, self.at.repository, &left.named, self.at.now)?;
        let changed =
            self.entries.iter().zip(&outcomes).filter(|(_, outcome)| **outcome != EntryOutcome::Unchanged);
        let versions = changed.filter(|(entry, _)| entry.key.kind == EntryKind::Version);
        let packages: BTreeSet<&str> = versions.map(|(entry, _)| entry.key.package.key()).collect();
        for package in packages {
            refresh(tx, self.at.repository, package)?;
        }
        Ok(CommittedBatch { outcome: Committed { entries: outcomes }, spare, gone: left.gone })
    }

    /// Notes what the versions of the batch need. Content that was there already said so when it came, and other content may have spoken
    /// since; only where nothing was noted at all is it noted now.
    fn note_needs(&self, tx: &mut dyn Tx, outcomes: &[EntryOutcome]) -> Result<(), Error> {
        for new in &self.needs {
            let said_by = self.entries.iter().zip(outcomes).find(|(entry, _)| entry.key == new.said_by);
            let anew = said_by.is_some_and(|(_, outcome)| *outcome != EntryOutcome::Unchanged);
            needs::put_of(tx, self.at.repository, (&new.of, anew), &new.needs)?;
        }
        Ok(())
    }

    /// The names that are to be what was said of them before.
    fn expected(&self) -> impl Iterator<Item = &EntryKey> {
        self.preconditions.iter().filter_map(|required| match required {
            Precondition::AsExpected(key) => Some(key),
            Precondition::Entry(_)
            | Precondition::EntryUnlessSparse(_)
            | Precondition::Parts(_)
            | Precondition::Linked(_)
            | Precondition::LinkedUnlessSparse(_) => None,
        })
    }

    /// Asked for softly, and again here: without it the same bytes are still welcome.
    fn may_overwrite(&self) -> bool {
        self.by.replace.as_ref().is_some_and(|replace| replace.recheck().is_ok())
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

    /// Turns an upload into a linked blob; true if its bytes were stored before and these are not needed. Those that were are given up
    /// for these if they are damaged.
    fn arrive(&self, tx: &mut dyn Tx, upload: &Arrived) -> Result<bool, Error> {
        let new = NewBlob {
            object_key: &upload.row.object_key,
            size_bytes: upload.size_bytes,
            digests: &upload.digests,
        };
        let stored = blobs::insert_blob(tx, &new, self.at.now)?;
        if !self.names(&upload.digests) {
            // Before the link, as whoever collects it does: neither waits for the other in a circle.
            let due_at = self.limits.review_at(self.at.now);
            reviews::note_link(tx, self.at.repository, stored.id, due_at)?;
        }
        blobs::link(tx, self.at.repository, stored.id, self.lease.0, self.lease.1)?;
        let kept = if stored.fresh {
            uploads::take(tx, upload.row.id, upload.row.revision)?
        } else {
            uploads::discard(tx, upload.row.id, upload.row.revision)?
        };
        if let Some(damaged) = &stored.instead_of {
            let gone = Condemned {
                object_key: damaged,
                blob: stored.id,
                // Nobody knows what is left of them.
                size_bytes: 0,
                why: DAMAGED,
            };
            let purge_at = self.limits.purge_at(self.at.now, false);
            garbage::condemn(
                tx,
                &gone,
                (Some(self.at.repository), &upload.digests),
                (self.at.now, purge_at),
            )?;
            self.healed.fetch_add(1, Ordering::Relaxed);
        }
        // A sweep that was faster has removed the bytes.
        if kept { Ok(!stored.fresh) } else { Err(Error::UnknownUpload) }
    }

    /// Whether a name of the batch has this as its content: once that name is gone, so is the link.
    fn names(&self, digests: &[Digest]) -> bool {
        self.entries.iter().any(|entry| entry.content.is_some_and(|content| digests.contains(&content)))
    }

    /// Whether all is there that must be, the links and names among it if that is not known; gives those links whose leases are
    /// to be renewed, needed or not.
    fn require(&self, tx: &mut dyn Tx, rules: &dyn Rules, seen: bool) -> Result<Vec<Digest>, Error> {
        let (digests, stale) = if seen { Default::default() } else { self.absent_links(tx, rules)? };
        let present = if seen { HashSet::new() } else { self.present_entries(tx, rules)? };
        let mut names = Vec::new();
        for required in &self.preconditions {
            match required {
                Precondition::Parts(target) if !self.has_parts(tx, target)? => names.push(target.clone()),
                Precondition::AsExpected(key) => self.meet_expected(tx, key)?,
                Precondition::Linked(_) | Precondition::LinkedUnlessSparse(_) | Precondition::Parts(_) => {}
                Precondition::Entry(key) | Precondition::EntryUnlessSparse(key) => {
                    if !seen && needed_entry(required, rules).is_some() && !present.contains(key) {
                        names.push(key.name.display().into());
                    }
                }
            }
        }
        if !digests.is_empty() {
            return Err(Error::Unlinked { digests });
        }
        if names.is_empty() { Ok(stale) } else { Err(Error::AbsentEntries { names }) }
    }

    /// Digests that must be linked and are not; and those that are, needed or not, whose leases are no longer fresh.
    fn absent_links(&self, tx: &mut dyn Tx, rules: &dyn Rules) -> Result<(Vec<Digest>, Vec<Digest>), Error> {
        let linked = self.preconditions.iter().filter_map(|required| match required {
            Precondition::Linked(digest) => Some((*digest, true)),
            Precondition::LinkedUnlessSparse(digest) => Some((*digest, !rules.is_sparse())),
            Precondition::Entry(_)
            | Precondition::EntryUnlessSparse(_)
            | Precondition::Parts(_)
            | Precondition::AsExpected(_) => None,
        });
        let (wanted, required): (Vec<Digest>, Vec<bool>) =
            linked.chain(self.links.iter().map(|digest| (*digest, true))).unzip();
        let present = bulk::present_links(tx, self.at.repository, &wanted)?;
        let brought: HashSet<&Digest> = self.uploads.iter().flat_map(|upload| &upload.digests).collect();
        let (mut absent, mut stale) = (Vec::new(), Vec::new());
        for (digest, required) in wanted.into_iter().zip(required) {
            match present.get(&digest) {
                Some(touched_at) if *touched_at < self.lease.1 => stale.push(digest),
                Some(_) => {}
                None if required && !brought.contains(&digest) => absent.push(digest),
                None => {}
            }
        }
        Ok((absent, stale))
    }

    /// Those of the entries that must be there which are, here or in the batch.
    fn present_entries(&self, tx: &mut dyn Tx, rules: &dyn Rules) -> Result<HashSet<&EntryKey>, Error> {
        let mut present: HashSet<&EntryKey> = self.entries.iter().map(|entry| &entry.key).collect();
        let needed = self.preconditions.iter().filter_map(|required| needed_entry(required, rules));
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

    fn meet_expected(&self, tx: &mut dyn Tx, key: &EntryKey) -> Result<(), Error> {
        let new = self.entries.iter().find(|entry| entry.key == *key);
        let Some(digest) = new.and_then(|entry| entry.content) else { return Ok(()) };
        match blobs::sound_blob(tx, self.at.repository, &digest)? {
            Some(blob) => expected::meet(tx, self.at, key, blob.id),
            // That is found where the name is made.
            None => Ok(()),
        }
    }

    fn has_parts(&self, tx: &mut dyn Tx, target: &str) -> Result<bool, Error> {
        let part = |edge: &NewEdge| edge.kind == EdgeKind::Part && *edge.target == *target;
        let here = self.entries.iter().any(|entry| entry.edges.iter().any(part));
        Ok(here || parts::has_parts(tx, self.at.repository, target)?)
    }
}

/// Links a blob of `from` to `to`, where it is garbage after a while unless a name needs it.
pub(crate) fn mount(
    tx: &mut dyn Tx,
    limits: &StorageLimits,
    (to, from): (RepositoryId, RepositoryId),
    digest: &Digest,
    lease: Lease,
) -> Result<(), Error> {
    let blob = blobs::sound_blob(tx, from, digest)?.ok_or(Error::Absent)?;
    repositories::require_hosted(tx, to)?;
    reviews::note_link(tx, to, blob.id, limits.review_at(lease.0))?;
    blobs::link(tx, to, blob.id, lease.0, lease.1)
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
        let keys = sql::packages::after(tx, *repository, key, room)?;
        found.extend(keys.into_iter().map(|key| Package { repository: *repository, key }));
    }
    Ok(found)
}

/// Content that no name of the repository needs any more is no longer readable there.
fn release(tx: &mut dyn Tx, at: Stamp, blob: Option<i64>) -> Result<(), Error> {
    if let Some(blob) = blob
        && names::user_of(tx, at.repository, blob)?.is_none()
    {
        blobs::unlink(tx, at.repository, blob, (at.now, false))?;
    }
    Ok(())
}

/// The entry that this precondition wants to be there.
fn needed_entry<'a>(required: &'a Precondition, rules: &dyn Rules) -> Option<&'a EntryKey> {
    match required {
        Precondition::Entry(key) => Some(key),
        Precondition::EntryUnlessSparse(key) if !rules.is_sparse() => Some(key),
        Precondition::EntryUnlessSparse(_)
        | Precondition::Linked(_)
        | Precondition::LinkedUnlessSparse(_)
        | Precondition::Parts(_)
        | Precondition::AsExpected(_) => None,
    }
}

fn sort_key(key: &EntryKey) -> (EntryKind, Box<str>, Box<str>) {
    (key.kind, key.package.key().into(), key.name.key().into())
}

fn fits(batch: &Batch) -> Result<(), Error> {
    let oversized = batch.entries.iter().any(|entry| {
        entry.attributes.len() > NewEntry::ATTRIBUTES_BYTES_MAX
            || entry.words.len() > NewEntry::WORDS_BYTES_MAX
            || entry.media_type.len() > MEDIA_TYPE_BYTES_MAX
            || entry.edges.len() > NewEntry::EDGES_MAX
            || entry.edges.iter().any(|edge| edge.target.len() > TARGET_BYTES_MAX)
    });
    let is_too_much = |new: &NewNeeds| new.needs.len() > Need::MAX;
    let oversized = oversized || batch.needs.iter().any(is_too_much);
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
