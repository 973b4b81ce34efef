//! `/-/organisation/login-providers`: who vouches for people.

use api::Fault;
use api::login_providers::{
    DeleteLoginProvider, LoginProvider as Shown, PutLoginProvider, ShowLoginProvider, TestLoginProvider,
};
use domain::Permission;
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame, way};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::people::{lines, nameable};
use crate::parts::{filled, filters};
use crate::texts::Texts;
use crate::visit::Visit;

/// `/-/new-login-provider`
pub(super) enum NewLoginProvider {}

/// `/-/organisation/login-providers/{provider}`
pub(super) enum LoginProvider {}

/// `/-/organisation/login-providers/{provider}/delete`
pub(super) enum DeletesLoginProvider {}

/// The fields of the form, as texts.
struct Written {
    name: String,
    title: String,
    issuer: String,
    client_id: String,
    scopes: String,
    name_claim: String,
    groups_claim: String,
    groups: String,
    make: String,
    private: bool,
}

#[derive(askama::Template)]
#[template(path = "login_provider.html")]
struct LoginProviderPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    /// The one that is there, and its ETag.
    there: Option<(Shown, String)>,
    w: Written,
    makes: [(&'static str, &'static str); 3],
    /// Where the provider is told to send people back to.
    back: String,
    tested: Option<String>,
    wrong: Wrong,
}

impl LoginProviderPage<'_> {
    fn action(&self) -> String {
        self.there
            .as_ref()
            .map_or_else(|| "/-/new-login-provider".to_owned(), |(there, _)| address(&there.about.name))
    }
}

/// What a form came to.
struct Outcome {
    tested: Option<String>,
    wrong: Wrong,
}

impl NewLoginProvider {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, outcome: Outcome) -> Answer {
        let w = form.map_or_else(Written::empty, Written::typed);
        let crumbs = crumbs(visit, visit.t.log_ins.new, None);
        shown(visit, (None, w), crumbs, outcome)
    }
}

impl Page for NewLoginProvider {
    const PATH: &'static str = "/-/new-login-provider";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::OrganisationManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Outcome::none()));
        }
        let form = visit.form()?;
        let name = form.text("name").trim();
        if form.text("do") == "test" {
            let outcome = tested(visit, name, &form).await?;
            return Ok(Self::form(visit, Some(&form), outcome));
        }
        let document = Written::typed(&form).document(&form);
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutLoginProvider>(&[name], &document, terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(&made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, Some(&form), Outcome { tested: None, wrong }))
            }
        }
    }
}

impl LoginProvider {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, outcome: Outcome) -> Result<Answer, Fault> {
        let told = visit.show::<ShowLoginProvider>(&[visit.name(0)], &[]).await?;
        let there = Written::of(&told.answer);
        let wrong = outcome.wrong.and_now(visit, &[&there.title, &there.issuer, &there.client_id]);
        let w = form.map_or(there, Written::typed);
        let crumbs = crumbs(visit, &told.answer.about.name, None);
        Ok(shown(visit, (Some((told.answer, told.etag)), w), crumbs, Outcome { wrong, ..outcome }))
    }
}

impl Page for LoginProvider {
    const PATH: &'static str = "/-/organisation/login-providers/{provider}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Outcome::none()).await;
        }
        let form = visit.form()?;
        let name = visit.name(0);
        if form.text("do") == "test" {
            let outcome = tested(visit, name, &form).await?;
            return Self::show(visit, Some(&form), outcome).await;
        }
        let document = Written::typed(&form).document(&form);
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.change::<PutLoginProvider>(&[name], &document, terms).await {
            Ok(_) => Ok(Answer::see(format!("{}?done=saved", address(name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), Outcome { tested: None, wrong }).await
            }
        }
    }
}

impl Deletes for DeletesLoginProvider {
    const PATH: &'static str = "/-/organisation/login-providers/{provider}/delete";
    type By = DeleteLoginProvider;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        let provider = visit.read::<ShowLoginProvider>(&[visit.name(0)], &[]).await?;
        let t = &visit.t.log_ins;
        let count = visit.language.number(provider.about.linked);
        Ok(Deletion {
            crumbs: crumbs(visit, &provider.about.name, Some(t.delete)),
            title: filled(t.delete_title, "name", &provider.title),
            goes: vec![
                t.goes_sessions.to_owned(),
                filled(t.goes_linked, "count", &count),
                t.goes_teams.to_owned(),
            ],
            stays: vec![t.stays.to_owned()],
            verb: t.delete,
            back: address(&provider.about.name),
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        "/-/organisation".to_owned()
    }
}

/// Asks whoever stands in the form, which is not saved by that.
async fn tested(visit: &Visit<'_>, name: &str, form: &Form<'_>) -> Result<Outcome, Fault> {
    let document = json!({ "issuer": form.text("issuer").trim(), "private": form.ticked("private") });
    match visit.change::<TestLoginProvider>(&[name], &document, Terms::default()).await {
        Ok(told) => {
            let count = visit.language.number(told.answer.keys);
            let words = filled(visit.t.log_ins.tested, "count", &count);
            Ok(Outcome { tested: Some(words), wrong: Wrong::default() })
        }
        Err(fault) => Ok(Outcome { tested: None, wrong: Wrong::with(visit, nameable(fault))? }),
    }
}

fn shown(
    visit: &Visit<'_>,
    (there, w): (Option<(Shown, String)>, Written),
    crumbs: Vec<Crumb>,
    Outcome { tested, wrong }: Outcome,
) -> Answer {
    let status = if wrong.any() { 400 } else { 200 };
    let back = format!("{}/-/login/back", visit.asked.origin);
    let makes = makes(visit.t);
    let f = &Frame::of(visit);
    Answer::page(status, rendered(&LoginProviderPage { f, crumbs, there, w, makes, back, tested, wrong }))
}

impl Outcome {
    fn none() -> Self {
        Self { tested: None, wrong: Wrong::default() }
    }
}

impl Written {
    fn empty() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            scopes: "openid profile".to_owned(),
            name_claim: "preferred_username".to_owned(),
            groups_claim: String::new(),
            groups: String::new(),
            make: "never".to_owned(),
            private: false,
        }
    }

    fn of(there: &Shown) -> Self {
        let groups: Vec<String> =
            there.groups.iter().map(|group| format!("{} = {}", group.value, group.team)).collect();
        Self {
            name: there.about.name.clone(),
            title: there.title.clone(),
            issuer: there.issuer.clone(),
            client_id: there.client_id.clone(),
            scopes: there.scopes.join(" "),
            name_claim: there.claims.name.clone(),
            groups_claim: there.claims.groups.clone().unwrap_or_default(),
            groups: groups.join("\n"),
            make: there.make.clone(),
            private: there.private,
        }
    }

    fn typed(form: &Form<'_>) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        Self {
            name: text("name"),
            title: text("title"),
            issuer: text("issuer"),
            client_id: text("client_id"),
            scopes: text("scopes"),
            name_claim: text("name_claim"),
            groups_claim: text("groups_claim"),
            groups: text("groups"),
            make: text("make"),
            private: form.ticked("private"),
        }
    }

    /// The document that is meant; the secret is in no field that is ever shown again.
    fn document(&self, form: &Form<'_>) -> Value {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let groups: Vec<Value> = lines(&self.groups)
            .iter()
            .map(|line| {
                let (value, team) = line.rsplit_once('=').unwrap_or((line, ""));
                json!({ "value": value.trim(), "team": team.trim() })
            })
            .collect();
        let mut document = json!({
            "title": some(&self.title),
            "issuer": self.issuer,
            "client_id": self.client_id,
            "scopes": self.scopes.split_whitespace().collect::<Vec<_>>(),
            "claims": { "name": some(&self.name_claim), "groups": some(&self.groups_claim) },
            "make": self.make,
            "private": self.private,
            "groups": groups,
        });
        if let (Some(secret), Some(fields)) = (form.given("client_secret"), document.as_object_mut()) {
            fields.insert("client_secret".to_owned(), secret.into());
        }
        document
    }
}

const fn makes(t: &Texts) -> [(&'static str, &'static str); 3] {
    let t = &t.log_ins;
    [("never", t.make_never), ("member", t.make_member), ("guest", t.make_guest)]
}

fn address(name: &str) -> String {
    format!("/-/organisation/login-providers/{name}")
}

fn crumbs(visit: &Visit<'_>, name: &str, below: Option<&str>) -> Vec<Crumb> {
    let list = (visit.t.organisation.title, Some("/-/organisation".to_owned()));
    way(list, (name, address(visit.name(0))), below)
}
