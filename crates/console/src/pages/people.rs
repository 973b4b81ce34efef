//! `/-/members`: who can log in here, and one of them.

use api::Fault;
use api::invitations::{Invitation, Invite, ListInvitations, WithdrawInvitation};
use api::members::ListMembers;
use api::passwords::EndSessions;
use api::people::{DeletePerson, ListPeople, Person, PutPerson, ShowPerson};
use api::principals::Suspend;
use api::tokens::{ListTokensOf, SetTokenStateOf, Token};
use api::{Code, Patch};
use domain::Permission;
use serde_json::json;

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame, Tab, way};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::pages::lists::{self, Pager, address};
use crate::parts::{filled, filters};
use crate::texts::Texts;
use crate::visit::Visit;

/// The team whose people administer everything.
const ADMINISTRATORS: &str = "org-admins";
/// Of how many other administrators it is asked whether they are suspended, before it is left to the operation to refuse.
const OTHERS_MAX: usize = 8;

/// `/-/members`
pub(super) enum Members {}

/// `/-/new-member`
pub(super) enum NewMember {}

/// `/-/members/{person}`
pub(super) enum Member {}

/// `/-/members/{person}/delete`
pub(super) enum DeleteMember {}

#[derive(askama::Template)]
#[template(path = "members.html")]
struct MembersPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    people: Vec<Person>,
    words: &'a str,
    kind: &'a str,
    kinds: [(&'static str, &'static str); 4],
    state: &'a str,
    states: [(&'static str, &'static str); 3],
    may_make: bool,
    pager: Pager,
}

#[derive(askama::Template)]
#[template(path = "new_member.html")]
struct NewMemberPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    kind: &'a str,
    name: &'a str,
    label: &'a str,
    emails: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "member.html")]
struct MemberPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    person: &'a Person,
    action: &'a str,
    etag: &'a str,
    label: &'a str,
    emails: String,
    teams: Vec<(String, Option<String>)>,
    tokens: Vec<Token>,
    caption: &'a str,
    prefix: &'a str,
    all_words: &'a str,
    may_rotate: bool,
    may_revoke: bool,
    invitations: Vec<Invitation>,
    may_manage: bool,
    last_admin: bool,
    wrong: Wrong,
    pager: Pager,
}

#[derive(askama::Template)]
#[template(path = "invitation_shown.html")]
struct InvitationPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    address: &'a str,
    code: &'a str,
    message: String,
    back: String,
}

impl Page for Members {
    const PATH: &'static str = "/-/members";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let query = lists::asked(visit, &["query", "kind", "suspended"]);
        let found = visit.read::<ListPeople>(&[], &query).await?;
        let (t, common) = (&visit.t.people, &visit.t.directory);
        let page = MembersPage {
            f: &Frame::of(visit),
            tabs: lists::directory_tabs(visit),
            people: found.items,
            words: visit.given("query").unwrap_or_default(),
            kind: visit.given("kind").unwrap_or_default(),
            kinds: [
                ("", t.any_kind),
                ("member", t.member),
                ("collaborator", t.collaborator),
                ("guest", t.guest),
            ],
            state: visit.given("suspended").unwrap_or_default(),
            states: [("", common.any_state), ("false", common.active), ("true", common.suspended)],
            may_make: visit.may_here(Permission::DirectoryManage),
            pager: Pager::of(visit, found.next.as_ref()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl NewMember {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let page = NewMemberPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, visit.t.people.new, None),
            kind: form.map_or("member", |form| form.text("kind")),
            name: text("name"),
            label: text("title"),
            emails: text("emails"),
            wrong,
        };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewMember {
    const PATH: &'static str = "/-/new-member";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let reference = format!("{}:{}", form.text("kind"), form.text("name").trim());
        let document = json!({ "title": form.given("title"), "emails": lines(form.text("emails")) });
        let terms = Terms { anew: true, ..Terms::default() };
        match visit.change::<PutPerson>(&[&reference], &document, terms).await {
            Ok(made) => {
                let address = lists::person(&made.answer.about.reference);
                Ok(Answer::see(format!("{address}?done=made")))
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, nameable(fault))?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Member {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        let name = visit.name(0);
        let told = visit.show::<ShowPerson>(&[name], &[]).await?;
        let person = &told.answer;
        let typed = form.filter(|form| form.text("do") == "save");
        let emails = person.emails.join("\n");
        let wrong = wrong.and_now(visit, &[&person.title, &person.emails.join(", ")]);
        let may_manage = visit.may_here(Permission::DirectoryManage);
        // What would be refused is not asked for: a refusal is an event of the audit.
        let (tokens, next) = if visit.may_here(Permission::DirectoryView) {
            let tokens = visit.read::<ListTokensOf>(&[name], &lists::asked(visit, &[])).await?;
            (tokens.items, tokens.next)
        } else {
            (Vec::new(), None)
        };
        let invitations =
            if may_manage { visit.read::<ListInvitations>(&[name], &[]).await?.items } else { Vec::new() };
        let reference = &person.about.reference;
        let teams = person.about.teams.iter();
        let page = MemberPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, &person.title, None),
            action: &lists::person(reference),
            etag: &told.etag,
            label: typed.map_or(&*person.title, |form| form.text("title")),
            emails: typed.map_or(emails, |form| form.text("emails").to_owned()),
            teams: teams.map(|team| (team.clone(), address(visit, team))).collect(),
            tokens,
            caption: visit.t.people.tokens,
            prefix: "whfp_",
            all_words: visit.t.people.all_words,
            may_rotate: false,
            may_revoke: may_manage,
            invitations,
            may_manage,
            last_admin: may_manage && !person.suspended && is_last_administrator(visit, reference).await?,
            person,
            pager: Pager::of(visit, next.as_ref()),
            wrong,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }

    /// Does what a form asks for; the word of the notice.
    async fn done(visit: &Visit<'_>, form: &Form<'_>) -> Result<&'static str, Fault> {
        let name = visit.name(0);
        let nothing = Terms::default;
        if let Some(id) = form.given("revoke") {
            let document = json!({ "state": "revoked" });
            visit.change::<SetTokenStateOf>(&[name, id], &document, nothing()).await?;
            return Ok("revoked");
        }
        if let Some(id) = form.given("withdraw") {
            visit.remove::<WithdrawInvitation>(&[name, id], &[]).await?;
            return Ok("withdrawn");
        }
        match form.text("do") {
            "save" => {
                let document = json!({ "title": form.given("title"), "emails": lines(form.text("emails")) });
                let terms = Terms { if_match: form.given("etag"), ..nothing() };
                visit.change::<Patch<PutPerson>>(&[name], &document, terms).await?;
                Ok("saved")
            }
            "suspend" => suspended(visit, name, true).await.map(|()| "suspended"),
            "resume" => suspended(visit, name, false).await.map(|()| "resumed"),
            "log-out" => {
                visit.remove::<EndSessions>(&[name], &[]).await?;
                Ok("logged-out")
            }
            _ => Err(Fault::Told(Code::Malformed, "nothing was asked".into())),
        }
    }

    /// Makes a code, and shows it: no other page has it.
    async fn invited(visit: &Visit<'_>, purpose: &str) -> Result<Answer, Fault> {
        let name = visit.name(0);
        let document = json!({ "purpose": purpose });
        let made = visit.change::<Invite>(&[name], &document, Terms::default()).await?.answer;
        let person = visit.read::<ShowPerson>(&[name], &[]).await?;
        let t = &visit.t.people;
        let heading = if purpose == "reset" { t.shown_reset } else { t.shown_invite };
        let heading = filled(heading, "name", &person.title);
        let (address, code) = (format!("{}/-/invitation", visit.asked.origin), made.code.unwrap_or_default());
        let message = filled(&filled(t.shown_message, "address", &address), "code", &code);
        let organisation = visit.asked.doors.organisation();
        let page = InvitationPage {
            f: &Frame::of(visit),
            crumbs: crumbs(visit, &person.title, Some(&heading)),
            address: &address,
            code: &code,
            message: filled(&message, "organisation", &organisation),
            back: lists::person(&person.about.reference),
            heading,
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl Page for Member {
    const PATH: &'static str = "/-/members/{person}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let done = match form.text("do") {
            purpose @ ("invite" | "reset") => Self::invited(visit, purpose).await,
            _ => Self::done(visit, &form).await.map(|word| {
                let back = lists::person(visit.name(0));
                Answer::see(format!("{back}?done={word}"))
            }),
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

impl Deletes for DeleteMember {
    const PATH: &'static str = "/-/members/{person}/delete";
    type By = DeletePerson;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        visit.insist_here(Permission::DirectoryManage)?;
        let person = visit.read::<ShowPerson>(&[visit.name(0)], &[]).await?;
        let t = &visit.t.people;
        let reference = &person.about.reference;
        let count = |text: &str, count: u64| filled(text, "count", &visit.language.number(count));
        let last = !person.suspended && is_last_administrator(visit, reference).await?;
        Ok(Deletion {
            crumbs: crumbs(visit, &person.title, Some(t.delete)),
            title: filled(t.delete_title, "name", &person.title),
            goes: vec![
                count(t.goes_tokens, person.about.tokens),
                count(t.goes_grants, person.about.teams.len() as u64),
                t.goes_name.to_owned(),
            ],
            stays: vec![t.stays_packages.to_owned(), t.stays_audit.to_owned()],
            confirm: Some(reference.clone()),
            refused: last.then(|| visit.t.directory.last_admin.to_owned()),
            verb: t.delete,
            back: lists::person(reference),
            ..Deletion::default()
        })
    }

    fn list(_: &Visit<'_>) -> String {
        Members::PATH.to_owned()
    }
}

/// Suspends somebody, or takes that back.
pub(super) async fn suspended(visit: &Visit<'_>, name: &str, suspended: bool) -> Result<(), Fault> {
    let document = json!({ "suspended": suspended });
    visit.change::<Suspend>(&[name], &document, Terms::default()).await.map(drop)
}

/// Whether without this one nobody administered the organisation any more.
pub(super) async fn is_last_administrator(visit: &Visit<'_>, reference: &str) -> Result<bool, Fault> {
    if !visit.may_here(Permission::DirectoryView) {
        return Ok(false);
    }
    let all = visit.read::<ListMembers>(&[ADMINISTRATORS], &[("limit", "100".into())]).await?;
    if all.next.is_some() {
        return Ok(false);
    }
    let all = all.items.into_iter().map(|member| member.reference).filter(|one| !one.starts_with("team:"));
    let (own, others): (Vec<String>, Vec<String>) = all.partition(|one| one == reference);
    if own.is_empty() || others.len() > OTHERS_MAX {
        return Ok(false);
    }
    for other in others {
        let is_suspended = match other.strip_prefix("application:") {
            Some(name) => visit.read::<api::applications::ShowApplication>(&[name], &[]).await?.suspended,
            None => visit.read::<ShowPerson>(&[&other], &[]).await?.suspended,
        };
        if !is_suspended {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A name that nobody can have is an address where nothing is; of a form of who may make it, it is a wrong field.
pub(super) fn nameable(fault: Fault) -> Fault {
    match fault.code() {
        Code::Absent | Code::NoRoute | Code::Denied => {
            let why = "this name cannot be taken: no spaces, control characters or colons in it";
            Fault::Told(Code::Invalid, why.into())
        }
        _ => fault,
    }
}

/// What stands in lines, without those that are empty.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty()).collect()
}

fn crumbs(visit: &Visit<'_>, name: &str, below: Option<&str>) -> Vec<Crumb> {
    let may_list = visit.may_here(Permission::DirectoryView);
    let list = (visit.t.people.title, may_list.then(|| Members::PATH.to_owned()));
    way(list, (name, lists::person(visit.name(0))), below)
}

/// The user name.
fn user_name(person: &Person) -> &str {
    person.about.reference.split_once(':').map_or("", |(_, name)| name)
}

/// The kind, in words.
fn kind(t: &Texts, person: &Person) -> &'static str {
    match person.about.reference.split(':').next() {
        Some("collaborator") => t.people.collaborator,
        Some("guest") => t.people.guest,
        _ => t.people.member,
    }
}
