//! `Content-Digest: sha-256=:BASE64:` (RFC 9530): what a client says of the bytes it sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Algorithm, Digest};
use http::{HeaderMap, HeaderName};

use super::error::Bad;

/// About the bytes of the body, and about the file; of a PUT these are the same.
const HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("content-digest"), HeaderName::from_static("repr-digest")];
/// What is compared. Others, of which some are broken, count as not said.
const ALGORITHMS: [(&str, Algorithm); 2] = [("sha-256", Algorithm::Sha256), ("sha-512", Algorithm::Sha512)];

/// What the bytes must hash to: the members of the dictionaries whose algorithm is known, of all lines.
///
/// # Errors
/// `ContentDigest` if one of these holds no hash.
pub(super) fn declared(headers: &HeaderMap) -> Result<Vec<Digest>, Bad> {
    let mut found = Vec::new();
    for value in HEADERS.iter().flat_map(|name| headers.get_all(name)) {
        let text = value.to_str().map_err(|_| Bad::ContentDigest)?;
        for member in text.split(',') {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            let known = ALGORITHMS.iter().find(|(known, _)| *known == name.trim());
            if let Some((_, algorithm)) = known {
                found.push(bytes_of(value, *algorithm).ok_or(Bad::ContentDigest)?);
            }
        }
    }
    Ok(found)
}

/// A byte sequence (RFC 9651 §3.3.5), with parameters behind it that say nothing here.
fn bytes_of(value: &str, algorithm: Algorithm) -> Option<Digest> {
    let (encoded, parameters) = value.strip_prefix(':')?.split_once(':')?;
    let end = parameters.trim_start();
    let bytes = STANDARD.decode(encoded).ok().filter(|_| end.is_empty() || end.starts_with(';'))?;
    Digest::new(algorithm, &bytes).ok()
}

#[cfg(test)]
mod tests;
