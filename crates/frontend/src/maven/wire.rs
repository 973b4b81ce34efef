//! What goes over the wire: headers and media types.

use domain::Algorithm;
use http::{HeaderName, HeaderValue};

/// Hash algorithms with the end of their files and their header, which saves clients a request for the file.
pub(crate) static HASHES: [(Algorithm, &str, HeaderName); 4] = [
    (Algorithm::Md5, ".md5", HeaderName::from_static("x-checksum-md5")),
    (Algorithm::Sha1, ".sha1", HeaderName::from_static("x-checksum-sha1")),
    (Algorithm::Sha256, ".sha256", HeaderName::from_static("x-checksum-sha256")),
    (Algorithm::Sha512, ".sha512", HeaderName::from_static("x-checksum-sha512")),
];

/// Type of hashes.
pub(crate) const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
/// Type of `maven-metadata.xml`.
pub(crate) const XML: HeaderValue = HeaderValue::from_static("application/xml");

/// The type of a file, by the end of its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    match end.as_str() {
        "jar" | "war" | "ear" | "aar" | "rar" | "sar" | "nar" => "application/java-archive",
        "pom" | "xml" => "application/xml",
        "module" | "json" => "application/json",
        "asc" | "txt" | "md" | "properties" | "toml" | "sigstore" => "text/plain",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "bz2" => "application/x-bzip2",
        "xz" => "application/x-xz",
        "tar" => "application/x-tar",
        "html" | "htm" => "text/html",
        "xhtml" => "application/xhtml+xml",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Whether browsers would run what is in it: it is handed out as a file to keep.
pub(crate) fn is_active(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml" | "image/svg+xml")
}
