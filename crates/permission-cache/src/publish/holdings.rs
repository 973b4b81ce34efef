use std::sync::{Arc, PoisonError};

use domain::{
    BoxFuture, Caller, Explanation, Holders, Holding, Holdings, Limit, NodeId, NodeName, Permissions,
    PolicyFacts, PolicyVersion, Preview, PrincipalId, ResolvedNode, RightKind, Timestamp, Verdict,
    WrittenNode,
};

use follower::{Target as _, on_own_thread};

use super::{Matrix, PermissionCache, Writer};
use crate::preview::{Compiled, last_moment};

impl Holdings for PermissionCache {
    fn somewhere(&self, principal: PrincipalId, node: NodeName<'_>) -> Holding {
        let snapshot = self.matrix.cell.load();
        Holding { permissions: snapshot.somewhere(principal, node), version: snapshot.version }
    }

    fn lasting<'a>(
        &'a self,
        caller: &'a Caller,
        node: NodeId,
        until: Option<Timestamp>,
    ) -> BoxFuture<'a, Holding> {
        let (matrix, caller) = (Arc::clone(&self.matrix), caller.clone());
        Box::pin(async move {
            // The writer may be compiling, which nobody waits for on a thread that serves requests.
            let lasting = on_own_thread::<Matrix, _>(move || matrix.lasting(&caller, node, until)).await;
            // What could not be worked out is not held.
            lasting.unwrap_or_else(|_| Holding {
                permissions: Permissions::NONE,
                version: self.matrix.cell.load().version,
            })
        })
    }

    fn preview(&self, facts: PolicyFacts) -> Box<dyn Preview> {
        Box::new(Compiled::new(facts, self.matrix.clock.now()))
    }

    fn explain<'a>(
        &'a self,
        caller: &'a Caller,
        node: NodeName<'a>,
        right: RightKind,
    ) -> BoxFuture<'a, Explanation> {
        Box::pin(async move {
            if let Some(explained) = self.matrix.explain_now(caller, node, right) {
                return explained;
            }
            let (matrix, caller, name) = (Arc::clone(&self.matrix), caller.clone(), WrittenNode::from(node));
            let explained = on_own_thread::<Matrix, _>(move || {
                let writer = matrix.writer.lock().unwrap_or_else(PoisonError::into_inner);
                matrix.explained(&writer, &caller, name.name(), right)
            });
            explained.await.unwrap_or_else(|_| Explanation::nothing_known(self.matrix.cell.load().version))
        })
    }

    fn verdict(&self, caller: &Caller, node: NodeName<'_>, right: RightKind) -> Verdict {
        self.matrix.cell.load().verdict(caller, node, right)
    }

    fn held_within(
        &self,
        caller: &Caller,
        node: NodeName<'_>,
        after: Option<&str>,
        limit: Limit,
    ) -> (Vec<(ResolvedNode, Permissions)>, PolicyVersion) {
        let snapshot = self.matrix.cell.load();
        (snapshot.held_within(caller, node, after, rows(limit)), snapshot.version)
    }

    fn holders(&self, node: NodeId, any_of: Permissions, after: PrincipalId, limit: Limit) -> Holders {
        self.matrix.cell.load().holders(node, any_of, after, rows(limit))
    }
}

fn rows(limit: Limit) -> usize {
    usize::try_from(limit.rows()).unwrap_or(usize::MAX)
}

impl Matrix {
    /// At once, if nobody compiles at the moment.
    fn explain_now(&self, caller: &Caller, name: NodeName<'_>, right: RightKind) -> Option<Explanation> {
        self.idle_writer().map(|writer| self.explained(&writer, caller, name, right))
    }

    fn explained(
        &self,
        writer: &Writer,
        caller: &Caller,
        name: NodeName<'_>,
        right: RightKind,
    ) -> Explanation {
        // Where a change broke off, the model is not what is in force.
        if self.is_sound() {
            writer.explain(caller, name, right)
        } else {
            Explanation::nothing_known(writer.version())
        }
    }

    fn lasting(&self, caller: &Caller, node: NodeId, until: Option<Timestamp>) -> Holding {
        let at = last_moment(self.clock.now(), until);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_sound() {
            return Holding { permissions: Permissions::NONE, version: writer.version() };
        }
        let snapshot = writer.later(caller.principal(), node, at);
        Holding { permissions: snapshot.effective(caller, node), version: snapshot.version }
    }
}
