use domain::{
    Access, Format, Login, Networks, Permissions, PrincipalKind, ProjectKey, RepositoryName,
    RepositoryPolicy, Timestamp, TokenId, Visibility,
};

use super::grants::GrantedSpec;
use super::issuers::IssuerWanted;
use super::lines::PlanLine;
use super::rule::{DirectWanted, PublisherWanted};
use super::webhooks::WebhookWanted;

/// Everything a file says. Each part is made where there is none of its name; what is there is changed field by field, and lists
/// by element, as far as nobody else changed it since (docs/api.md 5).
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The organisation; `None` leaves it as it is.
    pub organisation: Option<OrganisationSpec>,
    /// Who vouches for machines.
    pub issuers: Vec<IssuerSpec>,
    /// Who is told of what happens anywhere.
    pub webhooks: Vec<WebhookSpec>,
    /// Projects with their roles, repositories, publishers and webhooks.
    pub projects: Vec<ProjectSpec>,
    /// Members, collaborators and guests.
    pub persons: Vec<PersonSpec>,
    /// Applications.
    pub applications: Vec<ApplicationSpec>,
    /// Teams and their members.
    pub teams: Vec<TeamSpec>,
    /// Roles of the organisation.
    pub roles: Vec<RoleSpec>,
    /// Grants.
    pub grants: Vec<GrantSpec>,
    /// What must be so afterwards.
    pub tests: Vec<TestSpec>,
}

impl Plan {
    /// All webhooks, with the nodes that they are at as people write them.
    pub(super) fn all_webhooks(&self) -> Vec<(String, &WebhookSpec)> {
        fn at<'s>(on: &str, all: &'s [WebhookSpec], found: &mut Vec<(String, &'s WebhookSpec)>) {
            found.extend(all.iter().map(|spec| (on.to_owned(), spec)));
        }
        let mut found = Vec::new();
        at("/", &self.webhooks, &mut found);
        for project in &self.projects {
            at(project.key.as_str(), &project.webhooks, &mut found);
            for repository in &project.repositories {
                at(&format!("{}/{}", project.key, repository.name), &repository.webhooks, &mut found);
            }
        }
        found
    }
}

/// What must be so once a plan is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSpec {
    /// `guest:gus`, `application:ci`, or `team:anyone` for who has not logged in.
    pub who: Box<str>,
    /// `/`, `alpha`, `alpha/jars`.
    pub on: Box<str>,
    /// Holds all of these there, whatever its token.
    pub may: Permissions,
    /// Holds none of these.
    pub may_not: Permissions,
}

/// The organisation.
#[derive(Debug, Clone)]
pub struct OrganisationSpec {
    /// Its name.
    pub name: Box<str>,
    /// Its title; `None` keeps the present one.
    pub title: Option<Box<str>>,
    /// Other names that may stand for it.
    pub aliases: Vec<Box<str>>,
    /// What new projects are; `None` keeps the present preset.
    pub new_projects: Option<Access>,
}

/// A project.
#[derive(Debug, Clone)]
pub struct ProjectSpec {
    /// Its key.
    pub key: ProjectKey,
    /// Its title; `None` keeps the present one, or is the key.
    pub title: Option<Box<str>>,
    /// What it is for; `None` keeps it, or is nothing.
    pub description: Option<Box<str>>,
    /// Whether every member may read in it; `None` keeps it, or is the organisation's preset.
    pub access: Option<Access>,
    /// Its own copies of predefined roles, edited, and its custom ones.
    pub roles: Vec<RoleSpec>,
    /// Its repositories.
    pub repositories: Vec<RepositorySpec>,
    /// Its rules by which machines get tokens.
    pub publishers: Vec<PublisherSpec>,
    /// Who is told of what happens in it.
    pub webhooks: Vec<WebhookSpec>,
}

/// Who is told of what happens at a node and below it.
#[derive(Debug, Clone)]
pub struct WebhookSpec {
    /// Its name at the node.
    pub name: Box<str>,
    /// What it is; one that is there keeps its secret where none is given.
    pub wanted: WebhookWanted,
}

/// Somebody who vouches for machines.
#[derive(Debug, Clone)]
pub struct IssuerSpec {
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub wanted: IssuerWanted,
}

/// A rule by which machines get tokens.
#[derive(Debug, Clone)]
pub struct PublisherSpec {
    /// Its name in the project.
    pub name: Box<str>,
    /// What it is, but for what follows from the kind of its issuer.
    pub wanted: PublisherWanted,
    /// What would stand for identity tokens that are shown as they are.
    pub stands: DirectWanted,
    /// What follows from the kind of its issuer, or why a rule for such an issuer cannot be so.
    pub of_kind: fn(&str, PublisherWanted) -> Result<PublisherWanted, String>,
}

/// A role.
#[derive(Debug, Clone)]
pub struct RoleSpec {
    /// Its name.
    pub name: Box<str>,
    /// What it holds.
    pub permissions: Permissions,
}

/// A repository.
#[derive(Debug, Clone)]
pub struct RepositorySpec {
    /// Its name.
    pub name: RepositoryName,
    /// The protocol it speaks; cannot be changed later.
    pub format: Format,
    /// Whether anonymous callers may read.
    pub visibility: Visibility,
    /// What it is for; `None` keeps it, or is nothing.
    pub description: Option<Box<str>>,
    /// Its rules; `None` keeps the present ones.
    pub policy: Option<RepositoryPolicy>,
    /// Who is told of what happens in it.
    pub webhooks: Vec<WebhookSpec>,
}

/// A person.
#[derive(Debug, Clone)]
pub struct PersonSpec {
    /// Member, collaborator or guest.
    pub kind: PrincipalKind,
    /// User name.
    pub username: Box<str>,
    /// What people call them; `None` keeps it, or is the user name.
    pub title: Option<Box<str>>,
    /// Address, which may be used to log in too; `None` leaves it as it is.
    pub email: Option<Box<str>>,
    /// Argon2id hash in PHC form: the one that is stored, or else the one that was applied last, where the password fits it.
    /// `None` changes nothing.
    pub password_hash: Option<Box<str>>,
    /// Known, and refused; `None` leaves it as it is, so that a restart does not let in whom somebody shut out.
    pub suspended: Option<bool>,
    /// Permanent tokens.
    pub tokens: Vec<TokenSpec>,
}

/// An application.
#[derive(Debug, Clone)]
pub struct ApplicationSpec {
    /// Its name.
    pub name: Box<str>,
    /// What people call it; `None` keeps it, or is the name.
    pub title: Option<Box<str>>,
    /// The client ID it logs in with; `None` keeps the present one.
    pub client_id: Option<Login>,
    /// The client ID of a new application that names none.
    pub client_id_if_new: Option<Login>,
    /// Requested rights; `None` for an application without own limits.
    pub requested: Option<Permissions>,
    /// Projects where the requested rights are authorised.
    pub authorised: Vec<ProjectKey>,
    /// Known, and refused; `None` leaves it as it is, so that a restart does not let in whom somebody shut out.
    pub suspended: Option<bool>,
    /// Permanent tokens.
    pub tokens: Vec<TokenSpec>,
}

/// A permanent token: never its secret. Another id or hash under the same name replaces the old token.
#[derive(Debug, Clone)]
pub struct TokenSpec {
    /// What its owner calls it.
    pub name: Box<str>,
    /// Public id, part of the text.
    pub id: TokenId,
    /// SHA-256 of the whole text.
    pub sha256: [u8; 32],
    /// `None` for everything its owner may, else pairs of a node and permissions there.
    pub limits: Option<Vec<(Box<str>, Permissions)>>,
    /// Refused until this moment.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on; may lie in the past.
    pub expires: Option<Timestamp>,
    /// Refused from elsewhere.
    pub networks: Networks,
    /// Known, and refused.
    pub disabled: bool,
}

/// A team.
#[derive(Debug, Clone)]
pub struct TeamSpec {
    /// Its name; of the built-in ones only `org-admins` has members to set.
    pub name: Box<str>,
    /// What people call it; `None` keeps it, or is the name. Built-in ones keep theirs.
    pub title: Option<Box<str>>,
    /// `member:alice`, `application:build-server`, `team:others`.
    pub members: Vec<Box<str>>,
}

/// A grant.
#[derive(Debug, Clone)]
pub struct GrantSpec {
    /// `member:alice`, `team:releasers`.
    pub to: Box<str>,
    /// `/`, `alpha`, `alpha/jars`.
    pub on: Box<str>,
    /// What it gives.
    pub what: GrantedSpec,
    /// From this moment on it no longer holds.
    pub expires: Option<Timestamp>,
}

/// What a plan changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many things were made or changed; 0 when a plan is applied again.
    pub changed: u64,
    /// Applications made with a client ID the plan did not name.
    pub client_ids_made: Vec<(Box<str>, Login)>,
    /// What of the things that were there is other than before, for people.
    pub set: Vec<Box<str>>,
    /// What the plan says but administrators have undone since, for people; not counted as changed.
    pub warnings: Vec<Box<str>>,
    /// Every line.
    pub lines: Vec<PlanLine>,
}
