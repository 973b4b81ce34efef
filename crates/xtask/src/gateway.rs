//! A gateway that a developer command starts, and ends.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    test::binary,
};

const READY_POLLS_MAX: u32 = 200;
const READY_POLL_EVERY: Duration = Duration::from_millis(50);

/// Whose token is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TokenOf {
    Person,
    Application,
}

/// A fresh secret, for a bootstrap file.
pub(crate) fn token(of: TokenOf) -> Result<String> {
    let kind = match of {
        TokenOf::Person => "person",
        TokenOf::Application => "application",
    };
    let output = Command::new(binary())
        .args(["token", "generate", kind])
        .output()
        .map_err(Error::io("wharfinger token generate"))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !text.is_empty() {
        Ok(text)
    } else {
        Err(Error::Unfit("wharfinger token generate printed no token".to_owned()))
    }
}

/// A running gateway. It ends with this value.
#[derive(Debug)]
pub(crate) struct Gateway {
    server: Child,
    address: SocketAddr,
}

impl Gateway {
    /// Starts one with its data, its log and the given bootstrap text below `directory`, and waits until it is
    /// ready. Port 0 means a free one.
    pub(crate) fn start(
        directory: &Path,
        listen: &str,
        bootstrap: &str,
        secrets: &[(&str, &str)],
    ) -> Result<Self> {
        let file = directory.join("bootstrap.toml");
        fs::write(&file, bootstrap).map_err(Error::io("bootstrap.toml"))?;
        let address = free_address(listen)?;
        let log = directory.join("gateway.log");
        let log = fs::File::create(&log).map_err(Error::io(log.display().to_string()))?;
        let errors = log.try_clone().map_err(Error::io("gateway.log"))?;
        let mut command = Command::new(binary());
        command.args(["serve", "--listen", &address.to_string(), "--data"]).arg(directory.join("data"));
        command.arg("--bootstrap").arg(&file).envs(secrets.iter().copied());
        let server = command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        let mut gateway = Self { server: server.map_err(Error::io("wharfinger serve"))?, address };
        gateway.wait_until_ready(directory)?;
        Ok(gateway)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until somebody ends it.
    pub(crate) fn wait(mut self) -> Result<()> {
        self.server.wait().map_err(Error::io("wharfinger serve")).map(drop)
    }

    fn wait_until_ready(&mut self, directory: &Path) -> Result<()> {
        for _ in 0..READY_POLLS_MAX {
            if self.server.try_wait().map_err(Error::io("wharfinger serve"))?.is_some() {
                break;
            }
            if is_ready(self.address) {
                return Ok(());
            }
            sleep(READY_POLL_EVERY);
        }
        let log = fs::read_to_string(directory.join("gateway.log")).unwrap_or_default();
        Err(Error::Unfit(format!("the gateway did not become ready:\n{log}")))
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

fn free_address(listen: &str) -> Result<SocketAddr> {
    let listener = TcpListener::bind(listen).map_err(Error::io(listen))?;
    listener.local_addr().map_err(Error::io(listen))
}
