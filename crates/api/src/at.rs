//! What paths name. A name that nothing can have makes the whole address one where nothing is.

use std::borrow::Cow;

use domain::{Node, Organisation, Project, ProjectKey, Repository, RepositoryName, RepositoryPath, TokenId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::problem::{Code, Fault};

mod digests;
mod identities;
mod jobs;
mod packages;
mod sessions;
mod subjects;
mod tokens;
mod webhooks;

pub use digests::DigestAt;
pub use identities::{IssuerAt, LoginProviderAt, PublisherAt};
pub use jobs::JobAt;
pub use packages::{AdvisoryAt, PackageAt, TombstoneAt, VersionAt};
pub use sessions::SessionAt;
pub use subjects::{
    ApplicationAt, InvitationAt, PersonAt, ProjectApplicationAt, ProjectRoleAt, RoleAt, TeamAt, TeamMemberAt,
};

pub use tokens::{PrincipalTokenNamedAt, TokenNamedAt};
pub use webhooks::{DeliveryAt, WebhookAt};

/// What stands in a name of a path as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'@');

/// The names in a path, parsed.
pub trait At: Sized + Send + Sync {
    /// The names in their order, as they stand in braces.
    const PARAMETERS: &'static [Parameter];

    /// Reads them, decoded, as many as there are parameters; `None` if one cannot be.
    fn parse(names: &[Cow<'_, str>]) -> Option<Self>;

    /// Writes them, not encoded.
    fn names(&self) -> Vec<Cow<'_, str>>;
}

/// A path that names a node.
pub trait Names<N: Node> {
    /// The node, as the gate is asked about it.
    fn name(&self) -> N::Name<'_>;
}

/// One name in a path.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// As it stands in braces.
    pub name: &'static str,
    /// Its grammar, one of `words.rs`.
    pub format: &'static str,
    /// For people.
    pub description: &'static str,
}

/// Somebody: `member:alice`, an application also by its client ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalAt {
    principal: Box<str>,
}

/// A token of one's own; `None` is an id that no token has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAt {
    token: Option<TokenId>,
}

/// A token of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalTokenAt {
    /// Whose.
    pub owner: PrincipalAt,
    token: TokenAt,
}

/// Somebody or a team in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantAt {
    /// Where.
    pub project: ProjectKey,
    /// Who: `member:alice`, `team:releasers`.
    pub who: PrincipalAt,
}

const PROJECT: Parameter =
    Parameter { name: "project", format: "project-key", description: "Key of a project." };
const REPOSITORY: Parameter = Parameter {
    name: "repository",
    format: "repository-name",
    description: "Name of a repository in the project.",
};
const PRINCIPAL: Parameter = Parameter {
    name: "principal",
    format: "subject",
    description: "Somebody: `member:alice`, `application:build-server`.",
};
const PARTICIPANT: Parameter = Parameter {
    name: "participant",
    format: "subject",
    description: "Somebody or a team: `member:alice`, `team:releasers`.",
};
const TOKEN: Parameter = Parameter {
    name: "token",
    format: "token-id",
    description: "Public id of a token: the 8 characters behind `whfp_` or `whfa_`.",
};

impl PrincipalAt {
    /// Somebody, as they are called.
    #[must_use]
    pub fn new(principal: &str) -> Self {
        Self { principal: principal.into() }
    }

    /// The text, as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.principal
    }

    /// As it stands in a path.
    pub(crate) fn encoded(&self) -> String {
        encoded(&self.principal)
    }

    /// What storage says of this name is said of the path: an unknown one is not there.
    pub(crate) fn found<T>(&self, found: Result<T, storage::DirectoryError>) -> Result<T, Fault> {
        match found {
            Err(storage::DirectoryError::Unknown(name)) if name == self.principal => Err(absent()),
            Err(storage::DirectoryError::Invalid(_)) => Err(absent()),
            found => Ok(found?),
        }
    }
}

impl TokenAt {
    /// A token by its id as text; `None` for what no token has.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        auth::parse_id(id).map(|token| Self { token: Some(token) })
    }

    /// The id.
    pub(crate) fn token(&self) -> Result<TokenId, Fault> {
        self.token.ok_or_else(absent)
    }
}

impl PrincipalTokenAt {
    /// Somebody's token.
    #[must_use]
    pub const fn new(owner: PrincipalAt, token: TokenAt) -> Self {
        Self { owner, token }
    }

    /// The id.
    pub(crate) fn token(&self) -> Result<TokenId, Fault> {
        self.token.token()
    }
}

/// A name as it stands in a path.
pub(crate) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

pub(crate) fn absent() -> Fault {
    Fault::Told(Code::Absent, "it does not exist".into())
}

impl At for () {
    const PARAMETERS: &'static [Parameter] = &[];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        names.is_empty().then_some(())
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

impl At for ProjectKey {
    const PARAMETERS: &'static [Parameter] = &[PROJECT];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [key] = names else { return None };
        Self::parse_folded(key).ok()
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.as_str().into()]
    }
}

impl At for RepositoryPath {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, REPOSITORY];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [project, repository] = names else { return None };
        let project = ProjectKey::parse_folded(project).ok()?;
        Some(Self { project, repository: RepositoryName::parse_folded(repository).ok()? })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.project.as_str().into(), self.repository.as_str().into()]
    }
}

impl At for PrincipalAt {
    const PARAMETERS: &'static [Parameter] = &[PRINCIPAL];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [principal] = names else { return None };
        Some(Self::new(principal))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.as_str().into()]
    }
}

impl At for TokenAt {
    const PARAMETERS: &'static [Parameter] = &[TOKEN];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [token] = names else { return None };
        Some(Self { token: auth::parse_id(token) })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.token.map(auth::id_text).unwrap_or_default().into()]
    }
}

impl At for PrincipalTokenAt {
    const PARAMETERS: &'static [Parameter] = &[PRINCIPAL, TOKEN];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [principal, token] = names else { return None };
        Some(Self::new(PrincipalAt::new(principal), TokenAt { token: auth::parse_id(token) }))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [self.owner.names(), self.token.names()].concat()
    }
}

impl At for ParticipantAt {
    const PARAMETERS: &'static [Parameter] = &[PROJECT, PARTICIPANT];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [project, who] = names else { return None };
        Some(Self { project: ProjectKey::parse_folded(project).ok()?, who: PrincipalAt::new(who) })
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        [At::names(&self.project), self.who.names()].concat()
    }
}

/// There is one organisation, whatever else a path names.
impl<A: At> Names<Organisation> for A {
    fn name(&self) -> Organisation {
        Organisation
    }
}

impl Names<Project> for ProjectKey {
    fn name(&self) -> &Self {
        self
    }
}

impl Names<Project> for RepositoryPath {
    fn name(&self) -> &ProjectKey {
        &self.project
    }
}

impl Names<Project> for ParticipantAt {
    fn name(&self) -> &ProjectKey {
        &self.project
    }
}

impl Names<Repository> for RepositoryPath {
    fn name(&self) -> &Self {
        self
    }
}
