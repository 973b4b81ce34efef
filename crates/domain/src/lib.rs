//! The words of Wharfinger: names, rights, proofs, and the ports between the crates beside this one.
//!
//! This crate does no I/O, reads no clock, spawns nothing and derives no `Serialize`. Everything a client sends becomes
//! one of these types by exactly one fallible constructor; every change and every read in `storage` demands one of these proofs.
#![warn(missing_docs)]

mod browsing;
mod caller;
mod client;
mod clock;
mod connecting;
mod digest;
mod error;
mod explanation;
mod facts;
mod formats;
mod gate;
mod id;
mod name;
mod needs;
mod network;
mod node;
mod organisation;
mod origin;
mod page;
mod pattern;
mod permission;
mod ports;
mod refname;
mod removal;
mod repository_policy;
mod rights;
mod standing;
pub mod time;

pub use browsing::{Browsing, FetchLine, Meant, Wanted};
pub use caller::{Caller, Credential, PrincipalKind, TokenLimits, Who};
pub use client::{Client, Prefix};
pub use clock::{Clock, Timestamp};
pub use connecting::{Block, ClientLines, Connecting, Step, TOKEN_VARIABLE, shell_word, xml_text};
pub use digest::{Algorithm, Digest};
pub use error::{Invalid, InvalidReason};
pub use explanation::{Explanation, Reason, Requested, Stages, Verdict, Way};
pub use facts::{
    AuthorisedScope, BuiltinRole, Ceilings, Changes, CredentialChange, CredentialFacts, Followed, GrantFact,
    GrantedWhat, PolicyChange, PolicyFacts, PrincipalCredentials, PrincipalFact, ProjectFact, RepositoryFact,
    RoleFact, SessionFact, TeamFact, TokenFact, TokenState,
};
pub use formats::{Formats, KnownFormat, UnknownFormat};
pub use gate::{
    Acting, CallerGate, Denied, Explained, Gate, Granted, Inquiry, KnownProject, KnownProjects, Own,
    Prospect, System, Visible, Watch, Whose,
};
pub use id::{
    GrantId, NodeId, PolicyPoint, PolicyVersion, PrincipalId, ProjectId, RepositoryId, RoleId, SessionId,
    SubjectId, TeamId, TokenId, UploadId,
};
pub use name::{Access, Format, Login, Mode, ProjectKey, RepositoryName, RepositoryPath, Visibility};
pub use needs::{Need, Needs};
pub use network::{Network, Networks, NotANetwork};
pub use node::{Node, NodeName, Organisation, Project, Repository, ResolvedNode, WrittenNode};
pub use organisation::{LogInRules, OrganisationNames};
pub use origin::{Origin, PasswordUse, RequestId, SessionUse, TokenUse};
pub use page::{Cursor, Limit};
pub use pattern::Pattern;
pub use permission::{Permission, Permissions};
pub use ports::{
    AccessObserver, BoxFuture, CredentialCheck, Decided, Decision, Effect, FactSource, Holders, Holding,
    Holdings, Outcome, Policy, PolicyFeed, Preview, SourceError, WouldBe,
};
pub use refname::{EntryKey, EntryKind, EntryState, PackageName, RefName};
pub use removal::Removal;
pub use repository_policy::{FormatPolicy, InvalidPolicy, RepositoryPolicy, Rules};
pub use rights::{
    AccessManage, AuditView, Delete, DirectoryManage, DirectoryView, Implies, OrganisationManage, Overwrite,
    Probe, ProjectCreate, Publish, Read, RepositoryCreate, RepositoryDelete, RepositorySettings, Right,
    RightKind, Subscription,
};
pub use standing::{Layer, Owners, Standing};
