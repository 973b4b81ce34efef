use std::borrow::Cow;
use std::fmt;

use super::Code;

/// A field or parameter that is not what the description allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// Which one.
    pub at: Where,
    /// `Invalid`, `UnknownField` or `UnknownParameter`.
    pub code: Code,
    /// What it should be. Never what it is.
    pub detail: Cow<'static, str>,
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In the body: a JSON pointer (RFC 6901), empty for the whole.
    Pointer(String),
    /// In the query: the parameter.
    Parameter(String),
}

impl fmt::Display for WrongField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.at {
            Where::Pointer(pointer) => pointer.trim_start_matches('/'),
            Where::Parameter(name) => name,
        };
        if name.is_empty() { f.write_str(&self.detail) } else { write!(f, "{name}: {}", self.detail) }
    }
}
