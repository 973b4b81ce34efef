//! Who writes to which session: one writer each, and shares of all of them.

use std::sync::Arc;
use std::time::Duration;

use budget::{Bounds, Budget, Share};
use dashmap::DashMap;
use domain::{Client, UploadId};

use crate::error::Error;
use crate::waiting::share_within;

/// How long a place is waited for. Sessions whose clients are silent give theirs up sooner.
const WAIT: Duration = Duration::from_secs(10);
/// One principal has at most this part of all places.
const PRINCIPAL_PART: usize = 4;
/// One address without credentials has this part; as many requests of one client may wait, and of all as there are places.
const ADDRESS_PART: usize = 16;

/// Sessions being written to in this process.
#[derive(Clone)]
pub(crate) struct Claims {
    held: Arc<DashMap<UploadId, ()>>,
    budget: Arc<Budget>,
}

/// The right to write to one session, and a place among those who write.
pub(crate) struct Claim {
    claims: Claims,
    id: UploadId,
    share: Option<Share>,
}

impl Claims {
    /// So many at a time in all; a quarter for one principal.
    pub(crate) fn new(uploads_max: usize) -> Self {
        let part = |parts: usize| (uploads_max / parts).max(1);
        let [principal, address] = [part(PRINCIPAL_PART), part(ADDRESS_PART)];
        let bounds = Bounds::new(uploads_max as u64, principal as u64, address as u64);
        Self { held: Arc::default(), budget: Budget::new(bounds.waiting(uploads_max, address)) }
    }

    /// Takes a place for writing to this session, and waits a while for one.
    ///
    /// # Errors
    /// `Busy` if somebody writes to it, `Crowded` or `Full` if no place becomes free.
    pub(crate) async fn take(&self, id: UploadId, client: Client) -> Result<Claim, Error> {
        if self.is_held(id) {
            return Err(Error::Busy);
        }
        let share = share_within(WAIT, &self.budget, client, 1).await?;
        match self.held.insert(id, ()) {
            None => Ok(Claim { claims: self.clone(), id, share: Some(share) }),
            Some(()) => Err(Error::Busy),
        }
    }

    /// The places.
    pub(crate) const fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(crate) fn is_held(&self, id: UploadId) -> bool {
        self.held.contains_key(&id)
    }
}

impl Claim {
    /// Nothing is written any more: somebody else has the place, and still nobody else the session.
    pub(crate) fn give_place_back(&mut self) {
        drop(self.share.take());
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.held.remove(&self.id);
    }
}
