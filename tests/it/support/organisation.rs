//! An organisation as a bootstrap file, and the secrets of those who are in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::token;

/// Who logs in how.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// User name or client ID.
    pub(crate) name: String,
    /// Token or password.
    pub(crate) secret: String,
}

/// Projects, people and grants, written down as they are added.
#[derive(Debug, Default)]
pub(crate) struct Organisation {
    projects: BTreeMap<String, String>,
    people: BTreeMap<String, Person>,
    teams: String,
    /// Members of `org-admins` besides `root`.
    administrators: String,
    grants: String,
    logins: BTreeMap<String, Login>,
    variables: Vec<(String, String)>,
}

#[derive(Debug)]
struct Person {
    /// `members`, `applications` …
    table: &'static str,
    /// User name or client ID.
    login: String,
    lines: String,
    tokens: String,
}

/// The client ID of the application that [`Organisation::team`] knows.
pub(crate) const ROBOT: &str = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10";

impl Organisation {
    /// Nothing but `root`, the administrator.
    pub(crate) fn empty() -> Self {
        Self::default().member("root")
    }

    /// The organisation of most stories: project `team` with an image repository of each kind, and somebody for each right.
    pub(crate) fn team() -> Self {
        Self::empty()
            .repository("team/app", "oci", "private", "")
            .repository("team/open", "oci", "public", "")
            .repository("team/frozen", "oci", "private", "immutable_tags = [\"v*\"]")
            .repository("team/dense", "oci", "private", "sparse_indexes = false")
            .repository("team/jars", "maven", "private", "")
            .repository("other/app", "oci", "private", "")
            .member("alice")
            .role("member:alice", "project-member", "team")
            .role("member:alice", "project-member", "other")
            .token("alice", "reader", &[("team/app", "read")])
            .token("alice", "pusher", &[("team/app", "publish"), ("team/open", "publish")])
            .token("alice", "spare", &[])
            .member("pat")
            .password("pat", "a password of pat")
            .may("member:pat", "read publish", "team")
            .member("rita")
            .may("member:rita", "read", "team/app")
            .may("member:rita", "read", "team/frozen")
            .member("bob")
            .member("sue")
            .role("member:sue", "project-member", "team")
            .application("robot", ROBOT, "read publish overwrite", "team")
    }

    /// The same with a private repository of each format: `team/files` and `team/feed` besides.
    pub(crate) fn team_of_every_format() -> Self {
        Self::team().repository("team/files", "files", "private", "").repository(
            "team/feed",
            "nuget",
            "private",
            "",
        )
    }

    /// Adds a repository; its project is made with the first one.
    pub(crate) fn repository(mut self, path: &str, format: &str, visibility: &str, policy: &str) -> Self {
        let (project, name) = path.split_once('/').expect("PROJECT/REPOSITORY");
        let text = self.projects.entry(project.to_owned()).or_default();
        let _ = write!(
            text,
            "\n[[projects.repositories]]\nname = \"{name}\"\nformat = \"{format}\"\nvisibility = \"{visibility}\"\n"
        );
        if !policy.is_empty() {
            let _ = writeln!(text, "[projects.repositories.policy]\n{policy}");
        }
        self
    }

    /// Lets every member read the private repositories of a project that was not named before.
    pub(crate) fn internal(mut self, project: &str) -> Self {
        let before = self.projects.insert(project.to_owned(), "access = \"internal\"\n".to_owned());
        assert!(before.is_none(), "{project} is closed already");
        self
    }

    /// Edits a project's own copy of a role, or adds one of its own.
    pub(crate) fn project_role(mut self, project: &str, role: &str, permissions: &str) -> Self {
        let text = self.projects.get_mut(project).expect("a known project");
        let permissions = list(permissions);
        let _ = write!(text, "\n[[projects.roles]]\nname = \"{role}\"\npermissions = {permissions}\n");
        self
    }

    /// Adds a team.
    pub(crate) fn team_of(mut self, name: &str, members: &str) -> Self {
        let _ = write!(self.teams, "\n[[teams]]\nname = \"{name}\"\nmembers = {}\n", list(members));
        self
    }

    /// Makes somebody known an administrator, such as `application:robot`.
    pub(crate) fn administrator(mut self, who: &str) -> Self {
        self.administrators.push(' ');
        self.administrators.push_str(who);
        self
    }

    /// Adds a member with a full token called `main`.
    pub(crate) fn member(self, name: &str) -> Self {
        self.person("members", name, format!("username = \"{name}\"\nemail = \"{name}@example.org\"\n"))
    }

    /// Adds an external person with a full token called `main`.
    pub(crate) fn external(self, table: &'static str, name: &str) -> Self {
        self.person(table, name, format!("username = \"{name}\"\nemail = \"{name}@elsewhere.example\"\n"))
    }

    /// Adds an application that requests nothing and so has what it is granted.
    pub(crate) fn service_account(mut self, name: &str, client_id: &str) -> Self {
        let lines = format!("name = \"{name}\"\nclient_id = \"{client_id}\"\n");
        let login = client_id.to_owned();
        let person = Person { table: "applications", login, lines, tokens: String::new() };
        self.people.insert(name.to_owned(), person);
        self.token(name, "main", &[])
    }

    fn person(mut self, table: &'static str, name: &str, lines: String) -> Self {
        let person = Person { table, login: name.to_owned(), lines, tokens: String::new() };
        self.people.insert(name.to_owned(), person);
        self.token(name, "main", &[])
    }

    /// Adds an application with requested rights on one project and a full token called `main`.
    pub(crate) fn application(mut self, name: &str, client_id: &str, requested: &str, project: &str) -> Self {
        let lines = format!(
            "name = \"{name}\"\nclient_id = \"{client_id}\"\nrequested = {}\nauthorised = [\"{project}\"]\n",
            list(requested)
        );
        let person =
            Person { table: "applications", login: client_id.to_owned(), lines, tokens: String::new() };
        self.people.insert(name.to_owned(), person);
        self.token(name, "main", &[])
    }

    /// Lets a person log in with a password, called `password` among its logins.
    pub(crate) fn password(mut self, name: &str, password: &str) -> Self {
        let variable = variable(name, "password");
        let person = self.people.get_mut(name).expect("somebody known");
        let _ = writeln!(person.lines, "password_env = \"{variable}\"");
        let login = Login { name: person.login.clone(), secret: password.to_owned() };
        self.logins.insert(format!("{name}/password"), login);
        self.variables.push((variable, password.to_owned()));
        self
    }

    /// Adds a token to somebody, limited to these (node, permissions) pairs; none means full.
    pub(crate) fn token(mut self, name: &str, token: &str, limits: &[(&str, &str)]) -> Self {
        let person = self.people.get_mut(name).expect("somebody known");
        let secret = token::generate(if person.table == "applications" { 'a' } else { 'p' });
        let variable = variable(name, token);
        let _ = write!(
            person.tokens,
            "\n[[{}.tokens]]\nname = \"{token}\"\nsecret_env = \"{variable}\"\n",
            person.table
        );
        if !limits.is_empty() {
            let pairs: Vec<String> = limits
                .iter()
                .map(|(on, some)| format!("{{ on = \"{on}\", permissions = {} }}", list(some)))
                .collect();
            let _ = writeln!(person.tokens, "limits = [{}]", pairs.join(", "));
        }
        let login = Login { name: person.login.clone(), secret: secret.clone() };
        self.logins.insert(format!("{name}/{token}"), login);
        self.variables.push((variable, secret));
        self
    }

    /// Grants permissions.
    pub(crate) fn may(mut self, to: &str, permissions: &str, on: &str) -> Self {
        let permissions = list(permissions);
        let _ =
            write!(self.grants, "\n[[grants]]\nto = \"{to}\"\npermissions = {permissions}\non = \"{on}\"\n");
        self
    }

    /// Grants a role.
    pub(crate) fn role(mut self, to: &str, role: &str, on: &str) -> Self {
        let _ = write!(self.grants, "\n[[grants]]\nto = \"{to}\"\nrole = \"{role}\"\non = \"{on}\"\n");
        self
    }

    /// The login of somebody: `alice` by the token `main`, `alice/laptop` by another, `alice/password`.
    pub(crate) fn login(&self, who: &str) -> Login {
        let key = if who.contains('/') { who.to_owned() } else { format!("{who}/main") };
        self.logins.get(&key).unwrap_or_else(|| panic!("nobody is called {who}")).clone()
    }

    /// What the bootstrap file names by environment variable.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Every secret in it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.logins.values().map(|login| login.secret.as_str())
    }

    /// The bootstrap file.
    pub(crate) fn to_toml(&self) -> String {
        let mut text = "[organisation]\nname = \"acme\"\n".to_owned();
        for (key, repositories) in &self.projects {
            let _ = write!(text, "\n[[projects]]\nkey = \"{key}\"\n{repositories}");
        }
        for person in self.people.values() {
            let _ = write!(text, "\n[[{}]]\n{}{}", person.table, person.lines, person.tokens);
        }
        let administrators = list(&format!("member:root{}", self.administrators));
        let _ = write!(text, "\n[[teams]]\nname = \"org-admins\"\nmembers = {administrators}\n");
        text.push_str(&self.teams);
        text.push_str(&self.grants);
        text
    }
}

fn list(words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

fn variable(name: &str, what: &str) -> String {
    format!("{name}_{what}").to_ascii_uppercase().replace('-', "_")
}
