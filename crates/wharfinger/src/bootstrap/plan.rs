//! From the file to the plan that storage applies.

use api::plans::IssuerDocument;
use auth::TokenKind;
use domain::{Permissions, ProjectKey, Timestamp};
use storage::{
    ApplicationSpec, GrantSpec, GrantedSpec, OrganisationSpec, PersonSpec, Plan, ProjectSpec, RepositorySpec,
    RoleSpec, TeamSpec, TestSpec, TokenSpec, WebhookSpec,
};

use super::file::{Application, File, Grant, Person, Project, Role, Test, Token, Webhook, What};
use super::secrets::Secrets;
use crate::config::document::{At, Source};
use crate::config::problem::Problems;

/// The plan; complete only if no problem was added.
pub(super) fn plan(file: &File, source: Source<'_>, secrets: &Secrets<'_>, problems: &mut Problems) -> Plan {
    let mut tokens = Tokens { source, secrets, seen: Vec::new() };
    Plan {
        organisation: file.organisation.as_ref().map(|organisation| OrganisationSpec {
            name: organisation.name.value.as_str().into(),
            title: organisation.title.as_deref().map(Into::into),
            aliases: organisation.aliases.iter().map(|alias| alias.as_str().into()).collect(),
            new_projects: organisation.new_projects,
        }),
        issuers: file
            .issuers
            .iter()
            .filter_map(|each| read(each, IssuerDocument::spec, source, problems))
            .collect(),
        webhooks: webhooks(&file.webhooks, source, secrets, problems),
        projects: file.projects.iter().map(|each| project(each, source, secrets, problems)).collect(),
        persons: file.people.iter().map(|each| person(each, &mut tokens, problems)).collect(),
        applications: file.applications.iter().map(|each| application(each, &mut tokens, problems)).collect(),
        teams: file
            .teams
            .iter()
            .map(|team| TeamSpec {
                name: team.name.value.as_str().into(),
                title: team.title.as_deref().map(Into::into),
                members: team.members.iter().map(|member| member.value.as_str().into()).collect(),
            })
            .collect(),
        roles: file.roles.iter().map(role).collect(),
        grants: file.grants.iter().map(grant).collect(),
        tests: file.tests.iter().map(test).collect(),
    }
}

/// What is good to know and no reason to refuse.
pub(super) fn warnings(file: &File, source: Source<'_>, now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    for project in &file.projects {
        for repository in &project.repositories {
            for key in &repository.not_enforced {
                warnings.push(format!(
                    "{}:{}: `{}` of {}/{} is stored and not yet enforced",
                    source.name, key.line, key.value, project.key.value, repository.name.value
                ));
            }
        }
    }
    let people = file.people.iter().map(|person| (person.username.value.as_str(), &person.tokens));
    let applications = file.applications.iter().map(|app| (app.name.value.as_str(), &app.tokens));
    for (owner, tokens) in people.chain(applications) {
        for token in tokens {
            if let Some(at) = token.expires.as_ref().filter(|at| at.value <= now) {
                let name = &token.name.value;
                warnings.push(format!(
                    "{}:{}: the token `{name}` of `{owner}` has expired",
                    source.name, at.line
                ));
            }
        }
    }
    warnings
}

/// What of a document is a rule besides its form.
fn read<D, S>(
    document: &At<D>,
    spec: impl Fn(&D) -> Result<S, String>,
    source: Source<'_>,
    problems: &mut Problems,
) -> Option<S> {
    match spec(&document.value) {
        Ok(spec) => Some(spec),
        Err(why) => {
            problems.add(source.problem(document.line, why));
            None
        }
    }
}

/// Those whose secrets are there, sealed.
fn webhooks(
    all: &[Webhook],
    source: Source<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Problems,
) -> Vec<WebhookSpec> {
    let one = |each: &Webhook| {
        let mut document = At { value: each.document.value.clone(), line: each.document.line };
        if let Some(from) = &each.secret {
            document.value.secret = Some(secrets.signing(from, source, problems)?);
        }
        read(&document, |one| one.spec(secrets.hooks), source, problems)
    };
    all.iter().filter_map(one).collect()
}

fn project(
    project: &Project,
    source: Source<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Problems,
) -> ProjectSpec {
    let key = project.key.value.as_str();
    let publishers = project.publishers.iter();
    let publishers =
        publishers.filter_map(|each| read(each, |one| one.spec(key), source, problems)).collect();
    let repositories = project.repositories.iter().map(|repository| RepositorySpec {
        name: repository.name.value.clone(),
        format: repository.format,
        visibility: repository.visibility,
        description: repository.description.as_deref().map(Into::into),
        policy: repository.policy.clone(),
        webhooks: webhooks(&repository.webhooks, source, secrets, problems),
    });
    let repositories = repositories.collect();
    ProjectSpec {
        key: project.key.value.clone(),
        title: project.title.as_deref().map(Into::into),
        description: project.description.as_deref().map(Into::into),
        access: project.access,
        roles: project.roles.iter().map(role).collect(),
        repositories,
        publishers,
        webhooks: webhooks(&project.webhooks, source, secrets, problems),
    }
}

fn role(role: &Role) -> RoleSpec {
    RoleSpec { name: role.name.value.as_str().into(), permissions: role.permissions.value }
}

fn grant(grant: &Grant) -> GrantSpec {
    GrantSpec {
        to: grant.to.value.as_str().into(),
        on: grant.on.value.as_str().into(),
        what: match &grant.what {
            What::Role(role) => GrantedSpec::Role(role.value.as_str().into()),
            What::Permissions(permissions) => GrantedSpec::Permissions(permissions.value),
        },
        expires: grant.expires.as_ref().map(|at| at.value),
    }
}

fn test(test: &Test) -> TestSpec {
    TestSpec {
        who: test.who.value.as_str().into(),
        on: test.on.value.as_str().into(),
        may: test.may,
        may_not: test.may_not,
    }
}

fn person(person: &Person, tokens: &mut Tokens<'_>, problems: &mut Problems) -> PersonSpec {
    let whose = (person.kind, &person.username.value);
    let password_hash = person
        .password
        .as_ref()
        .and_then(|from| tokens.secrets.password_hash(from, whose, tokens.source, problems));
    PersonSpec {
        kind: person.kind,
        username: person.username.value.as_str().into(),
        title: person.title.as_deref().map(Into::into),
        email: person.email.as_ref().map(|email| email.value.as_str().into()),
        password_hash,
        suspended: person.suspended,
        tokens: tokens.of(&person.tokens, TokenKind::Person, problems),
    }
}

fn application(
    application: &Application,
    tokens: &mut Tokens<'_>,
    problems: &mut Problems,
) -> ApplicationSpec {
    let keys = application.authorised.iter().filter_map(|key| ProjectKey::parse(&key.value).ok());
    ApplicationSpec {
        name: application.name.value.as_str().into(),
        title: application.title.as_deref().map(Into::into),
        client_id: application.client_id.as_ref().map(|id| id.value.clone()),
        client_id_if_new: auth::new_client_id(),
        requested: application.requested,
        authorised: keys.collect(),
        suspended: application.suspended,
        tokens: tokens.of(&application.tokens, TokenKind::Application, problems),
    }
}

/// Looks tokens up and notices one that is given twice.
struct Tokens<'a> {
    source: Source<'a>,
    secrets: &'a Secrets<'a>,
    seen: Vec<(domain::TokenId, u32)>,
}

impl Tokens<'_> {
    fn of(&mut self, tokens: &[Token], kind: TokenKind, problems: &mut Problems) -> Vec<TokenSpec> {
        tokens.iter().filter_map(|token| self.one(token, kind, problems)).collect()
    }

    fn one(&mut self, token: &Token, kind: TokenKind, problems: &mut Problems) -> Option<TokenSpec> {
        let (id, sha256) = self.secrets.token(&token.secret, kind, self.source, problems)?;
        if let Some((_, first)) = self.seen.iter().find(|(known, _)| *known == id) {
            let message = format!("this secret is the same as the one of line {first}");
            problems.add(self.source.problem(token.secret.line, message));
            return None;
        }
        self.seen.push((id, token.secret.line));
        let limit = |on: &At<String>, some: &At<Permissions>| (on.value.as_str().into(), some.value);
        let limits = token.limits.as_ref();
        Some(TokenSpec {
            name: token.name.value.as_str().into(),
            id,
            sha256,
            limits: limits.map(|all| all.iter().map(|each| limit(&each.on, &each.permissions)).collect()),
            not_before: token.not_before.as_ref().map(|at| at.value),
            expires: token.expires.as_ref().map(|at| at.value),
            networks: token.networks.clone(),
            disabled: token.disabled,
        })
    }
}
