use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use budget::{Budget, Exceeded, Share};
use domain::Client;
use tokio_util::sync::CancellationToken;

use crate::budgets::stalled::Stalled;
use crate::budgets::{Budgets, PROXIES, SEAT_WAIT, seats, wait_for};
use crate::metrics::Metrics;
use crate::network::Network;
use crate::server::activity::Activity;

/// The open connections: as many as the budget has places for. Who is idle gives way to who is new.
pub(crate) struct Connections {
    seats: Arc<Budget>,
    stalled: Arc<Stalled>,
    metrics: Arc<Metrics>,
    trusted: Vec<Network>,
    open: Mutex<Open>,
}

/// By client and number; numbers only grow.
#[derive(Default)]
struct Open {
    next: u64,
    by_client: HashMap<Client, BTreeMap<u64, Arc<Line>>>,
}

/// One open connection, as others see it.
pub(crate) struct Line {
    pub(crate) client: Client,
    pub(crate) activity: Arc<Activity>,
    /// It is idle and somebody else needs its place, or the listener stops: one token, because looking at it costs every request.
    pub(crate) ends: CancellationToken,
}

/// The place of an open connection; given back when dropped.
pub(crate) struct Seat {
    line: Arc<Line>,
    number: u64,
    connections: Arc<Connections>,
    _share: Share,
}

impl Connections {
    pub(crate) fn new(budgets: &Budgets, metrics: Arc<Metrics>, trusted: Vec<Network>) -> Arc<Self> {
        let (seats, stalled) = (Arc::clone(&budgets.connections), Arc::clone(&budgets.stalled));
        Arc::new(Self { seats, stalled, metrics, trusted, open: Mutex::default() })
    }

    /// Those of another listener, which takes no places from these.
    pub(crate) fn apart(&self, places_max: usize) -> Arc<Self> {
        Arc::new(Self {
            seats: Budget::new(seats(places_max, places_max)),
            stalled: Arc::clone(&self.stalled),
            metrics: Arc::clone(&self.metrics),
            trusted: self.trusted.clone(),
            open: Mutex::default(),
        })
    }

    /// A place for a connection from there, as long as `stop` says nothing else; waits a moment for that of an idle one.
    ///
    /// # Errors
    /// `Exceeded` if every connection is busy, or too many are coming.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        peer: IpAddr,
        stop: &CancellationToken,
    ) -> Result<Seat, Exceeded> {
        let client = self.client(peer);
        let make_room = |whose| self.close_idle(whose) || self.stalled.give_way(whose);
        let share = wait_for(&self.seats, client, 1, SEAT_WAIT, make_room).await;
        let share = share.inspect_err(|_| {
            self.metrics.turned_away.inc();
        })?;
        let line = Arc::new(Line { client, activity: Activity::new(), ends: stop.child_token() });
        let mut open = self.open();
        let number = open.next;
        open.next = number.wrapping_add(1);
        open.by_client.entry(client).or_default().insert(number, Arc::clone(&line));
        drop(open);
        Ok(Seat { line, number, connections: Arc::clone(self), _share: share })
    }

    /// Who is charged for a connection. Trusted proxies bring many clients.
    fn client(&self, peer: IpAddr) -> Client {
        if self.trusted.iter().any(|network| network.contains(peer)) {
            return PROXIES;
        }
        Client::at(Some(peer))
    }

    /// Closes the connection of this client that has been idle longest; of whoever has most connections, if everybody's count.
    /// Whether there was one.
    fn close_idle(&self, whose: Option<Client>) -> bool {
        let open = self.open();
        let clients = open.by_client.iter().filter(|(client, _)| whose.is_none_or(|whose| whose == **client));
        let idle = clients.flat_map(|(_, lines)| {
            let idle = lines.values().filter(|line| !line.ends.is_cancelled());
            idle.filter_map(|line| {
                line.activity.idle_since().map(|since| (Reverse(lines.len()), since, line))
            })
        });
        let Some((_, _, line)) = idle.min_by_key(|(most, since, _)| (*most, *since)) else { return false };
        line.ends.cancel();
        self.metrics.idle_closed.inc();
        true
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// What others see of the connection.
    pub(crate) fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }

    /// Waits until somebody else needs the place, or the listener stops.
    pub(crate) async fn ends(&self) {
        self.line.ends.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        if let Some(lines) = open.by_client.get_mut(&self.line.client) {
            lines.remove(&self.number);
            if lines.is_empty() {
                open.by_client.remove(&self.line.client);
            }
        }
    }
}
