//! The management as a typed list of endpoints: what is asked and answered, which right it takes, what may go wrong. Router,
//! description (OpenAPI), command line and access matrix are made from that one list (docs/api.md 3).
//!
//! This crate knows neither HTTP nor SQL. `frontend` brings requests and takes answers away; every operation goes through the
//! gate and is one verb of `storage`. A new operation is its types in the file of its noun, and one line in `all.rs`.
#![warn(missing_docs)]

pub mod access;
mod all;
pub mod applications;
mod at;
pub mod audit;
pub mod by_words;
pub mod candidates;
mod change;
mod claims;
mod conditions;
pub mod counts;
pub mod dependents;
mod describe;
pub mod details;
mod direct;
mod endpoint;
pub mod exchange;
pub mod explain;
pub mod export;
pub mod folders;
pub mod formats;
pub mod garbage;
pub mod grants;
pub mod health;
mod hooks;
mod identities;
pub mod invitations;
pub mod issuers;
pub mod jobs;
pub mod leaks;
pub mod linked_identities;
pub mod log_in;
pub mod login_providers;
pub mod me;
pub mod members;
pub mod newest;
pub mod nodes;
mod openapi;
pub mod organisation;
pub mod packages;
mod page;
pub mod participants;
pub mod passwords;
mod patch;
pub mod people;
pub mod pins;
pub mod planned;
pub mod plans;
mod policies;
pub mod principals;
mod problem;
pub mod projects;
mod proving;
pub mod publishers;
mod query;
mod rates;
pub mod remarks;
pub mod repositories;
mod request;
pub mod rights;
pub mod roles;
mod router;
pub mod search;
pub mod server;
pub mod sessions;
pub mod setup;
mod shape;
mod strict;
mod suggest;
pub mod teams;
pub mod tokens;
pub mod tombstones;
pub mod usage;
pub mod version_details;
pub mod version_list;
pub mod versions;
mod wait;
mod ways;
pub mod webhooks;
mod words;

pub use all::all;
pub use at::{
    AdvisoryAt, ApplicationAt, At, DeliveryAt, DigestAt, InvitationAt, IssuerAt, JobAt, LoginProviderAt,
    Names, PackageAt, Parameter, ParticipantAt, PersonAt, PrincipalAt, PrincipalTokenAt,
    PrincipalTokenNamedAt, ProjectApplicationAt, ProjectRoleAt, PublisherAt, RoleAt, SessionAt, TeamAt,
    TeamMemberAt, TokenAt, TokenNamedAt, TombstoneAt, VersionAt, WebhookAt,
};
pub use change::{Change, Confirmed};
pub use claims::{IssuerKind, WantedClaims};
pub use conditions::{IdempotencyKey, OnlyIf, Tag};
pub use direct::DirectTokens;
pub use endpoint::{
    Anybody, Ask, Cx, Done, Endpoint, GuardedNode, LoggedIn, MakeOrChange, May, Meta, Method, Need, Nothing,
    On, Reader, SessionCookie, answer,
};
pub use hooks::{Hooks, Targets};
pub use identities::Identities;
pub use page::{Listed, Page, Paged, Paging};
pub use patch::{Editable, Merge, Patch};
pub use policies::{PolicyDocument, PolicySchema};
pub use problem::{Code, Fault, Problem, ProblemDocument, ProblemField, Unconfirmed, Where, WrongField};
pub use rates::{RateLimits, Rates, Turn};
pub use request::Outgoing;
pub use router::{Admitted, Answered, Api, BASE, Found, Mounted, read};
pub use shape::wrong_fields;
pub use suggest::closest;
pub use wait::{Wait, reach};
pub use ways::Way;
pub use words::{
    CidrText, Day, FormatText, HookUrl, IssuerUrl, KeyText, LoginText, Moment, NodeRef, OneRight,
    PrincipalRef, Prose, Rights, RuleRef, ScopeText, Sha256Text, SubjectRef, Text128, Text200, TokenIdText,
};
