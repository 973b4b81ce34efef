//! Plain requests, where no client of a format would do: one connection, kept open.

use tokio::runtime::Runtime;

use super::hub::{Hub, Login};
use crate::support::{Actor, Answer, Ask};

/// Somebody with nothing but HTTP.
pub(crate) struct Plain {
    runtime: Runtime,
    actor: Actor,
}

impl Plain {
    pub(crate) fn new(hub: &Hub, login: &Login) -> Self {
        let actor = Actor::new(hub.address.parse().unwrap(), Some(login.clone()));
        // Several threads, because the connection works beside the one that waits for its answer.
        Self { runtime: Runtime::new().unwrap(), actor }
    }

    pub(crate) fn get(&self, url: &str) -> Answer {
        self.send(Ask::get(path(url)))
    }

    pub(crate) fn put(&self, url: &str, body: Vec<u8>) -> Answer {
        self.send(Ask::put(path(url)).body(body))
    }

    fn send(&self, ask: Ask) -> Answer {
        self.runtime.block_on(self.actor.send(ask))
    }
}

/// The path of an address.
fn path(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    rest.get(rest.find('/').unwrap()..).unwrap()
}
