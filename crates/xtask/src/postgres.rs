//! A throw-away PostgreSQL for the tests of the rows.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    parts::{Places, is_root},
};

const START_ATTEMPTS_MAX: u32 = 3;
const READY_POLLS_MAX: u32 = 300;
const READY_POLL_EVERY: Duration = Duration::from_millis(50);

/// A server in a temporary directory, on a free port of the loopback interface. It ends with this value.
#[derive(Debug)]
pub(crate) struct Postgres {
    directory: PathBuf,
    pg_ctl: PathBuf,
    server: Child,
    user: Option<User>,
    url: String,
}

/// The unprivileged account that the server runs as, because it refuses to run as root.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// Makes a cluster and starts it. Takes about two seconds.
    pub(crate) fn start(places: &Places) -> Result<Self> {
        let program = |name: &str| {
            places.find(name).ok_or_else(|| Error::Unfit(format!("PostgreSQL's {name} was not found")))
        };
        let (initdb, server, pg_ctl) = (program("initdb")?, program("postgres")?, program("pg_ctl")?);
        let user = if is_root() { Some(unprivileged()?) } else { None };
        let directory = make_directory(user)?;
        let mut made = as_user(&initdb, user);
        made.args(["--username=wharfinger", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]);
        made.arg("--pgdata").arg(directory.join("data")).current_dir(&directory).stdin(Stdio::null());
        let output = made.output().map_err(Error::io("initdb"))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Unfit(format!("initdb failed: {text}")));
        }
        let mut last = Error::Unfit("PostgreSQL was not started".to_owned());
        for _ in 0..START_ATTEMPTS_MAX {
            match serve(&server, &directory, user) {
                Ok((server, url)) => return Ok(Self { directory, pg_ctl, server, user, url }),
                // Another program may have taken the port between our look and the server's bind.
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What a client connects with.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = as_user(&self.pg_ctl, self.user);
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(self.directory.join("data"));
        let stopped = stop.current_dir(&self.directory).stdout(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            // Already gone is as good; a server that does not listen to pg_ctl is ended outright.
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            eprintln!("xtask: {} is left behind: {error}", self.directory.display());
        }
    }
}

fn serve(program: &Path, directory: &Path, user: Option<User>) -> Result<(Child, String)> {
    let log = fs::File::create(directory.join("log")).map_err(Error::io("log of PostgreSQL"))?;
    let port = free_port()?;
    let mut command = as_user(program, user);
    command.arg("-D").arg(directory.join("data")).arg("-k").arg(directory).arg("-p").arg(port.to_string());
    // The data is thrown away: durability would only cost time. Connections: every test has its own pool.
    for setting in
        ["listen_addresses=127.0.0.1", "fsync=off", "max_connections=300", "log_min_messages=warning"]
    {
        command.arg("-c").arg(setting);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).current_dir(directory);
    let mut server = command.spawn().map_err(Error::io("postgres"))?;
    for _ in 0..READY_POLLS_MAX {
        if server.try_wait().map_err(Error::io("postgres"))?.is_some() {
            break;
        }
        // The eighth line of this file is the state of a server that accepts connections.
        let pid_file = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap_or_default();
        if pid_file.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
            return Ok((server, format!("postgresql://wharfinger@127.0.0.1:{port}/postgres")));
        }
        sleep(READY_POLL_EVERY);
    }
    let _ = server.kill();
    let _ = server.wait();
    let text = fs::read_to_string(directory.join("log")).unwrap_or_default();
    Err(Error::Unfit(format!("PostgreSQL did not become ready: {text}")))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Error::io("a free port"))?;
    Ok(listener.local_addr().map_err(Error::io("a free port"))?.port())
}

fn make_directory(user: Option<User>) -> Result<PathBuf> {
    let directory = env::temp_dir().join(format!("wharfinger-postgres-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    if let Some(User { uid, gid }) = user {
        chown(&directory, Some(uid), Some(gid)).map_err(Error::io(directory.display().to_string()))?;
    }
    Ok(directory)
}

fn as_user(program: &Path, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    if let Some(User { uid, gid }) = user {
        // Setting the user also drops root's supplementary groups.
        command.uid(uid).gid(gid);
    }
    command
}

/// `postgres`, which the package makes, else `nobody`.
fn unprivileged() -> Result<User> {
    let accounts = fs::read_to_string("/etc/passwd").map_err(Error::io("/etc/passwd"))?;
    let find = |name: &str| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next() == Some(name);
            let (uid, gid) = (fields.nth(1)?, fields.next()?);
            if found { Some(User { uid: uid.parse().ok()?, gid: gid.parse().ok()? }) } else { None }
        })
    };
    let nobody = || Error::Unfit("no unprivileged account for PostgreSQL to run as".to_owned());
    find("postgres").or_else(|| find("nobody")).ok_or_else(nobody)
}
