//! `/-/applications`: programs with credentials of their own.

use api::applications::{
    Application as ApplicationShown, Authorise, DeleteApplication, ListApplications, PutApplication,
    ShowApplication, Withdraw,
};
use api::tokens::{CreateTokenOf, ListTokensOf, RotateTokenOf, SetTokenStateOf, Token};
use api::{Code, Fault, Patch};
use domain::Permission;
use serde_json::{Value, json};

use crate::caller::{Terms, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame, Tab, way};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::lists::{self, Pager};
use crate::pages::people::{is_last_administrator, nameable, suspended};
use crate::pages::tokens::{self, Owner};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// Rights that an application may request: those that there are in a project.
const OFFERED: [Permission; 9] = [
    Permission::Read,
    Permission::Publish,
    Permission::Overwrite,
    Permission::DeletePackage,
    Permission::RepositoryCreate,
    Permission::RepositorySettings,
    Permission::RepositoryDelete,
    Permission::AccessManage,
    Permission::AuditView,
];

/// `/-/applications`
pub(super) enum Applications {}

/// `/-/new-application`
pub(super) enum NewApplication {}

/// `/-/applications/{application}`
pub(super) enum Application {}

/// `/-/applications/{application}/new-token`
pub(super) enum NewApplicationToken {}

/// `/-/applications/{application}/delete`
pub(super) enum DeletesApplication {}

/// A right, and whether its box is ticked.
type Offered = Vec<(&'static str, bool)>;

#[derive(askama::Template)]
#[template(path = "applications.html")]
struct ApplicationsPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    applications: Vec<ApplicationShown>,
    words: &'a str,
    may_make: bool,
    pager: Pager,
}

#[derive(askama::Template)]
#[template(path = "new_application.html")]
struct NewApplicationPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    name: &'a str,
    label: &'a str,
    requests: bool,
    offered: Offered,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "application.html")]
struct ApplicationPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    application: &'a ApplicationShown,
    action: &'a str,
    etag: &'a str,
    label: &'a str,
    requests: bool,
    offered: Offered,
    project: &'a str,
    tokens: Vec<Token>,
    caption: &'a str,
    prefix: &'a str,
    all_words: &'a str,
    may_rotate: bool,
    may_revoke: bool,
    may_manage: bool,
    last_admin: bool,
    wrong: Wrong,
    pager: Pager,
}

impl Page for Applications {
    const PATH: &'static str = "/-/applications";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let found = visit.read::<ListApplications>(&[], &lists::asked(visit, &["query"])).await?;
        let page = ApplicationsPage {
            f: &Frame::of(visit),
            tabs: lists::directory_tabs(visit),
            applications: found.items,
            words: visit.given("query").unwrap_or_default(),
            may_make: visit.may_here(Permission::DirectoryManage),
            pager: Pager::of(visit, found.next.as_ref()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl NewApplication {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewApplicationPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, visit.t.applications.new, None),
            name: text("name"),
            label: text("title"),
            requests: text("rights") == "requests",
            offered: offered(form, None),
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewApplication {
    const PATH: &'static str = "/-/new-application";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let terms = Terms { anew: true, ..Terms::default() };
        let name = form.text("name").trim();
        match visit.change::<PutApplication>(&[name], &wanted(&form), terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(&made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Application {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        let name = visit.name(0);
        let told = visit.show::<ShowApplication>(&[name], &[]).await?;
        let application = &told.answer;
        let reference = format!("application:{}", application.about.name);
        let typed = form.filter(|form| form.text("do") == "save");
        let tokens = visit.read::<ListTokensOf>(&[&reference], &lists::asked(visit, &[])).await?;
        let may_manage = visit.may_here(Permission::DirectoryManage);
        let requests = application.requested.is_some();
        let page = ApplicationPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, &application.title, None),
            action: &address(&application.about.name),
            etag: &told.etag,
            label: typed.map_or(&*application.title, |form| form.text("title")),
            requests: typed.map_or(requests, |form| form.text("rights") == "requests"),
            offered: offered(typed, Some(application)),
            project: form.map_or("", |form| form.text("project")),
            tokens: tokens.items,
            caption: visit.t.applications.tokens,
            prefix: "whfa_",
            all_words: visit.t.applications.all_words,
            may_rotate: may_manage,
            may_revoke: may_manage,
            may_manage,
            last_admin: may_manage
                && !application.suspended
                && is_last_administrator(visit, &reference).await?,
            wrong: wrong.and_now(visit, &[&application.title]),
            pager: Pager::of(visit, tokens.next.as_ref()),
            application,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Does what a form asks for; the word of the notice.
    async fn done(visit: &Visit<'_>, form: &Form<'_>) -> Result<&'static str, Fault> {
        let name = visit.name(0);
        let reference = format!("application:{name}");
        if let Some(id) = form.given("revoke") {
            let document = json!({ "state": "revoked" });
            visit.change::<SetTokenStateOf>(&[&reference, id], &document, Terms::default()).await?;
            return Ok("revoked");
        }
        if let Some(project) = form.given("withdraw") {
            visit.remove::<Withdraw>(&[project, name], &[]).await?;
            return Ok("withdrawn");
        }
        match form.text("do") {
            "save" => {
                let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
                visit.change::<Patch<PutApplication>>(&[name], &wanted(form), terms).await?;
                Ok("saved")
            }
            "authorise" => {
                let project = form.text("project").trim();
                let done = visit.change::<Authorise>(&[project, name], &json!({}), Terms::default()).await;
                done.map(|_| "added").map_err(|fault| match fault.code() {
                    // A key that was mistyped is no reason to lose the page.
                    Code::Denied | Code::Absent | Code::NoRoute => Fault::Told(
                        Code::UnknownName,
                        "no such project, or you do not manage access there".into(),
                    ),
                    _ => fault,
                })
            }
            "suspend" => suspended(visit, &reference, true).await.map(|()| "suspended"),
            "resume" => suspended(visit, &reference, false).await.map(|()| "resumed"),
            _ => Err(Fault::Told(Code::Malformed, "nothing was asked".into())),
        }
    }

    /// Makes another token in place of one, and shows its secret.
    async fn rotated(visit: &Visit<'_>, form: &Form<'_>, id: &str) -> Result<Answer, Fault> {
        let names = [&*format!("application:{}", visit.name(0)), id];
        let terms = Terms { once: form.given("once"), ..Terms::default() };
        let made = visit.change::<RotateTokenOf>(&names, &json!({}), terms).await?;
        Ok(tokens::shown(visit, &made.answer, &address(visit.name(0))))
    }
}

impl Page for Application {
    const PATH: &'static str = "/-/applications/{application}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let done = match form.given("rotate") {
            Some(id) => Self::rotated(visit, &form, id).await,
            None => Self::done(visit, &form)
                .await
                .map(|word| Answer::see(format!("{}?done={word}", address(visit.name(0))))),
        };
        match done {
            Ok(answer) => Ok(answer),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), wrong).await
            }
        }
    }
}

impl Page for NewApplicationToken {
    const PATH: &'static str = "/-/applications/{application}/new-token";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        let application = visit.read::<ShowApplication>(&[visit.name(0)], &[]).await?;
        let back = address(&application.about.name);
        let owner = Owner {
            crumbs: crumbs(visit, &application.title, Some(visit.t.tokens.new)),
            action: format!("{back}/new-token"),
            back,
            application: true,
        };
        if visit.asked.form.is_none() {
            return Ok(tokens::form(visit, None, Wrong::default(), &owner));
        }
        let form = visit.form()?;
        let terms = Terms { once: form.given("once"), ..Terms::default() };
        let names = [&*format!("application:{}", application.about.name)];
        let made = visit.change::<CreateTokenOf>(&names, &tokens::wanted(visit, &form), terms).await;
        tokens::made_or_again(visit, &form, made, &owner)
    }
}

impl Deletes for DeletesApplication {
    const PATH: &'static str = "/-/applications/{application}/delete";
    type By = DeleteApplication;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        let application = visit.read::<ShowApplication>(&[visit.name(0)], &[]).await?;
        let t = &visit.t.applications;
        let name = &application.about.name;
        let count = |text: &str, count: u64| filled(text, "count", &visit.language.number(count));
        let last =
            !application.suspended && is_last_administrator(visit, &format!("application:{name}")).await?;
        Ok(Deletion {
            crumbs: crumbs(visit, &application.title, Some(t.delete)),
            title: filled(t.delete_title, "name", &application.title),
            goes: vec![
                count(t.goes_tokens, application.about.tokens),
                count(t.goes_grants, application.authorised.len() as u64),
            ],
            stays: vec![t.stays_packages.to_owned()],
            refused: last.then(|| visit.t.directory.last_admin.to_owned()),
            confirm: Some(name.clone()),
            verb: t.delete,
            back: address(name),
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        Applications::PATH.to_owned()
    }
}

/// What a form wants an application to be.
fn wanted(form: &Form<'_>) -> Value {
    let requests = form.text("rights") == "requests";
    let rights: Option<Vec<&str>> = requests.then(|| form.all("right").collect());
    json!({ "title": form.given("title"), "requested": rights })
}

/// The rights that may be requested: those of a form, else those that are.
fn offered(form: Option<&Form<'_>>, application: Option<&ApplicationShown>) -> Offered {
    let is = application.and_then(|application| application.requested);
    let ticked = |right: &Permission| match form {
        Some(form) => form.all("right").any(|word| word == right.as_str()),
        None => is.is_some_and(|is| is.0.contains(*right)),
    };
    OFFERED.iter().map(|right| (right.as_str(), ticked(right))).collect()
}

fn address(name: &str) -> String {
    format!("/-/applications/{}", encoded(name))
}

fn crumbs(visit: &Visit<'_>, name: &str, below: Option<&str>) -> Vec<Crumb> {
    let list = (visit.t.applications.title, Some(Applications::PATH.to_owned()));
    way(list, (name, address(visit.name(0))), below)
}
