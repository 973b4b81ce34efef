//! `cargo xtask conformance`: the OCI conformance suite against a fresh gateway.
//!
//! The suite is in no package registry, so the developer builds it from a copy of
//! `opencontainers/distribution-spec`: `cd conformance && go build -o conformance .`

use std::{
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    run::{cargo, run},
    test::binary,
};

const READY_POLLS_MAX: u32 = 200;
const READY_POLL_EVERY: Duration = Duration::from_millis(50);
const CLIENT_ID: &str = "0c0ffee0-0000-4000-8000-000000000001";

const BOOTSTRAP: &str = r#"
[organisation]
name = "conformance"

[[projects]]
key = "conf"

[[projects.repositories]]
name = "a"
format = "oci"
visibility = "private"

[[projects.repositories]]
name = "b"
format = "oci"
visibility = "private"

[[applications]]
name = "suite"
client_id = "0c0ffee0-0000-4000-8000-000000000001"
requested = ["read", "publish", "overwrite", "delete-package"]
authorised = ["conf"]

[[applications.tokens]]
name = "main"
secret_env = "CONFORMANCE_TOKEN"
"#;

/// Runs the suite at `suite` twice, for the published version of the specification and for the next one.
pub(crate) fn conformance(suite: &str) -> Result<()> {
    let suite = fs::canonicalize(suite).map_err(Error::io(suite))?;
    run(&mut cargo(&["build", "--package", "wharfinger"]))?;
    let directory = env::temp_dir().join(format!("wharfinger-conformance-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let outcome = ["1.1", "dev"].into_iter().try_for_each(|version| one(&suite, &directory, version));
    println!("results: {}", directory.display());
    outcome
}

fn one(suite: &Path, directory: &Path, version: &str) -> Result<()> {
    let directory = directory.join(version);
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let token = token()?;
    let gateway = Gateway::start(&directory, &token)?;
    let mut command = Command::new(suite);
    command.current_dir(&directory);
    command.envs([
        ("OCI_REGISTRY", gateway.address.to_string().as_str()),
        ("OCI_TLS", "disabled"),
        ("OCI_REPO1", "p/conf/a/img"),
        ("OCI_REPO2", "p/conf/b/img"),
        ("OCI_USERNAME", CLIENT_ID),
        ("OCI_PASSWORD", &token),
        ("OCI_CACHE_AUTH", "true"),
        ("OCI_VERSION", version),
    ]);
    run(command.env("OCI_RESULTS_DIR", &directory))
}

fn token() -> Result<String> {
    let output = Command::new(binary())
        .args(["token", "generate", "application"])
        .output()
        .map_err(Error::io("wharfinger token generate"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !text.is_empty() {
        Ok(text)
    } else {
        Err(Error::Unfit("wharfinger token generate printed no token".to_owned()))
    }
}

/// A gateway with one project, two repositories and one application. It ends with this value.
struct Gateway {
    server: Child,
    address: SocketAddr,
}

impl Gateway {
    fn start(directory: &Path, token: &str) -> Result<Self> {
        let bootstrap = directory.join("bootstrap.toml");
        fs::write(&bootstrap, BOOTSTRAP).map_err(Error::io("bootstrap.toml"))?;
        let address = free_address()?;
        let log: PathBuf = directory.join("gateway.log");
        let log = fs::File::create(&log).map_err(Error::io(log.display().to_string()))?;
        let errors = log.try_clone().map_err(Error::io("gateway.log"))?;
        let mut command = Command::new(binary());
        command.arg("serve").arg("--listen").arg(address.to_string());
        command.arg("--data").arg(directory.join("data")).arg("--bootstrap").arg(&bootstrap);
        command.env("CONFORMANCE_TOKEN", token).stdin(Stdio::null()).stdout(log).stderr(errors);
        let server = command.spawn().map_err(Error::io("wharfinger serve"))?;
        let mut gateway = Self { server, address };
        gateway.wait_until_ready()?;
        Ok(gateway)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        for _ in 0..READY_POLLS_MAX {
            if self.server.try_wait().map_err(Error::io("wharfinger serve"))?.is_some() {
                break;
            }
            if is_ready(self.address) {
                return Ok(());
            }
            sleep(READY_POLL_EVERY);
        }
        Err(Error::Unfit("the gateway did not become ready; see gateway.log".to_owned()))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    let sent = stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .and_then(|()| stream.write_all(request.as_bytes()));
    sent.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Error::io("a free port"))?;
    listener.local_addr().map_err(Error::io("a free port"))
}
