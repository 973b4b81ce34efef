//! The gateway of a story: the binary as a person runs it, with the organisation of the example file.

use std::{
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::Duration,
};

use super::sandbox::{Outcome, Sandbox, finish};
use crate::support::disk::{Disk, stored_file};
use crate::support::postgres::Database;

pub(crate) use crate::support::organisation::Login;

const READY_POLLS_MAX: u32 = 2_400;
const POLL_EVERY: Duration = Duration::from_millis(25);

/// Beside the repositories of the example's project: for each format one of the other visibility, one of any layout, and one whose
/// tags are all immutable.
const REPOSITORIES: &str = r#"
[[projects.repositories]]
name = "frozen-images"
format = "oci"
visibility = "private"
policy = { immutable_tags = ["*"] }

[[projects.repositories]]
name = "loose-jars"
format = "maven"
visibility = "private"
policy = { layout = "permissive" }

[[projects.repositories]]
name = "public-jars"
format = "maven"
visibility = "public"

[[projects.repositories]]
name = "public-files"
format = "files"
visibility = "public"

[[projects.repositories]]
name = "private-packages"
format = "nuget"
visibility = "private"
"#;

/// Beside the organisation of the example: a project that its limited token does not reach, and somebody with a password.
const MORE: &str = r#"
[[projects]]
key = "beta"
access = "closed"

[[projects.repositories]]
name = "images"
format = "oci"
visibility = "private"

[[grants]]
to = "member:alice"
role = "project-member"
on = "beta"

[[members]]
username = "pat"
email = "pat@example.org"
password_env = "PAT_PASSWORD"

[[members.tokens]]
name = "publisher"
secret_env = "PAT_PUBLISHER_TOKEN"
limits = [{ on = "alpha", permissions = ["publish"] }]

[[grants]]
to = "member:pat"
role = "project-member"
on = "alpha"
"#;

/// Connections of a gateway on PostgreSQL: many run side by side.
const CONNECTIONS_MAX: &str = "9";

/// A running gateway. It ends with this value.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) address: String,
    /// May publish in `alpha` and `beta`.
    pub(crate) member: Login,
    /// May publish in `alpha`.
    pub(crate) application: Login,
    /// The member, with a token that reads one repository.
    pub(crate) limited: Login,
    /// May read nothing that is not public, and logs in with a password.
    pub(crate) outsider: Login,
    /// May publish in `alpha`, and logs in with a password.
    pub(crate) password: Login,
    /// The same, with a token that publishes in `alpha` and does not read.
    pub(crate) publisher: Login,
    _server: Server,
    // After the server, because it is taken away from under it otherwise.
    database: Option<Database>,
}

impl Hub {
    /// With its rows in SQLite, as most people have it.
    pub(crate) fn start() -> Self {
        Self::start_in(Sandbox::new("hub"), None, None, None)
    }

    /// A line of our own command line, as the member, with the files of a client.
    pub(crate) fn command_line(&self, sandbox: &Sandbox, line: &str) -> Outcome {
        let mut command = sandbox.command(binary());
        command.env("WHARFINGER_SERVER", format!("http://{}", self.address));
        command.env("WHARFINGER_TOKEN", &self.member.secret);
        command.env("GRADLE_USER_HOME", sandbox.path("home/gradle"));
        finish(command.args(line.split(' ')), b"")
    }

    /// Behind a proxy, at whose address clients find it.
    pub(crate) fn start_known_as(public_url: &str) -> Self {
        Self::start_in(Sandbox::new("hub"), None, None, Some(public_url))
    }

    /// With little room for its data; `None` where nobody may have such a disk, which is said aloud.
    pub(crate) fn start_on_small_disk() -> Option<Self> {
        let sandbox = Sandbox::new("hub");
        let disk = Disk::mount(&sandbox.path("wharfinger-data"))?;
        Some(Self::start_in(sandbox, None, Some(disk), None))
    }

    /// With its rows in PostgreSQL; `None` where there is none, which is said aloud.
    pub(crate) fn start_on_postgres() -> Option<Self> {
        let database = Database::create()?;
        Some(Self::start_in(Sandbox::new("hub"), Some(database), None, None))
    }

    fn start_in(
        sandbox: Sandbox,
        database: Option<Database>,
        disk: Option<Disk>,
        public_url: Option<&str>,
    ) -> Self {
        let secret = |kind: &str| {
            let mut command = sandbox.command(binary());
            finish(command.args(["token", "generate", kind]), b"").succeeds().text.trim().to_owned()
        };
        let login = |name: &str, secret: String| Login { name: name.to_owned(), secret };
        let member = login("alice", secret("person"));
        let application = login("6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10", secret("application"));
        let limited = login("alice", secret("person"));
        let outsider = login("gus", "a password of gus".to_owned());
        let password = login("pat", "a password of pat".to_owned());
        let publisher = login("pat", secret("person"));
        let address = free_address();
        let mut command = serve(&sandbox, address);
        command.arg("--bootstrap").arg(sandbox.file("bootstrap.toml", &bootstrap())).envs([
            ("ADMIN_PASSWORD", "a password of the administrator"),
            ("ADMIN_TOKEN", &secret("person")),
            ("ALICE_TOKEN", &member.secret),
            ("ALICE_READ_TOKEN", &limited.secret),
            ("ALICE_LOST_TOKEN", &secret("person")),
            ("CAROL_TOKEN", &secret("person")),
            ("GUS_PASSWORD", &outsider.secret),
            ("BUILD_SERVER_TOKEN", &application.secret),
            ("PAT_PASSWORD", &password.secret),
            ("PAT_PUBLISHER_TOKEN", &publisher.secret),
            ("CI_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ]);
        if let Some(database) = &database {
            command.env("WHARFINGER__STORAGE__DATABASE_URL", database.url());
            command.env("WHARFINGER__STORAGE__DATABASE_CONNECTIONS_MAX", CONNECTIONS_MAX);
        }
        if let Some(public_url) = public_url {
            command.args(["--public-url", public_url]);
        }
        if disk.is_some() {
            // The usual one is larger than such a disk.
            command.env("WHARFINGER__STORAGE__FREE_BYTES_MIN", "4194304");
        }
        let mut _server = Server::start(sandbox, &mut command, address);
        _server.disk = disk;
        let address = address.to_string();
        Self { address, member, application, limited, outsider, password, publisher, _server, database }
    }

    /// Changes rows in PostgreSQL behind its back, as another node of it would.
    pub(crate) fn change_rows(&self, statements: &str) {
        self.database.as_ref().expect("a gateway on PostgreSQL").change(statements);
    }

    /// The file of its disk that has these bytes.
    pub(crate) fn file_of(&self, bytes: &[u8]) -> PathBuf {
        stored_file(&self._server.sandbox.path("wharfinger-data"), bytes)
    }

    /// An image in a private repository.
    pub(crate) fn private(&self, image: &str) -> String {
        format!("{}/p/alpha/images/{image}", self.address)
    }

    /// An image in a public repository.
    pub(crate) fn public(&self, image: &str) -> String {
        format!("{}/p/alpha/public-images/{image}", self.address)
    }

    /// An image in a private repository where no tag is ever replaced.
    pub(crate) fn frozen(&self, image: &str) -> String {
        format!("{}/p/alpha/frozen-images/{image}", self.address)
    }

    /// An image in a private repository of another project.
    pub(crate) fn other(&self, image: &str) -> String {
        format!("{}/p/beta/images/{image}", self.address)
    }

    /// An image in a repository that does not exist.
    pub(crate) fn absent(&self, image: &str) -> String {
        format!("{}/p/alpha/nothing/{image}", self.address)
    }

    /// A Maven repository of `alpha`: `jars` is private, `public-jars` is not.
    pub(crate) fn maven(&self, repository: &str) -> String {
        format!("http://{}/maven/p/alpha/{repository}", self.address)
    }

    /// Something in the repositories of generic files of `alpha`: `files` is private, `public-files` is not.
    pub(crate) fn files(&self, path: &str) -> String {
        format!("http://{}/files/p/alpha/{path}", self.address)
    }

    /// The directory of a NuGet feed of `alpha`: `private-packages` is private, `packages` is not.
    pub(crate) fn nuget(&self, repository: &str) -> String {
        format!("http://{}/nuget/p/alpha/{repository}/v3", self.address)
    }
}

/// The example file with a few more repositories and people.
fn bootstrap() -> String {
    let example = fs::read_to_string(repository_root().join("deploy/bootstrap.example.toml")).unwrap();
    // Before the first people, where the tables of the project end.
    let (project, rest) = example.split_once("[[members]]").unwrap();
    format!("{project}{REPOSITORIES}\n[[members]]{rest}{MORE}")
}

/// `wharfinger serve` in an empty folder.
pub(crate) fn serve(sandbox: &Sandbox, address: SocketAddr) -> Command {
    let mut command = sandbox.daemon(binary(), &sandbox.path("log"));
    command.args(["serve", "--listen", &address.to_string()]);
    command
}

/// The process of a gateway, in a folder of its own.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    // Before the sandbox, which cannot be removed with another disk in it.
    disk: Option<Disk>,
    sandbox: Sandbox,
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(sandbox: Sandbox, command: &mut Command, address: SocketAddr) -> Self {
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start the gateway: {error}"));
        let mut server = Self { child, disk: None, sandbox };
        let ready = becomes_ready(&mut server.child, || is_ready(address));
        assert!(ready, "the gateway did not become ready:\n{}", server.log());
        server
    }

    /// The line that begins like this, once the gateway has printed it: it may be ready a moment before.
    pub(crate) fn line(&self, start: &str) -> String {
        for _ in 0..READY_POLLS_MAX {
            if let Some(line) = self.log().lines().map(str::trim).find(|line| line.starts_with(start)) {
                return line.to_owned();
            }
            sleep(POLL_EVERY);
        }
        panic!("no line that begins with {start:?}:\n{}", self.log());
    }

    /// What the gateway has printed so far.
    fn log(&self) -> String {
        fs::read_to_string(self.sandbox.path("log")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary that was built with these tests: `WHARFINGER_BIN`, else the one beside them.
pub(crate) fn binary() -> PathBuf {
    if let Some(binary) = env::var_os("WHARFINGER_BIN") {
        return PathBuf::from(binary);
    }
    let here = env::current_exe().unwrap();
    // target/debug/deps/it-… lies one level below target/debug/wharfinger.
    let binary = here.ancestors().nth(2).unwrap().join("wharfinger");
    assert!(binary.is_file(), "{} is missing; build it or set WHARFINGER_BIN", binary.display());
    binary
}

pub(crate) fn repository_root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A free port of the loopback interface. Not one of those that the kernel hands out by itself: between our look and the
/// gateway's bind, some connection of another story would get it once in a while.
pub(crate) fn free_address() -> SocketAddr {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(64);
    // Asked by a connection: a listener would live on for a moment in every process that another story starts meanwhile.
    let refused = |address: &SocketAddr| {
        let answer = TcpStream::connect(address);
        answer.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
    };
    let some = std::iter::repeat_with(|| {
        let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        SocketAddr::from(([127, 0, 0, 1], u16::try_from(FIRST + number).unwrap()))
    });
    some.take(COUNT as usize).find(refused).expect("a free port")
}

/// Waits until a program is ready; false if it ended before, or took too long.
pub(crate) fn becomes_ready(child: &mut Child, is_ready: impl Fn() -> bool) -> bool {
    for _ in 0..READY_POLLS_MAX {
        if is_ready() {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        sleep(POLL_EVERY);
    }
    false
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
