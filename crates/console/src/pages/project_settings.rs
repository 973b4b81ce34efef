//! `/p/{project}/-/settings`: what a project is called and who may read in it; and deleting it.

use api::projects::{Access, DeleteProject as Delete, Project, PutProject, ShowProject};
use api::{Code, Fault, Patch};
use domain::Permission;
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::project_place::{Part, Place};
use crate::parts::filters;
use crate::visit::Visit;

/// `/p/{project}/-/settings`
pub(super) enum ProjectSettings {}

/// `/p/{project}/-/delete`
pub(super) enum DeleteProject {}

#[derive(askama::Template)]
#[template(path = "project_settings.html")]
struct SettingsPage<'a> {
    f: &'a Frame,
    place: Place,
    etag: String,
    label: &'a str,
    about: &'a str,
    internal: bool,
    may_set: bool,
    may_open: bool,
    may_delete: bool,
    clash: bool,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "project_to_delete.html")]
struct DeletePage<'a> {
    f: &'a Frame,
    place: Place,
    etag: String,
    gone: Option<api::projects::ProjectDeleted>,
    wrong: Wrong,
}

/// What a project is now, and what it is told apart by.
async fn present(visit: &Visit<'_>) -> Result<(Project, String), Fault> {
    let told = visit.change::<ShowProject>(&[visit.name(0)], &Value::Null, Terms::default()).await?;
    Ok((told.answer, told.etag))
}

impl ProjectSettings {
    async fn show(
        visit: &Visit<'_>,
        form: Option<&Form<'_>>,
        (wrong, clash): (Wrong, bool),
    ) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Settings).await?;
        place.insist()?;
        let (project, etag) = present(visit).await?;
        let may = |right| project.about.my_permissions.0.contains(right);
        let access = form.and_then(|form| form.given("access"));
        let page = SettingsPage {
            f: &Frame::of(visit),
            etag,
            label: form.map_or(&project.title, |form| form.text("title")),
            about: form.map_or_else(
                || project.description.as_deref().unwrap_or_default(),
                |form| form.text("description"),
            ),
            internal: access.map_or(project.access == Access::Internal, |access| access == "internal"),
            may_set: may(Permission::RepositorySettings),
            may_open: may(Permission::AccessManage),
            may_delete: may(Permission::RepositoryDelete) && may(Permission::AccessManage),
            clash,
            wrong,
            place,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }
}

impl Page for ProjectSettings {
    const PATH: &'static str = "/p/{project}/-/settings";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, (Wrong::default(), false)).await;
        }
        let form = visit.form()?;
        let mut document =
            json!({ "title": form.given("title"), "description": prose(&form, "description") });
        if let (Some(access), Some(fields)) = (form.given("access"), document.as_object_mut()) {
            fields.insert("access".to_owned(), access.into());
        }
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.change::<Patch<PutProject>>(&[visit.name(0)], &document, terms).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}/-/settings?done=saved", visit.name(0)))),
            Err(fault) => {
                let clash = fault.code() == Code::PreconditionFailed;
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), (wrong, clash)).await
            }
        }
    }
}

/// A text of several lines, as operations take it: browsers end lines otherwise.
pub(super) fn prose(form: &Form<'_>, name: &str) -> Option<String> {
    form.given(name).map(|text| text.replace("\r\n", "\n"))
}

impl DeleteProject {
    async fn show(visit: &Visit<'_>, wrong: Wrong) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Settings).await?;
        let may = |right| place.project.about.my_permissions.0.contains(right);
        if !may(Permission::RepositoryDelete) || !may(Permission::AccessManage) {
            return Err(Fault::Told(Code::Denied, "it does not exist, or you may not do this there".into()));
        }
        let (project, etag) = present(visit).await?;
        let mut page = DeletePage {
            f: &Frame::of(visit),
            place: place.then(visit.t.settings.do_delete_project),
            etag,
            gone: None,
            wrong,
        };
        let query = [
            ("confirm", project.about.key.clone().into()),
            ("with_repositories", "true".into()),
            ("dry_run", "true".into()),
        ];
        let names = [project.about.key.as_str()];
        match visit.caller.told::<Delete>(&names, &query, &Value::Null, Terms::default()).await {
            Ok(told) => page.gone = Some(told.answer),
            Err(fault) if !page.wrong.any() => page.wrong = Wrong::with(visit, fault)?,
            Err(_) => {}
        }
        let status = if page.wrong.any() && visit.asked.form.is_some() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for DeleteProject {
    const PATH: &'static str = "/p/{project}/-/delete";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Wrong::default()).await;
        }
        let form = visit.form()?;
        let query = [("confirm", form.text("confirm").trim().into()), ("with_repositories", "true".into())];
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.caller.told::<Delete>(&[visit.name(0)], &query, &Value::Null, terms).await {
            Ok(_) => Ok(Answer::see("/p?done=project-gone")),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, wrong).await
            }
        }
    }
}

impl SettingsPage<'_> {
    fn is_internal_now(&self) -> bool {
        self.place.project.access == Access::Internal
    }
}
