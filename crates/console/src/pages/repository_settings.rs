//! `/p/{project}/{repository}/-/settings`: what a repository is for, who may pull, its policy; and deleting it.

use api::repositories::{DeleteRepository as Delete, PutRepository, Visibility};
use api::{Code, Fault, Patch};
use domain::Permission;
use serde_json::{Map, Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::policy_form::{self, Field, Kind};
use crate::pages::project_settings::prose;
use crate::pages::repository_place::{Part, Place};
use crate::parts::filters;
use crate::visit::Visit;

/// `/p/{project}/{repository}/-/settings`
pub(super) enum RepositorySettings {}

/// `/p/{project}/{repository}/-/delete`
pub(super) enum DeleteRepository {}

#[derive(askama::Template)]
#[template(path = "repository_settings.html")]
struct SettingsPage<'a> {
    f: &'a Frame,
    place: Place,
    about: &'a str,
    public: bool,
    fields: Vec<Field>,
    clash: bool,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "repository_to_delete.html")]
struct DeletePage<'a> {
    f: &'a Frame,
    place: Place,
    wrong: Wrong,
}

/// Fields of the policy of a repository. One of a format that this program does not know has none.
fn fields(visit: &Visit<'_>, place: &Place) -> Vec<Field> {
    let Ok(known) = visit.asked.cx.formats.find(&place.shown.format) else { return Vec::new() };
    let schema = visit.asked.api.policy_schema(known.format);
    schema
        .map(|schema| policy_form::fields(schema, &place.shown.policy, known.not_enforced))
        .unwrap_or_default()
}

impl RepositorySettings {
    async fn show(
        visit: &Visit<'_>,
        form: Option<&Form<'_>>,
        (wrong, clash): (Wrong, bool),
    ) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Settings).await?;
        let fields = fields(visit, &place);
        let shown = place.shown.description.clone().unwrap_or_default();
        let page = SettingsPage {
            f: &Frame::of(visit),
            about: form.map_or(&shown, |form| form.text("description")),
            public: form.map_or_else(|| place.is_public(), |form| form.text("visibility") == "public"),
            fields: match form {
                Some(form) => fields.into_iter().map(|field| field.typed(form)).collect(),
                None => fields,
            },
            clash,
            wrong,
            place,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }

    /// The document that a form means, or what is wrong with the form.
    fn wanted(visit: &Visit<'_>, place: &Place, form: &Form<'_>) -> Result<Value, Wrong> {
        let public = form.text("visibility") == "public";
        if public && !place.is_public() && !form.ticked("sure") {
            return Err(Wrong::told(visit.t.settings.public_unsure));
        }
        let mut policy = Map::new();
        for field in fields(visit, place) {
            let Some(value) = field.read(form) else {
                let mut wrong = Wrong::told(visit.t.settings.not_json);
                wrong.details.push(field.name);
                return Err(wrong);
            };
            policy.insert(field.name, value);
        }
        Ok(json!({
            "description": prose(form, "description"),
            "visibility": if public { "public" } else { "private" },
            "policy": policy,
        }))
    }
}

impl Page for RepositorySettings {
    const PATH: &'static str = "/p/{project}/{repository}/-/settings";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, (Wrong::default(), false)).await;
        }
        let form = visit.form()?;
        let place = Place::of(visit, Part::Settings).await?;
        let document = match Self::wanted(visit, &place, &form) {
            Ok(document) => document,
            Err(wrong) => return Self::show(visit, Some(&form), (wrong, false)).await,
        };
        let names = [visit.name(0), visit.name(1)];
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.change::<Patch<PutRepository>>(&names, &document, terms).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}/-/settings?done=saved", place.path()))),
            Err(fault) => {
                let clash = fault.code() == Code::PreconditionFailed;
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), (wrong, clash)).await
            }
        }
    }
}

impl DeleteRepository {
    async fn show(visit: &Visit<'_>, mut wrong: Wrong) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Settings).await?;
        if !place.held().contains(Permission::RepositoryDelete) {
            return Err(Fault::Told(Code::Denied, "it does not exist, or you may not do this there".into()));
        }
        let query = [("confirm", place.path().to_owned().into()), ("dry_run", "true".into())];
        let names = [visit.name(0), visit.name(1)];
        let tried = visit.caller.told::<Delete>(&names, &query, &Value::Null, Terms::default()).await;
        if let Some(fault) = tried.err().filter(|_| !wrong.any()) {
            // Something in it is pinned: that is told before anything is typed.
            wrong = Wrong::with(visit, fault)?;
        }
        let status = if wrong.any() && visit.asked.form.is_some() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&DeletePage { f: &Frame::of(visit), place, wrong })))
    }
}

impl Page for DeleteRepository {
    const PATH: &'static str = "/p/{project}/{repository}/-/delete";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Wrong::default()).await;
        }
        let form = visit.form()?;
        let names = [visit.name(0), visit.name(1)];
        let query = [("confirm", form.text("confirm").trim().into())];
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.caller.told::<Delete>(&names, &query, &Value::Null, terms).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}?done=repository-gone", visit.name(0)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, wrong).await
            }
        }
    }
}

impl Place {
    fn is_public(&self) -> bool {
        self.shown.visibility == Visibility::Public
    }
}

impl SettingsPage<'_> {
    fn may_set(&self) -> bool {
        self.place.held().contains(Permission::RepositorySettings)
    }

    fn may_delete(&self) -> bool {
        self.place.held().contains(Permission::RepositoryDelete)
    }
}
