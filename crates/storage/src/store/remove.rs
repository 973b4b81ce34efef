//! Taking names away.

use std::sync::Arc;

use domain::{Delete, Granted};

use super::Storage;
use super::transfers::Sender;
use crate::entries;
use crate::error::{ContentError, Error};
use crate::model::{Removal, Removed, Stamp};
use crate::name_cache::NamesChanged;
use crate::sql::{Load, Tx};

impl Storage {
    /// Takes names and links away, all of them or none; only of the parts of something that has many, and of the many tags of a
    /// manifest, the first go before the rest, some at a time. The gate is asked again inside each transaction. It goes on if nobody
    /// waits for it any more: half of something would stay.
    ///
    /// # Errors
    /// `Denied` if the right, or the credential behind it, was withdrawn since the proof was given.
    /// `Absent` if one of them is not there, `InUse` for the link of a blob that some name needs, `Member` for a part of what a
    /// tag names.
    pub async fn remove(
        &self,
        may: Granted<Delete>,
        removals: Vec<Removal>,
    ) -> Result<Removed, ContentError> {
        let storage = self.clone();
        let going = tokio::spawn(async move { storage.remove_all(may, removals).await });
        Ok(going.await.map_err(|gone| Error::unavailable("taking names away", gone))??)
    }

    async fn remove_all(&self, may: Granted<Delete>, removals: Vec<Removal>) -> Result<Removed, Error> {
        let may = Arc::new(may);
        let at = self.stamp(&may);
        let shared = Arc::clone(&self.shared);
        let mut before = 0_u64;
        for removal in &removals {
            if matches!(removal, Removal::Parts(_) | Removal::EntryAndPointers { .. }) {
                before = before.saturating_add(self.remove_some(&may, at, removal).await?);
            }
        }
        let changed = NamesChanged::by_removals(&removals);
        let after = move || {
            shared.name_cache.move_on(at.repository, changed);
            shared.document_cache.forget_given();
        };
        let (client, policies) = (may.client(), Arc::clone(&self.shared.policies));
        let load = Load::of(client, entries::removed_rows(&removals));
        let (sender, removals) = (Sender::of(&may), Arc::new(removals));
        let removing = Arc::clone(&removals);
        let remove = move |tx: &mut dyn Tx| {
            may.recheck()?;
            entries::remove(tx, &policies, at, &removing)
        };
        let (removed, gone) = self.shared.database.write_then(load, remove, after).await?;
        sender.removed(&self.shared.audit, &removals);
        entries::clear(&self.shared, client, &gone).await;
        Ok(Removed { entries: removed.entries.saturating_add(before) })
    }

    /// Takes parts or tags away until few enough are left to go with everything else; gives how many it were.
    async fn remove_some(
        &self,
        may: &Arc<Granted<Delete>>,
        at: Stamp,
        removal: &Removal,
    ) -> Result<u64, Error> {
        let load = Load::of(may.client(), entries::MANY_ROWS);
        let (asked, policies) = (removal.clone(), Arc::clone(&self.shared.policies));
        if !self.shared.database.read(move |tx| entries::are_many(tx, &policies, at, &asked)).await? {
            return Ok(0);
        }
        let mut removed = 0_u64;
        loop {
            let (may, removal, shared) = (Arc::clone(may), removal.clone(), Arc::clone(&self.shared));
            let policies = Arc::clone(&shared.policies);
            let remove = move |tx: &mut dyn Tx| {
                may.recheck()?;
                entries::remove_some(tx, &policies, at, &removal)
            };
            let after = move || {
                shared.name_cache.move_on(at.repository, NamesChanged::Unknown);
                shared.document_cache.forget_given();
            };
            match self.shared.database.write_then(load, remove, after).await? {
                0 => return Ok(removed),
                some => removed = removed.saturating_add(some),
            }
        }
    }
}
