//! Bytes in, bytes out: for what no honest client sends.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::actor::Actor;
use super::client::basic;
use super::dial::dial;

/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Most bytes of an answer that are looked at.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A connection without manners.
pub(crate) struct Raw {
    stream: TcpStream,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: dial(address, None).await.expect("a listener") }
    }

    /// From one of this machine's addresses.
    pub(crate) async fn connect_from(source: IpAddr, address: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { stream: dial(address, Some(source)).await? })
    }

    /// Sends; `false` when the other side has closed.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Takes what has come; `false` when the other side has closed.
    pub(crate) async fn drain(&mut self) -> bool {
        let mut chunk = vec![0; 64 << 10];
        tokio::task::yield_now().await;
        loop {
            match self.stream.try_read(&mut chunk) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
    }

    /// Reads until the other side closes; what came, or `None` if it does not close in time.
    pub(crate) async fn read_to_end(&mut self) -> Option<Vec<u8>> {
        let mut answer = Vec::new();
        let mut chunk = vec![0; 16 << 10];
        loop {
            match timeout(ANSWER_MAX, self.stream.read(&mut chunk)).await {
                Err(_) => return None,
                // A reset is an end too: the server has closed with our bytes unread.
                Ok(Ok(0) | Err(_)) => return Some(answer),
                Ok(Ok(read)) => {
                    answer.extend_from_slice(&chunk[..read]);
                    if answer.len() > ANSWER_BYTES_MAX {
                        return Some(answer);
                    }
                }
            }
        }
    }

    /// What has arrived by now, without waiting.
    pub(crate) fn arrived(&mut self) -> String {
        let mut chunk = [0; 4096];
        let read = self.stream.try_read(&mut chunk).unwrap_or_default();
        String::from_utf8_lossy(&chunk[..read]).into_owned()
    }

    /// Reads the head of an answer; its status and all of it as text.
    pub(crate) async fn head(&mut self) -> (u16, String) {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let more = self.read_some(4096).await;
            assert!(!more.is_empty(), "closed after {:?}", String::from_utf8_lossy(&head));
            head.extend_from_slice(&more);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no status in {head}")), head)
    }

    /// Reads at least one byte, up to `bytes_max`; empty at the end.
    pub(crate) async fn read_some(&mut self, bytes_max: usize) -> Vec<u8> {
        let mut chunk = vec![0; bytes_max];
        match timeout(ANSWER_MAX, self.stream.read(&mut chunk)).await {
            Ok(Ok(read)) => chunk.truncate(read),
            Ok(Err(_)) => chunk.clear(),
            Err(_) => panic!("no byte within {ANSWER_MAX:?}"),
        }
        chunk
    }
}

/// Sends the head of a request that announces a body, and gives the connection once the server asks for the body: everything that
/// is decided before has been. `headers` end in a new line each.
pub(crate) async fn admitted(actor: &Actor, request_line: &str, headers: &str, length: usize) -> Raw {
    let (raw, answer) = expecting(actor, request_line, headers, length as u64).await;
    assert!(answer.starts_with("HTTP/1.1 100 "), "{request_line}: {answer}");
    raw
}

/// Sends one request and gives the status of the answer; `None` if the connection was closed without one.
pub(crate) async fn status_of(address: SocketAddr, request: &[u8]) -> Option<u16> {
    let answer = answer_to(address, request).await;
    let line = answer.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.split(' ').nth(1)?.parse().ok()
}

/// Sends one request and gives all bytes of the answer, read until the server closes.
pub(crate) async fn answer_to(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut raw = Raw::connect(address).await;
    raw.write(request).await;
    raw.read_to_end().await.expect("the server answers and closes")
}

/// Sends the head of a PUT that announces a body and waits with it; gives the first line that comes back. `headers` end in a
/// new line each.
pub(crate) async fn announce(actor: &Actor, target: &str, headers: &str, length: u64) -> String {
    let (_, answer) = expecting(actor, &format!("PUT {target}"), headers, length).await;
    answer.split('\r').next().unwrap_or_default().to_owned()
}

async fn expecting(actor: &Actor, request_line: &str, headers: &str, length: u64) -> (Raw, String) {
    let login = actor.login.as_ref().map(|login| format!("Authorization: {}\r\n", basic(login)));
    let request = format!(
        "{request_line} HTTP/1.1\r\nHost: {}\r\n{}{headers}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n",
        actor.address(),
        login.unwrap_or_default(),
    );
    let mut raw = Raw::connect(actor.address()).await;
    raw.write(request.as_bytes()).await;
    let answer = raw.read_some(4096).await;
    (raw, String::from_utf8(answer).expect("UTF-8"))
}

/// Begins a PUT, sends the first bytes of its body and hangs up.
pub(crate) async fn cut_put(actor: &Actor, target: &str, body: &[u8], after: usize) {
    let login = actor.login.as_ref().map(|login| format!("Authorization: {}\r\n", basic(login)));
    let head = format!(
        "PUT {target} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\n\r\n",
        actor.address(),
        login.unwrap_or_default(),
        body.len(),
    );
    let mut raw = Raw::connect(actor.address()).await;
    assert!(raw.write(head.as_bytes()).await && raw.write(&body[..after]).await, "the server reads");
}
