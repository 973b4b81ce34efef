//! `/p/{project}/-/roles`: which right each role has, and what a change would do.

use std::borrow::Cow;

use api::projects::Project as ProjectShown;
use api::roles::{ListRoles, PutRole, Role, ShowRole};
use api::{Fault, Rights};
use domain::{Ceilings, Permission, Permissions, PrincipalKind, Project};
use serde_json::{Value, json};

use crate::caller::{Terms, encoded};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::preview::Preview;
use crate::pages::project_place::{Part, Place};
use crate::parts::{filled, filters};
use crate::texts::Texts;
use crate::visit::Visit;

/// Roles of a page: a column each.
const COLUMNS: &str = "20";
/// Rights that mean something in a project, by group.
const GROUPS: [&[Permission]; 3] = [
    &[Permission::Read, Permission::Publish, Permission::Overwrite, Permission::DeletePackage],
    &[Permission::RepositoryCreate, Permission::RepositorySettings, Permission::RepositoryDelete],
    &[Permission::AccessManage, Permission::AuditView],
];

/// `/p/{project}/-/roles`
pub(super) enum Roles {}

#[derive(askama::Template)]
#[template(path = "roles.html")]
struct RolesPage<'a> {
    f: &'a Frame,
    place: Place,
    action: String,
    columns: Vec<Column>,
    groups: Vec<(&'static str, Vec<Line>)>,
    changes: Vec<String>,
    preview: Option<Preview>,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

/// A role as the matrix has it.
struct Column {
    name: String,
    href: String,
    holders: u64,
    /// What it holds, and its name: what the form was made of. None of what is not set here.
    was: Option<String>,
}

/// A right of every role.
struct Line {
    right: &'static str,
    hint: &'static str,
    cells: Vec<Cell>,
}

/// A right of a role.
enum Cell {
    /// Ticked or not, now and when the form was made.
    Choice { role: String, on: bool, was: bool, beyond: bool },
    /// Not for this role.
    Never,
    /// Given one by one to people of this kind.
    OneByOne,
    /// Brought by another right.
    Along,
    /// Held, and set elsewhere.
    Fixed,
}

/// A role whose rights a form sets to others than it was made of.
struct Edit {
    role: String,
    was: Permissions,
    wanted: Permissions,
}

/// A form with what came of it.
#[derive(Default)]
struct Shown<'f> {
    form: Option<&'f Form<'f>>,
    preview: Option<Preview>,
    wrong: Wrong,
}

impl Roles {
    async fn show(visit: &Visit<'_>, shown: Shown<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Roles).await?;
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", COLUMNS.into())];
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        let found = visit.read::<ListRoles<Project>>(&[place.key()], &query).await?;
        let Shown { form, preview, wrong } = shown;
        let edits = form.map(edits).unwrap_or_default();
        let t = &visit.t.roles;
        let line = |right: &Permission| Line {
            right: right.as_str(),
            hint: hint(visit.t, *right),
            cells: found.items.iter().map(|role| cell(&place.project, role, *right, &edits)).collect(),
        };
        let titles = [t.packages, t.repositories, t.project];
        let groups = titles.into_iter().zip(GROUPS.map(|rights| rights.iter().map(line).collect()));
        let page = RolesPage {
            f: &Frame::of(visit),
            action: visit.here(),
            columns: found.items.iter().map(|role| Column::of(place.key(), role)).collect(),
            groups: groups.collect(),
            changes: edits.iter().flat_map(Edit::in_words).collect(),
            preview,
            wrong,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
            place,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }

    /// Sets all of them; if one cannot be set, none. What others changed since the form was made is told in place of that.
    async fn save(visit: &Visit<'_>, edits: &[Edit]) -> Result<Option<Wrong>, Fault> {
        let mut seen = Vec::with_capacity(edits.len());
        let mut clash = Wrong::told(visit.t.roles.clash);
        for edit in edits {
            let names = [visit.name(0), edit.role.as_str()];
            let role = visit.change::<ShowRole<Project>>(&names, &Value::Null, Terms::default()).await?;
            let holds = role.answer.permissions.0;
            if holds != edit.was {
                let words = filled(visit.t.roles.now, "role", &edit.role);
                clash.details.push(filled(&words, "rights", &in_words(holds)));
            }
            seen.push(role.etag);
        }
        if !clash.details.is_empty() {
            return Ok(Some(clash));
        }
        let tried = [("dry_run", "true".into())];
        for query in [&tried[..], &[]] {
            for (edit, etag) in edits.iter().zip(&seen) {
                let names = [visit.name(0), edit.role.as_str()];
                let document = json!({ "permissions": Rights(edit.wanted) });
                let terms = Terms { if_match: Some(etag), ..Terms::default() };
                visit.caller.told::<PutRole<Project>>(&names, query, &document, terms).await?;
            }
        }
        Ok(None)
    }
}

impl Page for Roles {
    const PATH: &'static str = "/p/{project}/-/roles";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, Shown::default()).await;
        }
        let form = visit.form()?;
        let edits = edits(&form);
        let shown = Shown { form: Some(&form), ..Shown::default() };
        if edits.is_empty() {
            let wrong = Wrong::told(visit.t.roles.nothing_changed);
            return Self::show(visit, Shown { wrong, ..shown }).await;
        }
        if form.ticked("preview") {
            return match Preview::of(visit, document(visit.name(0), &edits)).await {
                Ok(preview) => Self::show(visit, Shown { preview: Some(preview), ..shown }).await,
                Err(fault) => {
                    let wrong = Wrong::with(visit, fault)?;
                    Self::show(visit, Shown { wrong, ..shown }).await
                }
            };
        }
        let wrong = match Self::save(visit, &edits).await {
            Ok(None) => return Ok(Answer::see(format!("/p/{}/-/roles?done=roles", visit.name(0)))),
            Ok(Some(clash)) => clash,
            Err(fault) => Wrong::with(visit, fault)?,
        };
        Self::show(visit, Shown { wrong, ..shown }).await
    }
}

impl Column {
    fn of(project: &str, role: &Role) -> Self {
        let name = role.about.name.clone();
        Self {
            href: format!("/p/{project}/-/roles/{}", encoded(&name)),
            holders: role.about.holders,
            was: (!is_fixed(role)).then(|| format!("{}={name}", in_words(role.permissions.0))),
            name,
        }
    }
}

impl Edit {
    /// `viewer + publish`, a line for each right.
    fn in_words(&self) -> Vec<String> {
        let gained = self.wanted.difference(self.was);
        let lost = self.was.difference(self.wanted);
        let line = |sign: &str, right: Permission| format!("{} {sign} {}", self.role, right.as_str());
        let gained = gained.iter().map(|right| line("+", right));
        gained.chain(lost.iter().map(|right| line("−", right))).collect()
    }
}

/// Whether it is not set here: the one of all members follows who may read in the project, those from outside have none of their own.
fn is_fixed(role: &Role) -> bool {
    role.about.builtin && matches!(role.about.name.as_str(), "organisation-member" | "collaborator" | "guest")
}

fn cell(project: &ProjectShown, role: &Role, right: Permission, edits: &[Edit]) -> Cell {
    let (held, may_hold, name) = (role.permissions.0, role.about.may_hold.0, &role.about.name);
    if is_fixed(role) {
        let one_by_one = name == "collaborator" && Ceilings::of(PrincipalKind::Collaborator).contains(right);
        return match (held.contains(right), one_by_one) {
            (true, _) => Cell::Fixed,
            (false, true) => Cell::OneByOne,
            (false, false) => Cell::Never,
        };
    }
    if !may_hold.contains(right) {
        return Cell::Never;
    }
    let wanted = edits.iter().find(|edit| edit.role == *name).map_or(held, |edit| edit.wanted);
    let (was, on) = (held.contains(right), wanted.contains(right));
    if !was && !on && held.closed().contains(right) && wanted.closed().contains(right) {
        return Cell::Along;
    }
    let beyond = !was && !project.about.my_permissions.0.closed().contains(right);
    Cell::Choice { role: name.clone(), on, was, beyond }
}

/// What a form changes.
fn edits(form: &Form<'_>) -> Vec<Edit> {
    let edit = |was: &str| {
        let (held, role) = was.split_once('=')?;
        let ticked = form.all("cell").filter_map(|cell| cell.rsplit_once(':'));
        let wanted = ticked.filter(|(of, _)| *of == role);
        let wanted = wanted.filter_map(|(_, right)| Permission::parse(right).ok()).collect();
        let held = held.split(", ").filter_map(|right| Permission::parse(right).ok()).collect();
        Some(Edit { role: role.to_owned(), was: held, wanted })
    };
    form.all("was").filter_map(edit).filter(|edit| edit.was != edit.wanted).collect()
}

/// What would be so, as a plan says it.
fn document(project: &str, edits: &[Edit]) -> Value {
    let role = |edit: &Edit| json!({ "name": edit.role, "permissions": Rights(edit.wanted) });
    json!({ "projects": [{ "key": project, "roles": edits.iter().map(role).collect::<Vec<_>>() }] })
}

/// The words of rights, in their order.
pub(super) fn in_words(rights: Permissions) -> String {
    let words: Vec<&str> = rights.iter().map(Permission::as_str).collect();
    words.join(", ")
}

/// Rights that mean something in a project, with what each is for.
pub(super) fn of_projects(t: &Texts) -> impl Iterator<Item = (Permission, &'static str)> {
    GROUPS.into_iter().flatten().map(|right| (*right, hint(t, *right)))
}

/// What a right is for.
fn hint(t: &Texts, right: Permission) -> &'static str {
    let t = &t.roles;
    match right {
        Permission::Read => t.hint_read,
        Permission::Publish => t.hint_publish,
        Permission::Overwrite => t.hint_overwrite,
        Permission::DeletePackage => t.hint_delete_package,
        Permission::RepositoryCreate => t.hint_repository_create,
        Permission::RepositorySettings => t.hint_repository_settings,
        Permission::RepositoryDelete => t.hint_repository_delete,
        Permission::AccessManage => t.hint_access_manage,
        Permission::AuditView => t.hint_audit_view,
        Permission::ProjectCreate
        | Permission::OrganisationManage
        | Permission::Subscription
        | Permission::DirectoryView
        | Permission::DirectoryManage => "",
    }
}
