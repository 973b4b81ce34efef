//! What can go wrong in a developer command.

use std::{fmt, io};

/// Result of a developer command.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a developer command stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line was not understood; the text says what was expected.
    Usage(String),
    /// A program ended with a failure; it has said why on its own.
    Failed { what: String, code: Option<i32> },
    /// A program could not be started or a file not be used.
    Io { what: String, source: io::Error },
    /// Something the command needs is not there, or is not as it should be.
    Unfit(String),
}

impl Error {
    /// For `map_err`: adds what was being done to an I/O error.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The exit code of the process: 2 for a wrong command line, else that of the failed program, else 1.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed { code, .. } => code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
            Self::Io { .. } | Self::Unfit(_) => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Unfit(text) => f.write_str(text),
            Self::Failed { what, code: Some(code) } => write!(f, "{what} failed with exit code {code}"),
            Self::Failed { what, code: None } => write!(f, "{what} was ended by a signal"),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Usage(_) | Self::Failed { .. } | Self::Unfit(_) => None,
        }
    }
}
