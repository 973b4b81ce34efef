//! The gateway as a process of its own: the binary that was built with these tests.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::{env, fs};

use super::actor::Actor;
use super::http::{Ask, Http};
use super::organisation::{Login, Organisation};
use super::server::Folder;
use super::until;

/// A running gateway; killed with this value.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
    gathering: Vec<thread::JoinHandle<()>>,
}

/// What a finished command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// How to start it.
pub(crate) struct Launch {
    command: Command,
}

/// The binary: `WHARFINGER_BIN`, else the one beside this test.
pub(crate) fn binary() -> PathBuf {
    if let Some(binary) = env::var_os("WHARFINGER_BIN") {
        return PathBuf::from(binary);
    }
    let here = env::current_exe().expect("a test has a path");
    // target/debug/deps/it-… lies one level below target/debug/wharfinger.
    let binary = here.ancestors().nth(2).expect("a target folder").join("wharfinger");
    assert!(
        binary.is_file(),
        "{} is missing: run `cargo build -p wharfinger` first, or set WHARFINGER_BIN",
        binary.display()
    );
    binary
}

/// A gateway over what an earlier one left in the folder, as most people start it again.
pub(crate) async fn serve(folder: &Folder, organisation: &Organisation) -> Process {
    Launch::new(folder.root()).organisation(folder.root(), organisation).start().await
}

/// A command of the binary, in a folder, with nothing in its environment but what the test sets.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(folder).env_clear().env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// The search path of a shell that finds the binary as `wharfinger`, by a link in this folder, before all programs of the machine.
pub(crate) fn search_path(folder: &Path) -> OsString {
    let own = folder.join("bin");
    fs::create_dir_all(&own).expect("a folder");
    std::os::unix::fs::symlink(binary(), own.join("wharfinger")).expect("a link");
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths([own].into_iter().chain(env::split_paths(&path))).expect("folders without colons")
}

/// Runs a command of the binary to its end.
pub(crate) fn run<S: AsRef<OsStr>>(folder: &Path, arguments: &[S], variables: &[(&str, &str)]) -> Said {
    let mut command = command(folder);
    command.args(arguments).envs(variables.iter().copied());
    let output = command.output().expect("the binary starts");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn fails_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl Launch {
    /// `wharfinger serve` on a free port, data in `folder/data`.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut command = command(folder);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        Self { command }
    }

    /// With an organisation, applied at the start.
    pub(crate) fn organisation(mut self, folder: &Path, organisation: &Organisation) -> Self {
        let file = folder.join("bootstrap.toml");
        fs::write(&file, organisation.to_toml()).expect("a bootstrap file");
        self.command.arg("--bootstrap").arg(file);
        for (name, value) in organisation.variables() {
            self.command.env(name, value);
        }
        self
    }

    /// With a bootstrap file and the variables it names.
    pub(crate) fn bootstrap(mut self, file: &Path, variables: &[(&'static str, String)]) -> Self {
        self.command.arg("--bootstrap").arg(file);
        self.command.envs(variables.iter().map(|(name, value)| (name, value)));
        self
    }

    /// With a setting, by its variable: `SECTION__KEY`.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.command.env(format!("WHARFINGER__{key}"), value);
        self
    }

    /// With so many descriptors and no more, as a service manager would bound it.
    pub(crate) fn descriptors(self, count: u64) -> Self {
        self.within(&format!("ulimit -n {count}; exec \"$0\" \"$@\""))
    }

    /// On one core, where the machine is shared out between it and the test.
    pub(crate) fn on_core(self, core: &str) -> Self {
        self.within(&format!("exec taskset -c {core} \"$0\" \"$@\""))
    }

    /// As the last command of a shell script.
    fn within(mut self, script: &str) -> Self {
        let inner = std::mem::replace(&mut self.command, Command::new("/bin/sh"));
        self.command.args(["-c", script]).arg(inner.get_program()).args(inner.get_args());
        self.command.env_clear().stdin(Stdio::null());
        self.command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command.current_dir(inner.get_current_dir().expect("a folder"));
        self
    }

    /// Starts it and waits until it listens and is ready.
    pub(crate) async fn start(self) -> Process {
        let process = self.spawn().await;
        let http = Http::new(process.address);
        until(
            "the gateway is ready",
            async || matches!(http.try_send(Ask::get("/readyz")).await, Ok(answer) if answer.status == 200),
        )
        .await;
        process
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn spawn(mut self) -> Process {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary starts");
        let log = Arc::new(Mutex::new(String::new()));
        let gathering = vec![
            gather(child.stdout.take().expect("a pipe"), &log),
            gather(child.stderr.take().expect("a pipe"), &log),
        ];
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut process = Process { child, address, log, gathering };
        until("the gateway listens", async || {
            if let Some(status) = process.child.try_wait().expect("a child") {
                panic!("the gateway ended with {status}:\n{}", process.log());
            }
            process.listening("everything").map(|address| process.address = address).is_some()
        })
        .await;
        process
    }
}

/// Keeps what a pipe says, so that the process never waits for a reader.
fn gather(pipe: impl std::io::Read + Send + 'static, log: &Arc<Mutex<String>>) -> thread::JoinHandle<()> {
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&line);
            log.push('\n');
        }
    })
}

impl Process {
    /// What it has printed, once this is part of it.
    pub(crate) async fn log_with(&self, text: &str) -> String {
        until(text, async || self.log().contains(text)).await;
        self.log()
    }

    /// Everything it has printed so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address of the listener that it says serves `what`; listeners tell theirs in any order.
    fn listening(&self, what: &str) -> Option<SocketAddr> {
        let log = self.log();
        log.lines().filter(|line| line.contains("listening") && line.contains(what)).find_map(address_in)
    }

    pub(crate) fn actor(&self, login: Login) -> Actor {
        Actor::new(self.address, Some(login))
    }

    pub(crate) fn stranger(&self) -> Actor {
        Actor::new(self.address, None)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// As a power failure would end it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a child");
        let status = self.child.wait().expect("a child");
        assert_eq!(status.signal(), Some(9), "it had ended before:\n{}", self.log());
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    /// Waits for its end, and until all that it has printed is in the log.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut ending = None;
        until("the gateway ends", async || {
            ending = self.child.try_wait().expect("a child");
            ending.is_some()
        })
        .await;
        for pipe in self.gathering.drain(..) {
            pipe.join().expect("a reader of a pipe");
        }
        ending.expect("an end")
    }

    /// What the kernel says about its memory.
    pub(crate) fn memory(&self) -> Memory {
        memory_of(self.id())
    }

    /// Its constants that hold addresses: the loader writes them once, so that the kernel does not count them as the program's file. In
    /// a debug build they are four times as many as in a release build.
    pub(crate) fn constants_bytes(&self) -> u64 {
        let maps = fs::read_to_string(format!("/proc/{}/smaps", self.id())).expect("procfs");
        let mut of_program = false;
        let mut kib = 0;
        for line in maps.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [_, access, _, _, _, file] => of_program = *access == "r--p" && file.ends_with("/wharfinger"),
                ["Anonymous:", number, _] if of_program => kib += number.parse::<u64>().expect("a number"),
                _ => {}
            }
        }
        kib * 1024
    }

    /// The exposition of its metrics, from the listener of their own.
    pub(crate) async fn metrics(&self) -> String {
        let address = self.listening("metrics");
        let answer = Http::new(address.expect("`metrics.listen` is set")).send(Ask::get("/metrics")).await;
        String::from_utf8(answer.is(200).body.to_vec()).expect("UTF-8")
    }
}

/// Resident memory of a process.
pub(crate) fn memory_of(id: u32) -> Memory {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("procfs");
    let find = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key)).expect("a line");
        let kib: u64 = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
        kib * 1024
    };
    Memory { now_bytes: find("VmRSS:"), highest_bytes: find("VmHWM:"), code_bytes: find("RssFile:") }
}

/// Open descriptors of a process; none if it has ended.
pub(crate) fn descriptors_of(id: u32) -> u64 {
    fs::read_dir(format!("/proc/{id}/fd")).map_or(0, |entries| entries.count() as u64)
}

/// Threads of a process; none if it has ended.
pub(crate) fn threads_of(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count)
}

/// The first address with a port in a text.
fn address_in(text: &str) -> Option<SocketAddr> {
    text.split(|end: char| end.is_whitespace() || matches!(end, '"' | '=' | ',' | '`'))
        .filter_map(|word| {
            word.strip_prefix("http://").or_else(|| word.strip_prefix("https://")).or(Some(word))
        })
        .filter_map(|word| word.trim_end_matches(['/', '.']).parse().ok())
        .find(|address: &SocketAddr| address.port() != 0)
}

/// Resident memory of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now_bytes: u64,
    pub(crate) highest_bytes: u64,
    /// The program itself, which in a debug build is three times as large as in a release build.
    pub(crate) code_bytes: u64,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !thread::panicking() {
            assert!(!self.log().contains("panicked at"), "{}", self.log());
        } else {
            eprintln!("--- the gateway's log ---\n{}", self.log());
        }
    }
}
