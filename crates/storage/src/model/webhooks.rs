use domain::Timestamp;

/// What a webhook can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookEvent {
    /// A name was published.
    Published,
    /// A name has other content.
    Replaced,
    /// A name is gone.
    Removed,
    /// A version is no longer listed.
    Unlisted,
    /// A version is listed again.
    Relisted,
    /// Something was administered: every event of the audit at the node and below it.
    Audit,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Never used again.
    pub id: i64,
    /// Its name at its node.
    pub name: Box<str>,
    /// Where its messages go.
    pub url: Box<str>,
    /// What it is told of, words between spaces.
    pub(crate) events: Box<str>,
    /// Whether it is told anything.
    pub active: bool,
    /// What its secret is told apart by.
    pub fingerprint: Box<str>,
    /// Deliveries that failed since one arrived.
    pub failures: u32,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// When the gateway gave up on it.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<Box<str>>,
    /// Messages that wait to be delivered.
    pub waiting: u64,
    /// Events that found no place among those, or waited for too long.
    pub lost: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A message to a webhook, and how its delivery went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its number; newer ones have larger ones.
    pub id: i64,
    /// The id of the message, the same in each try.
    pub message: Box<str>,
    /// What the message tells of.
    pub event: Box<str>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is tried next; `None` once it ended.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// `waiting`, `delivered` or `failed`.
    pub outcome: Box<str>,
    /// The status that was answered last.
    pub status: Option<u32>,
    /// Why it failed last.
    pub error: Option<Box<str>>,
    /// How long the last try took, in milliseconds.
    pub millis: Option<u64>,
}

/// A secret, sealed by who can open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The sealed text.
    pub sealed: Box<str>,
    /// What the secret is told apart by.
    pub fingerprint: Box<str>,
}

impl HookEvent {
    /// All of them, in their one order.
    pub const ALL: [Self; 6] =
        [Self::Published, Self::Replaced, Self::Removed, Self::Unlisted, Self::Relisted, Self::Audit];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "package.published",
            Self::Replaced => "package.replaced",
            Self::Removed => "package.removed",
            Self::Unlisted => "package.unlisted",
            Self::Relisted => "package.relisted",
            Self::Audit => "audit",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }
}

impl WebhookRow {
    /// What it is told of, in their one order.
    #[must_use]
    pub fn events(&self) -> Vec<HookEvent> {
        self.events.split(' ').filter_map(HookEvent::parse).collect()
    }
}
