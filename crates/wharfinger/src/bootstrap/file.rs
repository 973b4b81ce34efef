//! The bootstrap file as written: every name parsed, every value with its line, nothing looked up yet.

use domain::{Access, Login, Permission, Permissions, Timestamp, Visibility};

use crate::config::document::{At, Source, Table, shown};
use crate::config::problem::{Location, Problem, Problems};
use api::closest;
use api::plans::IssuerDocument;

mod machines;
mod people;
mod projects;

pub(super) use machines::Webhook;
pub(super) use people::{Application, Person, SecretFrom, Token};
pub(super) use projects::Project;

/// Most characters of a title.
const TITLE_CHARS_MAX: usize = 200;
/// Most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) organisation: Option<Organisation>,
    pub(super) issuers: Vec<At<IssuerDocument>>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) projects: Vec<Project>,
    pub(super) people: Vec<Person>,
    pub(super) applications: Vec<Application>,
    pub(super) teams: Vec<Team>,
    pub(super) roles: Vec<Role>,
    pub(super) grants: Vec<Grant>,
    pub(super) tests: Vec<Test>,
}

/// What must be so once the file is applied.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) who: At<String>,
    pub(super) on: At<String>,
    pub(super) may: Permissions,
    pub(super) may_not: Permissions,
}

#[derive(Debug)]
pub(super) struct Organisation {
    pub(super) name: At<String>,
    pub(super) title: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) new_projects: Option<Access>,
}

#[derive(Debug)]
pub(super) struct Team {
    pub(super) name: At<String>,
    pub(super) title: Option<String>,
    pub(super) members: Vec<At<String>>,
}

#[derive(Debug)]
pub(super) struct Role {
    pub(super) name: At<String>,
    pub(super) permissions: At<Permissions>,
}

#[derive(Debug)]
pub(super) struct Grant {
    pub(super) to: At<String>,
    pub(super) on: At<String>,
    pub(super) what: What,
    pub(super) expires: Option<At<Timestamp>>,
}

#[derive(Debug)]
pub(super) enum What {
    Role(At<String>),
    Permissions(At<Permissions>),
}

impl File {
    /// All webhooks, with the nodes that they are at.
    pub(super) fn all_webhooks(&self) -> Vec<(String, &Webhook)> {
        fn at<'f>(on: &str, all: &'f [Webhook], found: &mut Vec<(String, &'f Webhook)>) {
            found.extend(all.iter().map(|each| (on.to_owned(), each)));
        }
        let mut found = Vec::new();
        at("/", &self.webhooks, &mut found);
        for project in &self.projects {
            let key = &project.key.value;
            at(key.as_str(), &project.webhooks, &mut found);
            for repository in &project.repositories {
                at(&format!("{key}/{}", repository.name.value), &repository.webhooks, &mut found);
            }
        }
        found
    }
}

/// Reads the file. What it returns is complete only if no problem was added.
pub(super) fn read(source: Source<'_>, problems: &mut Problems) -> File {
    let document = match source.parse() {
        Ok(document) => document,
        Err(problem) => {
            problems.add(problem);
            return File::default();
        }
    };
    let root = Table::root(source, document.get_ref());
    let known = [
        "organisation",
        "issuers",
        "webhooks",
        "projects",
        "members",
        "collaborators",
        "guests",
        "applications",
        "teams",
        "roles",
        "grants",
        "tests",
    ];
    root.only(&known, problems);
    File {
        organisation: root
            .table("organisation", "[organisation]", problems)
            .and_then(|table| organisation(&table, problems)),
        issuers: each(&root, "issuers", "[[issuers]]", problems, machines::document),
        webhooks: machines::webhooks(&root, "[[webhooks]]", problems),
        projects: projects::read(&root, problems),
        people: people::people(&root, problems),
        applications: people::applications(&root, problems),
        teams: each(&root, "teams", "[[teams]]", problems, team),
        roles: each(&root, "roles", "[[roles]]", problems, role),
        grants: each(&root, "grants", "[[grants]]", problems, grant),
        tests: each(&root, "tests", "[[tests]]", problems, test),
    }
}

/// Reads every table of an array; those with problems are left out.
fn each<'d, T>(
    table: &Table<'d>,
    key: &str,
    title: &'d str,
    problems: &mut Problems,
    read: impl Fn(&Table<'d>, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let tables = table.tables(key, title, problems);
    tables.iter().filter_map(|table| read(table, problems)).collect()
}

fn organisation(table: &Table<'_>, problems: &mut Problems) -> Option<Organisation> {
    table.only(&["name", "title", "aliases", "new_projects"], problems);
    let name = table.required_text("name", problems).and_then(|name| key(table, name, problems));
    let title = title(table, problems);
    let aliases = table.texts("aliases", problems).unwrap_or_default();
    let aliases = aliases.into_iter().filter_map(|alias| key(table, alias, problems));
    let aliases = aliases.map(|alias| alias.value).collect();
    let new_projects = access(table, "new_projects", problems);
    Some(Organisation { name: name?, title, aliases, new_projects })
}

fn team(table: &Table<'_>, problems: &mut Problems) -> Option<Team> {
    table.only(&["name", "title", "members"], problems);
    let name = table.required_text("name", problems).map(owned);
    let title = title(table, problems);
    let members = table.texts("members", problems).unwrap_or_default().into_iter().map(owned).collect();
    Some(Team { name: name?, title, members })
}

fn role(table: &Table<'_>, problems: &mut Problems) -> Option<Role> {
    table.only(&["name", "permissions"], problems);
    let name = table.required_text("name", problems).and_then(|name| key(table, name, problems));
    let permissions = permissions(table, problems);
    Some(Role { name: name?, permissions: permissions? })
}

fn grant(table: &Table<'_>, problems: &mut Problems) -> Option<Grant> {
    table.only(&["to", "on", "role", "permissions", "expires"], problems);
    let to = table.required_text("to", problems).map(owned);
    let on = table.required_text("on", problems).map(owned);
    let role = table.text("role", problems).map(owned);
    let listed = if table.has("permissions") { permissions(table, problems) } else { None };
    let what = match (role, listed) {
        (Some(role), None) if !table.has("permissions") => What::Role(role),
        (None, Some(listed)) if !table.has("role") => What::Permissions(listed),
        _ => {
            if table.has("role") == table.has("permissions") {
                let source = table.source();
                problems.add(source.problem(table.line(), "a grant has either `role` or `permissions`"));
            }
            return None;
        }
    };
    Some(Grant { to: to?, on: on?, what, expires: expires(table, problems) })
}

fn test(table: &Table<'_>, problems: &mut Problems) -> Option<Test> {
    table.only(&["who", "on", "may", "may_not"], problems);
    let who = table.required_text("who", problems).map(owned);
    let on = table.required_text("on", problems).map(owned);
    let rights = |name: &str, problems: &mut Problems| {
        permission_list(table, name, problems).map_or(Permissions::NONE, |at| at.value)
    };
    let (may, may_not) = (rights("may", problems), rights("may_not", problems));
    Some(Test { who: who?, on: on?, may, may_not })
}

fn owned(at: At<&str>) -> At<String> {
    at.map(str::to_owned)
}

fn title(table: &Table<'_>, problems: &mut Problems) -> Option<String> {
    let title = table.text("title", problems)?;
    if title.value.chars().count() > TITLE_CHARS_MAX || title.value.chars().any(char::is_control) {
        let message =
            format!("a title has at most {TITLE_CHARS_MAX} characters, none of them control characters");
        problems.add(table.source().problem(title.line, message));
        return None;
    }
    Some(title.value.to_owned())
}

fn description(table: &Table<'_>, problems: &mut Problems) -> Option<String> {
    let text = table.text("description", problems)?;
    let odd = |letter: char| letter.is_control() && letter != '\n';
    if text.value.chars().count() > DESCRIPTION_CHARS_MAX || text.value.chars().any(odd) {
        let message = format!(
            "a description has at most {DESCRIPTION_CHARS_MAX} characters, and no control characters but ends of lines"
        );
        problems.add(table.source().problem(text.line, message));
        return None;
    }
    Some(text.value.to_owned())
}

/// A name with the grammar of repository names: roles, the organisation.
fn key(table: &Table<'_>, name: At<&str>, problems: &mut Problems) -> Option<At<String>> {
    parsed(table, name, problems, domain::RepositoryName::parse)
        .map(|at| at.map(|name| name.as_str().to_owned()))
}

/// Parses a name; what is wrong with it is a problem on its line.
fn parsed<T>(
    table: &Table<'_>,
    text: At<&str>,
    problems: &mut Problems,
    parse: impl FnOnce(&str) -> Result<T, domain::Invalid>,
) -> Option<At<T>> {
    match parse(text.value) {
        Ok(value) => Some(At { value, line: text.line }),
        Err(invalid) => {
            problems.add(table.source().problem(text.line, format!("`{}`: {invalid}", shown(text.value))));
            None
        }
    }
}

fn login(table: &Table<'_>, name: At<&str>, problems: &mut Problems) -> Option<At<Login>> {
    parsed(table, name, problems, Login::parse)
}

/// One of a few words.
fn word<T>(table: &Table<'_>, name: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<At<T>>
where
    T: Copy,
{
    let text = table.text(name, problems)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
        return Some(At { value: *value, line: text.line });
    }
    let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let problem = table.source().problem(text.line, format!("`{name}` must be one of {}", all.join(", ")));
    problems.add(problem.meant(closest(text.value, all.iter().copied())));
    None
}

fn access(table: &Table<'_>, name: &str, problems: &mut Problems) -> Option<Access> {
    let words = [("internal", Access::Internal), ("closed", Access::Closed)];
    word(table, name, &words, problems).map(|at| at.value)
}

fn visibility(table: &Table<'_>, problems: &mut Problems) -> Option<Visibility> {
    let words = [("public", Visibility::Public), ("private", Visibility::Private)];
    word(table, "visibility", &words, problems).map(|at| at.value)
}

/// The list `permissions`, which must be there. An unknown word is a problem and leaves nothing.
fn permissions(table: &Table<'_>, problems: &mut Problems) -> Option<At<Permissions>> {
    permission_list(table, "permissions", problems).or_else(|| {
        if !table.has("permissions") {
            problems.add(table.source().problem(table.line(), "`permissions` is missing"));
        }
        None
    })
}

fn permission_list(table: &Table<'_>, name: &str, problems: &mut Problems) -> Option<At<Permissions>> {
    let words = table.texts(name, problems)?;
    let line = words.first().map_or_else(|| table.line(), |first| first.line);
    let mut set = Permissions::NONE;
    let mut complete = true;
    for at in words {
        match Permission::parse(at.value) {
            Ok(permission) => set = set.union(Permissions::of(&[permission])),
            Err(_) => {
                let near = closest(at.value, Permission::ALL.iter().map(|known| known.as_str()));
                let message = format!("unknown permission `{}`", shown(at.value));
                problems.add(table.source().problem(at.line, message).meant(near));
                complete = false;
            }
        }
    }
    complete.then_some(At { value: set, line })
}

/// A date and time with an offset.
fn expires(table: &Table<'_>, problems: &mut Problems) -> Option<At<Timestamp>> {
    moment(table, "expires", problems)
}

fn moment(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<At<Timestamp>> {
    let at = table.time(key, problems)?;
    let Some(moment) = super::time::moment(&at.value) else {
        let name = table.source().name.to_owned();
        let message = format!("`{key}` must be a date and time with an offset, such as 2099-12-31T00:00:00Z");
        problems.add(Problem::new(Location::Line(name, at.line), message));
        return None;
    };
    Some(At { value: moment, line: at.line })
}
