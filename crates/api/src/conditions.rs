//! What resources are told apart by, and what a change can be made conditional on (RFC 9110 §13).

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use storage::Once;

use crate::problem::{Code, Fault};

/// Bytes of a digest that tell two states of one resource apart.
const TAG_BYTES: usize = 16;

/// What a state of a resource is told apart by: its never-reused id and everything that can be set about it, so it is the same on
/// every node, and another one for what is made anew under the name. Strong, without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

/// What must be so of what is there, for it to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OnlyIf {
    /// Nothing in particular.
    #[default]
    Whatever,
    /// It is there: `If-Match: *`.
    Present,
    /// It is not there: `If-None-Match: *`.
    Absent,
    /// It is in one of these states: `If-Match`; in none of no states.
    Matches(Vec<String>),
}

/// What a caller calls a request that is done at most once, however often it is sent: `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Most characters of an `Idempotency-Key`.
const KEY_CHARS_MAX: usize = 64;

impl IdempotencyKey {
    /// Reads the header.
    ///
    /// # Errors
    /// `Malformed` unless it is 1 to 64 letters, digits, `_` and `-`.
    pub fn parse(header: Option<&str>) -> Result<Option<Self>, Fault> {
        let Some(key) = header else { return Ok(None) };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if key.is_empty() || key.len() > KEY_CHARS_MAX || !key.bytes().all(plain) {
            let detail = "`Idempotency-Key` is 1 to 64 letters, digits, `_` and `-`";
            return Err(Fault::Told(Code::Malformed, detail.into()));
        }
        Ok(Some(Self(key.to_owned())))
    }

    /// As storage keeps it, of a request that consists of these parts.
    pub(crate) fn of<'a>(self, parts: impl IntoIterator<Item = &'a [u8]>) -> Once {
        let mut request = Sha256::new();
        for part in parts {
            // Each with its length, so that no two requests run into the same bytes.
            request.update(part.len().to_be_bytes());
            request.update(part);
        }
        Once { key: self.0, request: request.finalize().into() }
    }
}

impl Tag {
    /// The tag of a document whose `about.id` is its id, and in which everything but `about` can be set.
    pub(crate) fn of(document: &impl Serialize) -> Self {
        let mut document = serde_json::to_value(document).unwrap_or_default();
        let about = document.as_object_mut().and_then(|fields| fields.remove("about")).unwrap_or_default();
        let id = about.get("id").and_then(Value::as_str).unwrap_or_default();
        let digest = Sha256::digest(format!("{id}\n{document}").as_bytes());
        Self(digest.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect())
    }

    /// As it stands in `ETag`.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// Only if it is still so.
    pub(crate) fn unchanged(self) -> OnlyIf {
        OnlyIf::Matches(vec![self.0])
    }
}

impl OnlyIf {
    /// Reads `If-Match` and `If-None-Match` of a change.
    ///
    /// # Errors
    /// `Malformed` for what is no list of tags, and for `If-None-Match` with anything but `*`.
    pub fn parse(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, Fault> {
        let malformed = |why: &'static str| Err(Fault::Told(Code::Malformed, why.into()));
        // That it is in none of no states is always so.
        let if_none_match = if_none_match.map(str::trim).filter(|list| !list.is_empty());
        match (if_match.map(str::trim), if_none_match) {
            (None, None) => Ok(Self::Whatever),
            (None, Some("*")) => Ok(Self::Absent),
            (None, Some(_)) => malformed("of a change `If-None-Match` can only be `*`"),
            // To be there and not to be there: nothing is so.
            (Some(_), Some("*")) => Ok(Self::Matches(Vec::new())),
            (Some(_), Some(_)) => malformed("of a change `If-None-Match` can only be `*`"),
            (Some("*"), None) => Ok(Self::Present),
            (Some(list), None) => {
                // Nothing between two commas is no member (RFC 9110 §5.6.1), and what lists none is never so.
                let members = list.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                let tags: Option<Vec<String>> = members.map(unquoted).collect();
                tags.map_or_else(
                    || malformed("`If-Match` must be ETags between commas"),
                    |tags| Ok(Self::Matches(tags)),
                )
            }
        }
    }

    /// Whether it is so of what is there.
    pub(crate) fn holds(&self, present: Option<&Tag>) -> bool {
        match (self, present) {
            (Self::Whatever, _) | (Self::Present, Some(_)) | (Self::Absent, None) => true,
            (Self::Matches(tags), Some(present)) => tags.contains(&present.0),
            (Self::Present | Self::Matches(_), None) | (Self::Absent, Some(_)) => false,
        }
    }

    /// As storage asks it inside its transaction, of a row that is shown like this.
    pub(crate) fn of<R: 'static, D: Serialize + 'static>(&self, shown: fn(&R) -> D) -> storage::OnlyIf<R> {
        let only_if = self.clone();
        Box::new(move |row| {
            only_if == Self::Whatever || only_if.holds(row.map(|row| Tag::of(&shown(row))).as_ref())
        })
    }

    /// The header that says so, as its name and value.
    #[must_use]
    pub fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Whatever => None,
            Self::Present => Some(("if-match", "*".to_owned())),
            Self::Absent => Some(("if-none-match", "*".to_owned())),
            Self::Matches(tags) => {
                let quoted: Vec<String> = tags.iter().map(|tag| format!("\"{tag}\"")).collect();
                Some(("if-match", quoted.join(", ")))
            }
        }
    }
}

/// A strong tag without its quotes. A weak one never matches here and is as good as another tag.
fn unquoted(tag: &str) -> Option<String> {
    let strong = tag.strip_prefix("W/").map_or(tag, |weak| weak);
    let inner = strong.strip_prefix('"')?.strip_suffix('"')?;
    let clean = inner.chars().all(|letter| letter.is_ascii_graphic() && letter != '"');
    clean.then(|| if strong.len() == tag.len() { inner.to_owned() } else { format!("W/{inner}") })
}

#[cfg(test)]
mod tests;
