//! `/-/me`: what one is called, one's password, and what one may.

use api::linked_identities::{LinkedIdentity, ListOwnIdentities, UnlinkIdentity};
use api::log_in::{WayIn, ways_in};
use api::me::Me;
use api::passwords::{ChangePassword, SetTitle};
use api::rights::{ListMyRights, RightsThere};
use api::{Code, Fault};
use serde_json::json;

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Frame, way};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::lists::{self, Pager};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// `/-/me`
pub(super) enum Profile {}

/// `/-/me/identities/{provider}/delete`
pub(super) enum Unlinks {}

#[derive(askama::Template)]
#[template(path = "me.html")]
struct ProfilePage<'a> {
    f: &'a Frame,
    me: &'a Me,
    called: &'a str,
    label: &'a str,
    rights: Vec<RightsThere>,
    linked: Vec<LinkedIdentity>,
    /// Providers that one is not linked to.
    others: Vec<WayIn>,
    wrong: Wrong,
    pager: Pager,
}

impl Profile {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        let me = visit.me.as_ref().ok_or_else(|| Fault::Told(Code::NotAuthenticated, "log in".into()))?;
        let rights = visit.read::<ListMyRights>(&[], &lists::asked(visit, &[])).await?;
        let linked = visit.read::<ListOwnIdentities>(&[], &[]).await?.items;
        let mut others = ways_in(&visit.asked.cx).await?;
        others.retain(|way| !linked.iter().any(|identity| identity.provider == way.name));
        let typed = form.filter(|form| form.text("do") == "title");
        let called = me.title.as_deref().unwrap_or_default();
        let page = ProfilePage {
            f: &Frame::of(visit),
            me,
            called,
            label: typed.map_or(called, |form| form.text("title")),
            rights: rights.items,
            linked,
            others,
            pager: Pager::of(visit, rights.next.as_ref()),
            wrong,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Does what a form asks for; where it goes on.
    async fn done(visit: &Visit<'_>, form: &Form<'_>) -> Result<&'static str, Fault> {
        match form.text("do") {
            "title" => {
                let document = json!({ "title": form.text("title").trim() });
                visit.change::<SetTitle>(&[], &document, Terms::default()).await?;
                Ok("/-/me?done=saved")
            }
            "password" => {
                let document = json!({ "current": form.text("current"), "new": form.text("new") });
                visit.change::<ChangePassword>(&[], &document, Terms::default()).await?;
                Ok("/-/login?done=password")
            }
            _ => Err(Fault::Told(Code::Malformed, "nothing was asked".into())),
        }
    }
}

impl Page for Profile {
    const PATH: &'static str = "/-/me";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let wrong = match Self::done(visit, &form).await {
            Ok(to) => return Ok(Answer::see(to)),
            Err(fault) if fault.code() == Code::BadCredentials => Wrong::told(visit.t.profile.wrong_password),
            Err(fault) => Wrong::with(visit, fault)?,
        };
        Self::show(visit, Some(&form), wrong).await
    }
}

impl Deletes for Unlinks {
    const PATH: &'static str = "/-/me/identities/{provider}/delete";
    type By = UnlinkIdentity;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        visit.insist_on_somebody()?;
        let linked = visit.read::<ListOwnIdentities>(&[], &[]).await?.items;
        let absent = || Fault::Told(Code::Absent, "you are not linked there".into());
        let identity = linked.into_iter().find(|one| one.provider == visit.name(0)).ok_or_else(absent)?;
        let t = &visit.t.log_ins;
        let (list, back) = ((visit.t.profile.title, None), "/-/me".to_owned());
        Ok(Deletion {
            crumbs: way(list, (&identity.title, back.clone()), Some(t.unlink)),
            title: filled(t.unlink_title, "name", &identity.title),
            goes: vec![t.unlink_goes.to_owned(), t.goes_teams.to_owned()],
            verb: t.unlink,
            back,
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        "/-/me".to_owned()
    }
}
