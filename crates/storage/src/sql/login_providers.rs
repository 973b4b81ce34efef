//! Statements about providers of log-ins.

use domain::{SubjectId, TeamId, Timestamp};

use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;
use crate::model::{LoginProvider, Makes};

/// A provider to make, or what one is to be.
pub(crate) struct ProviderSet<'a> {
    pub(crate) title: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) secret: (&'a str, Timestamp),
    pub(crate) scopes: &'a str,
    pub(crate) name_claim: &'a str,
    pub(crate) groups_claim: Option<&'a str>,
    pub(crate) make: Makes,
    pub(crate) private: bool,
}

impl<'a> ProviderSet<'a> {
    /// What can be set, in the order of the statements.
    fn values(&self) -> [Value<'a>; 10] {
        [
            self.title.into(),
            self.issuer.into(),
            self.client_id.into(),
            self.secret.0.into(),
            self.secret.1.millis().into(),
            self.scopes.into(),
            self.name_claim.into(),
            self.groups_claim.into(),
            self.make.as_str().into(),
            self.private.into(),
        ]
    }
}

row! {
    LoginProvider {
        id: "l.id",
        name: "l.name",
        title: "l.title",
        issuer: "l.issuer",
        client_id: "l.client_id",
        secret: "l.secret",
        secret_at: "l.secret_at",
        scopes: "l.scopes",
        name_claim: "l.name_claim",
        groups_claim: "l.groups_claim",
        make: "l.make",
        private: "l.private",
        linked: "(SELECT count(*) FROM identity d WHERE d.provider = l.id)",
        created_at: "l.created_at",
    }
}

/// The provider of this name.
pub(crate) fn named(tx: &mut dyn Tx, name: &str) -> Result<Option<LoginProvider>, Error> {
    maybe(tx, select!(LoginProvider, "FROM login_provider l WHERE l.name = $1"), &[name.into()], Ok)
}

/// The provider whose tokens say this.
pub(crate) fn of_issuer(tx: &mut dyn Tx, issuer: &str) -> Result<Option<LoginProvider>, Error> {
    maybe(tx, select!(LoginProvider, "FROM login_provider l WHERE l.issuer = $1"), &[issuer.into()], Ok)
}

/// Providers by name, after `after`.
pub(crate) fn after(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<LoginProvider>, Error> {
    let sql = select!(LoginProvider, "FROM login_provider l WHERE l.name > $1 ORDER BY l.name LIMIT $2");
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// How many there are.
pub(crate) fn counted(tx: &mut dyn Tx) -> Result<u64, Error> {
    one(tx, "SELECT count(*) FROM login_provider", &[], |row| row.count(0))
}

/// Two texts of a row.
type Pair = (Box<str>, Box<str>);

/// Name and title of all of them, by title.
pub(crate) fn titles(tx: &mut dyn Tx) -> Result<Vec<Pair>, Error> {
    let sql = "SELECT name, title FROM login_provider ORDER BY title, name";
    rows(tx, sql, &[], |row| Ok((row.text(0)?.into(), row.text(1)?.into())))
}

/// Stores one; false if its name or its issuer is taken.
pub(crate) fn insert(
    tx: &mut dyn Tx,
    name: &str,
    new: &ProviderSet<'_>,
    (by, now): (u32, Timestamp),
) -> Result<bool, Error> {
    let sql = "INSERT INTO login_provider (title, issuer, client_id, secret, secret_at, scopes, name_claim, groups_claim, make, \
               private, name, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
               ON CONFLICT DO NOTHING";
    let inserted =
        tx.execute(sql, &[&new.values()[..], &[name.into(), by.into(), now.millis().into()]].concat())?;
    Ok(inserted == 1)
}

/// Sets what can be set; nobody else has the issuer.
pub(crate) fn set(tx: &mut dyn Tx, id: i64, new: &ProviderSet<'_>) -> Result<(), Error> {
    let sql = "UPDATE login_provider SET title = $1, issuer = $2, client_id = $3, secret = $4, secret_at = $5, scopes = $6, \
               name_claim = $7, groups_claim = $8, make = $9, private = $10 WHERE id = $11";
    tx.execute(sql, &[&new.values()[..], &[id.into()]].concat()).map(drop)
}

/// Seals its secret otherwise, if it is still the one that was read.
pub(crate) fn reseal(tx: &mut dyn Tx, id: i64, (old, new): (&str, &str)) -> Result<(), Error> {
    let sql = "UPDATE login_provider SET secret = $1 WHERE id = $2 AND secret = $3";
    tx.execute(sql, &[new.into(), id.into(), old.into()]).map(drop)
}

pub(crate) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM login_provider WHERE id = $1", &[id.into()]).map(drop)
}

/// Which of its groups puts people into which team, by value and name.
pub(crate) fn groups(tx: &mut dyn Tx, id: i64) -> Result<Vec<Pair>, Error> {
    let sql = "SELECT g.value, t.name FROM login_provider_group g JOIN team t ON t.subject = g.team \
               WHERE g.provider = $1 ORDER BY g.value, t.name";
    rows(tx, sql, &[id.into()], |row| Ok((row.text(0)?.into(), row.text(1)?.into())))
}

/// The same, with the ids of the teams.
pub(crate) fn teams_of_groups(tx: &mut dyn Tx, id: i64) -> Result<Vec<(Box<str>, TeamId)>, Error> {
    let sql = "SELECT value, team FROM login_provider_group WHERE provider = $1 ORDER BY team";
    rows(tx, sql, &[id.into()], |row| Ok((row.text(0)?.into(), TeamId::new(row.id(1)?))))
}

/// Makes the groups these.
pub(crate) fn set_groups(tx: &mut dyn Tx, id: i64, groups: &[(Box<str>, TeamId)]) -> Result<(), Error> {
    tx.execute("DELETE FROM login_provider_group WHERE provider = $1", &[id.into()])?;
    for (value, team) in groups {
        let sql = "INSERT INTO login_provider_group (provider, value, team) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        tx.execute(sql, &[id.into(), (&**value).into(), team.get().into()])?;
    }
    Ok(())
}

/// The teams that a provider put somebody into.
pub(crate) fn teams_by(tx: &mut dyn Tx, id: i64, member: SubjectId) -> Result<Vec<TeamId>, Error> {
    let sql = "SELECT team FROM membership WHERE source = $1 AND member = $2 ORDER BY team";
    rows(tx, sql, &[id.into(), member.get().into()], |row| Ok(TeamId::new(row.id(0)?)))
}

/// Takes everybody out of the teams that a provider put them into; which teams those are.
pub(crate) fn clear_memberships(tx: &mut dyn Tx, id: i64) -> Result<Vec<TeamId>, Error> {
    let sql = "SELECT DISTINCT team FROM membership WHERE source = $1 ORDER BY team";
    let teams = rows(tx, sql, &[id.into()], |row| Ok(TeamId::new(row.id(0)?)))?;
    tx.execute("DELETE FROM membership WHERE source = $1", &[id.into()])?;
    Ok(teams)
}
