//! `/p/{project}/{repository}/-/tombstones`: names that were removed and stay reserved.

use api::Fault;
use api::tombstones::{LiftTombstone, ListTombstones, Tombstone};
use domain::Permission;
use serde_json::Value;

use super::{Place, first, paging};
use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// `/p/{project}/{repository}/-/tombstones`
pub(crate) enum Tombstones {}

#[derive(askama::Template)]
#[template(path = "tombstones.html")]
struct TombstonesPage<'a> {
    f: &'a Frame,
    place: &'a Place,
    crumbs: Vec<Crumb>,
    rows: Vec<Tombstone>,
    may_lift: bool,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

async fn list(visit: &Visit<'_>, place: &Place, wrong: Wrong) -> Result<Answer, Fault> {
    let found = visit.read::<ListTombstones>(&place.names(), &paging(visit)).await?;
    let mut crumbs = place.crumbs(visit);
    crumbs.push(Crumb { text: visit.t.versions.reserved.to_owned(), href: None });
    let status = if wrong.any() { 400 } else { 200 };
    let page = TombstonesPage {
        f: &Frame::of(visit),
        crumbs,
        rows: found.items,
        may_lift: place.may(Permission::RepositorySettings),
        wrong,
        next: found.next.map(|next| visit.here_with("after", &next)),
        first: first(visit),
        place,
    };
    Ok(Answer::page(status, rendered(&page)))
}

impl Page for Tombstones {
    const PATH: &'static str = "/p/{project}/{repository}/-/tombstones";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit).await?;
        if visit.asked.form.is_none() {
            return list(visit, &place, Wrong::default()).await;
        }
        let sent = visit.form()?;
        let [project, repository] = place.names();
        let names = [project, repository, sent.text("lift")];
        match visit.change::<LiftTombstone>(&names, &Value::Null, Terms::default()).await {
            Ok(_) => Ok(Answer::see(format!("/p/{}/-/tombstones?done=version", place.path))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                list(visit, &place, wrong).await
            }
        }
    }
}
