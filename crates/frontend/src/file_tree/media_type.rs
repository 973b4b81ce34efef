//! What a file is, by the end of its name: nobody else says it.

/// The type of a file.
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
