//! Running other people's programs so that they see nothing of this machine and leave nothing on it.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::support::watch::Watch;

/// A command that takes longer is ended, and its test fails.
const COMMAND_SECS_MAX: u32 = 300;
/// Longest wait for the end of what a command has said, after its own end.
const LAST_WORDS_MAX: Duration = Duration::from_secs(10);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory of its own, removed with this value, and an environment that points nowhere else.
#[derive(Debug)]
pub(crate) struct Sandbox {
    directory: PathBuf,
    _watch: Watch,
}

impl Sandbox {
    pub(crate) fn new(name: &str) -> Self {
        // Short, because sockets below it may have paths of at most 108 bytes.
        let directory = env::temp_dir().join(format!("whf-{name}-{}", unique()));
        fs::DirBuilder::new().mode(0o700).create(&directory).unwrap();
        for folder in ["home", "run", "tmp"] {
            fs::create_dir(directory.join(folder)).unwrap();
        }
        let sandbox = Self { directory, _watch: Watch::start() };
        // Buildah insists on the file that REGISTRY_AUTH_FILE names, logged in or not.
        sandbox.file("home/auth.json", "{}");
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A command in this directory whose configuration, caches and temporary files stay in it.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("timeout");
        command.arg("--kill-after=5").arg(COMMAND_SECS_MAX.to_string()).arg(program);
        self.isolate(&mut command);
        command
    }

    /// A command like [`Sandbox::command`] that ends when the test ends, however it ends, and not before.
    pub(crate) fn daemon(&self, program: impl AsRef<OsStr>, log: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=TERM").arg(program);
        self.isolate(&mut command);
        let log = fs::File::create(log).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        command
    }

    fn isolate(&self, command: &mut Command) {
        command.current_dir(&self.directory).env_clear().env("LC_ALL", "C.UTF-8");
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("XDG_RUNTIME_DIR", self.path("run"));
        command.env("DOCKER_CONFIG", self.path("home/docker"));
        command.env("REGISTRY_AUTH_FILE", self.path("home/auth.json"));
        command.env("REGCTL_CONFIG", self.path("home/regctl.json"));
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // A panicking test keeps its first message; the operating system cleans its temporary directory.
        if let Err(error) = fs::remove_dir_all(&self.directory)
            && !thread::panicking()
        {
            panic!("{} cannot be removed: {error}", self.directory.display());
        }
    }
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    what: String,
    succeeded: bool,
    /// Standard output.
    pub(crate) output: String,
    /// Standard output, then standard error.
    pub(crate) text: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert!(self.succeeded, "failed: {self}");
        self
    }

    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(!self.succeeded, "should have failed: {self}");
        self
    }

    /// The command failed because the gateway said no, and not for another reason.
    #[track_caller]
    pub(crate) fn refused(self) -> Self {
        const WORDS: [&str; 11] = [
            "unauthorized",
            "denied",
            "forbidden",
            "401",
            "403",
            "authentication required",
            "authorization failed",
            "no basic auth",
            "invalid username/password",
            // Docker 29 shows the gateway's message and nothing else.
            "you may not use it",
            "you lack the permission",
        ];
        assert!(!self.succeeded, "should have been refused: {self}");
        let text = self.text.to_lowercase();
        assert!(WORDS.iter().any(|word| text.contains(word)), "failed, but was not refused: {self}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "should have said {words:?}: {self}");
        self
    }

    /// The last `sha256:…` in what the command said.
    #[track_caller]
    pub(crate) fn digest(&self) -> String {
        let found = self.text.rmatch_indices("sha256:").find_map(|(at, _)| {
            let digest = self.text.get(at..at + "sha256:".len() + 64)?;
            digest
                .bytes()
                .skip("sha256:".len())
                .all(|byte| byte.is_ascii_hexdigit())
                .then(|| digest.to_owned())
        });
        found.unwrap_or_else(|| panic!("no digest: {self}"))
    }

    /// Adds the outcome of a second command that belongs to the first.
    pub(crate) fn and(mut self, next: impl FnOnce() -> Self) -> Self {
        if !self.succeeded {
            return self;
        }
        let next = next();
        self.what = format!("{}\n$ {}", self.what, next.what);
        self.text.push_str(&next.text);
        self.succeeded = next.succeeded;
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ending = if self.succeeded { "success" } else { "failure" };
        write!(f, "\n$ {}\n{}\n({ending})", self.what, self.text)
    }
}

/// Runs a command to its end, with `input` on its standard input.
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Outcome {
    let words: Vec<_> = command.get_args().skip(2).map(OsStr::to_string_lossy).collect();
    let what = words.join(" ");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let (output, errors) =
        (Pipe::read(child.stdout.take().unwrap()), Pipe::read(child.stderr.take().unwrap()));
    let status = thread::scope(|scope| {
        // A command that ends without reading everything closes the pipe: its own words tell why.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait().unwrap()
    });
    let said = output.said();
    let mut text = said.clone() + &errors.said();
    if status.code() == Some(124) {
        text.push_str("\n(ended after the time limit)");
    }
    Outcome { what, succeeded: status.success(), output: said, text }
}

/// What a command says through a pipe.
struct Pipe {
    said: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

impl Pipe {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&said);
        let (goes_on, ended) = mpsc::sync_channel(0);
        thread::spawn(move || {
            let _goes_on: mpsc::SyncSender<()> = goes_on;
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                kept.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { said, ended }
    }

    /// Everything, once the command has ended. A server of a build tool that it has left behind may hold the pipe open for hours: it
    /// has nothing to say.
    fn said(&self) -> String {
        // Its end is that nobody is left who could send.
        let _ = self.ended.recv_timeout(LAST_WORDS_MAX);
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }
}

/// A word that no other call in this or another run of the tests gives at the same time.
pub(crate) fn unique() -> String {
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
