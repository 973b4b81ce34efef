use domain::SourceError;
use tokio::sync::oneshot;

use crate::Target;

/// Runs work that blocks on a thread of its own: for what must be done however much traffic keeps the runtime's blocking threads,
/// such as bringing a revoke into force. For work that is rare; the rest takes a blocking thread. It ends even if nobody waits.
///
/// # Errors
/// If no thread can be had, or the work panicked.
pub async fn on_own_thread<T: Target, R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, SourceError> {
    let (done, ended) = oneshot::channel();
    let thread = std::thread::Builder::new().name(T::NAME.to_owned());
    thread.spawn(move || drop(done.send(work()))).map_err(|error| SourceError(Box::new(error)))?;
    ended.await.map_err(|error| SourceError(Box::new(error)))
}
