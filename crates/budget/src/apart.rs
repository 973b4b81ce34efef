use tokio::sync::oneshot;

/// Runs work that blocks on a thread of its own: for what must be done however much traffic keeps the runtime's blocking threads,
/// such as bringing a revoke into force. For work that is rare; the rest takes a blocking thread. It ends even if nobody waits.
///
/// # Errors
/// If no thread can be had, or the work panicked.
pub async fn apart<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<T> {
    let (done, ended) = oneshot::channel();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || drop(done.send(work())))?;
    ended.await.map_err(std::io::Error::other)
}
