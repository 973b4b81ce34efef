//! `/p/{project}/-/participants/{who}`: what one of them has in a project, and taking them out.

use api::participants::{RemoveParticipant as Remove, SetOwnPermissions, SetParticipant};
use api::repositories::ListRepositories;
use api::{Fault, Moment};
use domain::{Ceilings, Permission, Permissions, PrincipalKind, time};
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::participants::{Own, Row, assignable, participant};
use crate::pages::participants_to_add::until;
use crate::pages::project_place::{Part, Place};
use crate::parts::filters;
use crate::visit::Visit;
use crate::who::Who;

/// Most repositories that are offered as places.
const PLACES: &str = "200";
/// Most rights of their own that one form sets.
const OWN_MAX: usize = 64;

/// `/p/{project}/-/participants/{who}`
pub(super) enum Participant {}

/// `/p/{project}/-/participants/{who}/remove`
pub(super) enum RemoveParticipant {}

#[derive(askama::Template)]
#[template(path = "participant.html")]
struct ParticipantPage<'a> {
    f: &'a Frame,
    place: Place,
    row: Row,
    /// Roles, and whether they have each.
    roles: Vec<(String, bool)>,
    /// What they have now, in one text: what the form was made of.
    was: String,
    until: String,
    until_exact: String,
    own: Vec<OwnRow>,
    places: Vec<String>,
    clash: bool,
    wrong: Wrong,
}

/// Rights of their own at one place, as the form has them.
struct OwnRow {
    on: String,
    rights: Vec<(&'static str, bool)>,
    until: String,
    until_exact: String,
}

#[derive(askama::Template)]
#[template(path = "participant_to_remove.html")]
struct RemovePage<'a> {
    f: &'a Frame,
    place: Place,
    row: Row,
    wrong: Wrong,
}

impl Participant {
    async fn show(
        visit: &Visit<'_>,
        form: Option<&Form<'_>>,
        (wrong, clash): (Wrong, bool),
    ) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Participants).await?;
        let row = participant(visit, place.key(), visit.name(1)).await?;
        let place = place.then(&row.who.title);
        let mut roles = assignable(visit, place.key()).await?;
        roles.extend(
            row.roles
                .iter()
                .map(|(name, _)| name.clone())
                .filter(|name| !roles.contains(name))
                .collect::<Vec<_>>(),
        );
        let form_of_roles = form.filter(|form| form.text("what") == "roles");
        let has = |name: &str| match form_of_roles {
            Some(form) => form.all("role").any(|role| role == name),
            None => row.roles.iter().any(|(role, _)| role == name),
        };
        let ends = row.roles.iter().find_map(|(_, end)| *end);
        let (mut until, until_exact) = day_of(ends);
        if let Some(form) = form_of_roles {
            form.text("until").clone_into(&mut until);
        }
        let own = if row.who.has_own_permissions() { own_rows(&row) } else { Vec::new() };
        let places =
            if row.who.has_own_permissions() { places(visit, place.key()).await? } else { Vec::new() };
        let status = if wrong.any() || clash { 400 } else { 200 };
        let page = ParticipantPage {
            f: &Frame::of(visit),
            roles: roles.iter().map(|name| (name.clone(), has(name))).collect(),
            was: now(&row),
            until,
            until_exact,
            own,
            places,
            clash,
            wrong,
            row,
            place,
        };
        Ok(Answer::page(status, rendered(&page)))
    }

    async fn save(visit: &Visit<'_>, form: &Form<'_>) -> Result<(), Fault> {
        let names = [visit.name(0), visit.name(1)];
        if form.text("what") == "own" {
            let document = json!({ "grants": own_wanted(form) });
            return visit.change::<SetOwnPermissions>(&names, &document, Terms::default()).await.map(drop);
        }
        // Who comes from outside has the role of their kind, which is not chosen.
        let roles =
            Who::named(visit.name(1)).fixed_role().is_none().then(|| form.all("role").collect::<Vec<_>>());
        let document = json!({ "roles": roles, "expires": end_of(form, "until") });
        visit.change::<SetParticipant>(&names, &document, Terms::default()).await.map(drop)
    }
}

impl Page for Participant {
    const PATH: &'static str = "/p/{project}/-/participants/{who}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, (Wrong::default(), false)).await;
        }
        let form = visit.form()?;
        // Participants have no ETag: what the form was made of is compared.
        let row = participant(visit, visit.name(0), visit.name(1)).await?;
        if now(&row) != form.text("was") {
            return Self::show(visit, Some(&form), (Wrong::default(), true)).await;
        }
        match Self::save(visit, &form).await {
            Ok(()) => {
                // Who has no role and no right left takes part no longer: their page is gone.
                let stays = participant(visit, visit.name(0), visit.name(1)).await.is_ok();
                let of_them = if stays { format!("/{}", row.who.part()) } else { String::new() };
                Ok(Answer::see(format!("/p/{}/-/participants{of_them}?done=saved", visit.name(0))))
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), (wrong, false)).await
            }
        }
    }
}

impl RemoveParticipant {
    async fn show(visit: &Visit<'_>, wrong: Wrong) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Participants).await?;
        let row = participant(visit, place.key(), visit.name(1)).await?;
        let place = place.then(&row.who.title);
        let status = if wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&RemovePage { f: &Frame::of(visit), place, row, wrong })))
    }
}

impl Page for RemoveParticipant {
    const PATH: &'static str = "/p/{project}/-/participants/{who}/remove";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Wrong::default()).await;
        }
        visit.form()?;
        let names = [visit.name(0), visit.name(1)];
        match visit.change::<Remove>(&names, &Value::Null, Terms::default()).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}/-/participants?done=participant-gone", visit.name(0)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, wrong).await
            }
        }
    }
}

/// Everything they have, in one text: another one if anything of it changes.
fn now(row: &Row) -> String {
    let end = |end: &Option<Moment>| end.map(|end| time::show_millis(end.0)).unwrap_or_default();
    let roles = row.roles.iter().map(|(name, until)| format!("{name} {}", end(until)));
    let own = row.own.iter().map(|own| format!("{} {} {}", own.on, own.what, end(&own.expires)));
    roles.chain(own).collect::<Vec<_>>().join("; ")
}

/// The day of a moment as a field takes it, and the moment.
fn day_of(end: Option<Moment>) -> (String, String) {
    let exact = end.map(|end| time::show_millis(end.0)).unwrap_or_default();
    (exact.get(..10).unwrap_or_default().to_owned(), exact)
}

/// The end that a form says. A day that was left alone keeps its hour.
fn end_of(form: &Form<'_>, name: &str) -> Option<String> {
    let exact = form.text(&format!("{name}-exact"));
    let day = form.given(name)?;
    if exact.get(..10) == Some(day) { Some(exact.to_owned()) } else { until(Some(day)) }
}

fn own_rows(row: &Row) -> Vec<OwnRow> {
    let possible = possible(&row.who);
    let permitted = row.own.iter().filter_map(|own| own.permissions.map(|rights| (own, rights.0)));
    let own_row = |(own, held): (&Own, Permissions)| {
        let (until, until_exact) = day_of(own.expires);
        let all = possible.union(held);
        let rights = all.iter().map(|right| (right.as_str(), held.contains(right))).collect();
        OwnRow { on: own.on.clone(), rights, until, until_exact }
    };
    let another = OwnRow {
        on: String::new(),
        rights: possible.iter().map(|right| (right.as_str(), false)).collect(),
        until: String::new(),
        until_exact: String::new(),
    };
    permitted.map(own_row).chain([another]).collect()
}

/// What can be given one by one to somebody of their kind.
fn possible(who: &Who) -> Permissions {
    let kind = match who.fixed_role() {
        Some("guest") => PrincipalKind::Guest,
        Some(_) => PrincipalKind::Collaborator,
        None => PrincipalKind::Application,
    };
    Ceilings::of(kind).iter().filter(|right: &Permission| !right.organisation_only()).collect()
}

/// The rights of their own that a form says: where none is ticked, none is had.
fn own_wanted(form: &Form<'_>) -> Vec<Value> {
    let place = |index: usize| {
        let on = form.given(&format!("on-{index}"))?;
        let rights = format!("right-{index}");
        let rights: Vec<&str> = form.all(&rights).collect();
        let expires = end_of(form, &format!("until-{index}"));
        (!rights.is_empty()).then(|| json!({ "on": on, "permissions": rights, "expires": expires }))
    };
    (0..OWN_MAX).filter_map(place).collect()
}

/// Where rights can be given: the project, and its repositories.
async fn places(visit: &Visit<'_>, key: &str) -> Result<Vec<String>, Fault> {
    let query = [("project", key.into()), ("limit", PLACES.into())];
    let found = visit.read::<ListRepositories>(&[], &query).await?;
    let repositories = found.items.into_iter().map(|repository| repository.about.path);
    Ok([key.to_owned()].into_iter().chain(repositories).collect())
}
