//! `/-/teams`: people, applications and other teams under one name.

use api::applications::ListApplications;
use api::members::ListMembers;
use api::people::ListPeople;
use api::teams::{AddMember, DeleteTeam, ListTeams, PutTeam, RemoveMember, ShowTeam, Team as TeamShown};
use api::{Code, Fault, Patch};
use domain::Permission;
use serde_json::json;

use crate::caller::{Terms, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame, Tab, way};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::lists::{self, Pager};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// Most of each kind that are proposed for a team.
const FOUND: &str = "8";

/// `/-/teams`
pub(super) enum Teams {}

/// `/-/new-team`
pub(super) enum NewTeam {}

/// `/-/teams/{team}`
pub(super) enum Team {}

/// `/-/teams/{team}/delete`
pub(super) enum DeletesTeam {}

/// Somebody in a team, or a team in it.
struct Inside {
    reference: String,
    href: Option<String>,
    direct: bool,
}

#[derive(askama::Template)]
#[template(path = "teams.html")]
struct TeamsPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    teams: Vec<TeamShown>,
    words: &'a str,
    may_make: bool,
    pager: Pager,
}

#[derive(askama::Template)]
#[template(path = "new_team.html")]
struct NewTeamPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    name: &'a str,
    label: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "team.html")]
struct TeamPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    team: &'a TeamShown,
    action: &'a str,
    caption: &'a str,
    etag: &'a str,
    label: &'a str,
    everybody: Vec<Inside>,
    find: &'a str,
    found: Vec<String>,
    may_manage: bool,
    wrong: Wrong,
    pager: Pager,
}

impl Page for Teams {
    const PATH: &'static str = "/-/teams";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let found = visit.read::<ListTeams>(&[], &lists::asked(visit, &["query"])).await?;
        let page = TeamsPage {
            f: &Frame::of(visit),
            tabs: lists::directory_tabs(visit),
            teams: found.items,
            words: visit.given("query").unwrap_or_default(),
            may_make: visit.may_here(Permission::DirectoryManage),
            pager: Pager::of(visit, found.next.as_ref()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl NewTeam {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewTeamPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, visit.t.teams.new, None),
            name: text("name"),
            label: text("title"),
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewTeam {
    const PATH: &'static str = "/-/new-team";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let name = form.text("name").trim();
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutTeam>(&[name], &json!({ "title": form.given("title") }), terms).await {
            Ok(made) => Ok(Answer::see(format!("{}?done=made", address(&made.answer.about.name)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, super::people::nameable(fault))?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Team {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        let name = visit.name(0);
        let told = visit.show::<ShowTeam>(&[name], &[]).await?;
        let team = &told.answer;
        let typed = form.filter(|form| form.text("do") == "save");
        let everybody = visit.read::<ListMembers>(&[name], &lists::asked(visit, &[])).await?;
        let inside = |member: api::members::Member| Inside {
            href: lists::address(visit, &member.reference),
            direct: team.members.contains(&member.reference),
            reference: member.reference,
        };
        let find = form.and_then(|form| form.given("find")).or_else(|| visit.given("find"));
        let may_manage = visit.may_here(Permission::DirectoryManage);
        let found = match find.filter(|_| may_manage) {
            Some(find) => candidates(visit, team, find).await?,
            None => Vec::new(),
        };
        let page = TeamPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, &team.title, None),
            action: &address(&team.about.name),
            caption: &filled(visit.t.teams.members_caption, "name", &team.title),
            etag: &told.etag,
            label: typed.map_or(&*team.title, |form| form.text("title")),
            everybody: everybody.items.into_iter().map(inside).collect(),
            find: find.unwrap_or_default(),
            found,
            may_manage,
            wrong: wrong.and_now(visit, &[&team.title]),
            pager: Pager::of(visit, everybody.next.as_ref()),
            team,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Does what a form asks for; the word of the notice.
    async fn done(visit: &Visit<'_>, form: &Form<'_>) -> Result<&'static str, Fault> {
        let name = visit.name(0);
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        if let Some(who) = form.given("add") {
            visit.change::<AddMember>(&[name, who], &json!({}), Terms::default()).await?;
            return Ok("added");
        }
        if let Some(who) = form.given("remove") {
            visit.remove::<RemoveMember>(&[name, who], &[]).await?;
            return Ok("removed");
        }
        if form.text("do") != "save" {
            return Err(Fault::Told(Code::Malformed, "nothing was asked".into()));
        }
        let document = json!({ "title": form.given("title") });
        visit.change::<Patch<PutTeam>>(&[name], &document, terms).await?;
        Ok("saved")
    }
}

impl Page for Team {
    const PATH: &'static str = "/-/teams/{team}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        match Self::done(visit, &form).await {
            Ok(word) => Ok(Answer::see(format!("{}?done={word}", address(visit.name(0))))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), wrong).await
            }
        }
    }
}

/// Who could be put into a team, by words in their names.
async fn candidates(visit: &Visit<'_>, team: &TeamShown, words: &str) -> Result<Vec<String>, Fault> {
    let query = [("query", words.into()), ("limit", FOUND.into())];
    let people = visit.read::<ListPeople>(&[], &query).await?;
    let applications = visit.read::<ListApplications>(&[], &query).await?;
    let teams = visit.read::<ListTeams>(&[], &query).await?;
    let people = people.items.into_iter().map(|person| person.about.reference);
    let applications = applications.items.into_iter().map(|one| format!("application:{}", one.about.name));
    // What is computed can be in no other team, and none in itself.
    let nested = teams
        .items
        .into_iter()
        .filter(|one| one.about.computed.is_none() && one.about.name != team.about.name);
    let all = people.chain(applications).chain(nested.map(|one| format!("team:{}", one.about.name)));
    Ok(all.filter(|reference| !team.members.contains(reference)).collect())
}

impl Deletes for DeletesTeam {
    const PATH: &'static str = "/-/teams/{team}/delete";
    type By = DeleteTeam;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        let team = visit.read::<ShowTeam>(&[visit.name(0)], &[]).await?;
        let t = &visit.t.teams;
        let count = visit.language.number(team.members.len() as u64);
        Ok(Deletion {
            crumbs: crumbs(visit, &team.title, Some(t.delete)),
            title: filled(t.delete_title, "name", &team.title),
            goes: vec![t.goes_rights.to_owned(), t.goes_places.to_owned()],
            stays: vec![filled(t.stays_members, "count", &count)],
            refused: team.about.builtin.then(|| t.builtin_why.to_owned()),
            confirm: Some(team.about.name.clone()),
            verb: t.delete,
            back: address(&team.about.name),
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        Teams::PATH.to_owned()
    }
}

fn address(name: &str) -> String {
    format!("/-/teams/{}", encoded(name))
}

fn crumbs(visit: &Visit<'_>, name: &str, below: Option<&str>) -> Vec<Crumb> {
    way((visit.t.teams.title, Some(Teams::PATH.to_owned())), (name, address(visit.name(0))), below)
}
