use domain::{
    DirectoryManage, Granted, Login, NodeId, Organisation, Permissions, PrincipalId, PrincipalKind,
    ProjectId, SubjectId, TeamId,
};

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::{Directory, InForce, names, removal, sessions};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::directory::{self as rows, PrincipalInsert, PrincipalRow};
use crate::sql::records::ChangedKind;
use crate::sql::{self, Tx, credentials, nodes, subjects};

/// Most direct members of a team.
pub(super) const MEMBERS_MAX: usize = 10_000;

/// Longest name of a principal, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// A principal to make.
pub(super) struct NewPrincipal<'a> {
    pub(super) kind: PrincipalKind,
    pub(super) name: &'a str,
    pub(super) email: Option<&'a str>,
    /// In order: user name or client ID first, then e-mail aliases.
    pub(super) logins: Vec<Login>,
    pub(super) suspended: bool,
    pub(super) password_hash: Option<&'a str>,
    pub(super) requested: Option<Permissions>,
}

impl Directory {
    /// Suspends a principal or lets it in again: `member:alice`, `application:build-server`.
    ///
    /// # Errors
    /// `Unknown` if there is nobody of that name, `Forbidden` if it is the last active administrator.
    pub async fn set_suspended(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        principal: &str,
        suspended: bool,
    ) -> Result<InForce, DirectoryError> {
        let principal = principal.to_owned();
        let set = move |change: &mut Change<'_>| {
            let row = names::principal(change.tx, &principal)?;
            set_suspended(change, &row, suspended)
        };
        if suspended {
            return Ok(self.narrow(Author::of(may), set).await?);
        }
        Ok(self.change(Author::of(may), set).await?.1)
    }
}

pub(super) fn create(change: &mut Change<'_>, new: &NewPrincipal<'_>) -> Result<PrincipalId, Error> {
    if new.name.is_empty() || new.name.len() > NAME_BYTES_MAX || new.name.chars().any(char::is_control) {
        return Err(Error::refused("a name has 1 to 128 bytes and no control characters"));
    }
    let insert = PrincipalInsert {
        kind: new.kind,
        name: new.name,
        email: new.email,
        suspended: new.suspended,
        password_hash: new.password_hash,
        requested: new.requested,
    };
    let id = rows::insert_principal(change.tx, &insert, change.now)?;
    for (position, login) in (0u32..).zip(&new.logins) {
        rows::insert_login(change.tx, id, login, position).map_err(|error| match error {
            Error::Exists => Error::refused(format!("the log-in name {login} is somebody else's")),
            other => other,
        })?;
    }
    let made = rows::principal(change.tx, id)?.ok_or(Error::Absent)?;
    let turn = Turn::Made(document(change.tx, &made)?);
    happened(change, created(new.kind), &made, turn)?;
    Ok(id)
}

pub(super) fn set_suspended(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    suspended: bool,
) -> Result<(), Error> {
    if row.suspended == suspended {
        return Ok(());
    }
    let before = rows::active_administrators(change.tx)?;
    rows::set_suspended(change.tx, row.id, suspended)?;
    if let Err(refused) = keep_an_administrator(change, before) {
        // Plans go on after it.
        rows::set_suspended(change.tx, row.id, row.suspended)?;
        return Err(refused);
    }
    if suspended {
        sessions::end_all(change, row.id)?;
    }
    let action = if suspended { "principal.suspend" } else { "principal.resume" };
    let flag = |suspended: bool| Document::default().with("suspended", suspended);
    happened(change, action, row, Turn::Changed { before: flag(row.suspended), after: flag(suspended) })
}

/// Refuses a change that took the last active administrator away. A plan or a set-up without any is another matter.
pub(super) fn keep_an_administrator(change: &mut Change<'_>, before: u64) -> Result<(), Error> {
    if before > 0 && rows::active_administrators(change.tx)? == 0 {
        return Err(Error::forbidden(
            DirectoryRule::LastAdministrator,
            "the last active administrator can be neither removed nor suspended",
        ));
    }
    Ok(())
}

/// Sets a password; `must_change` if somebody else chose it, who is to know it no longer.
pub(super) fn set_password(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    (hash, must_change): (&str, bool),
) -> Result<(), Error> {
    if row.password_hash.as_deref() == Some(hash) {
        return Ok(());
    }
    credentials::set_password(change.tx, row.id, (hash, must_change))?;
    sessions::end_all(change, row.id)?;
    let shown = |is_set: bool, must_change: bool| {
        Document::default().secret("password", is_set).with("must_change", must_change)
    };
    let before = shown(row.password_hash.is_some(), row.must_change);
    let turn = Turn::Changed { before, after: shown(true, must_change) };
    happened(change, "principal.password", row, turn)
}

/// Sets the names a principal logs in with besides the first, and its address.
pub(super) fn set_email<'l>(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    email: Option<&str>,
    aliases: impl IntoIterator<Item = &'l Login>,
) -> Result<(), Error> {
    let aliases: Vec<&Login> = aliases.into_iter().collect();
    let logins = rows::logins(change.tx, row.id)?;
    let present: Vec<&Login> = logins.iter().skip(1).collect();
    if row.email.as_deref() == email && present == aliases {
        return Ok(());
    }
    let shown = |email: Option<&str>, logins: &[&Login]| {
        let logins: Vec<&str> = logins.iter().map(|login| login.as_str()).collect();
        Document::default().with("email", email).with("logins", logins)
    };
    let turn = Turn::Changed { before: shown(row.email.as_deref(), &present), after: shown(email, &aliases) };
    rows::set_email(change.tx, row.id, email)?;
    for login in present {
        rows::delete_login(change.tx, row.id, login)?;
    }
    for (position, alias) in (1_u32..).zip(aliases) {
        rows::insert_login(change.tx, row.id, alias, position).map_err(|error| match error {
            Error::Exists => Error::refused(format!("the log-in name {alias} is somebody else's")),
            other => other,
        })?;
    }
    happened(change, "principal.email", row, turn)
}

/// Refuses a name that would be mistaken for a client ID.
pub(super) fn named_as_an_application(name: &str) -> Result<(), Error> {
    if looks_like_a_client_id(name) {
        let why = format!("application:{name}: a name that looks like a client ID would be mistaken for one");
        return Err(Error::refused(why));
    }
    Ok(())
}

/// Eight, four, four, four and twelve hexadecimal digits: the form in which client IDs are made.
fn looks_like_a_client_id(name: &str) -> bool {
    let groups: Vec<&str> = name.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Sets what people call a principal.
pub(super) fn set_title(change: &mut Change<'_>, row: &PrincipalRow, title: &str) -> Result<(), Error> {
    if row.title.as_ref() == title {
        return Ok(());
    }
    subjects::set_title(change.tx, row.id, title)?;
    let titled = |title: &str| Document::default().with("title", title);
    let turn = Turn::Changed { before: titled(&row.title), after: titled(title) };
    happened(change, "principal.update", row, turn)
}

/// Takes a principal away with its log-in names, tokens, memberships and grants, but never the last administrator, nor
/// an application that a rule makes tokens of.
pub(super) fn remove(change: &mut Change<'_>, row: &PrincipalRow) -> Result<(), Error> {
    if let Some((rule, _)) = sql::publishers::naming(change.tx, row.id)? {
        let why = format!("the publisher {rule} makes tokens of it; delete that first");
        return Err(Error::forbidden(DirectoryRule::InUse, why));
    }
    let before = rows::active_administrators(change.tx)?;
    let was = document(change.tx, row)?;
    removal::clear_subject(change, row.id.into())?;
    let tokens = sql::removal::tokens_owned(change.tx, row.id)?;
    sessions::end_all(change, row.id)?;
    sql::removal::delete_principal(change.tx, row.id)?;
    removal::mark_tokens(change, &tokens)?;
    keep_an_administrator(change, before)?;
    happened(change, deleted(row.kind), row, Turn::Gone(was))
}

const fn created(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Member => "member.create",
        PrincipalKind::Collaborator => "collaborator.create",
        PrincipalKind::Guest => "guest.create",
        PrincipalKind::Application | PrincipalKind::Anonymous => "application.create",
    }
}

const fn deleted(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Member => "member.delete",
        PrincipalKind::Collaborator => "collaborator.delete",
        PrincipalKind::Guest => "guest.delete",
        PrincipalKind::Application | PrincipalKind::Anonymous => "application.delete",
    }
}

/// Sets what an application requests and where that was authorised.
pub(super) fn set_requested(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    requested: Option<Permissions>,
    mut projects: Vec<ProjectId>,
) -> Result<(), Error> {
    projects.sort_unstable();
    projects.dedup();
    let present = rows::authorised(change.tx, row.id)?;
    if row.requested == requested && present == projects {
        return Ok(());
    }
    let before = authorisation(change.tx, row.requested, &present)?;
    rows::set_requested(change.tx, row.id, requested, &projects)?;
    let after = authorisation(change.tx, requested, &projects)?;
    happened(change, "application.authorise", row, Turn::Changed { before, after })
}

/// Puts one more principal into `org-admins`.
pub(super) fn add_administrator(change: &mut Change<'_>, id: PrincipalId) -> Result<(), Error> {
    rows::insert_member(change.tx, TeamId::ORG_ADMINS, id.into(), (change.now, None))?;
    let turn = membership(change.tx, &[], &[id.into()])?;
    members_happened(change, "team.add", (TeamId::ORG_ADMINS, "org-admins"), turn)
}

/// Puts a principal into a team, as a provider of log-ins says.
pub(super) fn join(
    change: &mut Change<'_>,
    team: &rows::TeamRow,
    id: PrincipalId,
    source: i64,
) -> Result<(), Error> {
    rows::insert_member(change.tx, team.id, id.into(), (change.now, Some(source)))?;
    let turn = membership(change.tx, &[], &[id.into()])?;
    members_happened(change, "team.members", (team.id, &team.name), turn)
}

/// Takes a principal out of a team, as a provider of log-ins says; the last active administrator stays. Tells whether it went.
pub(super) fn leave(
    change: &mut Change<'_>,
    team: &rows::TeamRow,
    id: PrincipalId,
    source: i64,
) -> Result<bool, Error> {
    let before = rows::active_administrators(change.tx)?;
    rows::delete_member(change.tx, team.id, id.into())?;
    if keep_an_administrator(change, before).is_err() {
        rows::insert_member(change.tx, team.id, id.into(), (change.now, Some(source)))?;
        return Ok(false);
    }
    let turn = membership(change.tx, &[id.into()], &[])?;
    members_happened(change, "team.members", (team.id, &team.name), turn)?;
    Ok(true)
}

/// Replaces the direct members of a team.
pub(super) fn set_members(
    change: &mut Change<'_>,
    team: &rows::TeamRow,
    members: &[names::Subject],
) -> Result<(), Error> {
    let mut wanted: Vec<_> = members.iter().map(names::Subject::id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    replace(change, team, members, &wanted)
}

/// Makes these the direct members of a team, ascending, of whom those are named who may be new.
pub(super) fn replace(
    change: &mut Change<'_>,
    team: &rows::TeamRow,
    members: &[names::Subject],
    wanted: &[SubjectId],
) -> Result<(), Error> {
    if team.builtin && team.id != TeamId::ORG_ADMINS {
        let why = format!("the members of team:{} are computed", team.name);
        return Err(Error::forbidden(DirectoryRule::Builtin, why));
    }
    if members.iter().any(|member| member.external().is_some()) {
        return Err(Error::refused("an external joins no team"));
    }
    if members.iter().any(|member| member.id() == team.id.into()) {
        let why = format!("team:{} cannot be a member of itself", team.name);
        return Err(Error::forbidden(DirectoryRule::Cycle, why));
    }
    let present = rows::members(change.tx, team.id)?;
    if present == wanted {
        return Ok(());
    }
    // Fewer than there are is right even where there were too many.
    if wanted.len() > MEMBERS_MAX.max(present.len()) {
        return Err(Error::refused(format!("team:{} has at most 10,000 direct members", team.name)));
    }
    let before = rows::active_administrators(change.tx)?;
    replace_members(change, team.id, &present, wanted)?;
    let round = subjects::inside(change.tx, team.id)?.contains(&team.id.into());
    let allowed = if round {
        let why = format!("team:{} would be a member of itself, through other teams", team.name);
        Err(Error::forbidden(DirectoryRule::Cycle, why))
    } else {
        keep_an_administrator(change, before)
    };
    if let Err(refused) = allowed {
        // Plans go on after it.
        replace_members(change, team.id, wanted, &present)?;
        return Err(refused);
    }
    let (gone, new) = (only_in(&present, wanted), only_in(wanted, &present));
    let turn = membership(change.tx, &gone, &new)?;
    members_happened(change, "team.members", (team.id, &team.name), turn)
}

/// Of the members of a team only those that went and those that came.
fn membership(tx: &mut dyn Tx, gone: &[SubjectId], new: &[SubjectId]) -> Result<Turn, Error> {
    let mut shown = |members: &[SubjectId]| {
        let texts = members.iter().map(|member| names::subject_text(tx, *member));
        Ok::<_, Error>(Document::default().with("members", texts.collect::<Result<Vec<_>, _>>()?))
    };
    Ok(Turn::Changed { before: shown(gone)?, after: shown(new)? })
}

fn members_happened(
    change: &mut Change<'_>,
    action: &str,
    (team, name): (TeamId, &str),
    turn: Turn,
) -> Result<(), Error> {
    let (kind, object, node) = (ChangedKind::Team.into(), team.get().into(), NodeId::ORGANISATION);
    change.happened(&Event { action, node, kind, object, name, of: None, turn })
}

fn replace_members(
    change: &mut Change<'_>,
    team: TeamId,
    old: &[SubjectId],
    new: &[SubjectId],
) -> Result<(), Error> {
    for gone in only_in(old, new) {
        rows::delete_member(change.tx, team, gone)?;
    }
    for added in only_in(new, old) {
        rows::insert_member(change.tx, team, added, (change.now, None))?;
    }
    Ok(())
}

/// Those of one ascending list that the other has not.
fn only_in(one: &[SubjectId], other: &[SubjectId]) -> Vec<SubjectId> {
    one.iter().filter(|member| other.binary_search(member).is_err()).copied().collect()
}

/// A principal is other than it was, for the matrix and for log-in.
pub(super) fn happened(
    change: &mut Change<'_>,
    action: &str,
    row: &PrincipalRow,
    turn: Turn,
) -> Result<(), Error> {
    change.mark(ChangedKind::Login, row.id.get().into())?;
    change.happened(&Event {
        action,
        node: NodeId::ORGANISATION,
        kind: ChangedKind::Principal.into(),
        object: row.id.get().into(),
        name: &row.name,
        of: Some(row.kind.as_str()),
        turn,
    })
}

/// What can be set about a principal.
fn document(tx: &mut dyn Tx, row: &PrincipalRow) -> Result<Document, Error> {
    let logins = rows::logins(tx, row.id)?;
    let logins: Vec<&str> = logins.iter().map(Login::as_str).collect();
    let shown = Document::default()
        .with("title", &*row.title)
        .with("email", row.email.as_deref())
        .with("logins", logins)
        .with("suspended", row.suspended)
        .secret("password", row.password_hash.is_some());
    Ok(if row.kind.is_person() { shown } else { shown.permissions("requested", row.requested) })
}

/// What an application requests and where it may.
fn authorisation(
    tx: &mut dyn Tx,
    requested: Option<Permissions>,
    projects: &[ProjectId],
) -> Result<Document, Error> {
    let mut keys = Vec::with_capacity(projects.len());
    for project in projects {
        keys.extend(nodes::node_name(tx, (*project).into())?.map(String::from));
    }
    Ok(Document::default().permissions("requested", requested).with("authorised", keys))
}
