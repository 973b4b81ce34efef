//! Shared pieces of the benchmarks that run the real binary beside a named peer: server under one core, load under the other
//! (`crates/README.md` says how to read the figures). Linux only, because it pins cores and reads `/proc`.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub mod fetches;
pub mod gateway;
pub mod package;

/// What any step of a benchmark may fail with; it ends the run.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Longest wait for a server to answer, in seconds: the largest organisation is applied within.
const READY_SECS_MAX: u64 = 120;
/// Where in `/proc/PID/stat` behind the name there is the time in user mode, and that in the kernel's after it; in ticks of Linux.
const USER_TIME_FIELD: usize = 11;
const MILLIS_PER_TICK: u64 = 10;

/// A process under test on its own core, killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// An answer to a request of [`send`].
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Head as text, for its headers.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

/// The program under test: `WHARFINGER_BIN`, or the release build of this workspace.
///
/// # Errors
/// If there is none, with the command that builds it.
pub fn binary() -> Outcome<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a benchmark is a program of its own")]
    let named = std::env::var("WHARFINGER_BIN").map(PathBuf::from).ok();
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/wharfinger");
    let path = named.unwrap_or(built);
    if !path.try_exists()? {
        return Err("no release build: run `cargo build --release -p wharfinger` first".into());
    }
    Ok(path)
}

/// Whether each benchmark should run once without measuring (`cargo xtask bench --smoke`).
#[must_use]
pub fn smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// A loopback address nobody listens on at this moment.
///
/// # Errors
/// If the system has none.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

impl Server {
    /// Starts `command` on core 0 and waits until `path` answers, polling every millisecond.
    ///
    /// # Errors
    /// If it cannot be started, ends, or does not answer in time.
    pub fn start(mut command: Command, address: SocketAddr, path: &str) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { child, address };
        let started = now();
        while started.elapsed() < Duration::from_secs(READY_SECS_MAX) {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{command:?} ended with {status}").into());
            }
            if send(address, "GET", path, &[], &[]).is_ok_and(|answer| answer.status < 500) {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(format!("{command:?} did not answer within {READY_SECS_MAX} s").into())
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A line of `/proc/PID/status` such as `VmRSS`, in KiB.
    ///
    /// # Errors
    /// If the process or the line is gone.
    pub fn memory_kib(&self, line: &str) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
        let number = found.and_then(|text| text.split_whitespace().next()).ok_or("no such line in /proc")?;
        Ok(number.parse()?)
    }

    /// What it has used of the processors so far, to a hundredth of a second: for many requests together.
    ///
    /// # Errors
    /// If the process is gone.
    pub fn processor_time(&self) -> Outcome<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        // What follows the name, which may hold anything.
        let (_, fields) = stat.rsplit_once(')').ok_or("no such line in /proc")?;
        let ticks = fields.split_whitespace().skip(USER_TIME_FIELD).take(2);
        let ticks = ticks.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * MILLIS_PER_TICK))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time, for measuring.
#[must_use]
pub fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "measuring time is what a benchmark does")]
    Instant::now()
}

/// `program` bound to one core.
#[must_use]
pub fn on_core(core: u8, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

/// One HTTP/1.1 request on a connection of its own.
///
/// # Errors
/// If the connection fails or the answer is no HTTP.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Outcome<Answer> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    send_on(&stream, method, path, headers, body)
}

/// One HTTP/1.1 request on an open connection, which stays open.
///
/// # Errors
/// As [`send`].
pub fn send_on(
    mut stream: &TcpStream,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Outcome<Answer> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
        stream.peer_addr()?,
        body.len()
    );
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err("the connection ended".into());
        }
    }
    let status = head.get(9..12).ok_or("no status line")?.parse()?;
    let length = header(&head, "content-length").map_or(Ok(0), str::parse)?;
    let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
    reader.read_exact(&mut body)?;
    Ok(Answer { status, head, body })
}

/// A header's value in the head of an [`Answer`].
#[must_use]
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Requests per second that `wrk` reaches from core 1 with 16 connections.
///
/// # Errors
/// If `wrk` fails, or any answer was no 2xx: such a figure would not count.
pub fn wrk(secs: u32, url: &str, headers: &[(&str, &str)]) -> Outcome<f64> {
    let mut command = on_core(1, Path::new("wrk"));
    command.args(["-t1", "-c16", "--timeout", "30s", &format!("-d{secs}s")]);
    for (name, value) in headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    let output = command.arg(url).output()?;
    let text = String::from_utf8(output.stdout)?;
    if !output.status.success() || text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("wrk on {url}: {text}").into());
    }
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(rate.ok_or("no rate in the output of wrk")?.trim().parse()?)
}
