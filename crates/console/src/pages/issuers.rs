//! `/-/organisation/issuers`: who vouches for machines.

use api::Fault;
use api::issuers::{DeleteIssuer, Issuer as IssuerShown, KeySetDocument, PutIssuer, ShowIssuer, TestIssuer};
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

/// The fields of the form, as texts.
struct Written {
    kind: String,
    name: String,
    url: String,
    audiences: String,
    private: bool,
    /// Keys to be set. Those that are given already are in no field: they would make a page of any length.
    jwks: String,
    /// Whether those are forgotten, and fetched again.
    fetch: bool,
}

#[derive(askama::Template)]
#[template(path = "issuer.html")]
struct IssuerPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    /// The one that is there, and its ETag.
    there: Option<(IssuerShown, String)>,
    kinds: [(&'static str, &'static str); 4],
    w: Written,
    asked: Option<String>,
    wrong: Wrong,
}

impl IssuerPage<'_> {
    fn title(&self) -> &str {
        self.there.as_ref().map_or(self.f.t.organisation.new_issuer, |(there, _)| &there.about.name)
    }

    fn action(&self) -> String {
        self.there
            .as_ref()
            .map_or_else(|| "/-/new-issuer".to_owned(), |(there, _)| address(&there.about.name))
    }

    /// Whether publishers name it.
    fn is_named(&self) -> bool {
        self.there.as_ref().is_some_and(|(there, _)| there.about.publishers > 0)
    }

    /// Whether its keys are given here.
    fn has_keys(&self) -> bool {
        self.there.as_ref().is_some_and(|(there, _)| there.jwks.is_some())
    }

    fn keys_hint(&self, t: &Texts) -> &'static str {
        if self.has_keys() { t.organisation.jwks_kept } else { t.organisation.jwks_hint }
    }
}

/// What a form came to.
#[derive(Default)]
struct Outcome {
    asked: Option<String>,
    wrong: Wrong,
}

impl Page for NewIssuer {
    const PATH: &'static str = "/-/new-issuer";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::OrganisationManage)?;
        let crumbs = crumbs(visit, visit.t.organisation.new_issuer, None);
        if visit.asked.form.is_none() {
            return Ok(shown(visit, (None, Written::empty()), crumbs, Outcome::default()));
        }
        let w = Written::typed(&visit.form()?);
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutIssuer>(&[&w.name], &w.document(None), terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(&made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(shown(visit, (None, w), crumbs, Outcome { asked: None, wrong }))
            }
        }
    }
}

impl Issuer {
    async fn show(visit: &Visit<'_>, w: Option<Written>, outcome: Outcome) -> Result<Answer, Fault> {
        let told = visit.show::<ShowIssuer>(&[visit.name(0)], &[]).await?;
        let there = Written::of(&told.answer);
        let wrong = outcome.wrong.and_now(visit, &[&there.url, &there.audiences]);
        let crumbs = crumbs(visit, &told.answer.about.name, None);
        let written = (Some((told.answer, told.etag)), w.unwrap_or(there));
        Ok(shown(visit, written, crumbs, Outcome { wrong, ..outcome }))
    }

    /// Asks for the keys of the one that is there, whatever stands in the form.
    async fn ask(visit: &Visit<'_>) -> Result<Outcome, Fault> {
        match visit.change::<TestIssuer>(&[visit.name(0)], &json!({}), Terms::default()).await {
            Ok(told) => {
                let count = visit.language.number(told.answer.keys);
                let words = filled(visit.t.organisation.asked, "count", &count);
                Ok(Outcome { asked: Some(words), wrong: Wrong::default() })
            }
            Err(fault) => Ok(Outcome { asked: None, wrong: Wrong::with(visit, fault)? }),
        }
    }
}

impl Page for Issuer {
    const PATH: &'static str = "/-/organisation/issuers/{issuer}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Outcome::default()).await;
        }
        let form = visit.form()?;
        if form.text("do") == "ask" {
            let outcome = Self::ask(visit).await?;
            return Self::show(visit, None, outcome).await;
        }
        let w = Written::typed(&form);
        let there = visit.read::<ShowIssuer>(&[visit.name(0)], &[]).await?;
        let document = w.document(there.jwks.as_ref());
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        match visit.change::<PutIssuer>(&[visit.name(0)], &document, terms).await {
            Ok(_) => Ok(Answer::see(format!("{}?done=saved", address(visit.name(0))))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(w), Outcome { asked: None, wrong }).await
            }
        }
    }
}

impl Written {
    fn empty() -> Self {
        Self {
            kind: "github".to_owned(),
            name: String::new(),
            url: String::new(),
            audiences: String::new(),
            private: false,
            jwks: String::new(),
            fetch: false,
        }
    }

    fn of(there: &IssuerShown) -> Self {
        Self {
            kind: there.kind.clone(),
            name: there.about.name.clone(),
            url: there.url.clone(),
            audiences: there.audiences.join("\n"),
            private: there.private,
            ..Self::empty()
        }
    }

    fn typed(form: &Form<'_>) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        Self {
            kind: text("kind"),
            name: text("name"),
            url: text("url"),
            audiences: text("audiences"),
            private: form.ticked("private"),
            jwks: text("jwks"),
            fetch: form.ticked("fetch"),
        }
    }

    /// The document that is meant, where these keys are given already. What is no JSON goes as the text that it is, and is refused as one.
    fn document(&self, keys: Option<&KeySetDocument>) -> Value {
        let typed = || serde_json::from_str(&self.jwks).unwrap_or_else(|_| Value::from(self.jwks.as_str()));
        let keys = match keys {
            _ if !self.jwks.is_empty() => Some(typed()),
            Some(keys) if !self.fetch => Some(Value::from(keys.0.clone())),
            _ => None,
        };
        json!({
            "url": self.url,
            "kind": self.kind,
            "audiences": lines(&self.audiences),
            "private": self.private,
            "jwks": keys,
        })
    }
}

fn shown(
    visit: &Visit<'_>,
    (there, w): (Option<(IssuerShown, String)>, Written),
    crumbs: Vec<Crumb>,
    Outcome { asked, wrong }: Outcome,
) -> Answer {
    let status = if wrong.any() { 400 } else { 200 };
    let (f, kinds) = (&Frame::of(visit), kinds(visit.t));
    Answer::page(status, rendered(&IssuerPage { f, crumbs, there, kinds, w, asked, wrong }))
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
