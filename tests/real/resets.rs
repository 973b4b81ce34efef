//! A proxy that breaks a connection in the middle of an upload, once, as proxies do when they are restarted.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use super::{
    chance::noise,
    clients::{Client, Oras, Regctl},
    hub::{Hub, free_address},
    wanted::wanted,
};
use crate::support::image::hex;

/// Bytes of the only layer of an image, at least.
const LAYER_BYTES: usize = 1 << 20;

/// How many bytes a client sends on one connection until that is reset.
const RESET_AFTER_BYTES: usize = 400_000;

/// A running proxy. It ends with this value.
struct Resetting {
    has_reset: Arc<AtomicBool>,
    _runtime: Runtime,
}

impl Resetting {
    fn start(listen: SocketAddr, gateway: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let has_reset = Arc::new(AtomicBool::new(false));
        let listener = runtime.block_on(TcpListener::bind(listen)).unwrap();
        let first = Arc::clone(&has_reset);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, gateway, Arc::clone(&first)));
            }
        });
        Self { has_reset, _runtime: runtime }
    }
}

/// Passes bytes in both directions until one of them ends, or is the first to be reset.
async fn pass(mut client: TcpStream, gateway: SocketAddr, has_reset: Arc<AtomicBool>) -> io::Result<()> {
    let mut server = TcpStream::connect(gateway).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let up = async {
        let (mut passed, mut chunk) = (0, vec![0; 16 << 10]);
        loop {
            let read = from_client.read(&mut chunk).await?;
            passed += read;
            if read == 0 {
                return io::Result::Ok(false);
            }
            if passed > RESET_AFTER_BYTES && !has_reset.swap(true, Ordering::Relaxed) {
                return Ok(true);
            }
            to_server.write_all(&chunk[..read]).await?;
        }
    };
    let reset = tokio::select! {
        reset = up => reset?,
        _ = copy(&mut from_server, &mut to_client) => false,
    };
    if reset {
        client.set_zero_linger()?;
    }
    Ok(())
}

/// distribution/distribution#785: a client that goes on by itself gets through, any other does when it is called again, and what is
/// pulled is whole.
fn push_survives_a_reset<C: Client>(client: impl FnOnce(&str) -> C, goes_on: bool) {
    let front = free_address();
    let hub = Hub::start_known_as(&format!("http://{front}"));
    let proxy = Resetting::start(front, hub.address.parse().unwrap());
    let (host, hello) = (front.to_string(), hex(&noise(LAYER_BYTES)));
    let client = client(&host);
    let image = format!("{host}/p/alpha/images/app:1.0");
    client.login(&host, &hub.member.name, &hub.member.secret).succeeds();
    client.make(&image, &hello);
    let pushed = client.push(&image);
    if goes_on {
        pushed.succeeds();
    } else {
        // Which of the two a writer is told depends on where it is at that moment.
        let pushed = pushed.fails();
        let broken = ["reset by peer", "broken pipe"].iter().any(|words| pushed.text.contains(words));
        assert!(broken, "{pushed}");
        client.push(&image).succeeds();
    }
    assert!(proxy.has_reset.load(Ordering::Relaxed), "no upload was long enough");
    client.pull(&image).succeeds();
    assert!(client.hello(&image) == hello, "other content than was pushed");
}

#[test]
fn regctl_pushes_through_a_reset() {
    if wanted(&["regctl", "umoci"]) {
        push_survives_a_reset(Regctl::new, true);
    }
}

#[test]
fn oras_pushes_through_a_reset() {
    if wanted(&["oras", "umoci"]) {
        // It sends nothing twice that it cannot read twice, which are blobs.
        push_survives_a_reset(|_| Oras::new(), false);
    }
}
