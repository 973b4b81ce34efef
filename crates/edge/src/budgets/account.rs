use std::sync::Arc;

use budget::{Exceeded, Share};
use domain::Client;

use super::Budgets;
use super::stall_timer::StallTimer;
use crate::budgets::receive_window::ReceiveWindow;
use tokio::time::Duration;

/// Who is charged for what one request makes us hold, and what is charged for as long as it lasts.
#[derive(Debug)]
pub(crate) struct Account {
    budgets: Arc<Budgets>,
    window: Arc<ReceiveWindow>,
    client: Client,
    /// Among the requests in flight.
    place: Option<Share>,
    /// Of its body in memory.
    gathered: Option<Share>,
}

impl Account {
    /// Before it is known who sends the request, it is its address.
    pub(crate) const fn new(budgets: Arc<Budgets>, window: Arc<ReceiveWindow>, client: Client) -> Self {
        Self { budgets, window, client, place: None, gathered: None }
    }

    /// Who is charged.
    pub(crate) const fn client(&self) -> Client {
        self.client
    }

    pub(crate) const fn budgets(&self) -> &Arc<Budgets> {
        &self.budgets
    }

    /// From now on this client is charged, and the request is one of those in flight.
    ///
    /// # Errors
    /// `Exceeded` if the client, or all together, have as many as they may, and none ended in time.
    pub(crate) async fn charge(&mut self, client: Client) -> Result<(), Exceeded> {
        self.place = Some(self.budgets.in_flight(&self.budgets.requests, client).await?);
        self.client = client;
        self.window.speaks_for(client);
        Ok(())
    }

    /// As [`Self::charge`], on the way of administration.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn charge_administration(&mut self, client: Client) -> Result<(), Exceeded> {
        self.place = Some(self.budgets.in_flight(&self.budgets.administration, client).await?);
        self.client = client;
        Ok(())
    }

    /// A place for a request that nobody was charged for, such as a refused one, if there is one at once.
    pub(crate) fn try_charge(&mut self) -> bool {
        if self.place.is_none() {
            self.place = self.budgets.requests.take(self.client, 1).ok();
        }
        self.place.is_some()
    }

    /// Counts so many bytes more of a body that is gathered in memory.
    ///
    /// # Errors
    /// `Exceeded` if they are too many.
    pub(crate) fn gather(&mut self, bytes: u64) -> Result<(), Exceeded> {
        match &mut self.gathered {
            Some(gathered) => gathered.grow(bytes),
            None => self.budgets.bodies.take(self.client, bytes).map(|share| self.gathered = Some(share)),
        }
    }

    /// Lets the connection take more at once: somebody reads this body who may.
    pub(crate) fn widen(&self) {
        if self.place.is_some() {
            self.window.widen(&self.budgets.windows, self.client);
        }
    }

    /// The body is not needed any more.
    pub(crate) fn forget_body(&mut self) {
        self.gathered = None;
    }

    /// Waiting for the client.
    pub(crate) fn stall_timer(&self, longest: Duration) -> StallTimer {
        StallTimer::new(&self.budgets.stalled, self.client, longest)
    }
}
