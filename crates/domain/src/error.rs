use std::fmt;

/// Why a text is not the name it was taken for. Carries no part of the text, so it is safe in logs and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid {what}: {reason}")]
pub struct Invalid {
    /// What was to be parsed, a term of docs/design.md 2, for example `project key`.
    pub what: &'static str,
    /// What is wrong with it.
    pub reason: InvalidReason,
}

/// What is wrong with a text that should have been a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidReason {
    /// It has no characters.
    Empty,
    /// It is longer than this many bytes.
    TooLong {
        /// The bound, in bytes.
        bytes_max: usize,
    },
    /// It does not follow the grammar; the text says which.
    Grammar(&'static str),
    /// The word is reserved.
    Reserved,
    /// The algorithm or kind is not one we know.
    Unknown,
}

impl fmt::Display for InvalidReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong { bytes_max } => write!(f, "it is longer than {bytes_max} bytes"),
            Self::Grammar(rule) => f.write_str(rule),
            Self::Reserved => f.write_str("the name is reserved"),
            Self::Unknown => f.write_str("it is not known"),
        }
    }
}

impl Invalid {
    pub(crate) const fn grammar(what: &'static str, rule: &'static str) -> Self {
        Self { what, reason: InvalidReason::Grammar(rule) }
    }

    pub(crate) const fn new(what: &'static str, reason: InvalidReason) -> Self {
        Self { what, reason }
    }
}

/// Length first: the cheapest check bounds all the others.
pub(crate) const fn bounded(what: &'static str, text: &str, bytes_max: usize) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::new(what, InvalidReason::Empty));
    }
    if text.len() > bytes_max {
        return Err(Invalid::new(what, InvalidReason::TooLong { bytes_max }));
    }
    Ok(())
}
