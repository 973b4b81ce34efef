//! What the names of a bootstrap file may refer to: what it makes itself, what is built in, and what is there already.

use std::collections::{BTreeMap, BTreeSet};

use domain::{BuiltinRole, Permissions, PrincipalKind};

use super::file::File;
use crate::config::document::{At, Source, shown};
use crate::config::problem::Problems;
use api::closest;

/// Names that exist in the database before the file is applied.
#[derive(Debug, Default)]
pub(crate) struct Present {
    /// Such as `member:alice`, by every name they log in with.
    pub(crate) subjects: BTreeSet<String>,
    /// Such as `alpha` and `alpha/images`.
    pub(crate) nodes: BTreeSet<String>,
    /// Issuers and webhooks, such as `issuer github` and `webhook ci on alpha/jars`.
    pub(crate) objects: BTreeSet<String>,
    /// Whether there may be more that is known to a server only, which then judges the names.
    pub(crate) elsewhere: bool,
}

/// Everything that can be referred to.
pub(super) struct Names {
    subjects: BTreeSet<String>,
    nodes: BTreeSet<String>,
    /// As [`Present::objects`], with the issuers of the file.
    objects: BTreeSet<String>,
    /// As [`Present::elsewhere`].
    pub(super) elsewhere: bool,
    /// What each role of the organisation holds.
    organisation: BTreeMap<String, Permissions>,
    /// What each project's own roles hold, by project and name; the copies that the file does not edit are missing.
    projects: BTreeMap<(String, String), Permissions>,
}

/// The built-in teams that a grant may name; the projects' own come with the projects.
const TEAMS: [&str; 4] = ["team:anyone", "team:everyone", "team:org-members", "team:org-admins"];

impl Names {
    pub(super) fn of(file: &File, present: &Present) -> Self {
        let mut names = Self {
            subjects: present.subjects.clone(),
            nodes: present.nodes.clone(),
            objects: present.objects.clone(),
            elsewhere: present.elsewhere,
            organisation: BuiltinRole::ALL
                .into_iter()
                .map(|role| (role.as_str().to_owned(), role.template()))
                .collect(),
            projects: BTreeMap::new(),
        };
        names.nodes.insert("/".to_owned());
        names.subjects.extend(TEAMS.map(str::to_owned));
        names.add_nodes(file);
        names.add_subjects(file);
        names.objects.extend(file.issuers.iter().map(|each| issuer(each.value.name.as_str())));
        for role in &file.roles {
            names.organisation.insert(role.name.value.clone(), role.permissions.value);
        }
        let projects: Vec<String> = names
            .nodes
            .iter()
            .filter(|node| !node.contains('/'))
            .map(|key| format!("team:project-team:{key}"))
            .collect();
        names.subjects.extend(projects);
        names
    }

    fn add_nodes(&mut self, file: &File) {
        for project in &file.projects {
            let key = project.key.value.as_str();
            self.nodes.insert(key.to_owned());
            self.nodes.extend(
                project.repositories.iter().map(|repository| format!("{key}/{}", repository.name.value)),
            );
            for publisher in project.publishers.iter().filter(|each| each.value.application.is_none()) {
                self.subjects.insert(format!("application:ci-{key}-{}", publisher.value.name.as_str()));
            }
            for role in &project.roles {
                let name = (key.to_owned(), role.name.value.clone());
                self.projects.insert(name, role.permissions.value);
            }
        }
    }

    fn add_subjects(&mut self, file: &File) {
        for person in &file.people {
            self.subjects.insert(format!("{}:{}", person.kind.as_str(), person.username.value.as_str()));
        }
        for application in &file.applications {
            let ids = [Some(&application.name), application.client_id.as_ref()];
            let ids = ids.into_iter().flatten();
            self.subjects.extend(ids.map(|id| format!("application:{}", id.value.as_str())));
        }
        self.subjects.extend(file.teams.iter().map(|team| format!("team:{}", folded(&team.name.value))));
    }

    /// The kind of a subject that exists; a problem with a suggestion if it does not. `None` inside is a team.
    pub(super) fn subject(
        &self,
        name: &At<String>,
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<Option<PrincipalKind>> {
        let wanted = folded(&name.value);
        if self.subjects.contains(&wanted) {
            return Some(kind_of(&wanted));
        }
        if self.elsewhere && is_written(&wanted) {
            return Some(kind_of(&wanted));
        }
        // The right name behind the wrong kind is the likeliest mistake.
        let same_name = wanted.split_once(':').and_then(|(_, bare)| {
            self.subjects.iter().find(|known| known.split_once(':').is_some_and(|(_, other)| other == bare))
        });
        let meant = same_name
            .map(String::as_str)
            .or_else(|| closest(&wanted, self.subjects.iter().map(String::as_str)));
        let message = if wanted.contains(':') {
            format!("unknown `{}`", shown(&name.value))
        } else {
            format!("`{}` must be KIND:NAME, such as member:alice", shown(&name.value))
        };
        problems.add(source.problem(name.line, message).meant(meant));
        None
    }

    /// A problem if there is no such node.
    pub(super) fn node(&self, name: &At<String>, source: Source<'_>, problems: &mut Problems) -> bool {
        let known = self.elsewhere || self.nodes.contains(&name.value);
        if !known {
            let meant = closest(&name.value, self.nodes.iter().map(String::as_str));
            let message = format!("unknown node `{}`", shown(&name.value));
            problems.add(source.problem(name.line, message).meant(meant));
        }
        known
    }

    /// A problem if there is no such issuer.
    pub(super) fn issuer(&self, name: &At<&str>, source: Source<'_>, problems: &mut Problems) {
        if self.elsewhere || self.objects.contains(&issuer(name.value)) {
            return;
        }
        let known = self.objects.iter().filter_map(|known| known.strip_prefix(ISSUER));
        let meant = closest(name.value, known);
        problems
            .add(source.problem(name.line, format!("unknown issuer `{}`", shown(name.value))).meant(meant));
    }

    /// Whether a webhook may be there, which has a secret then.
    pub(super) fn may_have_webhook(&self, name: &str, on: &str) -> bool {
        self.elsewhere || self.objects.contains(&format!("webhook {name} on {on}"))
    }

    /// What a role holds as seen from a node: the project's own before the organisation's. A problem if there is none.
    pub(super) fn role(
        &self,
        name: &At<String>,
        node: &str,
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<Permissions> {
        let project = node.split('/').next().unwrap_or_default().to_owned();
        let own = self.projects.get(&(project.clone(), name.value.clone()));
        let found = own.or_else(|| self.organisation.get(&name.value)).copied();
        if found.is_none() && !self.elsewhere {
            let of_project =
                self.projects.keys().filter(|(key, _)| *key == project).map(|(_, role)| role.as_str());
            let known = of_project.chain(self.organisation.keys().map(String::as_str));
            let message = format!("unknown role `{}`", shown(&name.value));
            problems.add(source.problem(name.line, message).meant(closest(&name.value, known)));
        }
        found
    }
}

/// What memory calls issuers.
const ISSUER: &str = "issuer ";

fn issuer(name: &str) -> String {
    format!("{ISSUER}{name}")
}

/// Subjects are compared without regard to ASCII case, like log-in names.
pub(super) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether it has a kind of subject and a name.
fn is_written(subject: &str) -> bool {
    let name = subject.split_once(':').map_or("", |(_, name)| name);
    !name.is_empty() && (kind_of(subject).is_some() || subject.starts_with("team:"))
}

fn kind_of(subject: &str) -> Option<PrincipalKind> {
    let kinds = [
        PrincipalKind::Member,
        PrincipalKind::Collaborator,
        PrincipalKind::Guest,
        PrincipalKind::Application,
    ];
    let word = subject.split(':').next().unwrap_or_default();
    kinds.into_iter().find(|kind| kind.as_str() == word)
}
