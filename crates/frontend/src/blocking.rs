//! Work that would hold up the runtime's threads: documents to read and to render.

use crate::error::Error;

/// Runs it on a thread of its own kind. Bounded work only: it goes on when the request that asked is gone.
///
/// # Errors
/// `Unavailable` if the runtime is about to end.
pub(crate) async fn blocking<T: Send + 'static, B>(
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error<B>> {
    let lost = |error: tokio::task::JoinError| storage::Fault::Unavailable { doing, source: error.into() };
    tokio::task::spawn_blocking(work).await.map_err(|error| lost(error).into())
}
