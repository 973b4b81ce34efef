//! `/p/{project}/-/participants/add`: several at a time, by names that are looked up.

use api::candidates::{Candidate, ListCandidates};
use api::participants::SetParticipant;
use api::{Code, Fault};
use serde_json::{Value, json};

use crate::caller::{Query, Terms};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::participants::assignable;
use crate::pages::preview::Preview;
use crate::pages::project_place::{Part, Place};
use crate::parts::filters;
use crate::visit::Visit;
use crate::who::Who;

/// Most who are added at once.
const AT_ONCE_MAX: usize = 50;
/// What most who are added get.
const USUAL: &str = "project-member";

/// `/p/{project}/-/participants/add`
pub(super) enum AddParticipants {}

#[derive(askama::Template)]
#[template(path = "participants_to_add.html")]
struct AddPage<'a> {
    f: &'a Frame,
    place: Place,
    words: &'a str,
    candidates: Vec<(Who, bool)>,
    roles: Vec<String>,
    role: &'a str,
    until: &'a str,
    preview: Option<Preview>,
    /// Whether nobody can be looked up at the moment.
    busy: bool,
    wrong: Wrong,
}

/// A form with what came of it.
#[derive(Default)]
struct Shown<'f> {
    form: Option<&'f Form<'f>>,
    preview: Option<Preview>,
    wrong: Wrong,
}

/// Who could be added; `None` if who looks looks too often.
///
/// # Errors
/// As the list of candidates answers, but for that.
pub(super) async fn candidates(
    visit: &Visit<'_>,
    key: &str,
    query: Query<'_>,
) -> Result<Option<Vec<Candidate>>, Fault> {
    match visit.read::<ListCandidates>(&[key], query).await {
        Ok(found) => Ok(Some(found.items)),
        Err(fault) if fault.code() == Code::Throttled => Ok(None),
        Err(fault) => Err(fault),
    }
}

impl AddParticipants {
    async fn show(visit: &Visit<'_>, shown: Shown<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Participants).await?;
        let place = place.then(visit.t.participants.add);
        let roles = assignable(visit, place.key()).await?;
        let Shown { form, preview, wrong } = shown;
        let text = |name| form.map_or("", |form| form.text(name));
        let words = text("query").trim();
        let query: Vec<_> = (!words.is_empty()).then(|| ("query", words.into())).into_iter().collect();
        let found = candidates(visit, place.key(), &query).await?;
        let busy = found.is_none();
        let found = found.unwrap_or_default();
        let ticked: Vec<&str> = form.into_iter().flat_map(|form| form.all("who")).take(AT_ONCE_MAX).collect();
        let is_found = |reference: &str| found.iter().any(|one| one.reference == reference);
        // Those who are ticked stay, whoever is looked for next.
        let kept = ticked.iter().filter(|who| !is_found(who)).map(|who| (Who::named(who), true));
        let named = found
            .iter()
            .map(|one| (Who::of(&one.reference, &one.title), ticked.contains(&one.reference.as_str())));
        let role = text("role");
        let page = AddPage {
            f: &Frame::of(visit),
            words,
            candidates: kept.chain(named).collect(),
            role: if role.is_empty() { USUAL } else { role },
            roles,
            until: text("until"),
            preview,
            busy,
            wrong,
            place,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }

    /// Adds all of them or, if one cannot be, nobody.
    async fn add(visit: &Visit<'_>, form: &Form<'_>, who: &[&str]) -> Result<(), (Fault, String)> {
        let expires = until(form.given("until"));
        let tried = [("dry_run", "true".into())];
        for query in [&tried[..], &[]] {
            for one in who {
                let names = [visit.name(0), one];
                let document = json!({ "roles": [role_of(&Who::named(one), form)], "expires": expires });
                let terms = Terms::default();
                let told = visit.caller.told::<SetParticipant>(&names, query, &document, terms).await;
                told.map_err(|fault| (fault, (*one).to_owned()))?;
            }
        }
        Ok(())
    }
}

impl Page for AddParticipants {
    const PATH: &'static str = "/p/{project}/-/participants/add";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Shown::default()).await;
        }
        let form = visit.form()?;
        let shown = Shown { form: Some(&form), ..Shown::default() };
        if form.ticked("find") {
            return Self::show(visit, shown).await;
        }
        let who: Vec<&str> = form.all("who").collect();
        let t = &visit.t.participants;
        let wrong = match who.len() {
            0 => Some(t.nobody_ticked),
            count if count > AT_ONCE_MAX => Some(t.too_many),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Self::show(visit, Shown { wrong: Wrong::told(wrong), ..shown }).await;
        }
        if form.ticked("preview") {
            let worked_out = Preview::of(visit, document(visit.name(0), &form, &who)).await;
            return match worked_out {
                Ok(preview) => Self::show(visit, Shown { preview: Some(preview), ..shown }).await,
                Err(fault) => {
                    let wrong = Wrong::with(visit, fault)?;
                    Self::show(visit, Shown { wrong, ..shown }).await
                }
            };
        }
        match Self::add(visit, &form, &who).await {
            Ok(()) => Ok(Answer::see(format!("/p/{}/-/participants?done=participants", visit.name(0)))),
            // Of who may add people a name that cannot be added is told: it is the form that is wrong.
            Err((fault, one)) if fault.code() == Code::Absent => {
                let mut wrong = Wrong::told(t.no_candidate);
                wrong.details.push(one);
                Self::show(visit, Shown { wrong, ..shown }).await
            }
            Err((fault, one)) => {
                let mut wrong = Wrong::with(visit, fault)?;
                wrong.details.insert(0, one);
                Self::show(visit, Shown { wrong, ..shown }).await
            }
        }
    }
}

/// What would be so, as a plan says it.
fn document(project: &str, form: &Form<'_>, who: &[&str]) -> Value {
    let expires = until(form.given("until"));
    let grant = |one: &&str| {
        let who = Who::named(one);
        json!({ "to": one, "on": project, "role": role_of(&who, form), "expires": expires })
    };
    json!({ "grants": who.iter().map(grant).collect::<Vec<_>>() })
}

/// The role somebody gets: who comes from outside that of their kind.
fn role_of<'f>(who: &'f Who, form: &'f Form<'_>) -> &'f str {
    who.fixed_role().unwrap_or_else(|| form.text("role"))
}

/// The moment in which a day begins, as operations take it.
pub(super) fn until(day: Option<&str>) -> Option<String> {
    day.map(|day| format!("{day}T00:00:00.000Z"))
}
