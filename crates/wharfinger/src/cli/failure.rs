use http::StatusCode;

/// Why a command did not do what it was told. Each has an exit code of its own, stable from the first release.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something that has no code of its own: 1.
    #[error("{0}")]
    Other(String),
    /// The command line itself, or what it has the server asked: 2.
    #[error("{0}")]
    Usage(String),
    /// The configuration or the bootstrap file: 3.
    #[error("{0}")]
    Configuration(String),
    /// The server does not accept the credentials: 4.
    #[error("{0}")]
    Unauthenticated(String),
    /// The server knows who asks and refuses: 5.
    #[error("{0}")]
    Refused(String),
    /// There is no such thing: 6.
    #[error("{0}")]
    Absent(String),
    /// It contradicts what is there: 7.
    #[error("{0}")]
    Conflict(String),
    /// The server cannot be reached, or is busy or not ready: 8.
    #[error("{0}")]
    Unreachable(String),
    /// What was compared is not the same: 10.
    #[error("{0}")]
    Difference(String),
    /// A disk refused what was to be durable; whoever supervises the gateway starts it anew: 75, as for all that is to be tried again.
    #[error("the disk refused what was to be durable; look at it, and start the gateway again")]
    Halted,
}

/// What `--help` says about exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed otherwise; 2 wrong use (400); 3 configuration or bootstrap file wrong; 4 not authenticated
(401); 5 refused (403); 6 no such thing (404); 7 conflict (409, 412); 8 the server cannot be reached, is busy or not
ready; 10 what was compared differs; 75 the gateway ended because its disk refused a write";

impl Failure {
    /// The code the process ends with.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Configuration(_) => 3,
            Self::Unauthenticated(_) => 4,
            Self::Refused(_) => 5,
            Self::Absent(_) => 6,
            Self::Conflict(_) => 7,
            Self::Unreachable(_) => 8,
            Self::Difference(_) => 10,
            Self::Halted => 75,
        }
    }

    /// The failure that an answer of the server means.
    pub(crate) fn answered(status: StatusCode, detail: &str) -> Self {
        let text = if detail.is_empty() { status.to_string() } else { format!("{status}: {detail}") };
        match status.as_u16() {
            400 => Self::Usage(text),
            401 => Self::Unauthenticated(text),
            403 => Self::Refused(text),
            404 => Self::Absent(text),
            409 | 412 => Self::Conflict(text),
            429 | 502 | 503 | 504 => Self::Unreachable(text),
            _ => Self::Other(text),
        }
    }
}
