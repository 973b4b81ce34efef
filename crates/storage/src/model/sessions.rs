/// How long sessions of people in browsers last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSecs {
    /// Unused, 900 to 86,400.
    pub idle_secs: u32,
    /// In all, 3,600 to 2,592,000.
    pub total_secs: u32,
}

impl Default for SessionSecs {
    fn default() -> Self {
        Self { idle_secs: 43_200, total_secs: 604_800 }
    }
}
