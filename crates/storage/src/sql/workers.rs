//! Threads of our own, each with a session, that take jobs from one bounded queue: whoever has some waits for nobody else's work,
//! also not for a free thread of the runtime's blocking pool.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::error::Error;

/// Jobs that may wait for a session before callers wait too.
const QUEUE_JOBS_MAX: usize = 1024;

/// How urgent the work of some threads is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// As everything else's.
    Usual,
    /// It computes for long and gives way to everything else: what an administrator changes must not wait until it has had its turn
    /// at the processor.
    GivesWay,
}

/// By how much nicer threads are that give way: a tenth of the weight of the others.
const GIVES_WAY: i32 = 10;
/// The nicest there is.
const NICEST: i32 = 19;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The queue the threads serve; they end when the last handle is gone.
pub(super) struct Workers<S> {
    jobs: mpsc::Sender<Job<S>>,
}

impl<S> Clone for Workers<S> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

impl<S: Send + 'static> Workers<S> {
    /// Starts a thread for each session.
    pub(super) fn start(
        name: &str,
        urgency: Urgency,
        sessions: impl IntoIterator<Item = S>,
    ) -> Result<Self, Error> {
        let (jobs, queue) = mpsc::channel(QUEUE_JOBS_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for session in sessions {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    urgency.of_this_thread();
                    serve(session, &queue);
                })
                .map_err(|error| Error::unavailable("starting a database thread", error))?;
        }
        Ok(Self { jobs })
    }

    /// Hands a job to the threads and waits for what became of it. It catches its own panics: only it knows what they leave of the
    /// session.
    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job<S> = Box::new(move |session| drop(answer.send(job(session))));
        let gone = |_| Error::unavailable("queueing a job", "the database threads have ended");
        self.jobs.send(job).await.map_err(gone)?;
        answered.await.map_err(|gone| Error::unavailable("waiting for the database", gone))?
    }
}

impl Urgency {
    /// Linux counts it by thread, and a thread begins with what the gateway was started with. A system that does not let it serves
    /// as well, but for who waits beside it.
    fn of_this_thread(self) {
        if self == Self::GivesWay
            && let Err(error) = give_way()
        {
            tracing::warn!(%error, "a thread cannot give way to other work");
        }
    }
}

fn give_way() -> rustix::io::Result<()> {
    let thread = Some(rustix::thread::gettid());
    let nice = rustix::process::getpriority_process(thread)?;
    rustix::process::setpriority_process(thread, nice.saturating_add(GIVES_WAY).min(NICEST))
}

/// One thread. Its session is dropped here, outside any runtime.
fn serve<S>(mut session: S, queue: &Mutex<mpsc::Receiver<Job<S>>>) {
    loop {
        // Whoever holds the lock waits for a job; the others wait for the lock.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(&mut session),
            None => return,
        }
    }
}
