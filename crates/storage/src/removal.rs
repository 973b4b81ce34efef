//! Taking names away.

use std::sync::Arc;

use domain::{Delete, Granted};

use crate::batch::{Removal, Removed};
use crate::entries;
use crate::error::Error;
use crate::recent::Changed;
use crate::sql::{Load, Tx, content};
use crate::store::Storage;

impl Storage {
    /// Takes names and links away, all of them or none; only of the parts of something that has many, the first go before the
    /// rest, some at a time. The gate is asked again inside each transaction.
    ///
    /// # Errors
    /// `Denied` if the right, or the credential behind it, was withdrawn since the proof was given.
    /// `Absent` if one of them is not there, `InUse` for the link of a blob that some name needs, `Member` for a part of what a
    /// tag names.
    pub async fn remove(&self, may: Granted<Delete>, removals: Vec<Removal>) -> Result<Removed, Error> {
        let may = Arc::new(may);
        let at = content::Stamp {
            repository: may.node().id(),
            principal: may.principal().get(),
            now: self.shared.clock.now(),
        };
        let shared = Arc::clone(&self.shared);
        let mut before = 0_u64;
        for removal in &removals {
            if let Removal::Parts(target) = removal {
                before = before.saturating_add(self.remove_some(&may, at, target).await?);
            }
        }
        let changed = Changed::by_removals(&removals);
        let after = move || {
            shared.recent.move_on(at.repository, changed);
            shared.documents.forget_noted();
        };
        let client = may.client();
        let rows = entries::removed_rows(&removals).saturating_add(self.tags_rows(at, &removals).await?);
        let load = Load::of(client, rows);
        let remove = move |tx: &mut dyn Tx| {
            may.recheck()?;
            entries::remove(tx, at, &removals)
        };
        let (removed, gone) = self.shared.database.write_then(load, remove, after).await?;
        entries::clear(&self.shared, client, &gone).await;
        Ok(Removed { entries: removed.entries.saturating_add(before) })
    }

    /// What goes along with names, in rows: whoever deletes a name of thousands waits for a turn of large jobs.
    async fn tags_rows(&self, at: content::Stamp, removals: &[Removal]) -> Result<u64, Error> {
        let tagged = entries::tagged(removals);
        if tagged.is_empty() {
            return Ok(0);
        }
        self.shared.database.read(move |tx| entries::tags_rows(tx, at, &tagged)).await
    }

    /// Takes parts away until few enough are left to go with everything else; gives how many it were.
    async fn remove_some(
        &self,
        may: &Arc<Granted<Delete>>,
        at: content::Stamp,
        target: &str,
    ) -> Result<u64, Error> {
        let load = Load::of(may.client(), entries::PARTS_ROWS);
        let asked: Box<str> = target.into();
        if !self.shared.database.read(move |tx| entries::are_many(tx, at, &asked)).await? {
            return Ok(0);
        }
        let mut removed = 0_u64;
        loop {
            let (may, target, shared): (_, Box<str>, _) =
                (Arc::clone(may), target.into(), Arc::clone(&self.shared));
            let remove = move |tx: &mut dyn Tx| {
                may.recheck()?;
                entries::remove_some(tx, at, &target)
            };
            let after = move || {
                shared.recent.move_on(at.repository, Changed::Unknown);
                shared.documents.forget_noted();
            };
            match self.shared.database.write_then(load, remove, after).await? {
                0 => return Ok(removed),
                some => removed = removed.saturating_add(some),
            }
        }
    }
}
