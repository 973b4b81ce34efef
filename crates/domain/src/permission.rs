use std::fmt;

use crate::error::{Invalid, InvalidReason};

/// One thing a grant can allow; the table of docs/design.md 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Permission {
    /// Fetch, list, search.
    Read = 0,
    /// Make new names.
    Publish = 1,
    /// Replace an existing name.
    Overwrite = 2,
    /// Delete, unlist, relist.
    DeletePackage = 3,
    /// Make a repository.
    RepositoryCreate = 4,
    /// Settings, public or private, policies.
    RepositorySettings = 5,
    /// Delete a repository with all its packages.
    RepositoryDelete = 6,
    /// Participants, roles, grants.
    AccessManage = 7,
    /// Make a project.
    ProjectCreate = 8,
    /// Settings of the organisation.
    OrganisationManage = 9,
    /// Plan limits and billing contact.
    Subscription = 10,
    /// See members, teams, applications.
    DirectoryView = 11,
    /// Change members, teams, applications and their tokens.
    DirectoryManage = 12,
    /// Transfer and audit events of a node.
    AuditView = 13,
}

/// A set of permissions: one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u16);

impl Permission {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 14] = [
        Self::Read,
        Self::Publish,
        Self::Overwrite,
        Self::DeletePackage,
        Self::RepositoryCreate,
        Self::RepositorySettings,
        Self::RepositoryDelete,
        Self::AccessManage,
        Self::ProjectCreate,
        Self::OrganisationManage,
        Self::Subscription,
        Self::DirectoryView,
        Self::DirectoryManage,
        Self::AuditView,
    ];

    /// The word used in API, CLI and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Overwrite => "overwrite",
            Self::DeletePackage => "delete-package",
            Self::RepositoryCreate => "repository-create",
            Self::RepositorySettings => "repository-settings",
            Self::RepositoryDelete => "repository-delete",
            Self::AccessManage => "access-manage",
            Self::ProjectCreate => "project-create",
            Self::OrganisationManage => "organisation-manage",
            Self::Subscription => "subscription",
            Self::DirectoryView => "directory-view",
            Self::DirectoryManage => "directory-manage",
            Self::AuditView => "audit-view",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `Invalid` if it is none of the permissions.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == text)
            .ok_or(Invalid::new("permission", InvalidReason::Unknown))
    }

    /// Whether it means something only on the organisation, so that a grant elsewhere is an error.
    #[must_use]
    pub const fn organisation_only(self) -> bool {
        matches!(
            self,
            Self::ProjectCreate
                | Self::OrganisationManage
                | Self::Subscription
                | Self::DirectoryView
                | Self::DirectoryManage
        )
    }
}

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);
    /// Every permission.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);
    /// Any of these adds `read` at the same node (docs/access.md 2.1).
    const IMPLY_READ: Self = Self::of(&[
        Permission::Publish,
        Permission::Overwrite,
        Permission::DeletePackage,
        Permission::RepositoryCreate,
        Permission::RepositorySettings,
        Permission::RepositoryDelete,
        Permission::AccessManage,
    ]);

    /// The set of these.
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, tail @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = tail;
        }
        Self(bits)
    }

    /// From stored bits; bits beyond the known permissions are dropped.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits, as stored.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Members of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Members of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Members of this set that the other lacks.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it holds this permission.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << (permission as u8)) != 0
    }

    /// Whether it holds all of the other.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the two share a member.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds `read` where a stronger permission implies it. For grants only, never for limits (docs/access.md 2.1).
    #[must_use]
    pub const fn closed(self) -> Self {
        if self.intersects(Self::IMPLY_READ) { Self(self.0 | Self::of(&[Permission::Read]).0) } else { self }
    }

    /// The members, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, |set, one| set.union(Self::of(&[one])))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}
