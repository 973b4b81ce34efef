use api::plans::PublisherDocument;
use domain::{Access, Format, ProjectKey, RepositoryName, RepositoryPolicy, Visibility};
use frontend::FormatDescriptor;
use serde_json::{Map, Value};

use super::machines::{Webhook, document, misfit, webhooks};
use super::{Role, access, description, each, parsed, role, title, visibility, word};
use crate::config::document::{At, Table};
use crate::config::problem::Problems;

/// Most prefixes of one repository.
const PREFIXES_MAX: usize = 64;

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) key: At<ProjectKey>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) access: Option<Access>,
    pub(crate) roles: Vec<Role>,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) publishers: Vec<At<PublisherDocument>>,
    pub(crate) webhooks: Vec<Webhook>,
}

#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) name: At<RepositoryName>,
    pub(crate) format: Format,
    pub(crate) visibility: Visibility,
    pub(crate) description: Option<String>,
    /// `None` where the file has no `policy`: what is there stays.
    pub(crate) policy: Option<RepositoryPolicy>,
    /// Keys of the policy that are stored and not yet enforced, with their lines.
    pub(crate) not_enforced: Vec<At<&'static str>>,
    pub(crate) webhooks: Vec<Webhook>,
}

pub(super) fn read<'d>(root: &Table<'d>, problems: &mut Problems) -> Vec<Project> {
    let formats = frontend::descriptors();
    each(root, "projects", "[[projects]]", problems, |table, problems| project(table, &formats, problems))
}

fn project(table: &Table<'_>, formats: &[FormatDescriptor], problems: &mut Problems) -> Option<Project> {
    let known = ["key", "title", "description", "access", "roles", "repositories", "publishers", "webhooks"];
    table.only(&known, problems);
    let key = table.required_text("key", problems);
    let key = key.and_then(|key| parsed(table, key, problems, ProjectKey::parse));
    let (title, description) = (title(table, problems), description(table, problems));
    let access = access(table, "access", problems);
    let roles = each(table, "roles", "[[projects.roles]]", problems, role);
    let repositories =
        each(table, "repositories", "[[projects.repositories]]", problems, |table, problems| {
            repository(table, formats, problems)
        });
    let publishers = each(table, "publishers", "[[projects.publishers]]", problems, document);
    let webhooks = webhooks(table, "[[projects.webhooks]]", problems);
    Some(Project { key: key?, title, description, access, roles, repositories, publishers, webhooks })
}

fn repository(
    table: &Table<'_>,
    formats: &[FormatDescriptor],
    problems: &mut Problems,
) -> Option<Repository> {
    table.only(&["name", "format", "visibility", "description", "policy", "webhooks"], problems);
    let name = table.required_text("name", problems);
    let name = name.and_then(|name| parsed(table, name, problems, RepositoryName::parse));
    let of = format(table, formats, problems);
    let visibility = visibility(table, problems).unwrap_or(Visibility::Private);
    let description = description(table, problems);
    let webhooks = webhooks(table, "[[projects.repositories.webhooks]]", problems);
    let (name, of) = (name?, of?);
    let mut not_enforced = Vec::new();
    let policy = table
        .table("policy", "[projects.repositories.policy]", problems)
        .and_then(|table| policy(&table, of, &mut not_enforced, problems));
    let format = of.known.format;
    Some(Repository { name, format, visibility, description, policy, not_enforced, webhooks })
}

fn format<'f>(
    table: &Table<'_>,
    formats: &'f [FormatDescriptor],
    problems: &mut Problems,
) -> Option<&'f FormatDescriptor> {
    let words: Vec<(&str, &FormatDescriptor)> =
        formats.iter().map(|of| (of.known.format.as_str(), of)).collect();
    if !table.has("format") {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("a repository needs `format`, one of {}", words.join(", "));
        problems.add(table.source().problem(table.line(), message));
        return None;
    }
    word(table, "format", &words, problems).map(|at| at.value)
}

/// Key of every format: kept for what is still to come.
const COMMON: &str = "reserved_prefixes";

/// The other keys of a policy depend on the format; those that nothing enforces yet are stored and named.
fn policy(
    table: &Table<'_>,
    of: &FormatDescriptor,
    not_enforced: &mut Vec<At<&'static str>>,
    problems: &mut Problems,
) -> Option<RepositoryPolicy> {
    let schema = (of.policy_schema)();
    let own =
        schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys());
    let own: Vec<&str> = own.map(String::as_str).collect();
    table.only(&[&own[..], &[COMMON]].concat(), problems);
    let waiting = of.known.not_enforced.iter().copied().chain([COMMON]);
    not_enforced.extend(waiting.filter_map(|key| Some(At { value: key, line: table.line_of(key)? })));
    let document: Map<String, Value> =
        own.iter().filter_map(|key| Some(((*key).to_owned(), table.json(key)?))).collect();
    let document = Value::Object(document);
    let wrong = api::wrong_fields(&schema, &document);
    for field in &wrong {
        problems.add(misfit(table, field));
    }
    let reserved_prefixes = prefixes(table, problems);
    if !wrong.is_empty() {
        return None;
    }
    match (of.known.read_policy)(&document.to_string()) {
        Ok(own) => Some(RepositoryPolicy { own, reserved_prefixes }),
        Err(invalid) => {
            problems.add(table.source().problem(table.line(), invalid.to_string()));
            None
        }
    }
}

fn prefixes(table: &Table<'_>, problems: &mut Problems) -> Vec<Box<str>> {
    let prefixes = table.texts(COMMON, problems).unwrap_or_default();
    if prefixes.len() > PREFIXES_MAX {
        let line = table.line_of(COMMON).unwrap_or_else(|| table.line());
        problems.add(table.source().problem(line, format!("`{COMMON}` has more than {PREFIXES_MAX} items")));
    }
    let prefixes =
        prefixes.into_iter().filter_map(|text| parsed(table, text, problems, domain::PackageName::exact));
    prefixes.map(|at| at.value.display().into()).collect()
}
