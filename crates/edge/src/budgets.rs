//! What all requests together, those of one principal, and those of one address may make this process hold (docs/design.md 5, rule 8).

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use budget::{Bounds, Budget, Exceeded, Share};
use domain::{Client, PrincipalId};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::config::{BudgetLimits, EdgeConfig, secs};
use crate::metrics::EdgeMetrics;

pub(crate) mod account;
pub(crate) mod receive_window;
pub(crate) mod stall_timer;
pub(crate) mod stalled_requests;

use stalled_requests::StalledRequests;

/// What trusted proxies are charged to: they bring the requests of many clients, each of whom is charged alone.
pub(crate) const PROXIES: Client = Client::Principal(PrincipalId::ANONYMOUS);

/// Answers up to this length are not counted in bytes: their number is bounded, and counting would cost more than they do.
pub(crate) const UNCOUNTED_BYTES_MAX: u64 = 16 << 10;

/// How long a new connection waits for the place of an idle one.
pub(crate) const CONNECTION_WAIT: Duration = Duration::from_secs(3);
/// New connections of one address that wait for a place.
const CONNECTIONS_WAITING_PER_ADDRESS_MAX: usize = 64;
/// Between two looks for who could give way.
const LOOK: Duration = Duration::from_millis(250);

/// The budgets of connections and requests.
#[derive(Debug)]
pub(crate) struct Budgets {
    /// Open connections.
    pub(crate) connections: Arc<Budget>,
    /// Requests in flight: from the moment it is known whose they are to the last byte of their answer.
    pub(crate) requests: Arc<Budget>,
    /// Administrative requests in flight: they have places of their own, so that no traffic keeps a revoke waiting.
    pub(crate) administration: Arc<Budget>,
    /// Bytes of answers that were made or read and not yet taken by the client.
    pub(crate) answers: Arc<Budget>,
    /// Bytes of request bodies gathered in memory.
    pub(crate) bodies: Arc<Budget>,
    /// Bytes that a client may send before anybody reads them.
    pub(crate) windows: Arc<Budget>,
    /// Requests whose client does nothing.
    pub(crate) stalled: Arc<StalledRequests>,
    longest_wait: Duration,
}

impl Budgets {
    pub(crate) fn new(config: &EdgeConfig, metrics: &EdgeMetrics) -> Arc<Self> {
        let (limits, connections) = (&config.budgets, &config.connections);
        let budgets = Self {
            connections: Budget::new(connection_bounds(connections.total_max, connections.per_address_max)),
            requests: Budget::new(requests(limits)),
            administration: Budget::new(administration()),
            answers: Budget::new(answers(limits)),
            bodies: Budget::new(Bounds::new(
                limits.body_bytes_total_max,
                limits.body_bytes_per_principal_max,
                limits.body_bytes_per_address_max,
            )),
            windows: Budget::new(Bounds::new(
                limits.window_bytes_total_max,
                limits.window_bytes_per_principal_max,
                limits.window_bytes_per_address_max,
            )),
            stalled: StalledRequests::new(secs(limits.stalled_secs), metrics),
            longest_wait: secs(limits.wait_secs_max),
        };
        metrics.watch("connections", &budgets.connections);
        metrics.watch("requests", &budgets.requests);
        metrics.watch("administration", &budgets.administration);
        metrics.watch("answer_bytes", &budgets.answers);
        metrics.watch("body_bytes", &budgets.bodies);
        metrics.watch("window_bytes", &budgets.windows);
        Arc::new(budgets)
    }

    /// A place among the requests in flight, of traffic or of administration.
    ///
    /// # Errors
    /// `Exceeded` if none became free while a request may wait for it.
    pub(crate) async fn in_flight(&self, among: &Arc<Budget>, client: Client) -> Result<Share, Exceeded> {
        self.share(among, client, 1, self.longest_wait).await
    }

    /// Room for an answer that is in memory already.
    ///
    /// # Errors
    /// As [`Self::in_flight`].
    pub(crate) async fn whole_answer(&self, client: Client, bytes: u64) -> Result<Share, Exceeded> {
        self.share(&self.answers, client, self.at_most(client, bytes), self.longest_wait).await
    }

    /// Room for the next piece of an answer, however long that takes: whoever takes nothing gives way.
    ///
    /// # Errors
    /// `Exceeded` if too many pieces wait.
    pub(crate) async fn piece(self: Arc<Self>, client: Client, bytes: u64) -> Result<Share, Exceeded> {
        let longest = secs(u64::MAX);
        self.share(&self.answers, client, self.at_most(client, bytes), longest).await
    }

    async fn share(
        &self,
        of: &Arc<Budget>,
        client: Client,
        amount: u64,
        longest: Duration,
    ) -> Result<Share, Exceeded> {
        match of.at_once(client, amount) {
            Some(share) => Ok(share),
            // In a box: hardly any request has to wait, and all would be as large as this.
            None => {
                Box::pin(wait_for(of, client, amount, longest, |whose| self.stalled.give_way(whose))).await
            }
        }
    }

    /// One answer is never more than one client may have in all.
    fn at_most(&self, client: Client, bytes: u64) -> u64 {
        let bounds = self.answers.bounds();
        bytes.min(bounds.of(client)).min(bounds.total)
    }
}

/// Waits in the client's line. Meanwhile `give_way` is told again and again who could end something: the client, whose own bound
/// is met, or anybody.
pub(crate) async fn wait_for(
    budget: &Arc<Budget>,
    client: Client,
    amount: u64,
    longest: Duration,
    give_way: impl Fn(Option<Client>) -> bool,
) -> Result<Share, Exceeded> {
    let mut turn = pin!(budget.wait(client, amount));
    if let Poll::Ready(at_once) = poll_fn(|cx| Poll::Ready(turn.as_mut().poll(cx))).await {
        return at_once;
    }
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut over = pin!(sleep(longest));
    loop {
        tokio::select! {
            biased;
            turn = turn.as_mut() => return turn,
            () = over.as_mut() => break,
            _ = looks.tick() => {
                let own = budget.held_by(client).saturating_add(amount) > budget.bounds().of(client);
                give_way(own.then_some(client));
            }
        }
    }
    // Says whose bound it was, and counts it.
    budget.take(client, amount)
}

/// How many new connections wait for a place, each with its descriptor, where so many may be open.
#[must_use]
pub const fn connections_waiting_max(open_max: usize) -> usize {
    match open_max / 8 {
        0 => 1,
        few @ 1..256 => few,
        _ => 256,
    }
}

/// Of connections.
pub(crate) const fn connection_bounds(total: usize, per_address: usize) -> Bounds {
    Bounds::new(total as u64, total as u64, per_address as u64)
        .waiting(connections_waiting_max(total), CONNECTIONS_WAITING_PER_ADDRESS_MAX)
}

const fn requests(limits: &BudgetLimits) -> Bounds {
    Bounds::new(
        limits.requests_total_max as u64,
        limits.requests_per_principal_max as u64,
        limits.requests_per_address_max as u64,
    )
    .waiting(limits.requests_total_max, limits.requests_per_principal_max)
}

/// Administration takes milliseconds and nothing is streamed: few places go round quickly.
const fn administration() -> Bounds {
    Bounds::new(512, 32, 32).waiting(512, 64)
}

/// Every request in flight may wait for its next piece.
const fn answers(limits: &BudgetLimits) -> Bounds {
    Bounds::new(
        limits.answer_bytes_total_max,
        limits.answer_bytes_per_principal_max,
        limits.answer_bytes_per_address_max,
    )
    .waiting(limits.requests_total_max, limits.requests_total_max)
}

#[cfg(test)]
mod tests;
