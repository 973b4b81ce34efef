//! Statements about the audit.

use domain::{NodeId, PrincipalId, Timestamp, TokenId};

use super::row::{Select, row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::audit::{
    AuditActor, AuditClass, AuditDetail, AuditEvent, AuditFilter, AuditHead, AuditObject, AuditOrigin,
    AuditOutcome, AuditPage, AuditPlace, AuditToken, audit_chain,
};
use crate::error::Error;

row! { AuditActor { id: "actor", kind: "actor_kind", name: "actor_name", title: "actor_title" } }

row! { AuditToken { id: "token", name: "token_name", made_by: "token_made_by" } }

row! { AuditOrigin { request, address, agent, operation, session } }

row! { AuditPlace { node, path: "node_path", project } }

row! { AuditObject { kind: "object_kind", id: "object", name: "object_name", of: "object_of" } }

row! { AuditDetail { before, after, bytes, digest } }

row! {
    AuditEvent {
        id,
        sequence,
        at,
        class,
        action,
        outcome,
        actor: AuditActor::COLUMNS,
        token: AuditToken::COLUMNS,
        origin: AuditOrigin::COLUMNS,
        place: AuditPlace::COLUMNS,
        object: AuditObject::COLUMNS,
        content: AuditDetail::COLUMNS,
        reason,
        policy_version,
        times,
        chain,
    }
}

row! { AuditHead { sequence, chain, at } }

/// Who did something to an object, and when.
pub(crate) struct LastEvent {
    pub(crate) actor_kind: Box<str>,
    pub(crate) actor_name: Box<str>,
    pub(crate) at: Timestamp,
}

row! { LastEvent { actor_kind, actor_name, at } }

/// What the audit says of a token.
pub(crate) struct TokenNamed {
    pub(crate) name: Box<str>,
    pub(crate) owner: u32,
    pub(crate) created_by: u32,
}

row! { TokenNamed { name, owner, created_by } }

pub(crate) fn token_named(tx: &mut dyn Tx, id: TokenId) -> Result<Option<TokenNamed>, Error> {
    maybe(tx, select!(TokenNamed, "FROM token WHERE id = $1"), &[Value::count(id.get())], Ok)
}

/// Which events are asked for.
pub(crate) struct Asked {
    pub(crate) scope: Scope,
    pub(crate) filter: AuditFilter,
    pub(crate) page: AuditPage,
}

/// Where events are looked for: each has an index in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Everywhere,
    /// In a project and its repositories.
    Project(NodeId),
    Repository(NodeId),
    /// What somebody did.
    By(PrincipalId),
}

/// What events are looked up by, of all that a filter asks for: each has an index in their order, everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// By nothing but where they happened.
    Nothing,
    Id,
    Class,
    Action,
    Actor,
    Object,
}

const ANY_ID: &str = "(CAST($3 AS BIGINT) < 0 OR id = $3)";
const ANY_CLASS: &str = "(CAST($4 AS TEXT) = '' OR class = $4)";
const ANY_ACTOR: &str = "(CAST($5 AS TEXT) = '' OR actor_kind || ':' || actor_name = $5)";
const ANY_ACTION: &str = "(CAST($7 AS TEXT) = '' OR action = $7)";
const ANY_OBJECT: &str = "(CAST($8 AS TEXT) = '' OR object_name = $8)";

/// Events that a filter lets through: in which scope, looked up by what, behind which, in which order. When they were is compared without
/// its index: whoever takes that one reads everything of that time, and sorts it, for the first few.
macro_rules! select_events {
    ($scope:literal, ($id:expr, $class:expr, $actor:expr, $action:expr, $object:expr), $behind:literal, $order:literal) => {
        select!(
            AuditEvent,
            "FROM audit WHERE id ",
            $behind,
            " $1 AND ",
            $scope,
            " AND ",
            $id,
            " AND ",
            $class,
            " AND ",
            $actor,
            " AND (CAST($6 AS BIGINT) < 0 OR token = $6) AND ",
            $action,
            " AND ",
            $object,
            " AND (CAST($9 AS TEXT) = '' OR outcome = $9) AND +at >= $10 AND +at < $11 ORDER BY id ",
            $order,
            " LIMIT $12"
        )
    };
}

macro_rules! in_order {
    ($scope:literal, $conditions:tt, $oldest_first:expr) => {
        if $oldest_first {
            select_events!($scope, $conditions, ">", "ASC")
        } else {
            select_events!($scope, $conditions, "<", "DESC")
        }
    };
}

/// The statement of a scope. A text of its own where an index can be used: events are many, and whoever asks for a few of them shall not
/// walk past all others.
macro_rules! in_scope {
    ($scope:literal, $lookup:expr, $oldest_first:expr) => {
        match $lookup {
            Lookup::Nothing => in_order!(
                $scope,
                (ANY_ID, "CAST($4 AS TEXT) = ''", ANY_ACTOR, ANY_ACTION, ANY_OBJECT),
                $oldest_first
            ),
            Lookup::Id => {
                in_order!($scope, ("id = $3", ANY_CLASS, ANY_ACTOR, ANY_ACTION, ANY_OBJECT), $oldest_first)
            }
            Lookup::Class => {
                in_order!($scope, (ANY_ID, "class = $4", ANY_ACTOR, ANY_ACTION, ANY_OBJECT), $oldest_first)
            }
            Lookup::Action => {
                in_order!($scope, (ANY_ID, ANY_CLASS, ANY_ACTOR, "action = $7", ANY_OBJECT), $oldest_first)
            }
            Lookup::Actor => in_order!(
                $scope,
                (ANY_ID, ANY_CLASS, "actor_kind || ':' || actor_name = $5", ANY_ACTION, ANY_OBJECT),
                $oldest_first
            ),
            Lookup::Object => in_order!(
                $scope,
                (ANY_ID, ANY_CLASS, ANY_ACTOR, ANY_ACTION, "object_name = $8"),
                $oldest_first
            ),
        }
    };
}

impl Lookup {
    /// What is likely to leave the fewest: the one of this number, what something was about, who did it, what was done, which class.
    fn of(filter: &AuditFilter) -> Self {
        let AuditFilter { id, class, actor, action, object, .. } = filter;
        match (id, object, actor, action, class) {
            (Some(_), ..) => Self::Id,
            (None, Some(_), ..) => Self::Object,
            (None, None, Some(_), ..) => Self::Actor,
            (None, None, None, Some(_), _) => Self::Action,
            (None, None, None, None, Some(_)) => Self::Class,
            (None, None, None, None, None) => Self::Nothing,
        }
    }
}

/// The statement of a scope, and what the scope is.
pub(super) fn statement(scope: Scope, lookup: Lookup, oldest_first: bool) -> (Select<AuditEvent>, i64) {
    match scope {
        Scope::Everywhere => (in_scope!("CAST($2 AS BIGINT) = 0", lookup, oldest_first), 0),
        // What is about something is less than what happened anywhere: by that, then.
        Scope::Project(node) if lookup == Lookup::Object => {
            (in_scope!("+project = $2", lookup, oldest_first), node.get().into())
        }
        Scope::Project(node) => (in_scope!("project = $2", lookup, oldest_first), node.get().into()),
        Scope::Repository(node) => (in_scope!("node = $2", lookup, oldest_first), node.get().into()),
        Scope::By(who) => (in_scope!("actor = $2", lookup, oldest_first), who.get().into()),
    }
}

pub(crate) fn page(tx: &mut dyn Tx, asked: &Asked) -> Result<Vec<AuditEvent>, Error> {
    let Asked { scope, filter, page } = asked;
    let first = if page.oldest_first { 0 } else { i64::MAX };
    let text = |text: Option<&'static str>| Value::Text(text.unwrap_or_default());
    let (sql, within) = statement(*scope, Lookup::of(filter), page.oldest_first);
    let values = [
        page.after.unwrap_or(first).into(),
        within.into(),
        filter.id.unwrap_or(-1).into(),
        text(filter.class.map(AuditClass::as_str)),
        Value::Text(filter.actor.as_deref().unwrap_or_default()),
        filter.token.map_or(Value::Int(-1), |token| Value::count(token.get())),
        Value::Text(filter.action.as_deref().unwrap_or_default()),
        Value::Text(filter.object.as_deref().unwrap_or_default()),
        text(filter.outcome.map(AuditOutcome::as_str)),
        filter.since.map_or(i64::MIN, Timestamp::millis).into(),
        filter.until.map_or(i64::MAX, Timestamp::millis).into(),
        page.limit.rows().into(),
    ];
    rows(tx, sql, &values, Ok)
}

/// Where the chain stands.
pub(crate) fn head(tx: &mut dyn Tx) -> Result<AuditHead, Error> {
    one(tx, select!(AuditHead, "FROM audit_head WHERE id = 1"), &[], Ok)
}

/// Writes an administrative event as the next of the chain, which stands at `head`; nobody else writes one before this transaction
/// ends, which has locked the version of all access changes.
pub(crate) fn append(tx: &mut dyn Tx, head: &mut AuditHead, mut event: AuditEvent) -> Result<(), Error> {
    let sequence = head.sequence.saturating_add(1);
    event.sequence = Some(sequence);
    let chain = audit_chain(&head.chain, &event.document());
    let chain = chain.ok_or_else(|| Error::corrupt("the chain of the audit has no last hash"))?;
    tx.execute(
        "UPDATE audit_head SET sequence = $1, chain = $2, at = $3 WHERE id = 1",
        &[Value::count(sequence), chain.as_str().into(), event.at.millis().into()],
    )?;
    *head = AuditHead { sequence, chain: chain.into(), at: event.at };
    event.chain = Some(head.chain.clone());
    insert(tx, &event, None)
}

/// Writes an event, once for each `uid`.
pub(crate) fn insert(tx: &mut dyn Tx, event: &AuditEvent, uid: Option<&str>) -> Result<(), Error> {
    let AuditEvent { actor, token, origin, place, object, content, .. } = event;
    tx.execute(
        "INSERT INTO audit (at, class, action, outcome, actor, actor_kind, actor_name, actor_title, token, token_name, \
         token_made_by, request, address, agent, operation, node, node_path, project, object_kind, object, object_name, \
         object_of, before, after, bytes, digest, reason, policy_version, sequence, chain, uid, times, session) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
         $24, $25, $26, $27, $28, $29, $30, $31, $32, $33) ON CONFLICT (uid) DO NOTHING",
        &[
            event.at.millis().into(),
            event.class.as_str().into(),
            (&*event.action).into(),
            event.outcome.as_str().into(),
            actor.id.into(),
            (&*actor.kind).into(),
            (&*actor.name).into(),
            actor.title.as_deref().into(),
            token.id.map(|id| Value::count(id.get())).into(),
            token.name.as_deref().into(),
            token.made_by.as_deref().into(),
            origin.request.as_deref().into(),
            origin.address.as_deref().into(),
            origin.agent.as_deref().into(),
            origin.operation.as_deref().into(),
            place.node.into(),
            place.path.as_deref().into(),
            place.project.into(),
            (&*object.kind).into(),
            object.id.into(),
            (&*object.name).into(),
            object.of.as_deref().into(),
            content.before.as_deref().into(),
            content.after.as_deref().into(),
            content.bytes.map(Value::count).into(),
            content.digest.as_deref().into(),
            event.reason.as_deref().into(),
            Value::count(event.policy_version.get()),
            event.sequence.map(Value::count).into(),
            event.chain.as_deref().into(),
            uid.into(),
            event.times.map(Value::count).into(),
            origin.session.as_deref().into(),
        ],
    )?;
    Ok(())
}

/// A link of the chain.
pub(crate) struct Link {
    pub(crate) sequence: u64,
    pub(crate) chain: Box<str>,
    pub(crate) at: Timestamp,
}

row! { Link { sequence, chain, at } }

/// The first links of the chain that are kept.
pub(crate) fn oldest_chained(tx: &mut dyn Tx, limit: u32) -> Result<Vec<Link>, Error> {
    rows(tx, select!(Link, "FROM audit WHERE sequence > 0 ORDER BY sequence LIMIT $1"), &[limit.into()], Ok)
}

/// Events of the chain behind one of them, in its order.
pub(crate) fn chained_after(tx: &mut dyn Tx, sequence: u64, limit: u32) -> Result<Vec<AuditEvent>, Error> {
    let sql = select!(AuditEvent, "FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    rows(tx, sql, &[Value::count(sequence), limit.into()], Ok)
}

/// What the last event says that took some of the beginning of the chain away.
pub(crate) fn last_cut(tx: &mut dyn Tx) -> Result<Option<Box<str>>, Error> {
    let sql = "SELECT after FROM audit WHERE class = 'admin' AND action = 'audit.expire' AND object_name = 'admin' \
               ORDER BY id DESC LIMIT 1";
    Ok(maybe(tx, sql, &[], |row| Ok(row.opt_text(0)?.map(Into::into)))?.flatten())
}

/// Takes the beginning of the chain away, up to and with this one.
pub(crate) fn delete_chained_to(tx: &mut dyn Tx, sequence: u64) -> Result<(), Error> {
    tx.execute("DELETE FROM audit WHERE sequence <= $1", &[Value::count(sequence)]).map(drop)
}

/// Takes some administrative events away that are in no chain. Gives how many.
pub(crate) fn delete_unchained_before(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE class = 'admin' AND at < $1 \
               AND sequence IS NULL ORDER BY at LIMIT $2)";
    tx.execute(sql, &[before.millis().into(), limit.into()])
}

/// How many events of a class are older.
pub(crate) fn older(tx: &mut dyn Tx, class: AuditClass, before: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM audit WHERE class = $1 AND at < $2";
    one(tx, sql, &[class.as_str().into(), before.millis().into()], |row| row.count(0))
}

/// Takes some of them away. Gives how many.
pub(crate) fn delete_before(
    tx: &mut dyn Tx,
    class: AuditClass,
    before: Timestamp,
    limit: u32,
) -> Result<u64, Error> {
    let sql = "DELETE FROM audit WHERE id IN \
               (SELECT id FROM audit WHERE class = $1 AND at < $2 ORDER BY at LIMIT $3)";
    tx.execute(sql, &[class.as_str().into(), before.millis().into(), limit.into()])
}

/// The last event about objects of a kind and name; of those only that `of` tells from others, if it is given.
pub(crate) fn last_event(
    tx: &mut dyn Tx,
    kind: &str,
    name: &str,
    of: Option<&str>,
) -> Result<Option<LastEvent>, Error> {
    let (every, of) = (Value::Int(of.is_none().into()), of.unwrap_or_default());
    // Before there was a column for it, what came after said it.
    maybe(
        tx,
        select!(
            LastEvent,
            "FROM audit WHERE object_kind = $1 AND object_name = $2 AND (CAST($3 AS BIGINT) = 1 OR object IN \
             (SELECT object FROM audit WHERE object_kind = $4 AND object_name = $5 AND (object_of = $6 OR after = $7))) \
             ORDER BY id DESC LIMIT 1"
        ),
        &[kind.into(), name.into(), every, kind.into(), name.into(), of.into(), of.into()],
        Ok,
    )
}

/// All events, in order, for suites.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn all(tx: &mut dyn Tx) -> Result<Vec<AuditEvent>, Error> {
    rows(tx, select!(AuditEvent, "FROM audit ORDER BY id"), &[], Ok)
}

/// The audit in short, for suites: `ACTION|KIND|NAME|REQUEST|AGENT|OBJECT|VERSION`.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn audit_lines(tx: &mut dyn Tx) -> Result<Vec<String>, Error> {
    let sql = "SELECT action || '|' || actor_kind || '|' || actor_name || '|' || coalesce(request, '') || '|' || \
               coalesce(agent, '') || '|' || object_name || '|' || policy_version FROM audit ORDER BY id";
    rows(tx, sql, &[], |row| Ok(row.text(0)?.to_owned()))
}
