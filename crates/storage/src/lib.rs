//! Bytes and names: every public verb takes a proof, and the repository comes out of the proof (docs/design.md 5 and 7).
#![warn(missing_docs)]

mod batch;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "suites fail by panicking")]
pub mod behaviour;
mod blobs;
mod budgets;
mod cache;
mod catalog;
mod config;
mod directory;
mod documents;
mod entries;
mod error;
mod expected;
mod hashing;
mod health;
mod layout;
mod listings;
mod lists;
mod recent;
mod remarks;
mod removal;
mod search;
mod space;
mod sql;
mod store;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "suites fail by panicking")]
pub mod testing;
#[cfg(test)]
mod tests;
mod tombstones;
mod upkeep;
mod upload;

pub use batch::{
    Batch, Committed, EdgeKind, Entry, EntryQuery, Listed, NewEdge, NewEntry, Outcome, Package, Precondition,
    Removal, Removed, Rule,
};
pub use blobs::{Blob, BlobInfo, BlobStream, BlobsConfig};
pub use catalog::{Change, Changes};
pub use config::{Opened, StorageConfig, StorageLimits};
pub use directory::{
    ApplicationSpec, Applied, Directory, FirstAdministrator, FirstRepository, GrantRow, GrantSpec,
    GrantedSpec, InForce, NewProject, NewRepository, NewToken, OrganisationRow, OrganisationSpec, PersonSpec,
    Plan, ProjectSpec, RepositorySpec, RoleSpec, TeamSpec, TokenRow, TokenSpec,
};
pub use documents::Telling;
pub use error::{BoxError, Error};
pub use hashing::digest_of;
pub use listings::ReferrersQuery;
pub use lists::{ListedVersion, Versions};
pub use remarks::{Advisory, NewAdvisory, Remarks};
pub use search::{Field, Findable, Found, Search, Wanted};
pub use space::Room;
pub use sql::DatabaseConfig;
pub use store::Storage;
pub use tombstones::Tombstone;
pub use upkeep::{Lease, SweepCursor, Taken, Worked};
pub use upload::{Receiving, Upload, Verified};
