/// How many rows a list may return at most; always set, never above [`Limit::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

/// Where a list goes on: after this key. Opaque to everybody but the verb that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Box<str>);

impl Limit {
    /// Most rows of any page.
    pub const MAX: Self = Self(10_000);

    /// The asked number, capped. Nothing is ever allocated for it in advance (CVE-2023-2253).
    #[must_use]
    pub const fn capped(rows: u64) -> Self {
        if rows > Self::MAX.0 as u64 {
            return Self::MAX;
        }
        #[expect(clippy::cast_possible_truncation, reason = "compared with the bound just above")]
        Self(rows as u32)
    }

    /// Rows.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.0
    }
}
