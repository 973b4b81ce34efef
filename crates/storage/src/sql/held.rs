//! What somebody holds and until when, as docs/access.md 2.1 defines it: asked inside the transaction that is to give it away. The
//! compiled matrix decides requests and knows of no later moment, so it cannot answer this.

use domain::{
    Ceilings, NodeId, Permissions, PrincipalId, PrincipalKind, SubjectId, TeamId, Timestamp, TokenLimits,
};

use super::directory::{self, PrincipalRow};
use super::facts::permissions;
use super::{Tx, Value, maybe, nodes, rows};
use crate::error::Error;

/// A stretch of time from now on, for the whole of which something has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Until {
    /// A grant that expires at this moment, in milliseconds since 1970, or later holds long enough.
    millis: i64,
}

/// What somebody asks about: their rights through the credential they present.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'a> {
    pub(crate) principal: PrincipalId,
    pub(crate) limits: &'a TokenLimits,
}

/// Nodes whose grants count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The path of a node to the root: what is held there.
    Path(NodeId),
    /// What lies below it too: what is held somewhere in it.
    Around(NodeId),
}

impl Until {
    /// At this moment.
    pub(crate) const fn now(now: Timestamp) -> Self {
        Self { millis: now.millis().saturating_add(1) }
    }

    /// From now to the end of something that expires then, or for ever.
    pub(crate) fn end(expires: Option<Timestamp>, now: Timestamp) -> Self {
        let millis = expires.map_or(i64::MAX, Timestamp::millis);
        Self { millis: millis.max(Self::now(now).millis) }
    }
}

/// What somebody may do at a node without a break until then.
pub(crate) fn at(
    tx: &mut dyn Tx,
    holder: Holder<'_>,
    node: NodeId,
    until: Until,
) -> Result<Permissions, Error> {
    let path = nodes::path_of(tx, node)?;
    let own = effective(tx, holder.principal, Reach::Path(node), until)?;
    let public = effective(tx, PrincipalId::ANONYMOUS, Reach::Path(node), until)?;
    Ok(own.intersection(holder.limits.allowed_on(&path)).union(public))
}

/// What a principal may do now at a node, or somewhere in it.
pub(crate) fn around(
    tx: &mut dyn Tx,
    principal: PrincipalId,
    node: NodeId,
    now: Timestamp,
) -> Result<Permissions, Error> {
    let (reach, until) = (Reach::Around(node), Until::now(now));
    let own = effective(tx, principal, reach, until)?;
    Ok(own.union(effective(tx, PrincipalId::ANONYMOUS, reach, until)?))
}

/// Whether a principal may know that a project or repository exists: it holds something there, above, or, for a project, in
/// one of its repositories; or an application's requested rights were authorised there.
pub(crate) fn is_known_to(
    tx: &mut dyn Tx,
    principal: PrincipalId,
    node: NodeId,
    now: Timestamp,
) -> Result<bool, Error> {
    if is_authorised(tx, principal, Reach::Path(node))? {
        return Ok(true);
    }
    let kind = directory::principal(tx, principal)?.map(|row| row.kind);
    Ok(!granted(tx, principal, kind, Reach::Around(node), Until::now(now))?.is_empty())
}

/// `E(p,r)`: what is granted, cut by the ceiling of the kind and by what an application asked for.
fn effective(
    tx: &mut dyn Tx,
    principal: PrincipalId,
    reach: Reach,
    until: Until,
) -> Result<Permissions, Error> {
    let row = directory::principal(tx, principal)?;
    let kind = match &row {
        Some(PrincipalRow { kind, .. }) => *kind,
        None if principal == PrincipalId::ANONYMOUS => PrincipalKind::Anonymous,
        None => return Ok(Permissions::NONE),
    };
    let asked = match row.and_then(|row| row.requested).filter(|_| kind == PrincipalKind::Application) {
        None => None,
        Some(asked) if is_authorised(tx, principal, reach)? => Some(asked),
        Some(_) => return Ok(Permissions::NONE),
    };
    let granted = granted(tx, principal, Some(kind), reach, until)?;
    let granted = granted.union(asked.unwrap_or_default()).closed().intersection(Ceilings::of(kind));
    Ok(asked.map_or(granted, |asked| granted.intersection(asked)))
}

/// Whether what an application asked for was authorised in the project of a node, or in any for the whole organisation.
fn is_authorised(tx: &mut dyn Tx, principal: PrincipalId, reach: Reach) -> Result<bool, Error> {
    let (node, everywhere) = match reach {
        Reach::Path(node) => (node, false),
        Reach::Around(node) => (node, node == NodeId::ORGANISATION),
    };
    let sql = "SELECT l.node FROM \"limit\" l WHERE l.principal = $1 AND (CAST($2 AS BIGINT) = 1 OR l.node = $3 OR l.node IN \
               (SELECT project FROM repository WHERE node = $4)) LIMIT 1";
    let node = Value::id(node.get());
    let values = [principal.get().into(), everywhere.into(), node, node];
    Ok(maybe(tx, sql, &values, |_| Ok(()))?.is_some())
}

/// `G(p,r)`: the union of all grants to the principal and its teams.
fn granted(
    tx: &mut dyn Tx,
    principal: PrincipalId,
    kind: Option<PrincipalKind>,
    reach: Reach,
    until: Until,
) -> Result<Permissions, Error> {
    let (node, below) = match reach {
        Reach::Path(node) => (node, false),
        Reach::Around(node) => (node, true),
    };
    let everywhere = below && node == NodeId::ORGANISATION;
    let mut all = Permissions::NONE;
    for subject in subjects_of(tx, principal, kind, until)? {
        let sql = "SELECT DISTINCT coalesce(r.permissions, g.permissions) FROM \"grant\" g LEFT JOIN role r ON r.id = g.role \
                   WHERE g.subject = $1 AND (g.expires_at IS NULL OR g.expires_at >= $2) \
                   AND (CAST($3 AS BIGINT) = 1 OR g.node = 1 OR g.node = $4 \
                   OR g.node IN (SELECT project FROM repository WHERE node = $5) \
                   OR (CAST($6 AS BIGINT) = 1 AND g.node IN (SELECT node FROM repository WHERE project = $7)))";
        let node = Value::id(node.get());
        let values =
            [subject.get().into(), until.millis.into(), everywhere.into(), node, node, below.into(), node];
        for some in rows(tx, sql, &values, |row| permissions(row.id(0)?))? {
            all = all.union(some);
        }
    }
    Ok(all)
}

/// A principal and every team that contains it for so long.
fn subjects_of(
    tx: &mut dyn Tx,
    principal: PrincipalId,
    kind: Option<PrincipalKind>,
    until: Until,
) -> Result<Vec<SubjectId>, Error> {
    let mut found: Vec<SubjectId> = vec![principal.into(), TeamId::ANYONE.into()];
    if matches!(kind, Some(PrincipalKind::Member | PrincipalKind::Application)) {
        found.push(TeamId::EVERYONE.into());
    }
    if kind == Some(PrincipalKind::Member) {
        found.push(TeamId::ORG_MEMBERS.into());
    }
    let mut next = 0;
    while let Some(subject) = found.get(next).copied() {
        next = next.saturating_add(1);
        let sql = "SELECT team FROM membership WHERE member = $1 UNION SELECT t.subject FROM \"grant\" g \
                   JOIN role r ON r.id = g.role JOIN team t ON t.project = g.node \
                   WHERE g.subject = $2 AND r.builtin = 1 AND r.name = 'project-member' \
                   AND (g.expires_at IS NULL OR g.expires_at >= $3)";
        let values = [subject.get().into(), subject.get().into(), until.millis.into()];
        for team in rows(tx, sql, &values, |row| Ok(SubjectId::new(row.id(0)?)))? {
            if !found.contains(&team) {
                found.push(team);
            }
        }
    }
    Ok(found)
}
