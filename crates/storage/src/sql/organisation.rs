//! Statements about the organisation.

use domain::Access;

use super::directory::access_text;
use super::row::{row, select};
use super::{Tx, one, rows};
use crate::audit::AuditDays;
use crate::error::Error;
use crate::model::SessionSecs;

/// The organisation, but for its other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganisationRow {
    pub(crate) name: Box<str>,
    pub(crate) title: Box<str>,
    pub(crate) new_projects: Access,
    pub(crate) password_log_in: bool,
    pub(crate) password_on_packages: bool,
    pub(crate) strict_user_names: bool,
    pub(crate) password_chars_min: u32,
    pub(crate) token_days_max: Option<u32>,
    pub(crate) audit_days: AuditDays,
    pub(crate) session: SessionSecs,
    pub(crate) public_landing: bool,
}

row! { SessionSecs { idle_secs: "session_idle_secs", total_secs: "session_total_secs" } }

row! { AuditDays { admin: "audit_admin_days", transfer: "audit_transfer_days", access: "audit_denial_days" } }

row! {
    OrganisationRow {
        name,
        title,
        new_projects,
        password_log_in,
        password_on_packages,
        strict_user_names,
        password_chars_min,
        token_days_max,
        audit_days: AuditDays::COLUMNS,
        session: SessionSecs::COLUMNS,
        public_landing,
    }
}

pub(crate) fn organisation(tx: &mut dyn Tx) -> Result<OrganisationRow, Error> {
    one(tx, select!(OrganisationRow, "FROM organisation WHERE node = 1"), &[], Ok)
}

pub(crate) fn set_organisation(tx: &mut dyn Tx, row: &OrganisationRow) -> Result<(), Error> {
    tx.execute(
        "UPDATE organisation SET name = $1, title = $2, new_projects = $3, password_log_in = $4, \
         password_on_packages = $5, strict_user_names = $6, password_chars_min = $7, token_days_max = $8, \
         audit_admin_days = $9, audit_transfer_days = $10, audit_denial_days = $11, session_idle_secs = $12, session_total_secs = $13, \
         public_landing = $14 WHERE node = 1",
        &[
            (&*row.name).into(),
            (&*row.title).into(),
            access_text(row.new_projects).into(),
            row.password_log_in.into(),
            row.password_on_packages.into(),
            row.strict_user_names.into(),
            row.password_chars_min.into(),
            row.token_days_max.into(),
            row.audit_days.admin.into(),
            row.audit_days.transfer.into(),
            row.audit_days.access.into(),
            row.session.idle_secs.into(),
            row.session.total_secs.into(),
            row.public_landing.into(),
        ],
    )
    .map(drop)
}

/// How long events of the audit are kept.
pub(crate) fn audit_days(tx: &mut dyn Tx) -> Result<AuditDays, Error> {
    Ok(organisation(tx)?.audit_days)
}

/// Other names of the organisation, in their order.
pub(crate) fn aliases(tx: &mut dyn Tx) -> Result<Vec<Box<str>>, Error> {
    rows(tx, "SELECT alias FROM organisation_alias ORDER BY alias", &[], |row| Ok(row.text(0)?.into()))
}

pub(crate) fn set_aliases(tx: &mut dyn Tx, aliases: &[Box<str>]) -> Result<(), Error> {
    tx.execute("DELETE FROM organisation_alias", &[])?;
    for alias in aliases {
        tx.execute(
            "INSERT INTO organisation_alias (alias, organisation) VALUES ($1, 1) ON CONFLICT DO NOTHING",
            &[(&**alias).into()],
        )?;
    }
    Ok(())
}
