//! Statements about the gateways that share the rows.

use domain::{PolicyPoint, PolicyVersion, Timestamp};

use super::row::{row, select};
use super::{Dialect, Tx, Value, one, rows};
use crate::error::Error;

/// A gateway, as its row says.
#[derive(Debug, Clone)]
pub(crate) struct GatewayAt {
    pub(crate) id: i64,
    pub(crate) release: Box<str>,
    pub(crate) started_at: Timestamp,
    pub(crate) version: PolicyVersion,
    pub(crate) lease_until: Timestamp,
}

row! { GatewayAt { id, release, started_at, version, lease_until } }

/// The present moment by the clock of the database, which all that share it go by.
pub(crate) fn clock(tx: &mut dyn Tx) -> Result<Timestamp, Error> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        Dialect::Postgres => "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    };
    one(tx, sql, &[], |row| Ok(Timestamp::from_millis(row.int(0)?)))
}

/// Says that a gateway lives until then, and what it has in force.
pub(crate) fn put(tx: &mut dyn Tx, gateway: &GatewayAt, point: PolicyPoint) -> Result<(), Error> {
    let sql = "INSERT INTO gateway (id, release, started_at, epoch, version, lease_until) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, \
               lease_until = excluded.lease_until";
    let values = [
        gateway.id.into(),
        (&*gateway.release).into(),
        gateway.started_at.millis().into(),
        Value::count(point.epoch),
        Value::count(gateway.version.get()),
        gateway.lease_until.millis().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// A gateway is no more.
pub(crate) fn remove(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM gateway WHERE id = $1", &[id.into()]).map(drop)
}

/// Forgets those that were not heard of since.
pub(crate) fn forget_before(tx: &mut dyn Tx, before: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM gateway WHERE lease_until < $1", &[before.millis().into()]).map(drop)
}

/// Gateways by id, behind one of them.
pub(crate) fn after(tx: &mut dyn Tx, id: i64, limit: u32) -> Result<Vec<GatewayAt>, Error> {
    rows(
        tx,
        select!(GatewayAt, "FROM gateway WHERE id > $1 ORDER BY id LIMIT $2"),
        &[id.into(), limit.into()],
        Ok,
    )
}

/// How many that live have not said that they have this version of the present history in force.
pub(crate) fn behind(tx: &mut dyn Tx, version: PolicyVersion, now: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM gateway g JOIN policy_version p ON p.id = 1 \
               WHERE g.lease_until > $1 AND (g.epoch <> p.epoch OR g.version < $2)";
    one(tx, sql, &[now.millis().into(), Value::count(version.get())], |row| row.count(0))
}
