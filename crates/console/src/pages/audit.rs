//! `…/-/audit`: what happened at a node and in it; `/-/me/audit`: what one did oneself.

use std::borrow::Cow;

use api::audit::{Event, ListEvents, ListOwnEvents, Outcome};
use api::{Endpoint, Fault, Page as Listed};
use domain::{Organisation, Project, Repository};
use serde_json::Value;

use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::pages::lists::Pager;
use crate::parts::{filled, filters};
use crate::visit::Visit;

mod export;

use export::Form;

/// Rows of a page: an event takes several times the room of other rows.
const ROWS: &str = "25";
/// How much is shown of what was before and what is now, in characters: in a list, and of one event.
const CHARS: (usize, usize) = (160, 8000);
/// Parameters that are handed on as they are.
const FILTERS: [&str; 6] = ["id", "class", "actor", "action", "object", "outcome"];

/// `/-/audit`
pub(super) enum OfOrganisation {}

/// `/p/{project}/-/audit`
pub(super) enum OfProject {}

/// `/p/{project}/{repository}/-/audit`
pub(super) enum OfRepository {}

/// `/-/me/audit`
pub(super) enum Own {}

/// An event as a row.
struct Row {
    event: Event,
    to: String,
    place: Option<String>,
    facts: Vec<(&'static str, String)>,
    before: Option<String>,
    after: Option<String>,
    cut: bool,
}

/// What the filters say.
struct Asked<'a> {
    actor: &'a str,
    class: &'a str,
    action: &'a str,
    object: &'a str,
    outcome: &'a str,
    since: &'a str,
    until: &'a str,
}

#[derive(askama::Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    lead: &'static str,
    own: bool,
    action: &'a str,
    asked: Asked<'a>,
    classes: [(&'static str, &'static str); 4],
    outcomes: [(&'static str, &'static str); 4],
    events: Vec<Row>,
    /// The list, where this is one event of it.
    all: Option<&'a str>,
    wrong: Wrong,
    pager: Pager,
    /// All that the filters leave, as files.
    files: [(&'static str, String); 2],
}

impl Page for OfOrganisation {
    const PATH: &'static str = "/-/audit";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let found = match found::<ListEvents<Organisation>>(visit, &[]).await {
            Found::File(file) => return Ok(file),
            Found::Page(found) => found,
        };
        let t = &visit.t.audit;
        shown(visit, found, Vec::new(), (t.title.to_owned(), t.lead))
    }
}

impl Page for OfProject {
    const PATH: &'static str = "/p/{project}/-/audit";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let names = [visit.name(0)];
        of_node(visit, found::<ListEvents<Project>>(visit, &names).await, visit.name(0))
    }
}

impl Page for OfRepository {
    const PATH: &'static str = "/p/{project}/{repository}/-/audit";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let names = [visit.name(0), visit.name(1)];
        of_node(visit, found::<ListEvents<Repository>>(visit, &names).await, &names.join("/"))
    }
}

impl Page for Own {
    const PATH: &'static str = "/-/me/audit";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let found = match found::<ListOwnEvents>(visit, &[]).await {
            Found::File(file) => return Ok(file),
            Found::Page(found) => found,
        };
        let t = &visit.t.audit;
        let me = Crumb { text: visit.t.common.profile.to_owned(), href: Some("/-/me".to_owned()) };
        let here = Crumb { text: t.own_title.to_owned(), href: None };
        shown(visit, found, vec![me, here], (t.own_title.to_owned(), t.own_lead))
    }
}

/// What the filters leave: a page of it, or all of it as a file.
enum Found {
    File(Answer),
    Page(Result<Listed<Event>, Fault>),
}

async fn found<E: Endpoint<Answer = Listed<Event>>>(visit: &Visit<'_>, names: &[&str]) -> Found {
    let query = query(visit);
    match Form::asked(visit) {
        Some(form) => match export::file::<E>(visit, names, form, query).await {
            Ok(file) => Found::File(file),
            Err(fault) => Found::Page(Err(fault)),
        },
        None => Found::Page(visit.read::<E>(names, &query).await),
    }
}

/// The page of a project or of a repository.
fn of_node(visit: &Visit<'_>, found: Found, place: &str) -> Result<Answer, Fault> {
    let found = match found {
        Found::File(file) => return Ok(file),
        Found::Page(found) => found,
    };
    let t = &visit.t.audit;
    let mut crumbs = vec![Crumb::projects(visit)];
    let mut href = String::from("/p");
    for part in place.split('/') {
        href.push('/');
        href.push_str(part);
        crumbs.push(Crumb { text: part.to_owned(), href: Some(href.clone()) });
    }
    crumbs.push(Crumb { text: t.title.to_owned(), href: None });
    shown(visit, found, crumbs, (filled(t.title_of, "place", place), t.lead))
}

/// What is asked: days are whole ones, in UTC, the last one with it.
fn query<'v>(visit: &'v Visit<'_>) -> Vec<(&'static str, Cow<'v, str>)> {
    let given = FILTERS.into_iter().chain(["after"]);
    let mut query: Vec<(&str, Cow<'_, str>)> =
        given.filter_map(|name| Some((name, visit.given(name)?.into()))).collect();
    for (name, time) in [("since", "00:00:00.000"), ("until", "23:59:59.999")] {
        query.extend(visit.given(name).map(|day| (name, format!("{day}T{time}Z").into())));
    }
    query.push(("limit", ROWS.into()));
    query
}

fn shown(
    visit: &Visit<'_>,
    found: Result<Listed<Event>, Fault>,
    crumbs: Vec<Crumb>,
    (heading, lead): (String, &'static str),
) -> Result<Answer, Fault> {
    let (found, wrong) = match found {
        Ok(found) => (found, Wrong::default()),
        Err(fault) => (Listed { items: Vec::new(), next: None }, Wrong::with(visit, fault)?),
    };
    let t = &visit.t.audit;
    let given = |name| visit.given(name).unwrap_or_default();
    let one = visit.given("id").is_some();
    let page = AuditPage {
        f: &Frame::of(visit),
        crumbs,
        heading,
        lead,
        own: visit.asked.path == Own::PATH,
        action: visit.asked.path,
        asked: Asked {
            actor: given("actor"),
            class: given("class"),
            action: given("action"),
            object: given("object"),
            outcome: given("outcome"),
            since: given("since"),
            until: given("until"),
        },
        classes: [("", t.any_class), ("admin", t.admin), ("access", t.access), ("transfer", t.transfer)],
        outcomes: [("", t.any_outcome), ("done", t.done), ("refused", t.refused), ("failed", t.failed)],
        events: found.items.into_iter().map(|event| row(visit, event, one)).collect(),
        all: one.then_some(visit.asked.path),
        pager: Pager::of(visit, found.next.as_ref()),
        files: [(t.as_csv, visit.here_with("as", "csv")), (t.as_json, visit.here_with("as", "jsonl"))],
        wrong,
    };
    let status = if page.wrong.any() { 400 } else { 200 };
    Ok(Answer::page(status, rendered(&page)))
}

fn row(visit: &Visit<'_>, event: Event, one: bool) -> Row {
    let chars = if one { CHARS.1 } else { CHARS.0 };
    let (before, cut_before) = json(event.before.as_ref(), chars);
    let (after, cut_after) = json(event.after.as_ref(), chars);
    let object = &event.object;
    let of = object.of.as_deref().map(|of| format!(" ({of})")).unwrap_or_default();
    let times = event.times.map(|times| {
        let count = visit.language.number(times);
        format!(" · {}", filled(visit.t.audit.times, "count", &count))
    });
    Row {
        to: format!("{} {}{of}{}", object.kind, object.name, times.unwrap_or_default()),
        place: event.node.as_ref().and_then(|node| node.path.clone()).filter(|path| *path != object.name),
        facts: facts(visit, &event, one),
        before,
        after,
        cut: cut_before || cut_after,
        event,
    }
}

/// What is known of an event besides, by what it is called. In a list the hash of the chain would be most of it.
fn facts(visit: &Visit<'_>, event: &Event, one: bool) -> Vec<(&'static str, String)> {
    let t = &visit.t.audit;
    let token = event.token.as_ref().map(|token| {
        let by = token.made_by.as_deref().map(|who| filled(t.made_by, "who", who));
        let words = [Some(token.id.clone()), token.name.clone(), by];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let chain = event.sequence.zip(event.chain.as_ref()).filter(|_| one);
    let facts = [
        (t.request, event.request_id.clone()),
        (t.operation, event.operation.clone()),
        (t.token, token),
        (t.session, event.session.clone()),
        (t.agent, event.agent.as_ref().map(|agent| agent.chars().take(200).collect())),
        (t.bytes, event.bytes.map(|bytes| visit.language.bytes(bytes))),
        (t.digest, event.digest.clone()),
        (t.policy, Some(visit.language.number(event.policy_version))),
        (t.chain, chain.map(|(sequence, chain)| format!("{sequence}: {chain}"))),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A document as text, and whether it was cut.
fn json(document: Option<&Value>, chars: usize) -> (Option<String>, bool) {
    let Some(document) = document else { return (None, false) };
    let text = document.to_string();
    match text.char_indices().nth(chars) {
        Some((end, _)) => (Some(format!("{}…", text.get(..end).unwrap_or_default())), true),
        None => (Some(text), false),
    }
}
