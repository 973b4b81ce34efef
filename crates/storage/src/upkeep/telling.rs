//! What happened becomes a message for each webhook that is to be told: events of packages out of the outbox, and those of the
//! audit. Each is told in the transaction that takes it or notes it, so none is told twice or left out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::{NodeId, System, Timestamp};
use serde_json::{Value, json};

use crate::error::{Error, Fault};
use crate::message::{Message, WAITING_MAX};
use crate::model::HookEvent;
use crate::sql::deliveries::{self, AuditEvent, Listener, PackageEvent, RepositoryAt};
use crate::sql::{Load, Tx, webhooks};
use crate::store::Storage;

/// Events that one transaction tells of.
const EVENTS_MAX: u32 = 100;
/// The project that removed repositories belong to until their rows are gone.
const REMOVED: NodeId = NodeId::new(2);

/// What a step of telling did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Events that were told or that nobody listened to.
    pub events: u64,
    /// Messages that found no place in a receiver's queue.
    pub lost: u64,
}

impl Storage {
    /// A step of telling webhooks what happened. Nothing is left when no event was told.
    ///
    /// # Errors
    /// Failures of the database; what was not told is found again.
    pub async fn tell_webhooks(&self, _system: &System) -> Result<Told, Fault> {
        if !self.shared.database.point(deliveries::anything_to_tell).await? {
            return Ok(Told::default());
        }
        let now = self.shared.clock.now();
        let tell = move |tx: &mut dyn Tx| {
            let mut telling = Telling { tx, now, listeners: HashMap::new(), told: Told::default() };
            telling.packages()?;
            telling.administration()?;
            Ok(telling.told)
        };
        Ok(self.shared.database.write(Load::upkeep(EVENTS_MAX.into()), tell).await?)
    }
}

/// One transaction of it.
struct Telling<'t> {
    tx: &'t mut dyn Tx,
    now: Timestamp,
    /// By their nodes, as far as they were looked up.
    listeners: HashMap<NodeId, Vec<Listener>>,
    told: Told,
}

impl Telling<'_> {
    fn packages(&mut self) -> Result<(), Error> {
        let mut places: HashMap<u32, Option<RepositoryAt>> = HashMap::new();
        for event in deliveries::take_package_events(self.tx, EVENTS_MAX)? {
            self.told.events = self.told.events.saturating_add(1);
            let id = event.repository;
            let place = match places.entry(id.get()) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => unknown.insert(deliveries::repository_at(self.tx, id)?).clone(),
            };
            // Where it was removed, so were those who would have been told.
            let Some(place) = place.filter(|place| NodeId::from(place.project) != REMOVED) else { continue };
            let word = format!("package.{}", event.event);
            let Some(kind) = HookEvent::parse(&word) else { continue };
            let nodes = [NodeId::ORGANISATION, place.project.into(), id.into()];
            if self.anybody(kind, &nodes)? {
                let data = self.package(&event, &place)?;
                self.tell(kind, &nodes, &Message { word: &word, at: event.at, data })?;
            }
        }
        Ok(())
    }

    fn package(&mut self, event: &PackageEvent, place: &RepositoryAt) -> Result<Value, Error> {
        Ok(json!({
            "repository": format!("{}/{}", place.key, place.name),
            "format": place.format.to_string(),
            "kind": event.kind,
            "package": event.package,
            "name": event.name,
            "by": webhooks::caller_text(self.tx, event.actor)?,
            "sequence": event.id,
        }))
    }

    fn administration(&mut self) -> Result<(), Error> {
        let before = deliveries::told(self.tx)?;
        let events = deliveries::audit_after_told(self.tx, EVENTS_MAX)?;
        let Some(last) = events.last() else { return Ok(()) };
        if !deliveries::note_told(self.tx, before, last.sequence)? {
            return Ok(());
        }
        for event in events {
            self.told.events = self.told.events.saturating_add(1);
            // The node and those above it, which the event remembers, whether they are still there or not.
            let above = [Some(NodeId::ORGANISATION), event.project, event.node];
            let mut nodes: Vec<NodeId> = above.into_iter().flatten().collect();
            nodes.dedup();
            if self.anybody(HookEvent::Audit, &nodes)? {
                let data = administered(&event);
                let message = Message { word: &event.action, at: event.at, data };
                self.tell(HookEvent::Audit, &nodes, &message)?;
            }
        }
        Ok(())
    }

    /// Whether anybody listens there.
    fn anybody(&mut self, kind: HookEvent, nodes: &[NodeId]) -> Result<bool, Error> {
        for node in nodes {
            if let Entry::Vacant(unknown) = self.listeners.entry(*node) {
                unknown.insert(deliveries::listeners_at(self.tx, *node)?);
            }
        }
        let mut listening = nodes.iter().filter_map(|node| self.listeners.get(node)).flatten();
        Ok(listening.any(|listener| listener.listens_to(kind)))
    }

    fn tell(&mut self, kind: HookEvent, nodes: &[NodeId], message: &Message<'_>) -> Result<(), Error> {
        for node in nodes {
            let Some(listeners) = self.listeners.get_mut(node) else { continue };
            for listener in listeners.iter_mut().filter(|listener| listener.listens_to(kind)) {
                if listener.waiting >= WAITING_MAX {
                    self.told.lost = self.told.lost.saturating_add(1);
                    deliveries::lose(self.tx, listener.id, 1)?;
                    continue;
                }
                listener.waiting = listener.waiting.saturating_add(1);
                message.put(self.tx, listener.id, self.now)?;
            }
        }
        Ok(())
    }
}

impl Listener {
    fn listens_to(&self, kind: HookEvent) -> bool {
        self.events.split(' ').any(|word| word == kind.as_str())
    }
}

fn administered(event: &AuditEvent) -> Value {
    json!({
        "node": event.node_path,
        "object": { "kind": event.object_kind, "name": event.object_name },
        "by": format!("{}:{}", event.actor_kind, event.actor_name),
        "policy_version": event.version.get(),
        "sequence": event.sequence,
        "chain": event.chain,
    })
}
