use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use budget::{Budget, Exceeded, Share};
use domain::Client;
use tokio_util::sync::CancellationToken;

use crate::activity::Activity;
use crate::budgets::stalled_requests::StalledRequests;
use crate::budgets::{Budgets, CONNECTION_WAIT, PROXIES, connection_bounds, wait_for};
use crate::metrics::EdgeMetrics;
use domain::Network;

/// The open connections: as many as the budget has places for. Who is idle gives way to who is new.
pub(crate) struct Connections {
    places: Arc<Budget>,
    stalled: Arc<StalledRequests>,
    metrics: Arc<EdgeMetrics>,
    trusted: Vec<Network>,
    open: Mutex<Open>,
}

/// By client and number; numbers only grow.
#[derive(Default)]
struct Open {
    next: u64,
    by_client: HashMap<Client, BTreeMap<u64, Arc<OpenConnection>>>,
}

/// One open connection, as others see it.
pub(crate) struct OpenConnection {
    pub(crate) client: Client,
    pub(crate) activity: Arc<Activity>,
    /// It is idle and somebody else needs its place, or the listener stops: one token, because looking at it costs every request.
    pub(crate) ends: CancellationToken,
}

/// The place of an open connection; given back when dropped.
pub(crate) struct ConnectionPermit {
    connection: Arc<OpenConnection>,
    number: u64,
    connections: Arc<Connections>,
    _share: Share,
}

impl Connections {
    pub(crate) fn new(budgets: &Budgets, metrics: Arc<EdgeMetrics>, trusted: Vec<Network>) -> Arc<Self> {
        let (places, stalled) = (Arc::clone(&budgets.connections), Arc::clone(&budgets.stalled));
        Arc::new(Self { places, stalled, metrics, trusted, open: Mutex::default() })
    }

    /// Those of another listener, which takes no places from these.
    pub(crate) fn apart(&self, places_max: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Budget::new(connection_bounds(places_max, places_max)),
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
    pub(crate) async fn acquire(
        self: &Arc<Self>,
        peer: IpAddr,
        stop: &CancellationToken,
    ) -> Result<ConnectionPermit, Exceeded> {
        let client = self.client(peer);
        let make_room = |whose| self.close_idle(whose) || self.stalled.give_way(whose);
        let share = wait_for(&self.places, client, 1, CONNECTION_WAIT, make_room).await;
        let share = share.inspect_err(|_| {
            self.metrics.turned_away.inc();
        })?;
        let connection =
            Arc::new(OpenConnection { client, activity: Activity::new(), ends: stop.child_token() });
        let mut open = self.open();
        let number = open.next;
        open.next = number.wrapping_add(1);
        open.by_client.entry(client).or_default().insert(number, Arc::clone(&connection));
        drop(open);
        Ok(ConnectionPermit { connection, number, connections: Arc::clone(self), _share: share })
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
        let idle = clients.flat_map(|(_, open)| {
            let staying = open.values().filter(|connection| !connection.ends.is_cancelled());
            staying.filter_map(|connection| {
                connection.activity.idle_since().map(|since| (Reverse(open.len()), since, connection))
            })
        });
        let Some((_, _, longest)) = idle.min_by_key(|(most, since, _)| (*most, *since)) else { return false };
        longest.ends.cancel();
        self.metrics.idle_closed.inc();
        true
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionPermit {
    /// What others see of the connection.
    pub(crate) fn connection(&self) -> Arc<OpenConnection> {
        Arc::clone(&self.connection)
    }

    /// Waits until somebody else needs the place, or the listener stops.
    pub(crate) async fn ends(&self) {
        self.connection.ends.cancelled().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        if let Some(own) = open.by_client.get_mut(&self.connection.client) {
            own.remove(&self.number);
            if own.is_empty() {
                open.by_client.remove(&self.connection.client);
            }
        }
    }
}
