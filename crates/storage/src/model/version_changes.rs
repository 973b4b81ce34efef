use domain::Timestamp;

/// A version by its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionChange {
    /// Its package, as first given.
    pub package: Box<str>,
    /// The version, as first given.
    pub name: Box<str>,
    /// Its place among all changes of the repository, from 1.
    pub number: u64,
    /// A moment of its own, later than that of every smaller number; the same only for what was there before there were numbers.
    pub at: Timestamp,
    /// Whether it was taken away.
    pub removed: bool,
}

/// Changes of neighbouring numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// Which: the numbers from so many times [`ChangePage::NUMBERS`] on, that not included.
    pub page: u64,
    /// How many versions have one of these numbers.
    pub count: u64,
    /// The largest of these that some version has.
    pub number: u64,
    /// Its moment.
    pub at: Timestamp,
}

impl ChangePage {
    /// Numbers that are listed together.
    pub const NUMBERS: u64 = 512;
    /// Most that are told of at once, the newest.
    pub const PAGES_MAX: u32 = 32_768;
    /// Most versions remembered that were taken away, as long as others are.
    pub const REMOVED_MAX: u64 = 1 << 18;
}
