//! The only builder of object keys (docs/design.md 7): a blob gets its final key, random, at its first byte.

use domain::UploadId;

use crate::error::Error;

/// What all keys of blobs begin with.
pub(crate) const BLOBS: &str = "blobs";

/// A fresh key for bytes to come.
pub(crate) fn blob_key() -> Result<String, Error> {
    let random = random_bits()?;
    let hex = format!("{random:032x}");
    let (shard, _) = hex.split_at_checked(2).unwrap_or(("00", &hex));
    Ok(format!("{BLOBS}/{shard}/{hex}"))
}

/// Whether this is a key as [`blob_key`] makes them: whoever is told one from outside reads and writes nowhere else.
pub(crate) fn is_blob_key(key: &str) -> bool {
    let hex = |text: &str, letters: usize| {
        text.len() == letters && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let parts: Vec<&str> = key.split('/').collect();
    matches!(parts.as_slice(), [BLOBS, shard, name] if hex(shard, 2) && hex(name, 32))
}

/// Every directory that a blob's key can lie in.
pub(crate) fn directories() -> impl Iterator<Item = String> {
    (0..=u8::MAX).map(|shard| format!("{BLOBS}/{shard:02x}"))
}

/// A fresh, unguessable upload session.
pub(crate) fn upload_id() -> Result<UploadId, Error> {
    random_bits().map(UploadId::new)
}

/// A fresh place for the bytes of a session that do not fill a part yet. Never the same twice: what a row names stays as it is,
/// whoever writes beside it or too late.
pub(crate) fn tail_key(id: UploadId) -> Result<String, Error> {
    let random = random_bits()?;
    Ok(format!("{}/{random:032x}", tails(id)))
}

/// What all of these begin with, of one session.
pub(crate) fn tails(id: UploadId) -> String {
    format!("uploads/{id}")
}

fn random_bits() -> Result<u128, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::unavailable("drawing random bits", error.to_string()))?;
    Ok(u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn what_leads_elsewhere_is_no_key() {
        let hex = "0".repeat(32);
        for key in [
            "",
            "blobs",
            "blobs/00",
            &hex,
            &format!("blobs/../{hex}"),
            &format!("blobs/00/{hex}/.."),
            &format!("/blobs/00/{hex}"),
            &format!("uploads/00/{hex}"),
            &format!("blobs/0A/{hex}"),
        ] {
            assert!(!super::is_blob_key(key), "{key}");
        }
    }

    #[test]
    fn every_blob_lies_in_one_of_the_directories() {
        let directories: HashSet<String> = super::directories().collect();
        assert_eq!(directories.len(), 256);
        for _ in 0..1000 {
            let key = super::blob_key().unwrap();
            assert!(directories.contains(key.rsplit_once('/').unwrap().0), "{key}");
            assert!(super::is_blob_key(&key), "{key}");
        }
    }
}
