//! People, teams, applications and roles, as paths name them.

use std::borrow::Cow;

use domain::{Login, PrincipalKind, Project, ProjectKey, TokenId};

use super::{At, Names, PROJECT, Parameter, absent, encoded};
use crate::problem::Fault;

/// Longest name of a team or application, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Longest name of a role, in bytes.
const ROLE_BYTES_MAX: usize = 64;

const PERSON: Parameter =
    Parameter { name: "person", format: "subject", description: "Somebody: `member:alice`, `guest:gus`." };
const INVITATION: Parameter = Parameter {
    name: "invitation",
    format: "token-id",
    description: "Public id of a code: the 8 characters behind `whfi_`.",
};
const TEAM: Parameter = Parameter { name: "team", format: "text", description: "Name of a team." };
const MEMBER: Parameter =
    Parameter { name: "member", format: "subject", description: "`member:alice`, `team:others`." };
const APPLICATION: Parameter =
    Parameter { name: "application", format: "text", description: "Name of an application." };
const ROLE: Parameter = Parameter { name: "role", format: "text", description: "Name of a role." };

/// A person: `member:alice`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonAt {
    /// Member, collaborator or guest.
    pub kind: PrincipalKind,
    /// User name.
    pub name: Box<str>,
}

/// An invitation of a person; `None` is an id that none has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationAt {
    /// Whose.
    pub person: PersonAt,
    id: Option<TokenId>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamAt {
    /// Its name.
    pub team: Box<str>,
}

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMemberAt {
    /// The team's name.
    pub team: Box<str>,
    /// `member:alice`.
    pub member: Box<str>,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationAt {
    /// Its name.
    pub application: Box<str>,
}

/// An application in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectApplicationAt {
    /// The project.
    pub project: ProjectKey,
    /// The application's name.
    pub application: Box<str>,
}

/// A role of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAt {
    /// Its name.
    pub role: Box<str>,
}

/// A role of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRoleAt {
    /// The project.
    pub project: ProjectKey,
    /// The role's name.
    pub role: Box<str>,
}

impl PersonAt {
    /// Reads `member:alice`; `None` for what no person can be called.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (word, name) = text.split_once(':')?;
        let people = [PrincipalKind::Member, PrincipalKind::Collaborator, PrincipalKind::Guest];
        let kind = people.into_iter().find(|kind| kind.as_str() == word)?;
        Login::parse(name).ok()?;
        named(name, NAME_BYTES_MAX).map(|name| Self { kind, name })
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.name)
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/people/{}", encoded(&self.text()))
    }
}

impl InvitationAt {
    /// Somebody's invitation, by its id as text.
    #[must_use]
    pub fn new(person: PersonAt, id: &str) -> Self {
        Self { person, id: auth::parse_id(id) }
    }

    /// The id.
    pub(crate) fn id(&self) -> Result<TokenId, Fault> {
        self.id.ok_or_else(absent)
    }
}

impl TeamAt {
    /// `None` for what no team can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        named(name, NAME_BYTES_MAX).map(|team| Self { team })
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/teams/{}", encoded(&self.team))
    }
}

impl ApplicationAt {
    /// `None` for what no application can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        named(name, NAME_BYTES_MAX).map(|application| Self { application })
    }

    /// Where it is found, below `/api/v1`.
    pub(crate) fn path(&self) -> String {
        format!("/applications/{}", encoded(&self.application))
    }
}

impl RoleAt {
    /// `None` for what no role can be called.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        named_role(name).map(|role| Self { role })
    }
}

impl ProjectRoleAt {
    /// `None` for what no role can be called.
    #[must_use]
    pub fn new(project: ProjectKey, name: &str) -> Option<Self> {
        named_role(name).map(|role| Self { project, role })
    }
}

pub(super) fn named(name: &str, bytes_max: usize) -> Option<Box<str>> {
    let fits = !name.trim().is_empty() && name.len() <= bytes_max && !name.chars().any(char::is_control);
    fits.then(|| name.into())
}

fn named_role(name: &str) -> Option<Box<str>> {
    named(name, ROLE_BYTES_MAX).filter(|name| !name.chars().any(char::is_whitespace))
}

impl At for InvitationAt {
    const PARAMETERS: &'static [Parameter] = &[PERSON, INVITATION];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [person, id] = names else { return None };
        Some(Self::new(PersonAt::new(person)?, id))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        let id = self.id.map(auth::id_text).unwrap_or_default();
        vec![self.person.text().into(), id.into()]
    }
}

impl At for PersonAt {
    const PARAMETERS: &'static [Parameter] = &[PERSON];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [person] = names else { return None };
        Self::new(person)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.text().into()]
    }
}

impl At for TeamAt {
    const PARAMETERS: &'static [Parameter] = &[TEAM];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [team] = names else { return None };
        Self::new(team)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.team).into()]
    }
}

impl At for TeamMemberAt {
    const PARAMETERS: &'static [Parameter] = &[TEAM, MEMBER];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [team, member] = names else { return None };
        let team = TeamAt::new(team)?.team;
        Some(Self { team, member: named(member, 254)? })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.team).into(), (&*self.member).into()]
    }
}

impl At for ApplicationAt {
    const PARAMETERS: &'static [Parameter] = &[APPLICATION];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [application] = names else { return None };
        Self::new(application)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.application).into()]
    }
}

impl At for ProjectApplicationAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, APPLICATION];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [project, application] = names else { return None };
        let project = ProjectKey::parse_folded(project).ok()?;
        Some(Self { project, application: ApplicationAt::new(application)?.application })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.project.as_str().into(), (&*self.application).into()]
    }
}

impl At for RoleAt {
    const PARAMETERS: &'static [Parameter] = &[ROLE];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [role] = names else { return None };
        Self::new(role)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![(&*self.role).into()]
    }
}

impl At for ProjectRoleAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, ROLE];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [project, role] = names else { return None };
        Self::new(ProjectKey::parse_folded(project).ok()?, role)
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.project.as_str().into(), (&*self.role).into()]
    }
}

impl Names<Project> for ProjectApplicationAt {
    fn name(&self) -> &ProjectKey {
        &self.project
    }
}

impl Names<Project> for ProjectRoleAt {
    fn name(&self) -> &ProjectKey {
        &self.project
    }
}
