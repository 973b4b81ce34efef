use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use budget::{Budget, Share};
use domain::Client;
use tokio::sync::Notify;

/// How much of what a client sends is taken off its connection before anybody reads it: little, until an upload has a share of the
/// budget. The share is kept until the connection ends, because what a client was promised cannot be taken back.
#[derive(Debug)]
pub(crate) struct ReceiveWindow {
    wide_bytes: AtomicU64,
    asked: AtomicBool,
    wide: AtomicBool,
    widened: Notify,
    owner: Mutex<Owner>,
}

#[derive(Debug)]
struct Owner {
    client: Client,
    share: Option<Share>,
}

impl ReceiveWindow {
    /// Of a connection from this client.
    pub(crate) fn new(client: Client) -> Arc<Self> {
        Arc::new(Self {
            wide_bytes: AtomicU64::new(0),
            asked: AtomicBool::new(false),
            wide: AtomicBool::new(false),
            widened: Notify::new(),
            owner: Mutex::new(Owner { client, share: None }),
        })
    }

    /// What it may hold when it is wide, which its protocol decides.
    pub(crate) fn widens_to(&self, bytes: u64) {
        self.wide_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Whose requests come on the connection, as far as is known.
    pub(crate) fn client(&self) -> Client {
        self.owner().client
    }

    /// The last request was one of this client's.
    pub(crate) fn speaks_for(&self, client: Client) {
        self.owner().client = client;
    }

    /// Takes a share of the budget once, if there is one.
    pub(crate) fn widen(&self, windows: &Arc<Budget>, client: Client) {
        if self.asked.swap(true, Ordering::Relaxed) {
            return;
        }
        match windows.take(client, self.wide_bytes.load(Ordering::Relaxed)) {
            Ok(share) => {
                self.owner().share = Some(share);
                self.wide.store(true, Ordering::Release);
                self.widened.notify_one();
            }
            // The next body may find more.
            Err(_) => self.asked.store(false, Ordering::Relaxed),
        }
    }

    /// Whether much may be taken.
    pub(crate) fn is_wide(&self) -> bool {
        self.wide.load(Ordering::Acquire)
    }

    /// Waits until much may be taken.
    pub(crate) async fn widened(&self) {
        self.widened.notified().await;
    }

    fn owner(&self) -> MutexGuard<'_, Owner> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
