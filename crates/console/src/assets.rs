//! Style, script and mark: files of the tree, embedded; their addresses change with their content, so that browsers keep them for good.

use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// A file of the console.
#[derive(Debug)]
pub struct Asset {
    /// Its name.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// What its content is told apart by: the beginning of its SHA-256 in hex.
    pub hash: String,
    /// Its content compressed, once somebody has asked for that.
    gzipped: OnceLock<Vec<u8>>,
}

/// Where they are, below `/-/assets/HASH/`.
pub(crate) static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("wharf.css", "text/css; charset=utf-8", include_bytes!("../assets/wharf.css")),
        Asset::new("wharf.js", "text/javascript; charset=utf-8", include_bytes!("../assets/wharf.js")),
        Asset::new("logo.svg", "image/svg+xml", include_bytes!("../assets/logo.svg")),
    ]
});

/// Bytes of the hash in an address.
const HASH_BYTES: usize = 8;

impl Asset {
    fn new(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Self {
        Self { name, media_type, bytes, hash: hash(bytes), gzipped: OnceLock::new() }
    }

    /// Its content compressed by gzip: once in the life of the process.
    #[must_use]
    pub fn gzipped(&self) -> &[u8] {
        self.gzipped.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.bytes.len() / 3), Compression::best());
            // Writing to memory does not fail.
            let _ = encoder.write_all(self.bytes);
            encoder.finish().unwrap_or_default()
        })
    }

    fn address(&self) -> String {
        format!("/-/assets/{}/{}", self.hash, self.name)
    }
}

/// What a content is told apart by: the beginning of its SHA-256 in hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Where a file is; the addresses are the same in every page.
pub(crate) fn address(name: &str) -> String {
    ASSETS.iter().find(|asset| asset.name == name).map(Asset::address).unwrap_or_default()
}

/// The file at an address.
pub(crate) fn at(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.address() == path)
}
