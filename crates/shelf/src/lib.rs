//! The only way from a protocol to a name: what a repository shows to one caller, out of whichever repositories.
//!
//! A protocol that answers a question is given a [`Shelf`], or [`Shelves`] where it asks about everything readable, and no storage:
//! whatever stands between the repository that a proof names and the rows that are shown, such as filters and other repositories
//! behind it, stands here, for every path alike. A shelf has nothing to write with. Today it has one layer, the repository itself.
#![warn(missing_docs)]

mod item;
mod shelf;
mod shelves;
#[cfg(test)]
mod tests;

use domain::{Formats, Right, Standing, Timestamp, Visible};
use storage::{AuditCounts, ContentError, Fault, Room, SeesUsage, Storage, UsageDay, UsageTotals};

pub use item::Item;
pub use shelf::Shelf;
pub use shelves::Shelves;

/// Where shelves stand. What they are made of is out of reach of whoever is given one:
///
/// ```compile_fail,E0616
/// fn storage<'h>(house: &'h shelf::House) -> &'h storage::Storage {
///     &house.storage
/// }
/// ```
/// ```compile_fail,E0616
/// fn storage<'h>(shelf: shelf::Shelf<'h, domain::Read>) -> &'h shelf::House {
///     shelf.house
/// }
/// ```
/// ```compile_fail,E0616
/// fn storage<'h>(shelves: shelf::Shelves<'h>) -> &'h shelf::House {
///     shelves.house
/// }
/// ```
/// Content is for readers, and none is opened for who only publishes:
///
/// ```compile_fail,E0599
/// async fn content(shelf: shelf::Shelf<'_, domain::Publish>, item: shelf::Item) {
///     shelf.content(&item).await.ok();
/// }
/// ```
#[derive(Clone)]
pub struct House {
    storage: Storage,
}

impl House {
    /// Over what is stored here.
    #[must_use]
    pub const fn new(storage: Storage) -> Self {
        Self { storage }
    }

    /// Whether rows can be read and content be stored at this moment.
    ///
    /// # Errors
    /// `Unavailable` if rows cannot be read, `NoSpace` if less room is left than content may use.
    pub async fn ready(&self) -> Result<(), Fault> {
        self.storage.ready().await
    }

    /// The room on the disk that has the least to spare; `None` where no disk of this machine is used.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        self.storage.room()
    }

    /// How much waits for the audit, and was lost to it.
    #[must_use]
    pub fn audit_counts(&self) -> AuditCounts {
        self.storage.audit().counts()
    }

    /// What was fetched and made at a node and in it from one day to another ([`Storage::usage_days`]).
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn usage_days(
        &self,
        may: &impl SeesUsage,
        days: (i64, i64),
    ) -> Result<Vec<UsageDay>, ContentError> {
        self.storage.usage_days(may, days).await
    }

    /// What there is at a node and in it; `None` if that takes too long to be counted ([`Storage::usage_totals`]).
    ///
    /// # Errors
    /// `Crowded` or `Full` if too many wait; failures of the database.
    pub async fn usage_totals(
        &self,
        may: &impl SeesUsage,
        formats: &Formats,
        may_be_kept: bool,
    ) -> Result<Option<UsageTotals>, ContentError> {
        self.storage.usage_totals(may, formats, may_be_kept).await
    }

    /// What there was at a node and in it when this process last counted it ([`Storage::last_usage_totals`]).
    #[must_use]
    pub fn last_usage_totals(&self, may: &impl SeesUsage) -> Option<UsageTotals> {
        self.storage.last_usage_totals(may)
    }

    /// The present moment of the clock that days are counted by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.storage.now()
    }

    /// What a repository shows to who has this proof.
    pub const fn shelf<R: Right>(&self, standing: Standing<R>) -> Shelf<'_, R> {
        Shelf::new(self, standing)
    }

    /// What all these repositories show.
    pub const fn shelves(&self, within: Visible) -> Shelves<'_> {
        Shelves::new(self, within)
    }
}
