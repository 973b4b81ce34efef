//! `/-/organisation/issuers`: who vouches for machines.

use api::Fault;
use api::issuers::{DeleteIssuer, Issuer as IssuerShown, PutIssuer, ShowIssuer, TestIssuer};
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

/// `/-/new-issuer`
pub(super) enum NewIssuer {}

/// `/-/organisation/issuers/{issuer}`
pub(super) enum Issuer {}

/// `/-/organisation/issuers/{issuer}/delete`
pub(super) enum DeletesIssuer {}

#[derive(askama::Template)]
#[template(path = "new_issuer.html")]
struct NewIssuerPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    kinds: [(&'static str, &'static str); 4],
    kind: &'a str,
    name: &'a str,
    url: &'a str,
    audiences: &'a str,
    private: bool,
    jwks: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "issuer.html")]
struct IssuerPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    issuer: IssuerShown,
    asked: Option<String>,
    wrong: Wrong,
}

impl NewIssuer {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewIssuerPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, visit.t.organisation.new_issuer, None),
            kinds: kinds(visit.t),
            kind: form.map_or("github", |form| form.text("kind")),
            name: text("name"),
            url: text("url"),
            audiences: text("audiences"),
            private: form.is_some_and(|form| form.ticked("private")),
            jwks: text("jwks"),
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewIssuer {
    const PATH: &'static str = "/-/new-issuer";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::OrganisationManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        // What is no JSON goes as the text that it is, and is refused as one.
        let keys =
            form.given("jwks").map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
        let document = json!({
            "url": form.text("url").trim(),
            "kind": form.text("kind"),
            "audiences": lines(form.text("audiences")),
            "private": form.ticked("private"),
            "jwks": keys,
        });
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutIssuer>(&[form.text("name").trim()], &document, terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(&made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Issuer {
    async fn show(visit: &Visit<'_>, asked: Option<String>, wrong: Wrong) -> Result<Answer, Fault> {
        let issuer = visit.read::<ShowIssuer>(&[visit.name(0)], &[]).await?;
        let crumbs = crumbs(visit, &issuer.about.name, None);
        let status = if wrong.any() { 400 } else { 200 };
        let page = IssuerPage { f: &Frame::of(visit), crumbs, issuer, asked, wrong };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for Issuer {
    const PATH: &'static str = "/-/organisation/issuers/{issuer}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        visit.form()?;
        match visit.change::<TestIssuer>(&[visit.name(0)], &json!({}), Terms::default()).await {
            Ok(told) => {
                let count = visit.language.number(told.answer.keys);
                let words = filled(visit.t.organisation.asked, "count", &count);
                Self::show(visit, Some(words), Wrong::default()).await
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, None, wrong).await
            }
        }
    }
}

impl Deletes for DeletesIssuer {
    const PATH: &'static str = "/-/organisation/issuers/{issuer}/delete";
    type By = DeleteIssuer;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        let issuer = visit.read::<ShowIssuer>(&[visit.name(0)], &[]).await?;
        let t = &visit.t.organisation;
        let name = &issuer.about.name;
        let count = issuer.about.publishers;
        let in_use = filled(t.in_use, "count", &visit.language.number(count));
        Ok(Deletion {
            crumbs: crumbs(visit, name, Some(t.delete)),
            title: filled(t.delete_title, "name", name),
            goes: vec![t.goes.to_owned()],
            refused: (count > 0).then_some(in_use),
            verb: t.delete,
            back: address(name),
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        "/-/organisation".to_owned()
    }
}

const fn kinds(t: &Texts) -> [(&'static str, &'static str); 4] {
    let t = &t.organisation;
    [("github", t.github), ("gitlab", t.gitlab), ("kubernetes", t.kubernetes), ("any", t.any)]
}

/// The kind of an issuer, in words; one that this release does not know, by its word.
pub(super) fn kind<'a>(t: &Texts, word: &'a str) -> &'a str {
    kinds(t).into_iter().find(|(known, _)| *known == word).map_or(word, |(_, words)| words)
}

fn address(name: &str) -> String {
    format!("/-/organisation/issuers/{name}")
}

fn crumbs(visit: &Visit<'_>, name: &str, below: Option<&str>) -> Vec<Crumb> {
    let list = (visit.t.organisation.title, Some("/-/organisation".to_owned()));
    way(list, (name, address(visit.name(0))), below)
}
