//! What is called how: the names that a gateway tells whoever types them.

use std::ffi::OsString;

use api::applications::{ApplicationsAsked, ListApplications};
use api::candidates::{CANDIDATES_MAX, CandidatesAsked, ListCandidates};
use api::issuers::ListIssuers;
use api::login_providers::ListLoginProviders;
use api::packages::ListPackages;
use api::people::{ListPeople, PeopleAsked};
use api::projects::{ListProjects, ProjectsAsked};
use api::publishers::ListPublishers;
use api::repositories::{ListRepositories, RepositoriesAsked};
use api::roles::ListRoles;
use api::teams::{ListTeams, TeamsAsked};
use api::tokens::{ListTokens, ListTokensOf, TokensAsked};
use api::version_list::{ListVersions, VersionsAsked};
use api::webhooks::ListWebhooks;
use api::{Ask, Endpoint, Nothing, Outgoing, PackageAt, Paging, PrincipalAt};
use clap::Arg;
use domain::{Organisation, Permission, Project, ProjectKey, Repository, RepositoryPath};
use serde_json::Value;

use super::super::client::Client;
use super::super::flags::At;
use super::super::{local, server_url, session};
use super::kept;
use crate::config::Environment;

/// What kind of thing a word of the command line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Project,
    Repository,
    /// `/`, a project or a repository.
    Node,
    /// `NODE=PERMISSIONS`.
    Limit,
    Person,
    /// A person, an application or a team.
    Subject,
    /// One of them who could be added to the project of the line.
    Candidate,
    Team,
    Application,
    /// Where `--on` says, or in the project of the line.
    Role,
    Permission,
    /// Between commas.
    Permissions,
    Format,
    Token,
    Webhook,
    Issuer,
    LoginProvider,
    /// `PROJECT/PUBLISHER`.
    Publisher,
    Package,
    Version,
}

impl Kind {
    /// What an argument of a verb names; nothing if what it says is new, or no name.
    pub(super) fn of(argument: &Arg, verb: &[&str]) -> Option<Self> {
        let is_new = argument.is_positional() && verb.last() == Some(&"create");
        if is_new || !argument.get_possible_values().is_empty() {
            return None;
        }
        Some(match (argument.get_id().as_str(), verb) {
            ("project" | "within" | "authorised", _) => Self::Project,
            ("repository", _) | ("to", ["import"]) => Self::Repository,
            ("to", ["export"]) => return None,
            ("on" | "node" | "read" | "write", _) => Self::Node,
            ("limits" | "grants", _) => Self::Limit,
            ("person", _) => Self::Person,
            ("participant", ["participant", "add"]) => Self::Candidate,
            ("principal" | "participant" | "to" | "who" | "of" | "actor" | "member" | "members", _) => {
                Self::Subject
            }
            ("team", _) => Self::Team,
            ("application", _) => Self::Application,
            ("role" | "roles", _) => Self::Role,
            ("may", _) => Self::Permission,
            ("permissions" | "requested", _) => Self::Permissions,
            ("format", _) => Self::Format,
            ("token", _) | ("id", ["token", ..]) => Self::Token,
            ("webhook", _) => Self::Webhook,
            ("issuer", ["login-provider", ..]) => return None,
            ("issuer", _) => Self::Issuer,
            ("provider", _) => Self::LoginProvider,
            ("publisher", _) => Self::Publisher,
            ("package", _) => Self::Package,
            ("version", ["version", ..]) => Self::Version,
            _ => return None,
        })
    }
}

/// The line that is being typed, and whose it is.
#[derive(Debug)]
pub(super) struct Line {
    words: Vec<String>,
    environment: Environment,
}

impl Line {
    /// Of what a script says: behind `--` it has the line.
    pub(super) fn new(arguments: &[OsString], environment: Environment) -> Self {
        let behind = arguments.iter().skip_while(|word| *word != "--").skip(1);
        Self { words: behind.filter_map(|word| word.to_str().map(str::to_owned)).collect(), environment }
    }

    /// The value of a flag.
    fn flag(&self, name: &str) -> Option<&str> {
        let mut words = self.words.iter();
        let value = words.find_map(|word| match word.strip_prefix(name)? {
            "" => Some(None),
            rest => rest.strip_prefix('=').map(Some),
        })?;
        value.or_else(|| words.next().map(String::as_str))
    }

    /// The first PROJECT/REPOSITORY behind the verb, and what stands behind it.
    fn repository(&self) -> Option<(RepositoryPath, Option<&str>)> {
        let at = self.words.iter().skip(1).position(|word| RepositoryPath::parse(word).is_ok())?;
        let path = RepositoryPath::parse(self.words.get(at.saturating_add(1))?).ok()?;
        Some((path, self.words.get(at.saturating_add(2)).map(String::as_str)))
    }

    /// The node that `--on` names; else, of a participant, the project.
    fn on(&self) -> Option<&str> {
        let of_participant = || match self.words.get(1).map(String::as_str) {
            Some("participant") => self.words.get(3).map(String::as_str),
            _ => None,
        };
        self.flag("--on").or_else(of_participant)
    }

    /// The gateway that the line or whoever types it means.
    fn client(&self) -> Option<Client> {
        let server = self.flag("--server").and_then(|text| server_url(text).ok());
        let at = At { server, ca_file: self.flag("--ca-file").map(Into::into) };
        session::client(&at, &self.environment).ok()
    }
}

/// All of a kind that begin so.
pub(super) fn beginning_with(kind: Kind, typed: &str, line: &Line) -> Vec<String> {
    let words = Permission::ALL.map(Permission::as_str).map(str::to_owned).to_vec();
    let names = match kind {
        Kind::Permission => words,
        Kind::Permissions => continued(typed, ',', words),
        Kind::Format => frontend::formats().iter().map(|known| known.format.to_string()).collect(),
        Kind::Limit if typed.contains('=') => {
            let separator = if typed.contains(',') { ',' } else { '=' };
            continued(typed, separator, words)
        }
        _ => asked(kind, typed, line),
    };
    names.into_iter().filter(|name| name.starts_with(typed)).collect()
}

/// Each word behind what was typed up to the last separator.
fn continued(typed: &str, separator: char, words: Vec<String>) -> Vec<String> {
    let before = typed.rfind(separator).map_or("", |at| typed.get(..=at).unwrap_or_default());
    words.into_iter().map(|word| format!("{before}{word}")).collect()
}

fn asked(kind: Kind, typed: &str, line: &Line) -> Vec<String> {
    let Some(client) = line.client() else { return Vec::new() };
    let asking = Asking { client, line };
    local::wait_for(async { Ok(asking.names(kind, typed).await) }).unwrap_or_default()
}

struct Asking<'l> {
    client: Client,
    line: &'l Line,
}

impl Asking<'_> {
    async fn names(&self, kind: Kind, typed: &str) -> Vec<String> {
        match kind {
            Kind::Project => self.projects(typed).await,
            Kind::Repository => self.repositories(typed).await,
            Kind::Node => self.nodes(typed).await,
            Kind::Limit => self.nodes(typed).await.into_iter().map(|node| format!("{node}=")).collect(),
            Kind::Person => self.people(typed).await,
            Kind::Subject => self.subjects(typed).await,
            Kind::Candidate => self.candidates(typed).await,
            Kind::Team => self.teams(typed).await,
            Kind::Application => self.applications(typed).await,
            Kind::Role => self.roles().await,
            Kind::Token => self.tokens().await,
            Kind::Webhook => self.webhooks().await,
            Kind::Issuer => self.listed::<ListIssuers>((), Paging::default(), "name").await,
            Kind::LoginProvider => self.listed::<ListLoginProviders>((), Paging::default(), "name").await,
            Kind::Publisher => self.publishers(typed).await,
            Kind::Package => self.packages().await,
            Kind::Version => self.versions().await,
            // Nobody need be asked.
            Kind::Permission | Kind::Permissions | Kind::Format => Vec::new(),
        }
    }

    async fn projects(&self, typed: &str) -> Vec<String> {
        let asked = ProjectsAsked { query: word(typed), ..ProjectsAsked::default() };
        self.listed::<ListProjects>((), asked, "key").await
    }

    async fn repositories(&self, typed: &str) -> Vec<String> {
        let (project, name) = typed.split_once('/').unwrap_or((typed, ""));
        let project = word(project).filter(|_| typed.contains('/'));
        let asked = RepositoriesAsked { project, query: word(name), ..RepositoriesAsked::default() };
        self.listed::<ListRepositories>((), asked, "path").await
    }

    async fn nodes(&self, typed: &str) -> Vec<String> {
        if typed.len() > 1 && typed.contains('/') {
            return self.repositories(typed).await;
        }
        let mut nodes = vec!["/".to_owned()];
        nodes.extend(self.projects(typed).await);
        // A project that is the only one is not the end of the way.
        nodes.extend(self.repositories("").await);
        nodes
    }

    async fn people(&self, typed: &str) -> Vec<String> {
        let name = typed.split_once(':').map_or(typed, |(_, name)| name);
        let query = if typed.contains(':') { word(name) } else { None };
        let asked = PeopleAsked { query, ..PeopleAsked::default() };
        self.listed::<ListPeople>((), asked, "ref").await
    }

    async fn subjects(&self, typed: &str) -> Vec<String> {
        let named = |kind: &str, names: Vec<String>| {
            names.into_iter().map(|name| format!("{kind}:{name}")).collect::<Vec<_>>()
        };
        match typed.split_once(':') {
            Some(("team", name)) => named("team", self.teams(name).await),
            Some(("application", name)) => named("application", self.applications(name).await),
            Some(_) => self.people(typed).await,
            None => {
                let mut all = self.people(typed).await;
                all.extend(named("application", self.applications("").await));
                all.extend(named("team", self.teams("").await));
                all
            }
        }
    }

    /// Whoever adds people to a project need not see the directory.
    async fn candidates(&self, typed: &str) -> Vec<String> {
        let Some(key) = self.line.on().and_then(|on| ProjectKey::parse_folded(on).ok()) else {
            return Vec::new();
        };
        let name = typed.split_once(':').map(|(_, name)| name);
        let asked = CandidatesAsked { query: name.and_then(word) };
        let mut names = self.listed::<ListCandidates>(key, asked, "ref").await;
        if name.is_none() && names.len() as u64 >= CANDIDATES_MAX {
            // There are more, found by their kind and a part of the name.
            names.extend(["application:", "collaborator:", "guest:", "member:", "team:"].map(str::to_owned));
        }
        names
    }

    async fn teams(&self, typed: &str) -> Vec<String> {
        let asked = TeamsAsked { query: word(typed), ..TeamsAsked::default() };
        self.listed::<ListTeams>((), asked, "name").await
    }

    async fn applications(&self, typed: &str) -> Vec<String> {
        let asked = ApplicationsAsked { query: word(typed), ..ApplicationsAsked::default() };
        self.listed::<ListApplications>((), asked, "name").await
    }

    /// Those of the project, which a repository has too, and those of the organisation.
    async fn roles(&self) -> Vec<String> {
        let project = self.line.on().and_then(|on| on.split('/').next());
        let project = project.and_then(|key| ProjectKey::parse_folded(key).ok());
        let mut roles = self.listed::<ListRoles<Organisation>>((), Paging::default(), "name").await;
        if let Some(key) = project {
            roles.extend(self.listed::<ListRoles<Project>>(key, Paging::default(), "name").await);
        }
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    async fn tokens(&self) -> Vec<String> {
        match self.line.flag("--of").or_else(|| self.line.flag("--who")) {
            Some(owner) => {
                self.listed::<ListTokensOf>(PrincipalAt::new(owner), TokensAsked::default(), "id").await
            }
            None => self.listed::<ListTokens>((), TokensAsked::default(), "id").await,
        }
    }

    /// Projects first, then those in the one that was typed.
    async fn publishers(&self, typed: &str) -> Vec<String> {
        let Some((project, _)) = typed.split_once('/') else {
            return self.projects(typed).await.into_iter().map(|key| format!("{key}/")).collect();
        };
        let Ok(key) = ProjectKey::parse_folded(project) else { return Vec::new() };
        let names = self.listed::<ListPublishers>(key, Paging::default(), "name").await;
        names.into_iter().map(|name| format!("{project}/{name}")).collect()
    }

    async fn webhooks(&self) -> Vec<String> {
        let Some(on) = self.line.on() else { return Vec::new() };
        if let Ok(path) = RepositoryPath::parse(on) {
            return self.listed::<ListWebhooks<Repository>>(path, Paging::default(), "name").await;
        }
        match ProjectKey::parse_folded(on) {
            Ok(key) => self.listed::<ListWebhooks<Project>>(key, Paging::default(), "name").await,
            Err(_) => self.listed::<ListWebhooks<Organisation>>((), Paging::default(), "name").await,
        }
    }

    async fn packages(&self) -> Vec<String> {
        let Some((repository, _)) = self.line.repository() else { return Vec::new() };
        self.listed::<ListPackages>(repository, Paging::default(), "name").await
    }

    async fn versions(&self) -> Vec<String> {
        let Some((repository, Some(package))) = self.line.repository() else { return Vec::new() };
        let package = PackageAt { repository, package: package.to_owned() };
        self.listed::<ListVersions>(package, VersionsAsked::default(), "version").await
    }

    /// One page of a list: what its items are called by this field. What was asked a moment ago is not asked again.
    async fn listed<E: Endpoint<Body = Nothing>>(
        &self,
        at: E::At,
        query: E::Query,
        field: &str,
    ) -> Vec<String> {
        let ask = Ask::<E>::new(at, query, Nothing {});
        let target = Outgoing::of(&ask).target;
        let place = kept::place(&self.line.environment, self.client.server(), &target);
        if let Some(names) = place.as_deref().and_then(kept::names) {
            return names;
        }
        let Ok(page) = self.client.call(&ask).await else { return Vec::new() };
        let items = page.document.get("items").and_then(Value::as_array).into_iter().flatten();
        let names: Vec<String> = items.filter_map(|item| named(item, field)).collect();
        if let Some(place) = place {
            kept::keep(&place, &names);
        }
        names
    }
}

fn named(item: &Value, field: &str) -> Option<String> {
    let about = || item.get("about").and_then(|about| about.get(field));
    let name = item.get(field).or_else(about)?.as_str()?;
    (!name.chars().any(char::is_control)).then(|| name.to_owned())
}

/// What to look for, if something that can be looked for was typed.
fn word<T: TryFrom<String>>(typed: &str) -> Option<T> {
    if typed.is_empty() {
        return None;
    }
    T::try_from(typed.to_owned()).ok()
}
