//! Lines on their way to standard error: gathered for a moment, so that a request does not pay for a system call of its own.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::mask::masked;

/// How long a line may wait.
const WAIT: Duration = Duration::from_millis(50);
/// Bytes that may wait; whoever brings more writes them out, and so waits for a slow reader like everybody else.
const WAITING_BYTES_MAX: usize = 256 * 1024;

/// Where the log writes. Warnings and errors do not wait.
#[derive(Clone)]
pub(super) struct Lines(Arc<Shared>);

/// Writes out what waits when it goes, and ends the thread.
pub(crate) struct Flush(Lines);

struct Shared {
    waiting: Mutex<Waiting>,
    /// Told at the end.
    ended: Condvar,
    /// One writer at a time, so that lines keep their order.
    out: Mutex<Box<dyn Write + Send>>,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    over: bool,
}

/// One event being written.
pub(super) struct Line {
    lines: Lines,
    urgent: bool,
}

impl Lines {
    /// Starts the one thread that writes out what waits.
    pub(super) fn to(out: impl Write + Send + 'static) -> io::Result<(Self, Flush)> {
        let shared =
            Shared { waiting: Mutex::default(), ended: Condvar::new(), out: Mutex::new(Box::new(out)) };
        let lines = Self(Arc::new(shared));
        let own = lines.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || while own.wait() {})?;
        Ok((lines.clone(), Flush(lines)))
    }

    /// Waits and writes; `false` at the end.
    fn wait(&self) -> bool {
        let waiting = lock(&self.0.waiting);
        let over = if waiting.over {
            true
        } else {
            self.0.ended.wait_timeout(waiting, WAIT).unwrap_or_else(PoisonError::into_inner).0.over
        };
        self.write_out();
        !over
    }

    fn write_out(&self) {
        let mut out = lock(&self.0.out);
        let bytes = mem::take(&mut lock(&self.0.waiting).bytes);
        if !bytes.is_empty() {
            // Nobody is left to tell if standard error is gone.
            let _ = out.write_all(&bytes).and_then(|()| out.flush());
        }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        lock(&self.0.0.waiting).over = true;
        self.0.0.ended.notify_all();
        self.0.write_out();
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A line comes in one piece.
        let shown = masked(bytes);
        let full = {
            let mut waiting = lock(&self.lines.0.waiting);
            waiting.bytes.extend_from_slice(&shown);
            waiting.over || waiting.bytes.len() >= WAITING_BYTES_MAX
        };
        if full || self.urgent {
            self.lines.write_out();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { lines: self.clone(), urgent: true }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line {
        Line { lines: self.clone(), urgent: *about.level() <= Level::WARN }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
