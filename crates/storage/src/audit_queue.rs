//! What happens at the door and to packages, on its way to the audit (docs/api.md 6): noted in memory, within bounds, what says the same
//! as one, and written in batches by a worker. No request waits for it; what finds no room is lost, and counted.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{
    Clock, Digest, Origin, Permissions, PolicyVersion, PrincipalId, Repository, SessionId, Timestamp,
    TokenId, WrittenNode,
};

use crate::audit::{AuditClass, AuditOutcome};

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
    events_max: usize,
    /// Of this queue, so that nobody can choose names that are looked for in one place.
    hasher: RandomState,
    waiting: Mutex<Waiting>,
    /// The worker's alone, and whoever asks while it stops.
    pub(crate) gathered: tokio::sync::Mutex<Gathered>,
}

/// What was noted and not taken out yet. What says the same is one event from the beginning: a fetch that is told costs the memory of the
/// first like it, which is warm, and no more room.
#[derive(Default)]
struct Waiting {
    events: Vec<(Timestamp, u64, AuditNote)>,
    known: HashMap<u64, usize>,
    lost: Option<Lost>,
    /// Events that were taken out and are not written yet.
    taken: usize,
    written: u64,
    dropped: u64,
}

/// What was taken out and is not written yet: it stays here until it is.
pub(crate) struct Gathered {
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

/// How much there was, for those who watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditCounts {
    /// Events that wait to be written.
    pub waiting: u64,
    /// Notes that were written, also those that became one event with others.
    pub written: u64,
    /// Notes that found no room, since this process began.
    pub dropped: u64,
}

impl AuditQueue {
    /// With room for so many events, at least one.
    pub(crate) fn new(clock: Arc<dyn Clock>, events_max: usize) -> Arc<Self> {
        // A number that other processes hardly have; if it cannot be drawn, the clock is as good.
        let process = getrandom::u64().unwrap_or_else(|_| clock.now().millis().unsigned_abs());
        Arc::new(Self {
            clock,
            events_max: events_max.max(1),
            hasher: RandomState::new(),
            waiting: Mutex::default(),
            gathered: tokio::sync::Mutex::new(Gathered { events: VecDeque::new(), process, next: 0 }),
        })
    }

    /// Notes something. Never waits.
    pub fn note(&self, note: AuditNote) {
        let number = sameness(&self.hasher, &note);
        let mut waiting = self.waiting();
        let Waiting { events, known, lost, taken, dropped, .. } = &mut *waiting;
        if let Some((_, times, first)) = known.get(&number).and_then(|index| events.get_mut(*index))
            && are_same(first, &note)
        {
            *times = times.saturating_add(1);
            first.bytes = sum(first.bytes, note.bytes);
            return;
        }
        let now = self.clock.now();
        if taken.saturating_add(events.len()) < self.events_max {
            known.insert(number, events.len());
            events.push((now, 1, note));
        } else {
            *dropped = dropped.saturating_add(1);
            let before = lost.unwrap_or(Lost { count: 0, from: now, to: now });
            *lost = Some(Lost { count: before.count.saturating_add(1), to: now, ..before });
        }
    }

    /// Whether there is room for what requests under way may have to say: an eighth of all.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let left = self.events_max.saturating_sub(self.waiting().held());
        left.saturating_mul(8) >= self.events_max
    }

    /// How many there were.
    #[must_use]
    pub fn counts(&self) -> AuditCounts {
        let waiting = self.waiting();
        AuditCounts { waiting: waiting.held() as u64, written: waiting.written, dropped: waiting.dropped }
    }

    /// Takes out all that waits; it counts as waiting until [`were_written`](Self::were_written) says otherwise.
    pub(crate) fn take_into(&self, gathered: &mut Gathered) {
        let (events, lost) = {
            let mut waiting = self.waiting();
            waiting.known.clear();
            waiting.taken = waiting.taken.saturating_add(waiting.events.len());
            (mem::take(&mut waiting.events), waiting.lost.take())
        };
        for (at, times, note) in events {
            gathered.push(at, times, What::Noted(Box::new(note)));
        }
        if let Some(lost) = lost {
            gathered.push(lost.to, 1, What::Lost(lost));
        }
    }

    /// These were written.
    pub(crate) fn were_written(&self, events: &[GatheredEvent]) {
        let mut waiting = self.waiting();
        for event in events {
            waiting.written = waiting.written.saturating_add(event.times);
            let of_notes = matches!(event.what, What::Noted(_));
            waiting.taken = waiting.taken.saturating_sub(usize::from(of_notes));
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Events that take room.
    fn held(&self) -> usize {
        self.taken.saturating_add(self.events.len())
    }
}

impl Gathered {
    fn push(&mut self, at: Timestamp, times: u64, what: What) {
        let uid = format!("{:016x}.{}", self.process, self.next);
        self.next = self.next.wrapping_add(1);
        self.events.push_back(GatheredEvent { uid, at, times, what });
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

/// A number that notes which say the same have in common: every fetch is a note, and is looked for by it.
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
