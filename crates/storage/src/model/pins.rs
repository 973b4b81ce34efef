use domain::{EntryKey, PrincipalId, Timestamp};

/// A version that is neither removed nor replaced until its pin is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its name.
    pub key: EntryKey,
    /// Why, in the words of who pinned it.
    pub reason: Box<str>,
    /// Who pinned it.
    pub pinned_by: PrincipalId,
    /// When.
    pub pinned_at: Timestamp,
}

/// A version to pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPin {
    /// Its name.
    pub key: EntryKey,
    /// What its files are parts of; `None` for a version that is its own file.
    pub parts: Option<Box<str>>,
    /// Why, for people: 1 to [`NewPin::REASON_BYTES_MAX`] bytes.
    pub reason: Box<str>,
}

impl NewPin {
    /// Longest reason, in bytes.
    pub const REASON_BYTES_MAX: usize = 800;
    /// Most pins of one repository.
    pub const REPOSITORY_MAX: u64 = 10_000;
}
