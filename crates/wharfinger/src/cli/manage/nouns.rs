//! Projects, repositories and roles.

use api::formats::ListFormats;
use api::garbage::ListGarbage;
use api::health::ListWorkers;
use api::nodes::ListNodes;
use api::projects::{
    DeleteProject, ListProjects, ProjectGoes, ProjectSort, ProjectsAsked, PutProject, ShowProject,
};
use api::repositories::{
    DeleteRepository, ListRepositories, PutRepository, RepositoriesAsked, SetVisibility, ShowRepository,
    Visibility, Visible,
};
use api::roles::{DeleteRole, ListRoles, PutRole, ResetRole, RoleGoes, RoleWanted, Roles, ShowRole};
use api::{Confirmed, Paging, ProjectRoleAt, RoleAt};
use domain::{Organisation, Project, ProjectKey, RepositoryPath};

use super::super::failure::Failure;
use super::super::nouns::{
    AccessWord, GarbageCommand, ProjectCommand, ProjectFields, ProjectOrder, RepositoryCommand,
    RepositoryFields, RoleCommand, RoleName, WorkerCommand,
};
use super::super::{Remote, VisibilityWord};
use super::changing::{self, Fields, confirmed};
use super::policy::policy;
use super::{On, on_of, rights, typed};
use crate::config::Environment;

pub(in crate::cli) async fn worker(command: WorkerCommand, environment: &Environment) -> Result<(), Failure> {
    let WorkerCommand::List { remote } = command;
    let titles = ["name", "working", "last_ok_at", "next_at", "lag_secs", "failures", "failing", "given_up"];
    changing::list::<_, ListWorkers>(((), Paging::default()), &titles, &remote, environment).await
}

pub(in crate::cli) async fn garbage(
    command: GarbageCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    let GarbageCommand::Status { remote } = command;
    let titles = [
        "repository",
        "removed",
        "removed_bytes",
        "waiting",
        "waiting_bytes",
        "first_goes_at",
        "last_goes_at",
        "freed",
        "freed_bytes",
    ];
    changing::list::<_, ListGarbage>(((), Paging::default()), &titles, &remote, environment).await
}

pub(in crate::cli) async fn project(
    command: ProjectCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        ProjectCommand::List { query, sort, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let sort = sort.map(|order| match order {
                ProjectOrder::Key => ProjectSort::Key,
                ProjectOrder::KeyDown => ProjectSort::KeyDown,
                ProjectOrder::Created => ProjectSort::Created,
                ProjectOrder::CreatedDown => ProjectSort::CreatedDown,
            });
            let asked = ProjectsAsked { query, sort, ..ProjectsAsked::default() };
            let titles = ["key", "title", "access", "my_permissions"];
            changing::list::<_, ListProjects>(((), asked), &titles, &remote, environment).await
        }
        ProjectCommand::Show { project, remote } => {
            changing::show::<ShowProject>(key(&project)?, &remote, environment).await
        }
        ProjectCommand::Create { project, fields, changing } => {
            let body = project_fields(&fields).whole::<PutProject>()?;
            let line = format!("project {project} was made");
            changing::create::<PutProject>((key(&project)?, body), &changing, &line, environment).await
        }
        ProjectCommand::Set { project, fields, changing } => {
            let line = format!("project {project} is as it was asked to be");
            let set = (key(&project)?, project_fields(&fields));
            changing::patch::<PutProject>(set, &changing, &line, environment).await
        }
        ProjectCommand::Delete { project, confirm, with_repositories, changing } => {
            let confirm = confirmed(confirm, key(&project)?.as_str(), &changing)?;
            let query = ProjectGoes { confirm, with_repositories: with_repositories.then_some(true) };
            let line = format!("project {project} is gone");
            changing::delete::<DeleteProject>((key(&project)?, query), &changing, &line, environment).await
        }
    }
}

fn project_fields(fields: &ProjectFields) -> Fields {
    Fields::default()
        .text("title", fields.title.as_deref())
        .text("description", fields.description.as_deref())
        .text("access", fields.access.map(AccessWord::as_str))
}

pub(in crate::cli) async fn nodes(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let titles = ["id", "release", "policy_version", "lease_until", "started_at", "here"];
    changing::list::<_, ListNodes>(((), Paging::default()), &titles, remote, environment).await
}

pub(in crate::cli) async fn formats(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    changing::list::<_, ListFormats>(((), Paging::default()), &["format", "prefix"], remote, environment)
        .await
}

pub(in crate::cli) async fn repository(
    command: RepositoryCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        RepositoryCommand::List { project, query, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let project = project.map(|key| typed("--project", key)).transpose()?;
            let asked = RepositoriesAsked { project, query, ..RepositoriesAsked::default() };
            let titles = ["path", "format", "visibility", "description"];
            changing::list::<_, ListRepositories>(((), asked), &titles, &remote, environment).await
        }
        RepositoryCommand::Show { repository, remote } => {
            changing::show::<ShowRepository>(path(&repository)?, &remote, environment).await
        }
        RepositoryCommand::Create { repository, format, fields, changing } => {
            let body = repository_fields(&fields)?.text("format", Some(&format)).whole::<PutRepository>()?;
            let line = format!("repository {repository} was made");
            changing::create::<PutRepository>((path(&repository)?, body), &changing, &line, environment).await
        }
        RepositoryCommand::Set { repository, fields, changing } => {
            let line = format!("repository {repository} is as it was asked to be");
            let set = (path(&repository)?, repository_fields(&fields)?);
            changing::patch::<PutRepository>(set, &changing, &line, environment).await
        }
        RepositoryCommand::Visibility { repository, visibility, changing } => {
            let body = Visible { visibility: visible(visibility) };
            let line = format!("{repository} is {}", visibility_word(visibility));
            let set = (path(&repository)?, body);
            changing::put::<SetVisibility>(set, &changing, &line, environment).await
        }
        RepositoryCommand::Delete { repository, confirm, changing } => {
            let line = format!("repository {repository} is gone");
            let at = path(&repository)?;
            let gone = (at.clone(), Confirmed { confirm: confirmed(confirm, &at.to_string(), &changing)? });
            changing::delete::<DeleteRepository>(gone, &changing, &line, environment).await
        }
    }
}

fn repository_fields(fields: &RepositoryFields) -> Result<Fields, Failure> {
    Ok(Fields::default()
        .text("visibility", fields.visibility.map(visibility_word))
        .text("description", fields.description.as_deref())
        .value("policy", policy(&fields.policy)?))
}

const fn visible(word: VisibilityWord) -> Visibility {
    match word {
        VisibilityWord::Public => Visibility::Public,
        VisibilityWord::Private => Visibility::Private,
    }
}

const fn visibility_word(word: VisibilityWord) -> &'static str {
    match word {
        VisibilityWord::Public => "public",
        VisibilityWord::Private => "private",
    }
}

pub(in crate::cli) async fn role(command: RoleCommand, environment: &Environment) -> Result<(), Failure> {
    let (RoleCommand::List { on, .. }
    | RoleCommand::Show { role: RoleName { on, .. }, .. }
    | RoleCommand::Set { role: RoleName { on, .. }, .. }
    | RoleCommand::Reset { role: RoleName { on, .. }, .. }
    | RoleCommand::Delete { role: RoleName { on, .. }, .. }) = &command;
    match on_of(on)? {
        On::Organisation => role_on::<Organisation>((), RoleAt::new, command, environment).await,
        On::Project(key) => {
            let at = |name: &str| ProjectRoleAt::new(key.clone(), name);
            role_on::<Project>(key.clone(), at, command, environment).await
        }
        On::Repository(_) => Err(Failure::Usage("a repository has no roles of its own".to_owned())),
    }
}

async fn role_on<N: Roles>(
    at: N::At,
    named: impl Fn(&str) -> Option<N::RoleAt>,
    command: RoleCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    let one = |role: &RoleName| {
        named(&role.role).ok_or_else(|| Failure::Usage(format!("{}: no role is called so", role.role)))
    };
    match command {
        RoleCommand::List { remote, .. } => {
            let titles = ["name", "builtin", "permissions", "holders"];
            let all = (at, Paging::default());
            changing::list::<_, ListRoles<N>>(all, &titles, &remote, environment).await
        }
        RoleCommand::Show { role, remote } => {
            changing::show::<ShowRole<N>>(one(&role)?, &remote, environment).await
        }
        RoleCommand::Set { role, permissions, changing } => {
            let body = RoleWanted { permissions: rights(&permissions)?, about: None };
            let line = format!("role {} holds what it was asked to hold", role.role);
            changing::put::<PutRole<N>>((one(&role)?, body), &changing, &line, environment).await
        }
        RoleCommand::Reset { role, changing } => {
            let line = format!("role {} holds what its template says", role.role);
            changing::act::<ResetRole<N>>(one(&role)?, &changing, &line, environment).await
        }
        RoleCommand::Delete { role, with_grants, confirm, changing } => {
            confirmed(confirm, &role.role, &changing)?;
            let query = RoleGoes { with_grants: with_grants.then_some(true) };
            let line = format!("role {} is gone", role.role);
            changing::delete::<DeleteRole<N>>((one(&role)?, query), &changing, &line, environment).await
        }
    }
}

pub(super) fn key(text: &str) -> Result<ProjectKey, Failure> {
    match on_of(text)? {
        On::Project(key) => Ok(key),
        _ => Err(Failure::Usage(format!("{text}: a project is called by its key"))),
    }
}

pub(in crate::cli) fn path(text: &str) -> Result<RepositoryPath, Failure> {
    match on_of(text)? {
        On::Repository(path) => Ok(path),
        _ => Err(Failure::Usage(format!("{text}: a repository is PROJECT/REPOSITORY"))),
    }
}
