//! Bytes and names: every public verb takes a proof, and the repository comes out of the proof (docs/design.md 5 and 7).
#![warn(missing_docs)]

mod audit;
mod audit_queue;
mod backup;
mod batch;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "suites fail by panicking")]
pub mod behaviour;
mod blobs;
mod claims;
mod config;
mod content_cache;
mod damage;
mod damages;
mod directory;
mod document_cache;
mod entries;
mod error;
mod halt;
mod hashing;
mod kept_totals;
mod layout;
mod limits;
mod message;
mod model;
mod name_cache;
mod policy_cache;
mod search;
mod shared;
mod sound;
mod space;
mod sql;
mod store;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "suites fail by panicking")]
pub mod testing;
#[cfg(test)]
mod tests;
mod upkeep;
mod upload;
mod usage;
mod version_lists;
mod waiting;

pub use audit::{
    AuditActor, AuditClass, AuditDays, AuditDetail, AuditEvent, AuditFilter, AuditHead, AuditObject,
    AuditOrigin, AuditOutcome, AuditPage, AuditPlace, AuditToken, audit_chain,
};
pub use audit_queue::{AuditCounts, AuditNote, AuditQueue, NotedObject, NotedPlace};
pub use backup::{
    BackedUp, BackupDocument, BackupError, Checked, Depth, Restored, TokensAfter, restore, verify,
};
pub use batch::Batch;
pub use blobs::{Blob, BlobInfo, BlobStream, BlobsConfig};
pub use config::{Opened, StorageConfig};
pub use damages::DamageCounts;
pub use directory::{
    ApplicationRow, ApplicationSpec, ApplicationWanted, Applied, CandidateRow, DirectWanted, Directory,
    EffectLine, Ending, Exchange, Exchanged, FailedTest, FirstAdministrator, FirstRepository, Gateway,
    GatewayRow, GrantRow, GrantSpec, GrantedSpec, HasRoles, InForce, InvitationRow, Invited, IssuerSpec,
    IssuerWanted, JobKind, JobRow, JobState, JobStep, LastChange, Leaked, LoggedIn, LoginProviderWanted,
    Named, Names, NewInvitation, NewProject, NewRepository, NewSession, NewToken, Obstacle, Once, OnlyIf,
    OrganisationRow, OrganisationSpec, OwnPermissions, PackageGone, ParticipantFilter, ParticipantRow,
    PasswordRules, PersonFilter, PersonRow, PersonSpec, PersonWanted, PlaceFilter, Plan, PlanAsked,
    PlanDigest, PlanLine, PlanSign, PlanWhy, Planned, ProjectFilter, ProjectPlace, ProjectRemoved,
    ProjectRow, ProjectSort, ProjectSpec, ProjectWanted, PublisherSpec, PublisherWanted, Purpose,
    RefusedExchange, Remembered, RepositoryFilter, RepositoryRow, RepositorySpec, RepositoryWanted,
    RoleCounts, RoleRow, RoleSpec, Rotation, Section, SessionRow, TeamRow, TeamSpec, TeamWanted, TestSpec,
    ToName, TokenFilter, TokenPut, TokenRow, TokenSpec, TokenUsed, TombstoneRow, Truth, VersionGone, Vouched,
    VouchedSession, WebhookSpec, WebhookWanted, WorkerRow, judge,
};
pub use error::{BoxError, ContentError, DirectoryError, DirectoryRule, Fault, OpenError, UploadError};
pub use hashing::digest_of;
pub use limits::StorageLimits;
pub use model::{
    Advisory, ChangePage, Committed, DeliveryRow, Dependent, DependentsQuery, Downloads, EdgeKind, Entry,
    EntryOutcome, EntryQuery, Holding, HookEvent, IssuerRow, LinkedIdentityRow, Listed, ListedVersion,
    LoginProvider, LoginProviderRow, Makes, NamedContent, NewAdvisory, NewEdge, NewEntry, NewNeeds, NewPin,
    NewestVersion, Package, PackageDownloads, PackagePlace, PackageRow, PackageSearch, PackageSort,
    PackagesFound, PackagesOf, Pin, PlaceRow, Precondition, PublisherRow, Remarks, Removal, Removed, Rule,
    SealedSecret, SessionSecs, Tombstone, UsageDay, UsageTotals, VersionChange, Versions, WebhookRow,
    WordsFound,
};
pub use search::{Field, Findable, Found, Search, Wanted};
pub use space::Room;
pub use sql::DatabaseConfig;
pub use sql::collected::GarbageRow;
pub use sql::leases::{BLOBS, LINKS, PURGE, UPLOADS};
pub use store::{Leases, PairHalf, ReferrersQuery, SeesUsage, Storage, UsageAt};
pub use upkeep::{
    Claimed, CollectCursor, Delivered, ExpiryCursor, Lease, NeedsCursor, SweepCursor, Taken, Told, Worked,
    Written,
};
pub use upload::{Receiving, Upload, Verified};
pub use usage::{FetchedVersion, UsageCounted, UsageCounts};
