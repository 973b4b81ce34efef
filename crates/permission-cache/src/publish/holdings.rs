use domain::{BoxFuture, Caller, Holding, Holdings, NodeId, NodeName, PrincipalId, Timestamp};

use super::PermissionCache;

impl Holdings for PermissionCache {
    fn somewhere(&self, principal: PrincipalId, node: NodeName<'_>) -> Holding {
        let snapshot = self.cell.load();
        Holding { permissions: snapshot.somewhere(principal, node), version: snapshot.version }
    }

    fn lasting<'a>(
        &'a self,
        caller: &'a Caller,
        node: NodeId,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, Holding> {
        Box::pin(async move {
            let writer = self.lock().await;
            let snapshot = writer.later(caller.principal(), node, last_moment(self.clock.now(), until));
            Holding { permissions: snapshot.effective(caller, node), version: snapshot.version }
        })
    }
}

/// The last moment before the end: what holds then holds until the end, as nothing but the end of grants changes it.
fn last_moment(now: Timestamp, until: Option<Timestamp>) -> Timestamp {
    let last = until.map_or(i64::MAX, |end| end.millis().saturating_sub(1));
    Timestamp::from_millis(last).max(now)
}
