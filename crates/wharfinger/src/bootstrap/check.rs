//! What is wrong with a bootstrap file beyond its syntax: names nobody has, and grants that can never hold (docs/design.md 2).

use std::collections::BTreeMap;

use api::plans::PublisherDocument;
use domain::{BuiltinRole, Permission, Permissions, ProjectKey};

use super::file::{File, Role, Team, Token, Webhook};
use super::names::{Names, Present, folded};
use crate::config::document::{At, Source, shown};
use crate::config::problem::Problems;

mod grants;

/// Adds a problem for everything that cannot be applied.
pub(super) fn check(file: &File, present: &Present, source: Source<'_>, problems: &mut Problems) {
    let names = Names::of(file, present);
    twice(file, source, problems);
    for project in &file.projects {
        for role in &project.roles {
            project_role(role, source, problems);
        }
        for publisher in &project.publishers {
            self::publisher(publisher, &names, source, problems);
        }
    }
    for (on, webhook) in file.all_webhooks() {
        self::webhook(webhook, &on, &names, source, problems);
    }
    for role in &file.roles {
        organisation_role(role, source, problems);
    }
    for team in &file.teams {
        self::team(team, &names, source, problems);
    }
    cycles(&file.teams, source, problems);
    for person in &file.people {
        tokens(&person.tokens, &names, source, problems);
    }
    for application in &file.applications {
        for project in &application.authorised {
            let is_project = ProjectKey::parse(&project.value).is_ok();
            if !is_project {
                let message = format!("`{}` must be a project", shown(&project.value));
                problems.add(source.problem(project.line, message));
            } else {
                names.node(project, source, problems);
            }
        }
        tokens(&application.tokens, &names, source, problems);
    }
    grants::check(file, &names, source, problems);
    for test in &file.tests {
        names.subject(&test.who, source, problems);
        names.node(&test.on, source, problems);
    }
}

/// Names that the file gives twice: the second would silently win.
fn twice(file: &File, source: Source<'_>, problems: &mut Problems) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut say = |name: String, line: u32| {
        if let Some(first) = seen.insert(name.clone(), line) {
            problems.add(source.problem(line, format!("{name} is given twice, first on line {first}")));
        }
    };
    for project in &file.projects {
        let key = &project.key;
        say(format!("project `{}`", key.value), key.line);
        for repository in &project.repositories {
            say(format!("repository `{}/{}`", key.value, repository.name.value), repository.name.line);
        }
        for publisher in &project.publishers {
            say(format!("publisher `{}/{}`", key.value, publisher.value.name.as_str()), publisher.line);
        }
        for role in &project.roles {
            say(format!("role `{}` of project `{}`", role.name.value, key.value), role.name.line);
        }
    }
    for (on, webhook) in file.all_webhooks() {
        say(format!("webhook `{}` of `{on}`", webhook.document.value.name.as_str()), webhook.document.line);
    }
    for issuer in &file.issuers {
        say(format!("issuer `{}`", issuer.value.name.as_str()), issuer.line);
    }
    for person in &file.people {
        say(format!("log-in name `{}`", person.username.value.as_str()), person.username.line);
        // The same person may have its user name as address.
        for email in person.email.iter().filter(|email| email.value != person.username.value) {
            say(format!("log-in name `{}`", email.value.as_str()), email.line);
        }
        for token in &person.tokens {
            let owner = person.username.value.as_str();
            say(format!("token `{}` of `{owner}`", token.name.value), token.name.line);
        }
    }
    for application in &file.applications {
        say(format!("application `{}`", application.name.value.as_str()), application.name.line);
        if let Some(id) = &application.client_id {
            say(format!("log-in name `{}`", id.value.as_str()), id.line);
        }
        for token in &application.tokens {
            let owner = application.name.value.as_str();
            say(format!("token `{}` of application `{owner}`", token.name.value), token.name.line);
        }
    }
    for team in &file.teams {
        say(format!("team `{}`", folded(&team.name.value)), team.name.line);
    }
    for role in &file.roles {
        say(format!("role `{}`", role.name.value), role.name.line);
    }
}

/// A new one has a secret.
fn webhook(webhook: &Webhook, on: &str, names: &Names, source: Source<'_>, problems: &mut Problems) {
    let At { value, line } = &webhook.document;
    if webhook.secret.is_none() && !names.may_have_webhook(value.name.as_str(), on) {
        problems.add(source.problem(*line, "a new webhook needs `secret_env` or `secret_file`"));
    }
}

/// Who vouches, where its tokens are good, and whose they are.
fn publisher(publisher: &At<PublisherDocument>, names: &Names, source: Source<'_>, problems: &mut Problems) {
    let issuer = At { value: publisher.value.issuer.as_str(), line: publisher.line };
    names.issuer(&issuer, source, problems);
    let at = |text: String| At { value: text, line: publisher.line };
    for node in publisher.value.on.iter().flatten() {
        names.node(&at(node.as_str().to_owned()), source, problems);
    }
    if let Some(application) = &publisher.value.application {
        names.subject(&at(format!("application:{}", application.as_str())), source, problems);
    }
}

/// A project's copy of a predefined role, or a role of its own.
fn project_role(role: &Role, source: Source<'_>, problems: &mut Problems) {
    if let Some(builtin) = BuiltinRole::parse(&role.name.value) {
        if builtin.copied_to_projects() {
            return predefined(builtin, role, source, problems);
        }
        let message = format!("`{}` is a role of the organisation; edit it in [[roles]]", builtin.as_str());
        problems.add(source.problem(role.name.line, message));
    }
    for permission in role.permissions.value.iter().filter(|permission| permission.organisation_only()) {
        let message = format!("`{}` means nothing in a project; it is granted on `/`", permission.as_str());
        problems.add(source.problem(role.permissions.line, message));
    }
}

fn organisation_role(role: &Role, source: Source<'_>, problems: &mut Problems) {
    if let Some(builtin) = BuiltinRole::parse(&role.name.value) {
        return predefined(builtin, role, source, problems);
    }
    if role.permissions.value.contains(Permission::DirectoryManage) {
        problems.add(source.problem(role.permissions.line, ONLY_ADMINS));
    }
}

/// Said wherever `directory-manage` turns up.
const ONLY_ADMINS: &str =
    "`directory-manage` comes only through the team org-admins; make the person a member of it";

fn predefined(builtin: BuiltinRole, role: &Role, source: Source<'_>, problems: &mut Problems) {
    let Some(most) = builtin.editable_up_to() else {
        let message = format!("the role `{}` is fixed", builtin.as_str());
        return problems.add(source.problem(role.name.line, message));
    };
    let beyond = role.permissions.value.difference(most);
    if !beyond.is_empty() {
        let message = format!("the role `{}` cannot hold {}", builtin.as_str(), words(beyond));
        problems.add(source.problem(role.permissions.line, message));
    }
}

fn team(team: &Team, names: &Names, source: Source<'_>, problems: &mut Problems) {
    let name = folded(&team.name.value);
    let computed = matches!(name.as_str(), "anyone" | "everyone" | "org-members");
    if computed || name.starts_with("project-team:") {
        let message =
            format!("the members of `{}` are computed; it cannot be edited", shown(&team.name.value));
        return problems.add(source.problem(team.name.line, message));
    }
    if name != "org-admins"
        && let Err(invalid) = domain::RepositoryName::parse(&name)
    {
        let message = format!("`{}`: invalid team name: {}", shown(&team.name.value), invalid.reason);
        problems.add(source.problem(team.name.line, message));
    }
    for member in &team.members {
        match names.subject(member, source, problems) {
            Some(Some(kind)) if kind.is_external() => {
                let message = format!("`{}` cannot join a team: externals join none", shown(&member.value));
                problems.add(source.problem(member.line, message));
            }
            Some(None) if is_computed(&member.value) => {
                let message =
                    format!("`{}` is computed and cannot be a member of a team", shown(&member.value));
                problems.add(source.problem(member.line, message));
            }
            Some(_) | None => {}
        }
    }
}

fn is_computed(team: &str) -> bool {
    let team = folded(team);
    matches!(team.as_str(), "team:anyone" | "team:everyone" | "team:org-members")
}

/// Teams that contain themselves. Each team is followed once from each start: at most teams × memberships steps.
fn cycles(teams: &[Team], source: Source<'_>, problems: &mut Problems) {
    let inside: BTreeMap<String, &[At<String>]> = teams
        .iter()
        .map(|team| (format!("team:{}", folded(&team.name.value)), team.members.as_slice()))
        .collect();
    for team in teams {
        let own = format!("team:{}", folded(&team.name.value));
        let mut seen = std::collections::BTreeSet::new();
        let mut next = vec![own.clone()];
        while let Some(name) = next.pop() {
            for member in inside.get(&name).copied().unwrap_or_default() {
                let member = folded(&member.value);
                if member == own {
                    let message = format!("the team `{}` contains itself", shown(&team.name.value));
                    return problems.add(source.problem(team.name.line, message));
                }
                if seen.insert(member.clone()) {
                    next.push(member);
                }
            }
        }
    }
}

fn tokens(tokens: &[Token], names: &Names, source: Source<'_>, problems: &mut Problems) {
    for limit in tokens.iter().filter_map(|token| token.limits.as_ref()).flatten() {
        names.node(&limit.on, source, problems);
    }
    for token in tokens {
        let count = token.limits.as_ref().map_or(0, Vec::len);
        if count > domain::TokenLimits::PAIRS_MAX {
            let message = format!("a token has at most {} limits", domain::TokenLimits::PAIRS_MAX);
            problems.add(source.problem(token.name.line, message));
        }
    }
}

fn words(permissions: Permissions) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(", ")
}
