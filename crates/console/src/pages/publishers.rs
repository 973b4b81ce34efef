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
use crate::texts::Texts;
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

/// The fields of the form, as texts.
struct Written {
    name: String,
    issuer: String,
    claims: String,
    /// Where; empty for the whole project.
    on: String,
    /// Whether the one that is there is good nowhere any more: then no empty field may mean the whole project.
    nowhere: bool,
    /// Each right that can be handed out, and whether it is.
    rights: Vec<(&'static str, bool)>,
    minutes: String,
    /// Empty for one of its own.
    application: String,
    direct: bool,
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
    w: Written,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "publisher.html")]
struct PublisherPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    project: &'a str,
    action: String,
    publisher: PublisherShown,
    etag: String,
    w: Written,
    tried: Option<Tried>,
    wrong: Wrong,
}

/// What a form came to.
#[derive(Default)]
struct Outcome {
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
    fn form(visit: &Visit<'_>, w: Written, wrong: Wrong) -> Answer {
        let status = if wrong.any() { 400 } else { 200 };
        let crumbs = crumbs(visit, Some(visit.t.publishers.new), None);
        let (f, project) = (&Frame::of(visit), visit.name(0));
        Answer::page(status, rendered(&NewPublisherPage { f, crumbs, project, w, wrong }))
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
            return Ok(Self::form(visit, Written::empty(), Wrong::default()));
        }
        let w = Written::typed(&visit.form()?);
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutPublisher>(&[&project, &w.name], &w.document(), terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(visit, &made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, w, wrong))
            }
        }
    }
}

impl Publisher {
    async fn show(visit: &Visit<'_>, w: Option<Written>, outcome: Outcome) -> Result<Answer, Fault> {
        let told = visit.show::<ShowPublisher>(&[visit.name(0), visit.name(1)], &[]).await?;
        let publisher = told.answer;
        let name = &publisher.about.name;
        let there = Written::of(&publisher, visit.name(0));
        let wrong = outcome.wrong.and_now(visit, &[&there.issuer, &there.claims, &there.on]);
        let status = if wrong.any() { 400 } else { 200 };
        let page = PublisherPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, Some(name), None),
            project: visit.name(0),
            action: address(visit, name),
            publisher,
            etag: told.etag,
            w: w.unwrap_or(there),
            tried: outcome.tried,
            wrong,
        };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Tries a token with the one that is there, whatever stands in the form.
    async fn tried(visit: &Visit<'_>, form: &Form<'_>) -> Result<Outcome, Fault> {
        let names = [visit.name(0), visit.name(1)];
        let document = json!({ "token": form.text("token").trim() });
        match visit.change::<TryPublisher>(&names, &document, Terms::default()).await {
            Ok(told) => Ok(Outcome { tried: Some(told.answer), wrong: Wrong::default() }),
            Err(fault) => Ok(Outcome { tried: None, wrong: Wrong::with(visit, fault)? }),
        }
    }
}

impl Page for Publisher {
    const PATH: &'static str = "/p/{project}/-/publishers/{publisher}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Outcome::default()).await;
        }
        let form = visit.form()?;
        if form.text("do") == "try" {
            let outcome = Self::tried(visit, &form).await?;
            return Self::show(visit, None, outcome).await;
        }
        let names = [visit.name(0), visit.name(1)];
        let w = Written::typed(&form);
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.change::<PutPublisher>(&names, &w.document(), terms).await {
            Ok(_) => Ok(Answer::see(format!("{}?done=saved", address(visit, visit.name(1))))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(w), Outcome { tried: None, wrong }).await
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

impl Written {
    fn empty() -> Self {
        Self {
            name: String::new(),
            issuer: String::new(),
            claims: String::new(),
            on: String::new(),
            nowhere: false,
            rights: offered(|right| matches!(right, Permission::Read | Permission::Publish)),
            minutes: "15".to_owned(),
            application: String::new(),
            direct: false,
        }
    }

    fn of(there: &PublisherShown, project: &str) -> Self {
        let claims: Vec<String> =
            there.claims.0.iter().map(|(claim, value)| format!("{claim}={value}")).collect();
        let whole = there.on.iter().any(|place| place == project);
        Self {
            name: there.about.name.clone(),
            issuer: there.issuer.clone(),
            claims: claims.join("\n"),
            on: if whole { String::new() } else { there.on.join("\n") },
            nowhere: there.on.is_empty(),
            rights: offered(|right| there.permissions.0.contains(right)),
            minutes: there.minutes.to_string(),
            application: Some(&there.application)
                .filter(|_| !there.about.own_application)
                .cloned()
                .unwrap_or_default(),
            direct: there.direct,
        }
    }

    fn typed(form: &Form<'_>) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        Self {
            name: text("name"),
            issuer: text("issuer"),
            claims: text("claims"),
            on: text("on"),
            nowhere: form.ticked("nowhere"),
            rights: offered(|right| form.all("right").any(|word| word == right.as_str())),
            minutes: text("minutes"),
            application: text("application"),
            direct: form.ticked("direct"),
        }
    }

    fn on_hint(&self, t: &Texts) -> &'static str {
        if self.nowhere { t.publishers.nowhere } else { t.publishers.on_hint }
    }

    /// The document that is meant. A line without `=` is a claim without a value, which the operation refuses.
    fn document(&self) -> Value {
        let claim = |line: &str| {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            (name.trim().to_owned(), Value::from(value.trim()))
        };
        // No list: a value may have commas.
        let claims = self.claims.lines().map(str::trim).filter(|line| !line.is_empty());
        let claims: Map<String, Value> = claims.map(claim).collect();
        let on = lines(&self.on);
        let rights: Vec<_> =
            self.rights.iter().filter(|(_, ticked)| *ticked).map(|(right, _)| *right).collect();
        json!({
            "issuer": self.issuer,
            "application": Some(&self.application).filter(|name| !name.is_empty()),
            "claims": claims,
            "on": Some(on).filter(|on| self.nowhere || !on.is_empty()),
            "permissions": rights,
            "minutes": number(if self.minutes.is_empty() { "15" } else { &self.minutes }),
            "direct": self.direct,
        })
    }
}

/// Each right that a publisher can hand out, and whether it does.
fn offered(ticked: impl Fn(Permission) -> bool) -> Vec<(&'static str, bool)> {
    OFFERED.into_iter().map(|right| (right.as_str(), ticked(right))).collect()
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
