//! The rows that decide, as plain values: what storage keeps, the permission cache compiles and `auth` checks against.

use std::sync::Arc;

use crate::caller::{PrincipalKind, TokenLimits};
use crate::clock::Timestamp;
use crate::id::{
    GrantId, NodeId, PolicyPoint, PolicyVersion, PrincipalId, ProjectId, RepositoryId, RoleId, SessionId,
    SubjectId, TeamId, TokenId,
};
use crate::name::{Format, Login, Mode, ProjectKey, RepositoryPath};
use crate::network::Networks;
use crate::organisation::{LogInRules, OrganisationNames};
use crate::permission::{Permission, Permissions};

/// Everything the matrix is compiled from, at one version.
#[derive(Debug, Clone, Default)]
pub struct PolicyFacts {
    /// The version these facts had.
    pub version: PolicyVersion,
    /// Every principal but the anonymous one.
    pub principals: Vec<PrincipalFact>,
    /// Every team but the computed ones `anyone`, `everyone`, `org-members`; `org-admins` and the project teams are among them.
    pub teams: Vec<TeamFact>,
    /// Every role, of the organisation and of each project.
    pub roles: Vec<RoleFact>,
    /// Every project.
    pub projects: Vec<ProjectFact>,
    /// Every repository.
    pub repositories: Vec<RepositoryFact>,
    /// Every grant; public repositories are grants of `read` to `anyone`.
    pub grants: Vec<GrantFact>,
}

/// Facts that somebody keeps a copy of and follows, change by change.
pub trait Followed: Send + 'static {
    /// One thing that changed, with what it is now.
    type Change: Send + 'static;
}

impl Followed for PolicyFacts {
    type Change = PolicyChange;
}

impl Followed for CredentialFacts {
    type Change = CredentialChange;
}

impl Followed for OrganisationNames {
    type Change = Self;
}

/// What changed after some point of the history of access changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes<C> {
    /// These things, each with its present state.
    Each {
        /// The point reached.
        reached: PolicyPoint,
        /// At most a few thousand.
        changes: Vec<C>,
    },
    /// Too much, too long ago, or of another history, as after a database was set back to a backup: load everything again.
    Rebuild,
}

/// A principal, as the matrix sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalFact {
    /// Its id.
    pub id: PrincipalId,
    /// Its kind; decides the ceiling and the computed teams.
    pub kind: PrincipalKind,
    /// `Some` for an application that names requested rights: exactly those, on exactly these projects. Both grant and limit (docs/access.md 2.1).
    pub requested: Option<AuthorisedScope>,
}

/// The requested rights of an application and where they were authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisedScope {
    /// The requested rights; as limit unclosed, as grant closed.
    pub permissions: Permissions,
    /// The authorised projects; none authorised means nothing.
    pub projects: Vec<ProjectId>,
}

/// A team and its direct members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFact {
    /// Its id.
    pub id: TeamId,
    /// Principals and teams in it directly. Empty for the computed project teams.
    pub members: Vec<SubjectId>,
}

/// A role and what it holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFact {
    /// Its id.
    pub id: RoleId,
    /// The project whose own copy it is; `None` for the organisation's.
    pub project: Option<ProjectId>,
    /// Which predefined role it is, if one.
    pub builtin: Option<BuiltinRole>,
    /// What it holds, not closed.
    pub permissions: Permissions,
}

/// The predefined roles of docs/design.md 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuiltinRole {
    /// `project-admin`.
    ProjectAdmin,
    /// `project-member`; its holders are the computed team of the project.
    ProjectMember,
    /// `organisation-member`, granted to `org-members` in every project.
    OrganisationMember,
    /// `collaborator`.
    Collaborator,
    /// `guest`.
    Guest,
    /// `automation`.
    Automation,
    /// `viewer`.
    Viewer,
    /// `writer`.
    Writer,
    /// `manager`.
    Manager,
    /// `package-manager`.
    PackageManager,
    /// `organisation-admin`.
    OrganisationAdmin,
}

/// A project, as the matrix sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFact {
    /// Its id.
    pub id: ProjectId,
    /// Its key.
    pub key: ProjectKey,
    /// Its computed team: all who hold `project-member` on the project.
    pub team: TeamId,
}

/// A repository, as the matrix sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryFact {
    /// Its id.
    pub id: RepositoryId,
    /// Its project.
    pub project: ProjectId,
    /// Project key and name.
    pub path: RepositoryPath,
    /// Its protocol.
    pub format: Format,
    /// Where its names come from.
    pub mode: Mode,
}

/// A grant: the only thing that carries rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFact {
    /// Its id.
    pub id: GrantId,
    /// Who gets it.
    pub subject: SubjectId,
    /// Where it holds, and below.
    pub node: NodeId,
    /// What it gives.
    pub what: GrantedWhat,
    /// From this moment on it no longer holds.
    pub expires: Option<Timestamp>,
}

/// What a grant gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantedWhat {
    /// What the role holds at the time of asking.
    Role(RoleId),
    /// Exactly these, plus the closure.
    Permissions(Permissions),
}

/// One thing that changed, with what it is now; `None` means it is gone.
#[derive(Debug, Clone)]
pub enum PolicyChange {
    /// A principal.
    Principal(PrincipalId, Option<PrincipalFact>),
    /// A team or its members.
    Team(TeamId, Option<TeamFact>),
    /// A role or what it holds.
    Role(RoleId, Option<RoleFact>),
    /// A project.
    Project(ProjectId, Option<ProjectFact>),
    /// A repository.
    Repository(RepositoryId, Option<RepositoryFact>),
    /// A grant.
    Grant(GrantId, Option<GrantFact>),
}

/// Everything `auth` checks credentials against, at one version.
#[derive(Debug, Clone, Default)]
pub struct CredentialFacts {
    /// Every principal that can log in.
    pub principals: Vec<PrincipalCredentials>,
    /// Every token that is not long gone.
    pub tokens: Vec<TokenFact>,
    /// Every session in a browser that has not ended.
    pub sessions: Vec<SessionFact>,
    /// What the organisation says about log-ins.
    pub rules: LogInRules,
}

/// How a principal proves who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalCredentials {
    /// Its id.
    pub id: PrincipalId,
    /// Its kind.
    pub kind: PrincipalKind,
    /// A suspended principal fails to authenticate.
    pub suspended: bool,
    /// Names it may give: user name first, e-mail aliases, client ID.
    pub logins: Vec<Login>,
    /// Argon2id hash in PHC form; persons only, `None` has no password.
    pub password_hash: Option<Arc<str>>,
    /// Another one with every password change; what was verified under the one before is void.
    pub generation: u32,
    /// The password is good for nothing but setting another one.
    pub must_change: bool,
}

/// A permanent token as stored: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFact {
    /// Its public id.
    pub id: TokenId,
    /// SHA-256 of the whole token text.
    pub sha256: [u8; 32],
    /// Whose it is.
    pub owner: PrincipalId,
    /// What it is limited to.
    pub limits: TokenLimits,
    /// Refused until this moment; `None` is good at once.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on; `None` never expires.
    pub expires: Option<Timestamp>,
    /// Refused from elsewhere.
    pub networks: Networks,
    /// Active, disabled or revoked.
    pub state: TokenState,
    /// The publisher that made it, as `PROJECT/NAME`; `None` if a person made it. For the log: it decides nothing.
    pub rule: Option<Arc<str>>,
}

/// A session of a person in a browser as stored: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFact {
    /// Its public id.
    pub id: SessionId,
    /// SHA-256 of the whole secret.
    pub sha256: [u8; 32],
    /// Whose it is.
    pub owner: PrincipalId,
    /// Which password they had when it began: with another one it is over.
    pub generation: u32,
    /// Whether a password was given for it at all: if so it is good for nothing where passwords are not.
    pub by_password: bool,
    /// When they proved who they are.
    pub signed_in: Timestamp,
    /// Refused from this moment on; moves on while it is used.
    pub expires: Timestamp,
}

/// The state of a token; it only moves downwards. Activating again makes a new record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TokenState {
    /// In use.
    Active = 0,
    /// Known, and refused.
    Disabled = 1,
    /// Gone for good.
    Revoked = 2,
}

/// One credential that changed, with what it is now; `None` means it is gone.
#[derive(Debug, Clone)]
pub enum CredentialChange {
    /// A principal.
    Principal(PrincipalId, Option<PrincipalCredentials>),
    /// A token.
    Token(TokenId, Option<TokenFact>),
    /// A session in a browser.
    Session(SessionId, Option<SessionFact>),
    /// What the organisation says about log-ins.
    Rules(LogInRules),
}

/// What each kind of principal can have at most (docs/access.md 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings;

impl Ceilings {
    /// The ceiling of a kind.
    #[must_use]
    pub const fn of(kind: PrincipalKind) -> Permissions {
        match kind {
            PrincipalKind::Member | PrincipalKind::Application => Permissions::ALL,
            PrincipalKind::Collaborator => Permissions::of(&[
                Permission::Read,
                Permission::Publish,
                Permission::Overwrite,
                Permission::DeletePackage,
                Permission::RepositoryCreate,
            ]),
            PrincipalKind::Guest => Permissions::NONE,
            PrincipalKind::Anonymous => Permissions::of(&[Permission::Read]),
        }
    }
}

impl BuiltinRole {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ProjectAdmin,
        Self::ProjectMember,
        Self::OrganisationMember,
        Self::Collaborator,
        Self::Guest,
        Self::Automation,
        Self::Viewer,
        Self::Writer,
        Self::Manager,
        Self::PackageManager,
        Self::OrganisationAdmin,
    ];

    /// The word used in API, CLI, configuration and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProjectAdmin => "project-admin",
            Self::ProjectMember => "project-member",
            Self::OrganisationMember => "organisation-member",
            Self::Collaborator => "collaborator",
            Self::Guest => "guest",
            Self::Automation => "automation",
            Self::Viewer => "viewer",
            Self::Writer => "writer",
            Self::Manager => "manager",
            Self::PackageManager => "package-manager",
            Self::OrganisationAdmin => "organisation-admin",
        }
    }

    /// Reads the word; `None` if it names no predefined role.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether each project gets its own copy (docs/design.md 2: the first six).
    #[must_use]
    pub const fn copied_to_projects(self) -> bool {
        matches!(
            self,
            Self::ProjectAdmin
                | Self::ProjectMember
                | Self::OrganisationMember
                | Self::Collaborator
                | Self::Guest
                | Self::Automation
        )
    }

    /// What an editor may put into it at most; `None` for those that are fixed (docs/access.md 2.4).
    #[must_use]
    pub const fn editable_up_to(self) -> Option<Permissions> {
        match self {
            Self::Collaborator | Self::Guest | Self::OrganisationAdmin => None,
            Self::OrganisationMember => Some(Permissions::of(&[Permission::Read])),
            Self::ProjectAdmin
            | Self::ProjectMember
            | Self::Automation
            | Self::Viewer
            | Self::Writer
            | Self::Manager
            | Self::PackageManager => {
                Some(Self::ProjectAdmin.template().union(Permissions::of(&[Permission::AuditView])))
            }
        }
    }

    /// What the template holds: the table of docs/design.md 2. `organisation-member` starts empty; an `internal` project adds `read`.
    #[must_use]
    pub const fn template(self) -> Permissions {
        use Permission as P;
        match self {
            Self::ProjectAdmin => Permissions::of(&[
                P::Read,
                P::Publish,
                P::Overwrite,
                P::DeletePackage,
                P::RepositoryCreate,
                P::RepositorySettings,
                P::RepositoryDelete,
                P::AccessManage,
            ]),
            Self::ProjectMember => {
                Permissions::of(&[P::Read, P::Publish, P::Overwrite, P::DeletePackage, P::RepositoryCreate])
            }
            Self::OrganisationMember | Self::Collaborator | Self::Guest => Permissions::NONE,
            Self::Automation | Self::Writer => Permissions::of(&[P::Read, P::Publish, P::Overwrite]),
            Self::Viewer => Permissions::of(&[P::Read]),
            Self::Manager => Permissions::of(&[
                P::Read,
                P::Publish,
                P::Overwrite,
                P::DeletePackage,
                P::RepositorySettings,
                P::RepositoryDelete,
            ]),
            Self::PackageManager => Permissions::of(&[P::Read, P::Publish, P::Overwrite, P::DeletePackage]),
            Self::OrganisationAdmin => Permissions::ALL,
        }
    }
}
