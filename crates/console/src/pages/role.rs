//! `/p/{project}/-/roles/{role}`: one of them, reset or deleted; and new ones.

use api::roles::{DeleteRole, PutRole, ResetRole, Role, ShowRole};
use api::{Code, Fault};
use domain::{Permission, Permissions, Project};
use serde_json::{Value, json};

use crate::caller::{Terms, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::preview::Preview;
use crate::pages::project_place::{Part, Place};
use crate::pages::roles::{in_words, of_projects};
use crate::parts::filters;
use crate::visit::Visit;

/// `/p/{project}/-/roles/{role}`
pub(super) enum RoleOf {}

/// `/p/{project}/-/roles/new`
pub(super) enum NewRole {}

#[derive(askama::Template)]
#[template(path = "role.html")]
struct RolePage<'a> {
    f: &'a Frame,
    place: Place,
    role: Role,
    part: String,
    /// What a reset would make of it.
    reset: Option<Permissions>,
    preview: Option<Preview>,
    etag: String,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "role_new.html")]
struct NewRolePage<'a> {
    f: &'a Frame,
    place: Place,
    name: &'a str,
    rights: Vec<(&'static str, &'static str, bool)>,
    wrong: Wrong,
}

impl RoleOf {
    async fn show(visit: &Visit<'_>, mut wrong: Wrong) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Roles).await?;
        let names = [place.key(), visit.name(1)];
        let shown = visit.change::<ShowRole<Project>>(&names, &Value::Null, Terms::default()).await?;
        let role = shown.answer;
        let (mut reset, mut preview) = (None, None);
        if role.about.differs_from_template {
            match Self::rehearsed(visit, &names).await {
                Ok((permissions, effects)) => (reset, preview) = (Some(permissions), Some(effects)),
                // It holds what who looks does not: they are told so, and not offered it.
                Err(fault) if !wrong.any() => wrong = Wrong::with(visit, fault)?,
                Err(_) => {}
            }
        }
        let status = if wrong.any() && visit.asked.form.is_some() { 400 } else { 200 };
        let page = RolePage {
            f: &Frame::of(visit),
            part: encoded(&role.about.name),
            etag: shown.etag,
            reset,
            preview,
            wrong,
            place: place.then(&role.about.name),
            role,
        };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// What a reset would make of it, and for whom.
    async fn rehearsed(visit: &Visit<'_>, names: &[&str; 2]) -> Result<(Permissions, Preview), Fault> {
        let tried = [("dry_run", "true".into())];
        let told =
            visit.caller.told::<ResetRole<Project>>(names, &tried, &json!({}), Terms::default()).await?;
        let [key, name] = names;
        let permissions = &told.answer.permissions;
        let role = json!({ "name": name, "permissions": permissions });
        let document = json!({ "projects": [{ "key": key, "roles": [role] }] });
        Ok((permissions.0, Preview::of(visit, document).await?))
    }
}

impl Page for RoleOf {
    const PATH: &'static str = "/p/{project}/-/roles/{role}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Wrong::default()).await;
        }
        let form = visit.form()?;
        let names = [visit.name(0), visit.name(1)];
        let (done, word) = match form.text("what") {
            "reset" => {
                let told = visit.change::<ResetRole<Project>>(&names, &json!({}), Terms::default()).await;
                (told.map(drop), "roles")
            }
            "delete" => {
                let with = if form.ticked("with_grants") { "true" } else { "false" };
                let query = [("with_grants", with.into())];
                let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
                let told =
                    visit.caller.told::<DeleteRole<Project>>(&names, &query, &Value::Null, terms).await;
                (told.map(drop), "role-gone")
            }
            _ => (Err(Fault::Told(Code::Malformed, "nothing was asked".into())), ""),
        };
        match done {
            Ok(()) => Ok(Answer::see(format!("/p/{}/-/roles?done={word}", visit.name(0)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, wrong).await
            }
        }
    }
}

impl NewRole {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Roles).await?;
        place.insist()?;
        let ticked = |right: &str| match form {
            Some(form) => form.all("right").any(|one| one == right),
            None => right == Permission::Read.as_str(),
        };
        let right =
            |(right, hint): (Permission, &'static str)| (right.as_str(), hint, ticked(right.as_str()));
        let page = NewRolePage {
            f: &Frame::of(visit),
            place: place.then(visit.t.roles.new),
            name: form.map_or("", |form| form.text("name")),
            rights: of_projects(visit.t).map(right).collect(),
            wrong,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }
}

impl Page for NewRole {
    const PATH: &'static str = "/p/{project}/-/roles/new";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let rights: Vec<&str> = form.all("right").collect();
        let names = [visit.name(0), form.text("name").trim()];
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutRole<Project>>(&names, &json!({ "permissions": rights }), terms).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}/-/roles?done=role", visit.name(0)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), wrong).await
            }
        }
    }
}
