//! Ends a run in which a test hangs, and says which one and where: otherwise whoever runs the tests would only see that they do not end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;
use std::{fs, process, thread};

/// A test that is seen so often hangs: a quarter of an hour, of which none takes a fifth, however busy the machine is.
const LOOKS_MAX: u32 = 180;
const LOOK_EVERY: Duration = Duration::from_secs(5);

static NEXT: AtomicU64 = AtomicU64::new(0);
static TESTS: Mutex<BTreeMap<u64, Test>> = Mutex::new(BTreeMap::new());
static WATCHMAN: Once = Once::new();

struct Test {
    name: String,
    looks: u32,
}

/// A test that is watched as long as it has this.
#[derive(Debug)]
pub(crate) struct Watch(u64);

impl Watch {
    /// Watches the test of this thread.
    pub(crate) fn start() -> Self {
        WATCHMAN.call_once(|| drop(thread::spawn(look_always)));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = thread::current().name().unwrap_or("a thread of a test").to_owned();
        let test = Test { name, looks: 0 };
        TESTS.lock().unwrap_or_else(PoisonError::into_inner).insert(number, test);
        Self(number)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        TESTS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

fn look_always() {
    loop {
        thread::sleep(LOOK_EVERY);
        let hung: Vec<String> = {
            let mut tests = TESTS.lock().unwrap_or_else(PoisonError::into_inner);
            tests.values_mut().for_each(|test| test.looks += 1);
            tests.values().filter(|test| test.looks > LOOKS_MAX).map(|test| test.name.clone()).collect()
        };
        if !hung.is_empty() {
            let said = format!("\nHUNG, looked at {LOOKS_MAX} times: {}\n{}", hung.join(", "), processes());
            // Not by `eprintln!`, whose text the test's own output would keep.
            let _ = std::io::stderr().write_all(said.as_bytes());
            for (id, _) in descendants() {
                let _ = process::Command::new("kill").arg("-KILL").arg(id.to_string()).status();
            }
            process::exit(101);
        }
    }
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
