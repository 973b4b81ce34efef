//! Statements about the entry that has, or is to have, a name.

use domain::{EntryState, RepositoryId, Timestamp};

use super::entry_row::key_values;
use super::row::{returning, row, select};
use super::{Tx, maybe, one};
use crate::error::Error;
use crate::model::{NewEntry, Rule, Stamp};
use crate::search::facets;

/// An entry as the writer finds it, its row locked until the end of the transaction.
pub(crate) struct Slot {
    pub(crate) id: i64,
    pub(crate) created: bool,
    pub(crate) live: bool,
    pub(crate) unlisted: bool,
    pub(crate) blob: Option<i64>,
    pub(crate) media_type: Option<Box<str>>,
    pub(crate) created_at: Timestamp,
    /// Attributes and words are those of the new entry.
    pub(crate) same_document: bool,
}

/// A slot, and what a new entry is compared with.
struct SlotRow<'r> {
    id: i64,
    revision: i64,
    state: &'r str,
    blob: Option<i64>,
    media_type: Option<Box<str>>,
    attributes: &'r str,
    words: &'r str,
    created_at: Timestamp,
}

row! { SlotRow<'r> { id, revision, state, blob, media_type, attributes, words, created_at } }

impl Slot {
    /// Whether it is listed with its new content: it is from now on, unless it is derived; then it stays as it was.
    pub(super) fn state_with(&self, new: &NewEntry) -> EntryState {
        let unlisted = self.unlisted && new.rule == Rule::Derived;
        if unlisted { EntryState::Unlisted } else { EntryState::Live }
    }
}

/// Takes the name: makes the entry, or finds the one that is there. Either way its row is locked until the transaction
/// ends, so that of several writers of one name each sees what the one before it left.
pub(crate) fn take_slot(
    tx: &mut dyn Tx,
    at: Stamp,
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<Slot, Error> {
    one(
        tx,
        returning!(
            SlotRow<'_>,
            "INSERT INTO entry (repository, kind, package_key, package, name_key, name, sort_key, state, blob, algorithm, \
             media_type, attributes, words, facets, created_by, created_at, changed_at, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'live', $8, $9, $10, $11, $12, $13, $14, $15, $16, 1) \
             ON CONFLICT (repository, kind, package_key, name_key) DO UPDATE SET revision = entry.revision + 1"
        ),
        &[
            at.repository.get().into(),
            new.key.kind.as_str().into(),
            new.key.package.key().into(),
            new.key.package.display().into(),
            new.key.name.key().into(),
            new.key.name.display().into(),
            new.key.name.sort_key().into(),
            blob.into(),
            new.content.map(|digest| digest.algorithm().as_str()).into(),
            (&*new.media_type).into(),
            (&*new.attributes).into(),
            (&*new.words).into(),
            facets(&new.words).into(),
            at.principal.into(),
            at.now.millis().into(),
            at.now.millis().into(),
        ],
        |row| Ok(Slot { created: row.revision == 1, ..slot_of(row, new) }),
    )
}

/// The entry that has the name, if there is one: for who holds the turn of the repository, so that nobody else can make it.
pub(crate) fn slot(tx: &mut dyn Tx, repository: RepositoryId, new: &NewEntry) -> Result<Option<Slot>, Error> {
    maybe(
        tx,
        select!(
            SlotRow<'_>,
            "FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4"
        ),
        &key_values(repository, &new.key),
        |row| Ok(slot_of(row, new)),
    )
}

fn slot_of(row: SlotRow<'_>, new: &NewEntry) -> Slot {
    Slot {
        id: row.id,
        created: false,
        live: matches!(row.state, "live" | "unlisted"),
        unlisted: row.state == EntryState::Unlisted.as_str(),
        blob: row.blob,
        media_type: row.media_type,
        same_document: row.attributes == &*new.attributes && row.words == &*new.words,
        created_at: row.created_at,
    }
}

/// Points a taken entry at other content.
pub(crate) fn replace(
    tx: &mut dyn Tx,
    slot: &Slot,
    at: Stamp,
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE entry SET package = $1, name = $2, sort_key = $3, state = $4, blob = $5, algorithm = $6, \
         media_type = $7, attributes = $8, words = $9, facets = $10, created_by = $11, changed_at = $12 \
         WHERE id = $13",
        &[
            new.key.package.display().into(),
            new.key.name.display().into(),
            new.key.name.sort_key().into(),
            slot.state_with(new).as_str().into(),
            blob.into(),
            new.content.map(|digest| digest.algorithm().as_str()).into(),
            (&*new.media_type).into(),
            (&*new.attributes).into(),
            (&*new.words).into(),
            facets(&new.words).into(),
            at.principal.into(),
            at.now.millis().into(),
            slot.id.into(),
        ],
    )?;
    tx.execute("DELETE FROM edge WHERE entry = $1", &[slot.id.into()])?;
    Ok(())
}
