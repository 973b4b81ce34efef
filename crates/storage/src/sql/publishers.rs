//! Statements about rules by which machines get tokens, and about what they got.

use domain::{NodeId, Permissions, PrincipalId, ProjectId, Timestamp, TokenId};

use super::directory::mask;
use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// A rule as it stands, but for the nodes.
#[derive(Debug, Clone)]
pub(crate) struct PublisherRecord {
    pub(crate) id: i64,
    pub(crate) project: ProjectId,
    pub(crate) project_key: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) issuer: i64,
    pub(crate) issuer_name: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) application: PrincipalId,
    pub(crate) application_name: Box<str>,
    pub(crate) own_application: bool,
    pub(crate) suspended: bool,
    pub(crate) claims: Box<str>,
    pub(crate) permissions: Permissions,
    pub(crate) minutes: u32,
    pub(crate) pins: Option<Box<str>>,
    pub(crate) pin_until: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    /// The token that stands for identity tokens which are shown as they are.
    pub(crate) direct: Option<TokenId>,
    pub(crate) revision: i64,
    pub(crate) created_at: Timestamp,
}

row! {
    PublisherRecord {
        id: "r.id",
        project: "r.project",
        project_key: "j.key",
        name: "r.name",
        issuer: "r.issuer",
        issuer_name: "i.name",
        kind: "i.kind",
        application: "r.application",
        application_name: "a.name",
        own_application: "r.own_application",
        suspended: "a.suspended",
        claims: "r.claims",
        permissions: "r.permissions",
        minutes: "r.minutes",
        pins: "r.pins",
        pin_until: "r.pin_until",
        last_used_at: "r.last_used_at",
        direct: "r.direct",
        revision: "r.revision",
        created_at: "r.created_at",
    }
}

/// What is set of a rule.
pub(crate) struct PublisherSet<'a> {
    pub(crate) issuer: i64,
    pub(crate) application: PrincipalId,
    pub(crate) own_application: bool,
    pub(crate) claims: &'a str,
    pub(crate) lookup: &'a str,
    pub(crate) permissions: Permissions,
    pub(crate) minutes: u32,
    pub(crate) pins: Option<&'a str>,
    pub(crate) pin_until: Option<Timestamp>,
    pub(crate) direct: Option<TokenId>,
}

impl PublisherSet<'_> {
    /// In the order in which both statements name them.
    fn values(&self) -> [Value<'_>; 10] {
        [
            self.issuer.into(),
            self.application.get().into(),
            self.own_application.into(),
            self.claims.into(),
            self.lookup.into(),
            mask(self.permissions),
            self.minutes.into(),
            self.pins.into(),
            self.pin_until.map(Timestamp::millis).into(),
            self.direct.map_or(Value::Null, |token| Value::count(token.get())),
        ]
    }
}

/// Rules.
macro_rules! select_publisher {
    ($rest:literal) => {
        select!(
            PublisherRecord,
            "FROM publisher r JOIN issuer i ON i.id = r.issuer JOIN project j ON j.node = r.project \
             JOIN principal a ON a.subject = r.application ",
            $rest
        )
    };
}

pub(crate) fn named(
    tx: &mut dyn Tx,
    project: ProjectId,
    name: &str,
) -> Result<Option<PublisherRecord>, Error> {
    let sql = select_publisher!("WHERE r.project = $1 AND r.name = $2");
    maybe(tx, sql, &[project.get().into(), name.into()], Ok)
}

pub(crate) fn by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<PublisherRecord>, Error> {
    maybe(tx, select_publisher!("WHERE r.id = $1"), &[id.into()], Ok)
}

/// The rules of a project by name, after `after`.
pub(crate) fn after(
    tx: &mut dyn Tx,
    project: ProjectId,
    after: &str,
    limit: u32,
) -> Result<Vec<PublisherRecord>, Error> {
    let sql = select_publisher!("WHERE r.project = $1 AND r.name > $2 ORDER BY r.name LIMIT $3");
    rows(tx, sql, &[project.get().into(), after.into(), limit.into()], Ok)
}

/// The rules of an issuer that are found by this claim.
pub(crate) fn looked_up(
    tx: &mut dyn Tx,
    issuer: i64,
    lookup: &str,
    limit: u32,
) -> Result<Vec<PublisherRecord>, Error> {
    let sql = select_publisher!("WHERE r.issuer = $1 AND r.lookup = $2 ORDER BY r.id LIMIT $3");
    rows(tx, sql, &[issuer.into(), lookup.into(), limit.into()], Ok)
}

/// Where the tokens of a rule are good, each with its name.
pub(crate) fn nodes_of(tx: &mut dyn Tx, id: i64) -> Result<Vec<(NodeId, Box<str>)>, Error> {
    let sql = "SELECT node FROM publisher_node WHERE publisher = $1 ORDER BY node";
    let nodes = rows(tx, sql, &[id.into()], |row| Ok(NodeId::new(row.id(0)?)))?;
    let mut named = Vec::with_capacity(nodes.len());
    for node in nodes {
        named.extend(super::nodes::node_name(tx, node)?.map(|name| (node, name)));
    }
    named.sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
    Ok(named)
}

pub(crate) fn set_nodes(tx: &mut dyn Tx, id: i64, nodes: &[NodeId]) -> Result<(), Error> {
    tx.execute("DELETE FROM publisher_node WHERE publisher = $1", &[id.into()])?;
    for node in nodes {
        let sql = "INSERT INTO publisher_node (publisher, node) VALUES ($1, $2)";
        tx.execute(sql, &[id.into(), node.get().into()])?;
    }
    Ok(())
}

/// Takes a node out of every rule that names it.
pub(crate) fn clear_node(tx: &mut dyn Tx, node: NodeId) -> Result<(), Error> {
    tx.execute("DELETE FROM publisher_node WHERE node = $1", &[node.get().into()]).map(drop)
}

pub(crate) fn insert(
    tx: &mut dyn Tx,
    (project, name): (ProjectId, &str),
    new: &PublisherSet<'_>,
    (by, now): (u32, Timestamp),
) -> Result<i64, Error> {
    let sql = "INSERT INTO publisher (issuer, application, own_application, claims, lookup, permissions, minutes, pins, \
               pin_until, direct, project, name, revision, created_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14) RETURNING id";
    let mut values = new.values().to_vec();
    values.extend::<[Value<'_>; 4]>([project.get().into(), name.into(), by.into(), now.millis().into()]);
    one(tx, sql, &values, |row| row.int(0))
}

pub(crate) fn set(tx: &mut dyn Tx, id: i64, new: &PublisherSet<'_>) -> Result<(), Error> {
    let sql = "UPDATE publisher SET issuer = $1, application = $2, own_application = $3, claims = $4, lookup = $5, \
               permissions = $6, minutes = $7, pins = $8, pin_until = $9, direct = $10, revision = revision + 1 WHERE id = $11";
    let mut values = new.values().to_vec();
    values.push(id.into());
    tx.execute(sql, &values).map(drop)
}

pub(crate) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM publisher WHERE id = $1", &[id.into()]).map(drop)
}

/// Keeps the ids that a first success named.
pub(crate) fn pin(tx: &mut dyn Tx, id: i64, pins: &str) -> Result<(), Error> {
    tx.execute("UPDATE publisher SET pins = $1, pin_until = NULL WHERE id = $2", &[pins.into(), id.into()])
        .map(drop)
}

/// A rule was used.
pub(crate) fn touch(tx: &mut dyn Tx, id: i64, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE publisher SET last_used_at = $1 WHERE id = $2";
    tx.execute(sql, &[at.millis().into(), id.into()]).map(drop)
}

/// A rule that names an application, if there is one, as `PROJECT/RULE`, and whether the application is its own.
pub(crate) fn naming(tx: &mut dyn Tx, application: PrincipalId) -> Result<Option<(String, bool)>, Error> {
    let sql = "SELECT j.key || '/' || r.name, r.own_application FROM publisher r JOIN project j ON j.node = r.project \
               WHERE r.application = $1 ORDER BY r.id LIMIT 1";
    maybe(tx, sql, &[application.get().into()], |row| Ok((row.text(0)?.to_owned(), row.int(1)? != 0)))
}

/// Remembers that an identity token was exchanged; false if it was before.
pub(crate) fn exchanged(
    tx: &mut dyn Tx,
    token: &[u8; 32],
    publisher: i64,
    (at, kept_until): (Timestamp, Timestamp),
) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO exchanged (token, publisher, at, kept_until) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[Value::Bytes(token), publisher.into(), at.millis().into(), kept_until.millis().into()],
    )?;
    Ok(inserted == 1)
}

/// How many exchanges there were by a rule since then.
pub(crate) fn exchanges_since(tx: &mut dyn Tx, publisher: i64, since: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM exchanged WHERE publisher = $1 AND at > $2";
    one(tx, sql, &[publisher.into(), since.millis().into()], |row| row.count(0))
}

/// Forgets some identity tokens that nobody takes any more. Gives how many.
pub(crate) fn trim_exchanged(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM exchanged WHERE token IN \
               (SELECT token FROM exchanged WHERE kept_until < $1 ORDER BY kept_until LIMIT $2)";
    tx.execute(sql, &[now.millis().into(), limit.into()])
}

/// How many short-lived tokens of an application live.
pub(crate) fn living(tx: &mut dyn Tx, application: PrincipalId, now: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM token WHERE owner = $1 AND kind = 's' AND state < 2 AND expires_at > $2";
    one(tx, sql, &[application.get().into(), now.millis().into()], |row| row.count(0))
}

/// The tokens of a rule that are not over, the one that stands for identity tokens among them.
pub(crate) fn tokens_by(tx: &mut dyn Tx, publisher: i64, now: Timestamp) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT id FROM token WHERE publisher = $1 AND state < 2 AND (expires_at > $2 OR expires_at IS NULL) ORDER BY id";
    rows(tx, sql, &[publisher.into(), now.millis().into()], |row| Ok(TokenId::new(row.count(0)?)))
}

/// Says which rule made a token.
pub(crate) fn made_by(tx: &mut dyn Tx, token: TokenId, publisher: i64) -> Result<(), Error> {
    let sql = "UPDATE token SET publisher = $1 WHERE id = $2";
    tx.execute(sql, &[publisher.into(), Value::count(token.get())]).map(drop)
}

/// Ends a token of a rule: it is over from now on, and forgotten in its time.
pub(crate) fn end(tx: &mut dyn Tx, token: TokenId, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE token SET state = 2, expires_at = COALESCE(expires_at, $1) WHERE id = $2";
    tx.execute(sql, &[now.millis().into(), Value::count(token.get())]).map(drop)
}

/// Some short-lived tokens that were over before then.
pub(crate) fn over(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT id FROM token WHERE kind = 's' AND expires_at < $1 ORDER BY expires_at LIMIT $2";
    rows(tx, sql, &[before.millis().into(), limit.into()], |row| Ok(TokenId::new(row.count(0)?)))
}

/// Takes a token away.
pub(crate) fn delete_token(tx: &mut dyn Tx, id: TokenId) -> Result<(), Error> {
    tx.execute("DELETE FROM token WHERE id = $1", &[Value::count(id.get())]).map(drop)
}
