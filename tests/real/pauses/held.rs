//! A connection that stands still for a while in one direction, as a source or a reader that pauses makes it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::Runtime,
    time::sleep,
};

/// Bytes after which a connection is held: more than any request or document of a story, less than a layer.
const HELD_AT_BYTES: u64 = 1 << 20;
/// What the kernel may take for us while we read nothing.
const RECEIVE_BYTES: u32 = 64 << 10;
const PIECE_BYTES: usize = 64 << 10;

/// Who of the two is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing more comes from the client for a while.
    Source,
    /// Nothing more is taken from the gateway for a while.
    Reader,
}

/// A relay before the gateway that holds the first connection with much to carry, once. It ends with this value.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    large: Large,
    // Ends every task of the relay when it is dropped.
    runtime: Runtime,
}

/// The bytes of each connection with much to carry that has ended.
type Large = Arc<Mutex<Vec<u64>>>;

/// What each connection of a relay is told.
#[derive(Clone)]
struct Hold {
    who: Held,
    pause: Duration,
    once: Arc<AtomicBool>,
    large: Large,
}

impl Relay {
    /// Before the gateway at this address; with a pause of no length it only counts.
    pub(super) fn start(gateway: &str, who: Held, pause: Duration) -> Self {
        let gateway: SocketAddr = gateway.parse().unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let large = Large::default();
        let hold = Hold { who, pause, once: Arc::default(), large: Arc::clone(&large) };
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, gateway, hold.clone()));
            }
        });
        Self { address, large, runtime }
    }

    /// Asserts that the layer went through one connection, held as it was, from its first byte to its last: a client that was
    /// cut off would have come with another, or once more with all of it.
    #[track_caller]
    pub(super) fn carried_once(self, layer_bytes: u64) {
        drop(self.runtime);
        let large = self.large.lock().unwrap();
        let once = matches!(large.as_slice(), [one] if (layer_bytes..layer_bytes * 3 / 2).contains(one));
        assert!(once, "connections with much to carry, of a layer of {layer_bytes} bytes: {large:?}");
    }
}

async fn carry(client: TcpStream, gateway: SocketAddr, hold: Hold) {
    let socket = TcpSocket::new_v4().unwrap();
    // Before it is connected, or the window is already larger.
    socket.set_recv_buffer_size(RECEIVE_BYTES).unwrap();
    let Ok(server) = socket.connect(gateway).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (source, reader) = match hold.who {
        Held::Source => (Some(hold), None),
        Held::Reader => (None, Some(hold)),
    };
    tokio::join!(pass(from_client, to_server, source), pass(from_server, to_client, reader));
}

/// One direction of a connection, to its end.
async fn pass(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, hold: Option<Hold>) {
    let mut count = Count { bytes: 0, hold };
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(length) = from.read(&mut piece).await {
        let Some(read) = piece.get(..length).filter(|read| !read.is_empty()) else { break };
        if to.write_all(read).await.is_err() {
            break;
        }
        count.bytes += u64::try_from(length).unwrap();
        if let Some(pause) = count.pause() {
            sleep(pause).await;
        }
    }
    let _ = to.shutdown().await;
}

/// The bytes of one direction, told when it ends, however it ends.
struct Count {
    bytes: u64,
    hold: Option<Hold>,
}

impl Count {
    /// How long this direction is to stand still now.
    fn pause(&self) -> Option<Duration> {
        let hold = self.hold.as_ref().filter(|_| self.bytes >= HELD_AT_BYTES)?;
        let first = !hold.once.swap(true, Ordering::Relaxed);
        first.then_some(hold.pause)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if let Some(hold) = self.hold.as_ref().filter(|_| self.bytes >= HELD_AT_BYTES) {
            hold.large.lock().unwrap().push(self.bytes);
        }
    }
}
