use domain::{
    Access, AccessManage, Denied, Granted, LogInRules, NodeId, Organisation, OrganisationManage,
    OrganisationNames, Permission, Permissions, Right as _, TeamId,
};
use serde_json::json;

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::giving::{self, Gift, Giver};
use super::listing::judged;
use super::{Directory, InForce, OnlyIf, grants, nodes as making};
use crate::audit::AuditDays;
use crate::error::{DirectoryError, Error};
use crate::model::SessionSecs;
use crate::sql::Tx;
use crate::sql::directory::access_text;
use crate::sql::nodes;
use crate::sql::organisation as rows;
use crate::sql::records::ChangedKind;

/// Most other names of an organisation.
const ALIASES_MAX: usize = 16;
/// Least and most characters that a password may be asked to have.
const PASSWORD_CHARS: std::ops::RangeInclusive<u32> = 8..=64;
/// Most days that tokens may be allowed.
const TOKEN_DAYS_MAX: u32 = 3650;
/// How long events of the audit may be kept, in days; who could shorten that of administration to nothing could hide anything.
const AUDIT_ADMIN_DAYS: std::ops::RangeInclusive<u32> = 30..=3650;
/// How long sessions in browsers may last, in seconds.
const SESSION_IDLE_SECS: std::ops::RangeInclusive<u32> = 900..=86_400;
const SESSION_TOTAL_SECS: std::ops::RangeInclusive<u32> = 3600..=2_592_000;
const AUDIT_DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// The organisation. `members_make_projects` is the grant of `project-create` to `team:org-members` on `/`, and no second truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Its name.
    pub name: Box<str>,
    /// Its title, for people.
    pub title: Box<str>,
    /// Other names that may stand for it in Space's host forms, in their order.
    pub aliases: Vec<Box<str>>,
    /// Whether every member may read in a project for which nothing else is said.
    pub new_projects: Access,
    /// Whether every member may make projects.
    pub members_make_projects: bool,
    /// What it says about log-ins.
    pub log_in: LogInRules,
    /// Fewest characters of a new password.
    pub password_chars_min: u32,
    /// Most days until a new token ends; `None` for any, or none at all.
    pub token_days_max: Option<u32>,
    /// How long events of the audit are kept.
    pub audit_days: AuditDays,
    /// How long sessions in browsers last.
    pub session: SessionSecs,
    /// Whether who is nobody is shown what is public on the first page of the console.
    pub public_landing: bool,
}

impl Directory {
    /// What the organisation is called and titled, which whoever is logged in may know.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn organisation_titled(&self) -> Result<(Box<str>, Box<str>), DirectoryError> {
        let row = self.database.point(rows::organisation).await?;
        Ok((row.name, row.title))
    }

    /// The organisation.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn organisation(
        &self,
        _may: &Granted<OrganisationManage, Organisation>,
    ) -> Result<OrganisationRow, DirectoryError> {
        Ok(self.database.read(present).await?)
    }

    /// Sets all of it. Who may make projects is a matter of access, and takes the second proof if it changes.
    ///
    /// # Errors
    /// `Precondition`, `Refused` for what none can be, `Denied` without the second proof, `BeyondOwn` for letting others make
    /// projects without holding that oneself.
    pub async fn put_organisation(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        also: Option<&Granted<AccessManage, Organisation>>,
        wanted: OrganisationRow,
        only_if: OnlyIf<OrganisationRow>,
    ) -> Result<(OrganisationRow, InForce), DirectoryError> {
        let mut author = Author::of(may);
        let mut giver = None;
        if let Some(also) = also {
            let lasting = also.lasting(None).await;
            author = author.trusting(also.version()).trusting(lasting.version);
            giver = Some(Giver { held: also.held(), lasting: lasting.permissions });
        }
        let put = move |change: &mut Change<'_>| {
            let before = present(change.tx)?;
            judged(&only_if, Some(&before))?;
            let mut wanted = wanted;
            wanted.aliases.sort_unstable();
            wanted.aliases.dedup();
            check(&wanted)?;
            if wanted.members_make_projects != before.members_make_projects {
                let giver = giver.as_ref().ok_or(Error::Denied(MAY_NOT))?;
                members_make_projects(change, giver, wanted.members_make_projects)?;
            }
            set(change, &before, &wanted)?;
            Ok(wanted)
        };
        Ok(self.change(author, put).await?)
    }
}

/// To let others do something is a matter of access.
const MAY_NOT: Denied = Denied { authenticated: true, may_know: true, right: AccessManage::KIND };

/// The organisation as it is.
pub(super) fn present(tx: &mut dyn Tx) -> Result<OrganisationRow, Error> {
    let row = rows::organisation(tx)?;
    let grant = nodes::grant_named(tx, TeamId::ORG_MEMBERS.into(), NodeId::ORGANISATION, None)?;
    let given = grant.and_then(|grant| grant.permissions).unwrap_or_default();
    Ok(OrganisationRow {
        name: row.name,
        title: row.title,
        aliases: rows::aliases(tx)?,
        new_projects: row.new_projects,
        members_make_projects: given.contains(Permission::ProjectCreate),
        log_in: LogInRules {
            passwords: row.password_log_in,
            passwords_on_packages: row.password_on_packages,
            strict_user_names: row.strict_user_names,
        },
        password_chars_min: row.password_chars_min,
        token_days_max: row.token_days_max,
        audit_days: row.audit_days,
        session: row.session,
        public_landing: row.public_landing,
    })
}

/// Stores what is other than it was, but for who may make projects.
pub(super) fn set(
    change: &mut Change<'_>,
    before: &OrganisationRow,
    wanted: &OrganisationRow,
) -> Result<(), Error> {
    let members_make_projects = before.members_make_projects;
    if *before == (OrganisationRow { members_make_projects, ..wanted.clone() }) {
        return Ok(());
    }
    let row = rows::OrganisationRow {
        name: wanted.name.clone(),
        title: wanted.title.clone(),
        new_projects: wanted.new_projects,
        password_log_in: wanted.log_in.passwords,
        password_on_packages: wanted.log_in.passwords_on_packages,
        strict_user_names: wanted.log_in.strict_user_names,
        password_chars_min: wanted.password_chars_min,
        token_days_max: wanted.token_days_max,
        audit_days: wanted.audit_days,
        session: wanted.session,
        public_landing: wanted.public_landing,
    };
    rows::set_organisation(change.tx, &row)?;
    if before.aliases != wanted.aliases {
        rows::set_aliases(change.tx, &wanted.aliases)?;
    }
    // For the matrix it is a project that does not exist: there is nothing to see.
    let (object, node) = (NodeId::ORGANISATION.get().into(), NodeId::ORGANISATION);
    change.mark(ChangedKind::Project, object)?;
    let turn = Turn::Changed { before: document(before), after: document(wanted) };
    let (action, kind) = ("organisation.update", ObjectKind::Organisation);
    change.happened(&Event { action, node, kind, object, name: "/", of: None, turn })
}

/// What can be set about it, but for who may make projects, which is a grant.
fn document(row: &OrganisationRow) -> Document {
    let aliases: Vec<&str> = row.aliases.iter().map(AsRef::as_ref).collect();
    let AuditDays { admin, transfer, access } = row.audit_days;
    let days = json!({ "admin_days": admin, "transfer_days": transfer, "denial_days": access });
    Document::default()
        .with("name", &*row.name)
        .with("title", &*row.title)
        .with("aliases", aliases)
        .with("new_projects", access_text(row.new_projects))
        .with("password_log_in", row.log_in.passwords)
        .with("password_on_packages", row.log_in.passwords_on_packages)
        .with("strict_user_names", row.log_in.strict_user_names)
        .with("password_chars_min", row.password_chars_min)
        .with("token_days_max", row.token_days_max)
        .with("audit", days)
        .with("session", json!({ "idle_secs": row.session.idle_secs, "total_secs": row.session.total_secs }))
        .with("public_landing", row.public_landing)
}

/// What `auth` is told of an organisation that changed.
pub(super) fn log_in_rules(tx: &mut dyn Tx) -> Result<LogInRules, Error> {
    let row = rows::organisation(tx)?;
    Ok(LogInRules {
        passwords: row.password_log_in,
        passwords_on_packages: row.password_on_packages,
        strict_user_names: row.strict_user_names,
    })
}

/// What requests are told of it.
pub(super) fn names(tx: &mut dyn Tx) -> Result<OrganisationNames, Error> {
    let row = rows::organisation(tx)?;
    let mut names = vec![row.name];
    names.extend(rows::aliases(tx)?);
    Ok(OrganisationNames { names, public_landing: row.public_landing })
}

fn check(wanted: &OrganisationRow) -> Result<(), Error> {
    making::described(&wanted.title, "")?;
    if wanted.aliases.len() > ALIASES_MAX {
        return Err(Error::refused("an organisation has at most 16 other names"));
    }
    if !PASSWORD_CHARS.contains(&wanted.password_chars_min) {
        return Err(Error::refused("passwords can be asked to have 8 to 64 characters"));
    }
    if wanted.token_days_max.is_some_and(|days| days == 0 || days > TOKEN_DAYS_MAX) {
        return Err(Error::refused("tokens can be allowed 1 to 3650 days"));
    }
    let AuditDays { admin, transfer, access } = wanted.audit_days;
    if !AUDIT_ADMIN_DAYS.contains(&admin) {
        return Err(Error::refused("what was administered is kept on the record for 30 to 3650 days"));
    }
    let SessionSecs { idle_secs, total_secs } = wanted.session;
    if !SESSION_IDLE_SECS.contains(&idle_secs) || !SESSION_TOTAL_SECS.contains(&total_secs) {
        return Err(Error::refused(
            "sessions last 15 minutes to a day unused, and an hour to 30 days in all",
        ));
    }
    if ![transfer, access].iter().all(|days| AUDIT_DAYS.contains(days)) {
        return Err(Error::refused("events are kept for 1 to 3650 days"));
    }
    Ok(())
}

fn members_make_projects(change: &mut Change<'_>, giver: &Giver, wanted: bool) -> Result<(), Error> {
    let (members, node) = (TeamId::ORG_MEMBERS.into(), NodeId::ORGANISATION);
    let making = Permissions::of(&[Permission::ProjectCreate]);
    let grant = nodes::grant_named(change.tx, members, node, None)?;
    if grant.as_ref().is_some_and(|grant| grant.expires.is_some()) {
        let why = "what team:org-members was granted on / has an end; delete that grant first";
        return Err(Error::refused(why));
    }
    let given = grant.as_ref().and_then(|grant| grant.permissions).unwrap_or_default();
    if !wanted {
        return grants::set_plain(change, (members, node), grant, given.difference(making));
    }
    let gift = Gift { what: "this", node, permissions: making, expires: None };
    giving::may_give(change, giver, &gift)?;
    grants::set_plain(change, (members, node), grant, given.union(making))
}
