use domain::Timestamp;

/// A package as lists have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// What it is compared by.
    pub key: Box<str>,
    /// As first given by its last version.
    pub name: Box<str>,
    /// The last of its listed versions, as given; `None` if it has none.
    pub last: Option<Box<str>>,
    /// When that last got other content; `None` if there is none.
    pub updated_at: Option<Timestamp>,
}

impl PackageRow {
    /// Most versions that are counted.
    pub const COUNTED_MAX: u32 = 10_000;
}
