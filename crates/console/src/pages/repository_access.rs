//! `/p/{project}/{repository}/-/access`: grants on a repository itself.

use std::borrow::Cow;

use api::grants::{DeleteGrant, Grant, ListGrants, PutGrant};
use api::participants::ListParticipants;
use api::{Code, Fault};
use domain::{BuiltinRole, Permission, Repository};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::caller::{Query, Terms, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::participants::assignable;
use crate::pages::participants_to_add::{candidates, until};
use crate::pages::preview::Preview;
use crate::pages::repository_place::{Part, Place};
use crate::pages::roles::{in_words, of_projects};
use crate::parts::filters;
use crate::visit::Visit;
use crate::who::Who;

/// Rows of a page.
const ROWS: &str = "50";

/// `/p/{project}/{repository}/-/access`
pub(super) enum RepositoryAccess {}

#[derive(askama::Template)]
#[template(path = "repository_access.html")]
struct AccessPage<'a> {
    f: &'a Frame,
    place: Place,
    action: String,
    rows: Vec<Row>,
    /// Names that are proposed.
    names: Vec<String>,
    roles: Vec<String>,
    rights: Vec<(&'static str, bool)>,
    to: &'a str,
    role: &'a str,
    until: &'a str,
    preview: Option<Preview>,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

/// A grant as the list has it.
struct Row {
    who: Who,
    what: String,
    grant: Grant,
}

/// A form with what came of it.
#[derive(Default)]
struct Shown<'f> {
    form: Option<&'f Form<'f>>,
    preview: Option<Preview>,
    wrong: Wrong,
}

impl Row {
    fn of(grant: Grant) -> Self {
        let permissions = grant.permissions.map(|rights| in_words(rights.0));
        let what = grant.role.clone().or(permissions).unwrap_or_default();
        Self { who: Who::named(&grant.to), what, grant }
    }

    /// What is taken away: the role, encoded so that the first slash ends it, and from whom.
    fn to_take(&self) -> String {
        let role = self.grant.role.as_deref().map(encoded).unwrap_or_default();
        format!("{role}/{}", self.grant.to)
    }

    /// Whether it is taken away here: what everybody may is set under Settings.
    fn is_set_here(&self) -> bool {
        self.grant.to != "team:anyone"
    }
}

impl RepositoryAccess {
    async fn show(visit: &Visit<'_>, shown: Shown<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Access).await?;
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        let names = [visit.name(0), visit.name(1)];
        let found = visit.read::<ListGrants<Repository>>(&names, &query).await?;
        let Shown { form, preview, wrong } = shown;
        let text = |name| form.map_or("", |form| form.text(name));
        let ticked =
            |right: Permission| form.is_some_and(|form| form.all("right").any(|one| one == right.as_str()));
        let rights = of_projects(visit.t).map(|(right, _)| right);
        let rights = rights.filter(|right| *right != Permission::RepositoryCreate);
        let page = AccessPage {
            f: &Frame::of(visit),
            action: visit.here(),
            rows: found.items.into_iter().map(Row::of).collect(),
            names: proposed(visit).await?,
            roles: roles(visit).await?,
            rights: rights.map(|right| (right.as_str(), ticked(right))).collect(),
            to: text("to"),
            role: if form.is_some() { text("role") } else { BuiltinRole::Viewer.as_str() },
            until: text("until"),
            preview,
            wrong,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
            place,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }

    async fn take_away(visit: &Visit<'_>, what: &str) -> Result<(), Fault> {
        let (role, to) = what.split_once('/').unwrap_or(("", what));
        let role = percent_decode_str(role).decode_utf8_lossy();
        let mut query = vec![("to", to.into())];
        query.extend((!role.is_empty()).then_some(("role", role)));
        let names = [visit.name(0), visit.name(1)];
        let query: Query<'_> = &query;
        let told =
            visit.caller.told::<DeleteGrant<Repository>>(&names, query, &Value::Null, Terms::default());
        told.await.map(drop)
    }
}

impl Page for RepositoryAccess {
    const PATH: &'static str = "/p/{project}/{repository}/-/access";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Shown::default()).await;
        }
        let form = visit.form()?;
        let shown = Shown { form: Some(&form), ..Shown::default() };
        let names = [visit.name(0), visit.name(1)];
        let grant = wanted(&form);
        let done = match form.given("take") {
            Some(what) => Self::take_away(visit, what).await.map(|()| "removed-grant"),
            None if form.ticked("preview") => {
                let mut grant = grant;
                if let Some(fields) = grant.as_object_mut() {
                    fields.insert("on".to_owned(), format!("{}/{}", names[0], names[1]).into());
                }
                match Preview::of(visit, json!({ "grants": [grant] })).await {
                    Ok(preview) => {
                        return Self::show(visit, Shown { preview: Some(preview), ..shown }).await;
                    }
                    Err(fault) => Err(fault),
                }
            }
            None => {
                let told = visit.change::<PutGrant<Repository>>(&names, &grant, Terms::default()).await;
                told.map(|_| "granted")
            }
        };
        match done {
            Ok(word) => Ok(Answer::see(format!("/p/{}/{}/-/access?done={word}", names[0], names[1]))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Shown { wrong, ..shown }).await
            }
        }
    }
}

/// The grant that a form means: of a role or, where none is chosen, of the rights that are ticked.
fn wanted(form: &Form<'_>) -> Value {
    let rights: Vec<&str> = form.all("right").collect();
    grant(form.text("to"), (form.given("role"), &rights), form.given("until"))
}

/// A grant as its operation takes it: of a role or, where none is named, of rights; until the end of a day, if one is named.
pub(super) fn grant(to: &str, (role, rights): (Option<&str>, &[&str]), day: Option<&str>) -> Value {
    let (to, expires) = (to.trim(), until(day));
    match role {
        Some(role) => json!({ "to": to, "role": role, "expires": expires }),
        None => json!({ "to": to, "permissions": rights, "expires": expires }),
    }
}

/// Roles that can be given: who administers only this repository is offered those that every organisation has.
async fn roles(visit: &Visit<'_>) -> Result<Vec<String>, Fault> {
    match assignable(visit, visit.name(0)).await {
        Err(fault) if fault.code() == Code::Denied => {
            let builtin =
                [BuiltinRole::Viewer, BuiltinRole::Writer, BuiltinRole::Manager, BuiltinRole::PackageManager];
            Ok(builtin.map(|role| role.as_str().to_owned()).to_vec())
        }
        told => told,
    }
}

/// Who takes part in the project, and who could be added to it, as far as who looks may know.
async fn proposed(visit: &Visit<'_>) -> Result<Vec<String>, Fault> {
    let names = [visit.name(0)];
    let of = visit.caller.find::<ListParticipants>(&names, &[("limit", ROWS.into())]).await?;
    let Some(of) = of else { return Ok(Vec::new()) };
    let others = candidates(visit, visit.name(0), &[]).await?.unwrap_or_default();
    let of = of.items.into_iter().map(|one| one.reference);
    Ok(of.chain(others.into_iter().map(|one| one.reference)).collect())
}
