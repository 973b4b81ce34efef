//! Projects: which there are, what is in one, and new ones.

use std::borrow::Cow;

use api::Fault;
use api::formats::ListFormats;
use api::projects::{Access, ListProjects, Project as ProjectShown, PutProject, ShowProject};
use api::repositories::{ListRepositories, PutRepository, Repository};
use domain::Permission;
use serde_json::json;

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame, Tab};
use crate::pages::Page;
use crate::pages::project_place::{self, Part};
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";

/// `/p`
pub(super) enum Projects {}

/// `/p/{project}`
pub(super) enum Project {}

/// `/-/new-project`
pub(super) enum NewProject {}

/// `/p/{project}/-/new-repository`
pub(super) enum NewRepository {}

#[derive(askama::Template)]
#[template(path = "projects.html")]
struct ProjectsPage<'a> {
    f: &'a Frame,
    projects: Vec<ProjectShown>,
    words: &'a str,
    may_make: bool,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "project.html")]
struct ProjectPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    tabs: Vec<Tab>,
    project: ProjectShown,
    rights: Vec<&'static str>,
    repositories: Vec<Repository>,
    may_make: bool,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "new_project.html")]
struct NewProjectPage<'a> {
    f: &'a Frame,
    key: &'a str,
    label: &'a str,
    about: &'a str,
    internal: bool,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "new_repository.html")]
struct NewRepositoryPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    project: &'a str,
    formats: Vec<String>,
    name: &'a str,
    format: &'a str,
    about: &'a str,
    public: bool,
    wrong: Wrong,
}

impl Page for Projects {
    const PATH: &'static str = "/p";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        query.extend(visit.given("query").map(|words| ("query", words.into())));
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        let found = visit.read::<ListProjects>(&[], &query).await?;
        let page = ProjectsPage {
            f: &Frame::of(visit),
            projects: found.items,
            words: visit.given("query").unwrap_or_default(),
            may_make: visit.may_here(Permission::ProjectCreate),
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| "/p".to_owned()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl Page for Project {
    const PATH: &'static str = "/p/{project}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let key = visit.name(0).to_owned();
        let project = visit.read::<ShowProject>(&[&key], &[]).await?;
        let mut query: Vec<(&str, Cow<'_, str>)> =
            vec![("project", project.about.key.clone().into()), ("limit", ROWS.into())];
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        let found = visit.read::<ListRepositories>(&[], &query).await?;
        let held = project.about.my_permissions.0;
        let page = ProjectPage {
            f: &Frame::of(visit),
            crumbs: vec![Crumb::projects(visit), Crumb { text: project.about.key.clone(), href: None }],
            tabs: project_place::tabs(visit, &project, Part::Repositories),
            rights: held.iter().map(Permission::as_str).collect(),
            may_make: held.contains(Permission::RepositoryCreate),
            repositories: found.items,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| format!("/p/{key}")),
            project,
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl NewProject {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewProjectPage {
            f: &Frame::of(visit),
            key: text("key"),
            label: text("title"),
            about: text("description"),
            internal: text("access") == "internal",
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewProject {
    const PATH: &'static str = "/-/new-project";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            visit.insist_here(Permission::ProjectCreate)?;
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let key = form.text("key").trim();
        let document = json!({
            "title": form.given("title"),
            "description": form.given("description"),
            "access": form.given("access"),
        });
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutProject>(&[key], &document, terms).await {
            Ok(made) => Ok(Answer::see(format!("/p/{}?done=project", made.answer.about.key))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl NewRepository {
    async fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        let project = visit.read::<ShowProject>(&[visit.name(0)], &[]).await?;
        visit.insist(project.about.my_permissions.0, Permission::RepositoryCreate)?;
        let formats = visit.read::<ListFormats>(&[], &[]).await?;
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let key = &project.about.key;
        let page = NewRepositoryPage {
            f: &Frame::of(visit),
            crumbs: vec![
                Crumb::projects(visit),
                Crumb { text: key.clone(), href: Some(format!("/p/{key}")) },
                Crumb { text: visit.t.projects.new_repository.to_owned(), href: None },
            ],
            project: key,
            formats: formats.items.into_iter().map(|format| format.format).collect(),
            name: text("name"),
            format: form.map_or("", |form| form.text("format")),
            about: text("description"),
            public: text("visibility") == "public",
            wrong,
        };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for NewRepository {
    const PATH: &'static str = "/p/{project}/-/new-repository";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::form(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let (project, name) = (visit.name(0), form.text("name").trim());
        let document = json!({
            "format": form.text("format"),
            "visibility": form.given("visibility"),
            "description": form.given("description"),
        });
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutRepository>(&[project, name], &document, terms).await {
            Ok(made) => Ok(Answer::see(format!("/p/{}?done=repository", made.answer.about.path))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::form(visit, Some(&form), wrong).await
            }
        }
    }
}

impl ProjectPage<'_> {
    fn internal(&self) -> bool {
        self.project.access == Access::Internal
    }
}
