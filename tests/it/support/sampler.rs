//! What the kernel says about a running gateway, looked at again and again while something is done to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::process::{Memory, Process, descriptors_of, memory_of, threads_of};

const SAMPLE_EVERY: Duration = Duration::from_millis(20);

/// The most of everything since this was made.
pub(crate) struct Sampler {
    id: u32,
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<(u64, usize)>>,
}

/// The most there was at any moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peak {
    pub(crate) memory: Memory,
    pub(crate) descriptors: u64,
    pub(crate) threads: usize,
}

impl Sampler {
    pub(crate) fn start(process: &Process) -> Self {
        let id = process.id();
        // The kernel's own mark of the highest residency starts anew; it misses no moment.
        std::fs::write(format!("/proc/{id}/clear_refs"), "5").expect("procfs");
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let look = move || {
            let (mut descriptors, mut threads) = (0, 0);
            while !told.load(Ordering::Relaxed) {
                descriptors = descriptors.max(descriptors_of(id));
                threads = threads.max(threads_of(id));
                thread::sleep(SAMPLE_EVERY);
            }
            (descriptors, threads)
        };
        Self { id, over, thread: Some(thread::spawn(look)) }
    }

    pub(crate) fn stop(mut self) -> Peak {
        self.over.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("stopped once");
        let (descriptors, threads) = thread.join().expect("a sampler");
        Peak { memory: memory_of(self.id), descriptors, threads }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
