use std::sync::{Arc, PoisonError};

use domain::{
    BoxFuture, Caller, Holding, Holdings, NodeId, NodeName, Permissions, PolicyFacts, Preview, PrincipalId,
    Timestamp,
};

use follower::{Target as _, on_own_thread};

use super::{Matrix, PermissionCache};
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
}

impl Matrix {
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
