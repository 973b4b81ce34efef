use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use domain::{PrincipalCredentials, PrincipalId, PrincipalKind};

/// A principal as every token and cached password of it sees it: shared, so that suspending it is one store for all of them.
pub(crate) struct Principal {
    id: PrincipalId,
    /// Generation, kind and whether it may log in at all, in one word: they are read together or not at all.
    state: AtomicU64,
    details: ArcSwap<Details>,
}

/// What changes seldom. Replaced whole; whoever remembers a verified password remembers which details it was verified against.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Details {
    logins: Logins,
    password_hash: Option<Arc<str>>,
    generation: u32,
    /// So that a password verified before a suspension does not count after it.
    suspended: bool,
}

/// Folded login names, one a line: none can hold a line break. Those of most principals fit in place, so that a name is compared
/// without following another pointer.
#[derive(Debug, PartialEq, Eq)]
enum Logins {
    Here { length: u8, bytes: [u8; LOGINS_HERE_BYTES_MAX] },
    Elsewhere(Box<[u8]>),
}

/// A principal that may log in at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) kind: PrincipalKind,
    pub(crate) generation: u32,
    /// The password is good for nothing but setting another one.
    pub(crate) must_change: bool,
}

/// Makes the details fill one and a half cache lines.
const LOGINS_HERE_BYTES_MAX: usize = 46;
const KIND_SHIFT: u32 = 32;
const SUSPENDED: u64 = 1 << 40;
const GONE: u64 = 1 << 41;
const MUST_CHANGE: u64 = 1 << 42;

impl Principal {
    pub(crate) fn new(facts: &PrincipalCredentials) -> Self {
        Self {
            id: facts.id,
            state: AtomicU64::new(encode(facts)),
            details: ArcSwap::from_pointee(Details::new(facts)),
        }
    }

    /// Stands in for one that is not known, or not yet: it never may log in.
    pub(crate) fn absent(id: PrincipalId) -> Self {
        let details =
            Details { logins: Logins::new("-"), password_hash: None, generation: 0, suspended: true };
        Self { id, state: AtomicU64::new(GONE), details: ArcSwap::from_pointee(details) }
    }

    pub(crate) const fn id(&self) -> PrincipalId {
        self.id
    }

    /// Kind and password generation, unless it is suspended or gone.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let state = self.state.load(Ordering::Acquire);
        if state & (SUSPENDED | GONE) != 0 {
            return None;
        }
        let generation = u32::try_from(state & u64::from(u32::MAX)).ok()?;
        Some(Standing { kind: kind(state)?, generation, must_change: state & MUST_CHANGE != 0 })
    }

    /// Kind, and whether it is suspended; `None` for one that is gone or not there yet.
    pub(crate) fn known(&self) -> Option<(PrincipalKind, bool)> {
        let state = self.state.load(Ordering::Acquire);
        if state & GONE != 0 { None } else { Some((kind(state)?, state & SUSPENDED != 0)) }
    }

    /// Whether it may be called by this name; ASCII case does not count.
    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.details.load().logins().any(|login| login.eq_ignore_ascii_case(name.as_bytes()))
    }

    pub(crate) fn details(&self) -> Arc<Details> {
        self.details.load_full()
    }

    /// As [`Self::standing`], if a password verified against these details still counts. The generation is that of the details:
    /// a bearer made of an old password cannot slip under a new one.
    pub(crate) fn standing_with(&self, details: &Arc<Details>) -> Option<Standing> {
        let present = self.details.load();
        let standing = self.standing()?;
        (Arc::ptr_eq(&present, details) && standing.generation == details.generation).then_some(standing)
    }

    /// Takes over new facts. The state comes first: it is what takes rights away. Details that are the same are kept, and with
    /// them the passwords verified against them.
    pub(crate) fn update(&self, facts: &PrincipalCredentials) {
        self.state.store(encode(facts), Ordering::Release);
        let details = Details::new(facts);
        if **self.details.load() != details {
            self.details.store(Arc::new(details));
        }
    }

    pub(crate) fn remove(&self) {
        self.state.store(GONE, Ordering::Release);
    }
}

impl Details {
    fn new(facts: &PrincipalCredentials) -> Self {
        let mut logins = String::new();
        for login in &facts.logins {
            if !logins.is_empty() {
                logins.push('\n');
            }
            logins.push_str(login.as_str());
        }
        // Applications have no password, whatever the row says (docs/design.md 2).
        let password_hash = facts.password_hash.clone().filter(|_| facts.kind.is_person());
        Self {
            logins: Logins::new(&logins),
            password_hash,
            generation: facts.generation,
            suspended: facts.suspended,
        }
    }

    /// Folded.
    pub(crate) fn logins(&self) -> impl Iterator<Item = &[u8]> {
        self.logins.as_bytes().split(|byte| *byte == b'\n').filter(|login| !login.is_empty())
    }

    pub(crate) fn password_hash(&self) -> Option<&str> {
        self.password_hash.as_deref()
    }
}

impl Logins {
    fn new(lines: &str) -> Self {
        let mut bytes = [0; LOGINS_HERE_BYTES_MAX];
        match (bytes.get_mut(..lines.len()), u8::try_from(lines.len())) {
            (Some(here), Ok(length)) => {
                here.copy_from_slice(lines.as_bytes());
                Self::Here { length, bytes }
            }
            _ => Self::Elsewhere(lines.as_bytes().into()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Here { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Elsewhere(bytes) => bytes,
        }
    }
}

fn encode(facts: &PrincipalCredentials) -> u64 {
    let kind: u64 = match facts.kind {
        PrincipalKind::Member => 0,
        PrincipalKind::Collaborator => 1,
        PrincipalKind::Guest => 2,
        PrincipalKind::Application => 3,
        PrincipalKind::Anonymous => 4,
    };
    let suspended = if facts.suspended { SUSPENDED } else { 0 };
    let must_change = if facts.must_change { MUST_CHANGE } else { 0 };
    u64::from(facts.generation) | kind << KIND_SHIFT | suspended | must_change
}

/// `None` for the anonymous principal, which nobody can log in as.
const fn kind(state: u64) -> Option<PrincipalKind> {
    match state >> KIND_SHIFT & 0xff {
        0 => Some(PrincipalKind::Member),
        1 => Some(PrincipalKind::Collaborator),
        2 => Some(PrincipalKind::Guest),
        3 => Some(PrincipalKind::Application),
        _ => None,
    }
}
