//! Ends a run in which a test hangs, and says which one and where: otherwise whoever runs the tests would only see that they do not end.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{fs, process, thread};

/// A test that takes longer hangs: none takes a fifth of it, however busy the machine is.
const TEST_MAX: Duration = Duration::from_secs(900);

/// A test that is watched as long as it has this.
#[derive(Debug)]
pub(crate) struct Watch {
    _goes_on: mpsc::SyncSender<()>,
}

impl Watch {
    /// Watches the test of this thread.
    pub(crate) fn start() -> Self {
        let name = thread::current().name().unwrap_or("a thread of a test").to_owned();
        let (goes_on, ended) = mpsc::sync_channel(0);
        thread::spawn(move || {
            if ended.recv_timeout(TEST_MAX) == Err(RecvTimeoutError::Timeout) {
                give_up(&name);
            }
        });
        Self { _goes_on: goes_on }
    }
}

/// Ends the run, and all that it has started.
fn give_up(name: &str) {
    let said = format!("\nHUNG for {TEST_MAX:?}: {name}\n{}", processes());
    // Not by `eprintln!`, whose text the test's own output would keep.
    let _ = std::io::stderr().write_all(said.as_bytes());
    for (id, _) in descendants() {
        let _ = process::Command::new("kill").arg("-KILL").arg(id.to_string()).status();
    }
    process::exit(101);
}

/// What this process and those it has started are waiting for, thread by thread.
fn processes() -> String {
    let mut text = String::new();
    for (id, line) in [(process::id(), "the tests".to_owned())].into_iter().chain(descendants()) {
        let _ = writeln!(text, "{id} {line}");
        for thread in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let read = |name| fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            let (name, waits, call) = (read("comm"), read("wchan"), read("syscall"));
            let _ = writeln!(text, "    {}: {waits}, {}", name.trim_end(), call.trim_end());
        }
    }
    text
}

/// The processes that this one has started, and those that they have: number and command line.
fn descendants() -> Vec<(u32, String)> {
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((id, parent(id)?))
        })
        .collect();
    let mut found = vec![process::id()];
    let mut at = 0;
    while let Some(&id) = found.get(at) {
        found.extend(all.iter().filter(|(_, parent)| *parent == id).map(|(child, _)| *child));
        at += 1;
    }
    found.into_iter().skip(1).map(|id| (id, command_line(id))).collect()
}

fn parent(id: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

fn command_line(id: u32) -> String {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ").chars().take(300).collect()
}
