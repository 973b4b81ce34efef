use domain::{PolicyVersion, SourceError};

/// Why a version could not be brought into force; the detail inside a [`SourceError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The source answered with less than was already committed.
    #[error("version {} was asked for, the source has only {}", .wanted.get(), .reached.get())]
    Behind {
        /// What the caller knows to be committed.
        wanted: PolicyVersion,
        /// What the source has.
        reached: PolicyVersion,
    },
    /// The work on a new snapshot did not end; the old one stays in force.
    #[error("compiling the snapshot failed")]
    Compile(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        Self(Box::new(error))
    }
}
