/// How far a saved object got: what a row keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) offset_bytes: u64,
    pub(crate) tail_bytes: u64,
    /// Where these are.
    pub(crate) tail_key: Option<String>,
    pub(crate) multipart: Option<String>,
    /// Each ends with a line feed.
    pub(crate) parts: String,
}
