//! What happens at the door and to packages, on its way to the audit (docs/api.md 6): noted in memory, within bounds, and written in
//! batches by a worker. No request waits for it; what finds no room is lost, and counted.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    Clock, Digest, Origin, Permissions, PolicyVersion, PrincipalId, Repository, SessionId, Timestamp,
    TokenId, WrittenNode,
};
use tokio::sync::mpsc;

use crate::audit::{AuditClass, AuditOutcome};

/// Notes taken out at a time: those alike among them become one event.
const GATHERED_MAX: usize = 4096;

/// Something that happened, by ids: how everything was called is looked up when it is written, a moment later.
#[derive(Debug, Clone)]
pub struct AuditNote {
    /// `noun.verb`
    pub action: &'static str,
    /// Which kind.
    pub class: AuditClass,
    /// What became of it.
    pub outcome: AuditOutcome,
    /// Who; `None` for nobody in particular.
    pub who: Option<PrincipalId>,
    /// With which token.
    pub token: Option<TokenId>,
    /// In which session in a browser.
    pub session: Option<SessionId>,
    /// From where.
    pub origin: Arc<Origin>,
    /// The operation of the management API.
    pub operation: Option<&'static str>,
    /// Where.
    pub place: NotedPlace,
    /// On what.
    pub object: NotedObject,
    /// Bytes that were transferred.
    pub bytes: Option<u64>,
    /// The digest of what was transferred.
    pub digest: Option<Digest>,
    /// Why, for refusals.
    pub reason: Option<&'static str>,
    /// What is held there instead of what was needed, for refusals by the matrix.
    pub held: Option<Permissions>,
    /// The version of all access changes that decided; the first where none did.
    pub policy_version: PolicyVersion,
}

/// Where something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotedPlace {
    /// At no node: log-ins.
    Nowhere,
    /// In this repository.
    In(Repository),
    /// Where somebody asked for this, which may or may not be there.
    Asked(WrittenNode),
}

/// On what something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotedObject {
    /// Somebody; `None` for nobody known.
    Principal(Option<PrincipalId>),
    /// Something of a repository.
    Named {
        /// Which kind of name.
        kind: &'static str,
        /// As people write it.
        name: Box<str>,
    },
    /// The node itself, and the right that was asked for there, if it was one.
    Node(Option<&'static str>),
}

/// Notes on their way. Cheap to note; one worker takes them out.
pub struct AuditQueue {
    clock: Arc<dyn Clock>,
    notes: mpsc::Sender<(Timestamp, AuditNote)>,
    /// The worker's alone, and whoever asks while it stops.
    pub(crate) gathered: tokio::sync::Mutex<Gathered>,
    lost: Mutex<Option<Lost>>,
    dropped: AtomicU64,
    written: AtomicU64,
}

/// What was taken out and is not written yet: it stays here until it is.
pub(crate) struct Gathered {
    notes: mpsc::Receiver<(Timestamp, AuditNote)>,
    pub(crate) events: VecDeque<GatheredEvent>,
    /// Of this process, so that an event that was written and is brought again is known.
    process: u64,
    next: u64,
}

/// Notes that say the same, as one.
#[derive(Debug, Clone)]
pub(crate) struct GatheredEvent {
    /// The same each time it is brought.
    pub(crate) uid: String,
    pub(crate) at: Timestamp,
    pub(crate) times: u64,
    pub(crate) what: What,
}

/// What an event is made from.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Noted(Box<AuditNote>),
    Lost(Lost),
}

/// Notes that found no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) count: u64,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// How many notes there were, for those who watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditCounts {
    /// Wait to be written.
    pub waiting: u64,
    /// Were written, also those that became one event with others.
    pub written: u64,
    /// Found no room, since this process began.
    pub dropped: u64,
}

impl AuditQueue {
    /// With room for so many notes, at least one.
    pub(crate) fn new(clock: Arc<dyn Clock>, events_max: usize) -> Arc<Self> {
        let (notes, receiver) = mpsc::channel(events_max.max(1));
        // A number that other processes hardly have; if it cannot be drawn, the clock is as good.
        let process = getrandom::u64().unwrap_or_else(|_| clock.now().millis().unsigned_abs());
        let gathered = Gathered { notes: receiver, events: VecDeque::new(), process, next: 0 };
        Arc::new(Self {
            clock,
            notes,
            gathered: tokio::sync::Mutex::new(gathered),
            lost: Mutex::default(),
            dropped: AtomicU64::new(0),
            written: AtomicU64::new(0),
        })
    }

    /// Notes something. Never waits.
    pub fn note(&self, note: AuditNote) {
        let now = self.clock.now();
        if self.notes.try_send((now, note)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            let before = lost.unwrap_or(Lost { count: 0, from: now, to: now });
            *lost = Some(Lost { count: before.count.saturating_add(1), to: now, ..before });
        }
    }

    /// Whether there is room for what requests under way may have to say: an eighth of all.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.notes.capacity().saturating_mul(8) >= self.notes.max_capacity()
    }

    /// How many there were.
    #[must_use]
    pub fn counts(&self) -> AuditCounts {
        let waiting = self.notes.max_capacity().saturating_sub(self.notes.capacity());
        AuditCounts {
            waiting: waiting as u64,
            written: self.written.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn take_lost(&self) -> Option<Lost> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn were_written(&self, notes: u64) {
        self.written.fetch_add(notes, Ordering::Relaxed);
    }
}

impl Gathered {
    /// Takes notes out of the queue; those that say the same are one event, of the moment of the first.
    pub(crate) fn gather(&mut self, lost: impl FnOnce() -> Option<Lost>) {
        let hasher = RandomState::new();
        let mut known: HashMap<u64, usize> = HashMap::new();
        for _ in 0..GATHERED_MAX {
            let Ok((at, note)) = self.notes.try_recv() else { break };
            let number = sameness(&hasher, &note);
            match known.get(&number).and_then(|index| self.events.get_mut(*index)) {
                Some(GatheredEvent { times, what: What::Noted(first), .. }) if are_same(first, &note) => {
                    *times = times.saturating_add(1);
                    first.bytes = sum(first.bytes, note.bytes);
                }
                Some(_) | None => {
                    known.insert(number, self.events.len());
                    self.push(at, What::Noted(Box::new(note)));
                }
            }
        }
        if let Some(lost) = lost() {
            self.push(lost.to, What::Lost(lost));
        }
    }

    fn push(&mut self, at: Timestamp, what: What) {
        let uid = format!("{:016x}.{}", self.process, self.next);
        self.next = self.next.wrapping_add(1);
        self.events.push_back(GatheredEvent { uid, at, times: 1, what });
    }
}

fn sum(some: Option<u64>, more: Option<u64>) -> Option<u64> {
    match (some, more) {
        (Some(some), Some(more)) => Some(some.saturating_add(more)),
        (some, more) => some.or(more),
    }
}

/// Whether two notes say the same: all but the request, the moment, the version and the bytes.
fn are_same(one: &AuditNote, other: &AuditNote) -> bool {
    let of = |note: &AuditNote| {
        (
            note.action,
            note.outcome,
            note.who,
            note.token,
            note.session,
            note.operation,
            note.reason,
            note.held,
        )
    };
    of(one) == of(other)
        && one.digest == other.digest
        && (one.origin.address, &one.origin.agent) == (other.origin.address, &other.origin.agent)
        && one.place == other.place
        && one.object == other.object
}

/// A number that notes which say the same have in common. Every fetch is a note, and is looked for by it: writing all of it down as
/// text cost a pull more than telling of it.
fn sameness(hasher: &RandomState, note: &AuditNote) -> u64 {
    let place = match &note.place {
        NotedPlace::Nowhere | NotedPlace::Asked(_) => None,
        NotedPlace::In(repository) => Some(repository.id()),
    };
    let name = match &note.object {
        NotedObject::Named { name, .. } => Some(name),
        NotedObject::Principal(_) | NotedObject::Node(_) => None,
    };
    let (who, origin) = (note.who, &note.origin);
    hasher.hash_one((note.action, who, note.token, origin.address, &origin.agent, place, name, note.reason))
}

#[cfg(test)]
mod tests;
