//! An engine that a test starts and ends.

use std::{
    fs,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread::sleep,
    time::Duration,
};

const READY_POLLS_MAX: u32 = 2_400;
const STOP_POLLS_MAX: u32 = 200;
const POLL_EVERY: Duration = Duration::from_millis(50);

/// A running engine that listens on a Unix socket. It ends with this value.
#[derive(Debug)]
pub(super) struct Daemon {
    child: Child,
    socket: PathBuf,
}

impl Daemon {
    /// Starts the engine and waits until it has opened its socket.
    pub(super) fn start(command: &mut Command, socket: PathBuf, log: &Path) -> Self {
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start an engine: {error}"));
        let mut daemon = Self { child, socket };
        for _ in 0..READY_POLLS_MAX {
            if UnixStream::connect(&daemon.socket).is_ok() {
                return daemon;
            }
            if daemon.has_ended() {
                break;
            }
            sleep(POLL_EVERY);
        }
        panic!("an engine did not start:\n{}", fs::read_to_string(log).unwrap_or_default());
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked to end, it also ends what it has started.
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        for _ in 0..STOP_POLLS_MAX {
            if self.has_ended() {
                return;
            }
            sleep(POLL_EVERY);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
