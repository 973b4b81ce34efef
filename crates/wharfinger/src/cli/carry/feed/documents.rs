//! Documents of feeds, as they are read: bounded, and forgiving where something is not there.

use serde_json::Value;
use url::Url;

use crate::cli::failure::Failure;

/// Longest document, in bytes.
pub(super) const DOCUMENT_BYTES_MAX: usize = 64 << 20;
pub(super) const JSON: &str = "application/json";

pub(super) fn items(document: &Value) -> Vec<Value> {
    document.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

pub(super) fn text_of(item: &Value, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn texts(document: &Value, name: &str) -> Vec<String> {
    let all = document.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn parsed(document: &[u8], at: &Url) -> Result<Value, Failure> {
    serde_json::from_slice(document).map_err(|error| Failure::Other(format!("{at}: it is no JSON: {error}")))
}

pub(super) fn joined(base: &Url, path: &str) -> Result<Url, Failure> {
    joined_text(base.as_str(), path)
}

pub(super) fn joined_text(base: &str, path: &str) -> Result<Url, Failure> {
    let text = format!("{base}{path}");
    Url::parse(&text).map_err(|_| Failure::Other(format!("`{text}` is no address")))
}
