//! What plans name: what memory and people call it, and what the audit does.

use domain::ProjectKey;

use super::event::ObjectKind;
use crate::sql::records::ChangedKind;

/// Something a plan names.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) kind: ObjectKind,
    pub(super) audited: String,
    /// What tells it from others of its name.
    pub(super) of: Option<String>,
}

/// An object by its parts, as memory names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// With permissions where there is no role.
    Grant {
        role: Option<&'a str>,
        to: &'a str,
        on: &'a str,
    },
    Token {
        name: &'a str,
        owner: &'a str,
    },
    /// Of `/` or of a project.
    Role {
        name: &'a str,
        place: &'a str,
    },
    Team(&'a str),
    /// `member:alice`
    Principal(&'a str),
    Repository(&'a str),
    Project(&'a str),
    /// `alpha/release`
    Publisher(&'a str),
    Issuer(&'a str),
    Webhook {
        name: &'a str,
        on: &'a str,
    },
    Organisation,
}

/// What a grant without role is of.
const PERMISSIONS: &str = "permissions";

impl<'a> Named<'a> {
    /// Reads what [`Object::name`] wrote.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        if name == "organisation" {
            return Some(Self::Organisation);
        }
        if let Some(path) = name.strip_prefix("repository ") {
            return Some(Self::Repository(path));
        }
        if let Some(key) = name.strip_prefix("project ") {
            return Some(Self::Project(key));
        }
        if let Some(path) = name.strip_prefix("publisher ") {
            return Some(Self::Publisher(path));
        }
        if let Some(name) = name.strip_prefix("issuer ") {
            return Some(Self::Issuer(name));
        }
        if let Some(rest) = name.strip_prefix("webhook ") {
            return rest.split_once(" on ").map(|(name, on)| Self::Webhook { name, on });
        }
        if let Some(rest) = name.strip_prefix("role ") {
            return rest.split_once(" in ").map(|(name, place)| Self::Role { name, place });
        }
        if let Some(rest) = name.strip_prefix("token ") {
            return rest.rsplit_once(" of ").map(|(name, owner)| Self::Token { name, owner });
        }
        if let Some(rest) = name.strip_prefix("grant of ") {
            let (role, rest) = rest.split_once(" to ")?;
            let (to, on) = rest.rsplit_once(" on ")?;
            return Some(Self::Grant { role: Some(role).filter(|role| *role != PERMISSIONS), to, on });
        }
        match name.split_once(':') {
            Some(("team", team)) => Some(Self::Team(team)),
            Some(_) => Some(Self::Principal(name)),
            None => None,
        }
    }

    /// Later ones lie in earlier ones, or are about them.
    pub(super) const fn removal_order(self) -> u8 {
        match self {
            Self::Publisher(_) | Self::Webhook { .. } => 0,
            Self::Grant { .. } => 1,
            Self::Token { .. } => 2,
            Self::Role { .. } => 3,
            Self::Team(_) => 4,
            Self::Principal(_) => 5,
            Self::Issuer(_) => 6,
            Self::Repository(_) => 7,
            Self::Project(_) => 8,
            Self::Organisation => 9,
        }
    }

    /// The name that confirms its removal, if that takes more with it than can be made again.
    pub(super) const fn to_confirm(self) -> Option<&'a str> {
        match self {
            Self::Principal(name) | Self::Repository(name) | Self::Project(name) => Some(name),
            Self::Grant { .. }
            | Self::Token { .. }
            | Self::Role { .. }
            | Self::Team(_)
            | Self::Publisher(_)
            | Self::Issuer(_)
            | Self::Webhook { .. }
            | Self::Organisation => None,
        }
    }
}

impl Object {
    pub(super) fn organisation() -> Self {
        Self::new("organisation", ObjectKind::Organisation, "/")
    }

    pub(super) fn project(key: &ProjectKey) -> Self {
        Self::node(key.as_str())
    }

    pub(super) fn repository(path: &str) -> Self {
        Self::new(&format!("repository {path}"), ChangedKind::Repository, path)
    }

    /// `alpha/release`
    pub(super) fn publisher(path: &str) -> Self {
        let (project, name) = path.split_once('/').unwrap_or_default();
        let publisher = Self::new(&format!("publisher {path}"), ObjectKind::Publisher, name);
        Self { of: Some(project.to_owned()), ..publisher }
    }

    pub(super) fn issuer(name: &str) -> Self {
        Self::new(&format!("issuer {name}"), ObjectKind::Issuer, name)
    }

    /// `on` is `/`, a project or a repository.
    pub(super) fn webhook(name: &str, on: &str) -> Self {
        let webhook = Self::new(&format!("webhook {name} on {on}"), ObjectKind::Webhook, name);
        Self { of: Some(on.to_owned()), ..webhook }
    }

    /// A project or repository as it is written.
    pub(super) fn node(text: &str) -> Self {
        match text.split_once('/') {
            Some((_, name)) if !name.is_empty() => Self::repository(text),
            _ => Self::new(&format!("project {text}"), ChangedKind::Project, text),
        }
    }

    /// `place` is `/` or a project.
    pub(super) fn role(name: &str, place: &str) -> Self {
        Self::new(&format!("role {name} in {place}"), ChangedKind::Role, &format!("{name} in {place}"))
    }

    /// `member:alice`
    pub(super) fn principal(subject: &str) -> Self {
        let name = subject.split_once(':').map_or(subject, |(_, name)| name);
        Self::new(subject, ChangedKind::Principal, name)
    }

    pub(super) fn team(name: &str) -> Self {
        Self::new(&format!("team:{name}"), ChangedKind::Team, name)
    }

    pub(super) fn token(name: &str, owner: &str) -> Self {
        let token = Self::new(&format!("token {name} of {owner}"), ChangedKind::Token, name);
        Self { of: Some(owner.to_owned()), ..token }
    }

    /// `role` is `None` for a grant of permissions.
    pub(super) fn grant(to: &str, role: Option<&str>, on: &str) -> Self {
        let name = format!("grant of {} to {to} on {on}", role.unwrap_or(PERMISSIONS));
        let grant = Self::new(&name, ChangedKind::Grant, &format!("{to} on {on}"));
        Self { of: role.map(str::to_owned), ..grant }
    }

    /// The one that memory has under this name.
    pub(super) fn named(named: Named<'_>) -> Self {
        match named {
            Named::Grant { role, to, on } => Self::grant(to, role, on),
            Named::Token { name, owner } => Self::token(name, owner),
            Named::Role { name, place } => Self::role(name, place),
            Named::Team(name) => Self::team(name),
            Named::Principal(subject) => Self::principal(subject),
            Named::Repository(path) => Self::repository(path),
            Named::Project(key) => Self::node(key),
            Named::Publisher(path) => Self::publisher(path),
            Named::Issuer(name) => Self::issuer(name),
            Named::Webhook { name, on } => Self::webhook(name, on),
            Named::Organisation => Self::organisation(),
        }
    }

    /// The same object; what is said of it happens to another one, such as the grant that makes a repository public.
    pub(super) fn seen_as(&self, kind: ChangedKind, audited: &str) -> Self {
        Self { name: self.name.clone(), kind: kind.into(), audited: audited.to_owned(), of: None }
    }

    fn new(name: &str, kind: impl Into<ObjectKind>, audited: &str) -> Self {
        Self { name: name.to_owned(), kind: kind.into(), audited: audited.to_owned(), of: None }
    }
}
