use domain::{
    DirectoryManage, Granted, Login, NodeId, Organisation, Permissions, PrincipalId, PrincipalKind,
    ProjectId, SubjectId, TeamId,
};

use super::change::{Author, Change, Event};
use super::{Directory, InForce, names, removal};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::directory::{self as rows, PrincipalInsert, PrincipalRow};
use crate::sql::records::ChangedKind;
use crate::sql::{self, credentials, subjects};

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
    happened(change, created(new.kind), id, new.name, None)?;
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
    let action = if suspended { "principal.suspend" } else { "principal.resume" };
    happened(change, action, row.id, &row.name, None)
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

pub(super) fn set_password(change: &mut Change<'_>, row: &PrincipalRow, hash: &str) -> Result<(), Error> {
    if row.password_hash.as_deref() == Some(hash) {
        return Ok(());
    }
    credentials::set_password(change.tx, row.id, hash)?;
    happened(change, "principal.password", row.id, &row.name, None)
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
    happened(change, "principal.email", row.id, &row.name, email)
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
    happened(change, "principal.update", row.id, &row.name, Some(title))
}

/// Takes a principal away with its log-in names, tokens, memberships and grants, but never the last administrator.
pub(super) fn remove(change: &mut Change<'_>, row: &PrincipalRow) -> Result<(), Error> {
    let before = rows::active_administrators(change.tx)?;
    removal::clear_subject(change, row.id.into())?;
    let tokens = sql::removal::tokens_owned(change.tx, row.id)?;
    sql::removal::delete_principal(change.tx, row.id)?;
    removal::mark_tokens(change, &tokens)?;
    keep_an_administrator(change, before)?;
    happened(change, deleted(row.kind), row.id, &row.name, None)
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
    if row.requested == requested && rows::authorised(change.tx, row.id)? == projects {
        return Ok(());
    }
    rows::set_requested(change.tx, row.id, requested, &projects)?;
    let words = requested.map(names::words);
    happened(change, "application.authorise", row.id, &row.name, words.as_deref())
}

/// Puts one more principal into `org-admins`.
pub(super) fn add_administrator(change: &mut Change<'_>, id: PrincipalId) -> Result<(), Error> {
    rows::insert_member(change.tx, TeamId::ORG_ADMINS, id.into(), change.now)?;
    let after = names::subject_text(change.tx, id.into())?;
    let (kind, object) = (ChangedKind::Team, TeamId::ORG_ADMINS.get().into());
    let (node, after) = (Some(NodeId::ORGANISATION), Some(after.as_str()));
    change.happened(&Event {
        action: "team.add",
        node,
        kind,
        object,
        name: "org-admins",
        before: None,
        after,
    })
}

/// Replaces the direct members of a team.
pub(super) fn set_members(
    change: &mut Change<'_>,
    team: &rows::TeamRow,
    members: &[names::Subject],
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
    let mut wanted: Vec<_> = members.iter().map(names::Subject::id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let present = rows::members(change.tx, team.id)?;
    if present == wanted {
        return Ok(());
    }
    let before = rows::active_administrators(change.tx)?;
    replace_members(change, team.id, &present, &wanted)?;
    let round = subjects::inside(change.tx, team.id)?.contains(&team.id.into());
    let allowed = if round {
        let why = format!("team:{} would be a member of itself, through other teams", team.name);
        Err(Error::forbidden(DirectoryRule::Cycle, why))
    } else {
        keep_an_administrator(change, before)
    };
    if let Err(refused) = allowed {
        // Plans go on after it.
        replace_members(change, team.id, &wanted, &present)?;
        return Err(refused);
    }
    let text = members.iter().map(names::Subject::text).collect::<Vec<_>>().join(" ");
    let (kind, object) = (ChangedKind::Team, team.id.get().into());
    let node = Some(NodeId::ORGANISATION);
    let (name, after) = (&*team.name, Some(text.as_str()));
    change.happened(&Event { action: "team.members", node, kind, object, name, before: None, after })
}

fn replace_members(
    change: &mut Change<'_>,
    team: TeamId,
    old: &[SubjectId],
    new: &[SubjectId],
) -> Result<(), Error> {
    for gone in old.iter().filter(|member| new.binary_search(member).is_err()) {
        rows::delete_member(change.tx, team, *gone)?;
    }
    for added in new.iter().filter(|member| old.binary_search(member).is_err()) {
        rows::insert_member(change.tx, team, *added, change.now)?;
    }
    Ok(())
}

/// A principal is other than it was, for the matrix and for log-in.
pub(super) fn happened(
    change: &mut Change<'_>,
    action: &str,
    id: PrincipalId,
    name: &str,
    after: Option<&str>,
) -> Result<(), Error> {
    change.mark(ChangedKind::Login, id.get().into())?;
    change.happened(&Event {
        action,
        node: Some(NodeId::ORGANISATION),
        kind: ChangedKind::Principal,
        object: id.get().into(),
        name,
        before: None,
        after,
    })
}
