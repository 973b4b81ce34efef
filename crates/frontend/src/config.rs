/// Bounds that operations of protocols enforce.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest manifest, in bytes; OCI demands at least 4 MB.
    pub manifest_bytes_max: u64,
    /// Largest blob, in bytes.
    pub blob_bytes_max: u64,
    /// Rows of a list when the client does not say.
    pub page_rows_default: u32,
    /// Most rows of a list.
    pub page_rows_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes_max: 4 << 20,
            blob_bytes_max: 1 << 40,
            page_rows_default: 1_000,
            page_rows_max: 10_000,
        }
    }
}
