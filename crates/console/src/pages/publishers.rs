//! `/p/{project}/-/publishers`: machines that get short-lived tokens in a project.

use api::Fault;
use api::projects::ShowProject;
use api::publishers::{
    DeletePublisher, ListPublishers, Publisher as PublisherShown, PutPublisher, ShowPublisher, Tried,
    TryPublisher,
};
use domain::Permission;
use serde_json::{Map, Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::lists::{self, Pager};
use crate::pages::organisation::number;
use crate::pages::people::{lines, nameable};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// Rights that a publisher can hand out.
const OFFERED: [Permission; 4] =
    [Permission::Read, Permission::Publish, Permission::Overwrite, Permission::DeletePackage];

/// `/p/{project}/-/publishers`
pub(super) enum Publishers {}

/// `/p/{project}/-/new-publisher`
pub(super) enum NewPublisher {}

/// `/p/{project}/-/publishers/{publisher}`
pub(super) enum Publisher {}

/// `/p/{project}/-/publishers/{publisher}/delete`
pub(super) enum DeletesPublisher {}

/// What was typed.
#[derive(Default)]
struct Written<'a> {
    name: &'a str,
    issuer: &'a str,
    claims: &'a str,
    on: &'a str,
    minutes: &'a str,
    application: &'a str,
}

#[derive(askama::Template)]
#[template(path = "publishers.html")]
struct PublishersPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    project: &'a str,
    caption: String,
    publishers: Vec<PublisherShown>,
    pager: Pager,
}

#[derive(askama::Template)]
#[template(path = "new_publisher.html")]
struct NewPublisherPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    project: &'a str,
    w: Written<'a>,
    offered: Vec<(&'static str, bool)>,
    direct: bool,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "publisher.html")]
struct PublisherPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    action: String,
    publisher: PublisherShown,
    tried: Option<Tried>,
    wrong: Wrong,
}

impl Page for Publishers {
    const PATH: &'static str = "/p/{project}/-/publishers";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let project = visit.name(0);
        let found = visit.read::<ListPublishers>(&[project], &lists::asked(visit, &[])).await?;
        let page = PublishersPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, None, None),
            project,
            caption: filled(visit.t.publishers.caption, "project", project),
            publishers: found.items,
            pager: Pager::of(visit, found.next.as_ref()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl NewPublisher {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let ticked = |right: &Permission| match form {
            Some(form) => form.all("right").any(|word| word == right.as_str()),
            None => matches!(right, Permission::Read | Permission::Publish),
        };
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewPublisherPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, Some(visit.t.publishers.new), None),
            project: visit.name(0),
            w: Written {
                name: text("name"),
                issuer: text("issuer"),
                claims: text("claims"),
                on: text("on"),
                minutes: form.map_or("15", |form| form.text("minutes")),
                application: text("application"),
            },
            offered: OFFERED.iter().map(|right| (right.as_str(), ticked(right))).collect(),
            direct: form.is_some_and(|form| form.ticked("direct")),
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewPublisher {
    const PATH: &'static str = "/p/{project}/-/new-publisher";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let project = visit.name(0).to_owned();
        let there = visit.read::<ShowProject>(&[&project], &[]).await?;
        visit.insist(there.about.my_permissions.0, Permission::AccessManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let name = form.text("name").trim();
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutPublisher>(&[&project, name], &wanted(&form), terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(visit, &made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Publisher {
    async fn show(visit: &Visit<'_>, tried: Option<Tried>, wrong: Wrong) -> Result<Answer, Fault> {
        let publisher = visit.read::<ShowPublisher>(&[visit.name(0), visit.name(1)], &[]).await?;
        let name = &publisher.about.name;
        let status = if wrong.any() { 400 } else { 200 };
        let page = PublisherPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, Some(name), None),
            action: address(visit, name),
            publisher,
            tried,
            wrong,
        };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for Publisher {
    const PATH: &'static str = "/p/{project}/-/publishers/{publisher}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let names = [visit.name(0), visit.name(1)];
        let document = json!({ "token": form.text("token").trim() });
        match visit.change::<TryPublisher>(&names, &document, Terms::default()).await {
            Ok(told) => Self::show(visit, Some(told.answer), Wrong::default()).await,
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, None, wrong).await
            }
        }
    }
}

impl Deletes for DeletesPublisher {
    const PATH: &'static str = "/p/{project}/-/publishers/{publisher}/delete";
    type By = DeletePublisher;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        let publisher = visit.read::<ShowPublisher>(&[visit.name(0), visit.name(1)], &[]).await?;
        let t = &visit.t.publishers;
        let name = &publisher.about.name;
        let its = |text: &str| filled(text, "name", &publisher.application);
        let mut deletion = Deletion {
            crumbs: crumbs(visit, Some(name), Some(t.delete)),
            title: filled(t.delete_title, "name", name),
            goes: vec![t.goes_tokens.to_owned()],
            stays: vec![t.stays_packages.to_owned()],
            verb: t.delete,
            back: address(visit, name),
            ..Deletion::default()
        };
        if publisher.about.own_application {
            deletion.goes.push(its(t.goes_application));
        } else {
            deletion.stays.push(its(t.stays_application));
        }
        Ok(deletion)
    }

    fn list(visit: &Visit<'_>) -> String {
        format!("/p/{}/-/publishers", visit.name(0))
    }
}

/// The document that a form means. A line without `=` is a claim without a value, which the operation refuses.
fn wanted(form: &Form<'_>) -> Value {
    let claim = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        (name.trim().to_owned(), Value::from(value.trim()))
    };
    // No list: a value may have commas.
    let claims = form.text("claims").lines().map(str::trim).filter(|line| !line.is_empty());
    let claims: Map<String, Value> = claims.map(claim).collect();
    let on = lines(form.text("on"));
    json!({
        "issuer": form.text("issuer").trim(),
        "application": form.given("application"),
        "claims": claims,
        "on": Some(on).filter(|on| !on.is_empty()),
        "permissions": form.all("right").collect::<Vec<_>>(),
        "minutes": number(form.given("minutes").unwrap_or("15")),
        "direct": form.ticked("direct"),
    })
}

fn address(visit: &Visit<'_>, name: &str) -> String {
    format!("/p/{}/-/publishers/{name}", visit.name(0))
}

fn crumbs(visit: &Visit<'_>, name: Option<&str>, below: Option<&str>) -> Vec<Crumb> {
    let project = visit.name(0);
    let list = format!("/p/{project}/-/publishers");
    let crumb = |text: &str, href| Crumb { text: text.to_owned(), href };
    let mut crumbs = vec![
        crumb(visit.t.common.projects, Some("/p".to_owned())),
        crumb(project, Some(format!("/p/{project}"))),
        crumb(visit.t.publishers.title, name.map(|_| list)),
    ];
    crumbs.extend(name.map(|name| crumb(name, below.map(|_| address(visit, name)))));
    crumbs.extend(below.map(|below| crumb(below, None)));
    crumbs
}
