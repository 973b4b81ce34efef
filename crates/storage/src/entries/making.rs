//! One name of a batch, made or pointed at other content inside the transaction.

use domain::{Digest, Rules};

use super::{Publication, large, pins, tombstones};
use crate::error::Error;
use crate::layout;
use crate::model::{EntryOutcome, NewEntry, Rule};
use crate::sql::slots::{self, Slot};
use crate::sql::{Tx, blobs, bulk, content, hidden};

/// A name to make, in its transaction.
pub(super) struct Making<'a> {
    pub(super) new: &'a NewEntry,
    /// Another name of the batch changed before it.
    pub(super) news: bool,
    /// The row that has its edges.
    pub(super) staged: Option<i64>,
    /// Its edges may be written here, however many they are.
    pub(super) at_once: bool,
}

impl Making<'_> {
    /// Its edges are too many to be written here.
    const fn is_too_much(&self) -> bool {
        self.staged.is_none() && !self.at_once && large::has_many_edges(self.new)
    }
}

/// What names leave that give way.
#[derive(Default)]
pub(super) struct Left {
    /// Content that they had.
    pub(super) replaced: Vec<i64>,
    /// What was enclosed in that.
    pub(super) enclosed: Vec<Digest>,
    /// What it named by its digest.
    pub(super) named: Vec<Digest>,
    /// Rows to be cleared away.
    pub(super) gone: Vec<i64>,
}

impl Publication {
    /// Makes one name or points it at other content. Same content succeeds; then the rule is asked, and only where it
    /// allows replacing, the right to overwrite. A derived name changes with its document and with whatever is new in the
    /// batch. Content that gives way is noted.
    pub(super) fn put(
        &self,
        tx: &mut dyn Tx,
        rules: &dyn Rules,
        making: &Making<'_>,
        left: &mut Left,
    ) -> Result<EntryOutcome, Error> {
        let (repository, new) = (self.at.repository, making.new);
        let blob = match &new.content {
            None => None,
            Some(digest) => match blobs::sound_blob(tx, repository, digest)? {
                Some(blob) => Some(blob.id),
                None => return Err(Error::Unlinked { digests: vec![*digest] }),
            },
        };
        let slot = self.slot(tx, making, blob)?;
        let (outcome, before) = match &slot {
            Some(slot) if !slot.created => {
                let same = slot.blob == blob && slot.media_type.as_deref() == Some(&*new.media_type);
                let changed = new.rule == Rule::Derived && (!slot.same_document || making.news);
                if same && slot.live && !changed {
                    left.gone.extend(making.staged);
                    return Ok(EntryOutcome::Unchanged);
                }
                if !same {
                    if new.rule != Rule::Derived {
                        pins::unless_pinned(tx, repository, &new.key)?;
                    }
                    self.may_replace(rules, new)?;
                }
                left.replaced.extend(slot.blob.filter(|old| Some(*old) != blob));
                if new.rule != Rule::Derived {
                    left.enclosed.extend(content::enclosed(tx, slot.id, new.key.kind)?);
                }
                (EntryOutcome::Replaced, Some(slot))
            }
            _ => {
                if !rules.takes_names() {
                    return Err(Error::Conflict);
                }
                tombstones::give_back(tx, repository, rules, new, blob)?;
                (EntryOutcome::Created, None)
            }
        };
        self.fill(tx, making, (slot.as_ref(), before, blob), left)?;
        if new.rule == Rule::Derived {
            return Ok(outcome);
        }
        let event = if outcome == EntryOutcome::Created { "published" } else { "replaced" };
        content::insert_event(tx, self.at, event, &new.key)?;
        Ok(outcome)
    }

    /// The entry of a name: made, if it was not there, unless one is staged that can have the name.
    fn slot(&self, tx: &mut dyn Tx, making: &Making<'_>, blob: Option<i64>) -> Result<Option<Slot>, Error> {
        if making.staged.is_some() || making.is_too_much() {
            return slots::slot(tx, self.at.repository, making.new);
        }
        slots::take_slot(tx, self.at, making.new, blob).map(Some)
    }

    /// Gives a name what is new about it. What would take long was done before, or waits to be cleared away.
    fn fill(
        &self,
        tx: &mut dyn Tx,
        making: &Making<'_>,
        (slot, before, blob): (Option<&Slot>, Option<&Slot>, Option<i64>),
        left: &mut Left,
    ) -> Result<(), Error> {
        let (at, new) = (self.at, making.new);
        if making.is_too_much() {
            // There was such a name with the same content before, and now there is not.
            return Err(Error::Stale);
        }
        let many = before.map(|before| hidden::has_many_edges(tx, before.id)).transpose()? == Some(true);
        let shown = match (making.staged, slot) {
            (Some(staged), _) => staged,
            (None, Some(_)) if many => hidden::stage(tx, at, &layout::upload_id()?.to_string())?,
            (None, Some(slot)) => {
                if before.is_some() {
                    left.named.extend(content::named_by(tx, slot.id)?);
                    slots::replace(tx, slot, at, new, blob)?;
                }
                return bulk::insert_edges(tx, at.repository, slot.id, &new.edges);
            }
            (None, None) => return Err(Error::Stale),
        };
        left.gone.extend(before.map(|before| before.id));
        if !hidden::show(tx, at, (shown, before), new, blob)? {
            return Err(Error::Stale);
        }
        if making.staged.is_some() {
            Ok(())
        } else {
            bulk::insert_edges(tx, at.repository, shown, &new.edges)
        }
    }

    fn may_replace(&self, rules: &dyn Rules, new: &NewEntry) -> Result<(), Error> {
        match new.rule {
            Rule::Derived => Ok(()),
            Rule::Immutable => Err(Error::Conflict),
            Rule::ByPolicy if !rules.may_replace(&new.key) => Err(Error::Conflict),
            // A repository that takes nothing new takes no other content either.
            Rule::Mutable | Rule::Overwritable if !rules.takes_names() => Err(Error::Conflict),
            Rule::Mutable => Ok(()),
            Rule::ByPolicy | Rule::Overwritable if self.may_overwrite() => Ok(()),
            Rule::ByPolicy | Rule::Overwritable => Err(Error::MissingOverwrite),
        }
    }
}
