use crate::permission::{Permission, Permissions};

/// What an operation asks of the matrix. Each is a marker type, so that the proof of one cannot stand for another.
pub trait Right: sealed::Sealed + Send + Sync + 'static {
    /// The same as a value, for audit, metrics and the policy.
    const KIND: RightKind;
}

/// A proof of `Self` may stand where one of `R` is asked: HEAD and metadata are open to readers and publishers alike, and what is
/// to be changed is shown to who may change it.
pub trait Implies<R: Right>: Right {}

impl<R: Right> Implies<R> for R {}
impl Implies<Probe> for Read {}
impl Implies<Probe> for Publish {}
/// Who changes members and teams sees what they change.
impl Implies<DirectoryView> for DirectoryManage {}

/// A right as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RightKind {
    /// `read` or `publish`: HEAD, derived metadata, service index (docs/design.md 2).
    Probe,
    /// Exactly this permission.
    Permission(Permission),
}

impl RightKind {
    /// Holding any of these permissions is enough.
    #[must_use]
    pub const fn any_of(self) -> Permissions {
        match self {
            Self::Probe => Permissions::of(&[Permission::Read, Permission::Publish]),
            Self::Permission(permission) => Permissions::of(&[permission]),
        }
    }

    /// The word for logs and audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Permission(permission) => permission.as_str(),
        }
    }
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident => $kind:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Right for $name {
                const KIND: RightKind = $kind;
            }
        )*
        mod sealed {
            pub trait Sealed {}
            $(impl Sealed for super::$name {})*
        }
    };
}

rights! {
    /// HEAD, derived metadata with its hashes, service index: open to readers and publishers.
    Probe => RightKind::Probe;
    /// Fetch content, list, search.
    Read => RightKind::Permission(Permission::Read);
    /// Make new names; upload status and cancel too.
    Publish => RightKind::Permission(Permission::Publish);
    /// Replace an existing name.
    Overwrite => RightKind::Permission(Permission::Overwrite);
    /// Delete, unlist, relist.
    Delete => RightKind::Permission(Permission::DeletePackage);
    /// Make a repository in a project.
    RepositoryCreate => RightKind::Permission(Permission::RepositoryCreate);
    /// Change settings, policies and visibility of a repository.
    RepositorySettings => RightKind::Permission(Permission::RepositorySettings);
    /// Delete a repository with all its packages.
    RepositoryDelete => RightKind::Permission(Permission::RepositoryDelete);
    /// Change participants, roles and grants at a node.
    AccessManage => RightKind::Permission(Permission::AccessManage);
    /// Make a project.
    ProjectCreate => RightKind::Permission(Permission::ProjectCreate);
    /// Change the organisation's settings.
    OrganisationManage => RightKind::Permission(Permission::OrganisationManage);
    /// Change plan limits and billing contact.
    Subscription => RightKind::Permission(Permission::Subscription);
    /// See members, teams and applications.
    DirectoryView => RightKind::Permission(Permission::DirectoryView);
    /// Change members, teams, applications and the tokens of others.
    DirectoryManage => RightKind::Permission(Permission::DirectoryManage);
    /// See events, and `/metrics` when asked on the organisation.
    AuditView => RightKind::Permission(Permission::AuditView);
}
