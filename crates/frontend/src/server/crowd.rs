use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Prefix;

/// How many connections each address has open. As many entries as open connections at most.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    open: Mutex<HashMap<Prefix, usize>>,
}

/// One connection of an address; gives its place back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    address: Prefix,
}

impl Crowd {
    /// Counts one more connection of this address; `None` if it has `places_max` already.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, places_max: usize) -> Option<Place> {
        let address = Prefix::of(Some(address));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = open.get(&address).copied().unwrap_or_default();
        if taken >= places_max {
            return None;
        }
        open.insert(address, taken.saturating_add(1));
        Some(Place { crowd: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.crowd.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = open.get_mut(&self.address) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
