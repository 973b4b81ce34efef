//! Clients on a thread of their own: what an attacker in the same test computes must not make others seem to wait.

use tokio::sync::oneshot;

/// What such a thread does. It ends when this is dropped.
pub(crate) struct Apart<T> {
    done: oneshot::Receiver<T>,
    _end: oneshot::Sender<()>,
}

/// Begins it, on a runtime of its own.
pub(crate) fn apart<T, F>(doing: impl FnOnce() -> F + Send + 'static) -> Apart<T>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let (tell, done) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            tokio::select! {
                biased;
                _ = ended => {}
                outcome = doing() => drop(tell.send(outcome)),
            }
        });
    });
    Apart { done, _end: end }
}

impl<T> Apart<T> {
    /// Waits for what comes of it.
    pub(crate) async fn done(self) -> T {
        self.done.await.expect("it panicked, which is shown above")
    }
}
