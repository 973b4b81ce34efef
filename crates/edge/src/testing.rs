//! A service behind pipes instead of a listener, and what it answers taken apart, for tests.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio_util::sync::CancellationToken;

use crate::connection;
use crate::edge::Edge;
use crate::listener::Listener;
use crate::service::Service;

#[cfg(test)]
pub(crate) mod depot;

/// Most that the state of one connection takes, besides what it boxes when it is needed.
const CONNECTION_BYTES_MAX: usize = 4096;
/// Where clients seem to connect to.
const LOCAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 8080);

/// A service that is reached over pipes, as if on a plain listener on loopback.
pub struct Pipes<S> {
    /// What its connections share.
    pub edge: Arc<Edge>,
    /// Who answers.
    pub service: S,
    /// What a stop of the listener is.
    pub stop: CancellationToken,
}

/// An answer of HTTP/1, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Headers, in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Everything behind the head.
    pub body: String,
}

impl<S: Service + Clone> Pipes<S> {
    /// A service and what it is reached through.
    #[must_use]
    pub fn new(edge: Arc<Edge>, service: S) -> Self {
        Self { edge, service, stop: CancellationToken::new() }
    }

    /// A new connection.
    #[must_use]
    pub fn connect(&self) -> DuplexStream {
        self.connect_through(64 << 10)
    }

    /// A new connection over a pipe that holds so many bytes each way.
    #[must_use]
    pub fn connect_through(&self, pipe_bytes: usize) -> DuplexStream {
        let (ours, theirs) = duplex(pipe_bytes);
        let connections = Arc::clone(&self.edge.connections);
        let (edge, service) = (Arc::clone(&self.edge), self.service.clone());
        let listener = Arc::new(Listener::new(edge, service, connections, SocketAddr::from(LOCAL), false));
        let (peer, stop) = (IpAddr::from(LOCAL.0), self.stop.child_token());
        tokio::spawn(async move {
            let permit = listener.connections.acquire(peer, &stop).await.expect("a place for the connection");
            let served = connection::serve(listener, theirs, Some(peer), None, permit.connection(), stop);
            // An idle connection has all of it.
            assert!(size_of_val(&served) <= CONNECTION_BYTES_MAX, "{} bytes", size_of_val(&served));
            served.await;
        });
        ours
    }

    /// Sends bytes on a connection of their own and reads to its end.
    pub async fn talk(&self, request: &[u8]) -> String {
        let mut connection = self.connect();
        connection.write_all(request).await.expect("a connection that takes bytes");
        rest(&mut connection).await
    }

    /// A request without body that ends its connection.
    pub async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: hub.localhost\r\n{headers}Connection: close\r\n\r\n");
        Answer::read(&self.talk(request.as_bytes()).await)
    }

    /// As [`Self::ask`], with GET.
    pub async fn get(&self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers).await
    }
}

/// What the fuzzer begins with for one of its targets: everything that was ever refused.
#[must_use]
pub fn samples(target: &str) -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let files = std::fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut paths: Vec<_> = files.map(|file| file.expect("a sample").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", corpus.display());
    paths.iter().map(|path| std::fs::read(path).expect("a sample")).collect()
}

/// The tests of a crate's targets for the fuzzer, a list of names and functions: no sample harms, nor any damage to one, nor any bytes.
#[macro_export]
macro_rules! fuzzing_tests {
    ($targets:expr) => {
        use proptest::prelude::*;

        use $crate::testing::samples;

        #[test]
        fn nothing_that_was_ever_refused_harms() {
            for (name, target) in $targets {
                samples(name).iter().for_each(|sample| target(sample));
            }
        }

        proptest! {
            #[test]
            fn no_bytes_harm(bytes in any::<Vec<u8>>(), text in "[ -~\n]{0,120}") {
                for (_, target) in $targets {
                    target(&bytes);
                    target(text.as_bytes());
                }
            }

            #[test]
            fn no_damage_to_what_was_refused_harms(
                which in any::<prop::sample::Index>(),
                at in any::<prop::sample::Index>(),
                byte in any::<u8>(),
            ) {
                for (name, target) in $targets {
                    let mut sample = which.get(&samples(name)).clone();
                    if !sample.is_empty() {
                        let at = at.index(sample.len());
                        sample[at] = byte;
                    }
                    target(&sample);
                }
            }
        }
    };
}

/// Everything that still comes on a connection.
pub async fn rest(connection: &mut DuplexStream) -> String {
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("a connection that ends");
    String::from_utf8(answer).expect("text")
}

impl Answer {
    /// Takes an answer apart.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.split("\r\n");
        let mut status_line = lines.next().unwrap_or_default().splitn(3, ' ');
        assert_eq!(status_line.next(), Some("HTTP/1.1"), "{text}");
        let status = status_line.next().and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status: {text:?}"));
        let reason = status_line.next().unwrap_or_default().to_owned();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("no header: {line:?}"));
            (name.to_owned(), value.to_owned())
        });
        Self { status, reason, headers: headers.collect(), body: body.to_owned() }
    }

    /// The value of a header that is there at most once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let first = values.next();
        assert_eq!(values.next(), None, "{name} twice");
        first
    }

    /// All but what differs from answer to answer: date and id.
    #[must_use]
    pub fn comparable(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date" && name != "x-request-id");
        self
    }
}
