//! A way to a gateway on which answers are held up until the test lets them through.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::until;

/// What of a request or an answer is carried on at a time, in bytes.
const PIECE_BYTES: usize = 16 << 10;

/// The way. It is open once [`Self::open`] was called, and for all but some requests before.
pub(crate) struct Detour {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
}

#[derive(Default)]
struct State {
    is_open: bool,
    held: usize,
}

impl Detour {
    /// To this gateway; answers to requests that begin with this are held up.
    pub(crate) async fn to(gateway: SocketAddr, held: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = watch::Sender::new(State::default());
        let of_all = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let stream = TcpStream::connect(gateway).await.expect("a gateway");
                tokio::spawn(carried(client, stream, held, of_all.clone()));
            }
        });
        Self { address, state }
    }

    /// Waits until so many answers are held up, or were.
    pub(crate) async fn holds(&self, count: usize) {
        until("answers are held up", async || self.state.borrow().held >= count).await;
    }

    /// Lets all of them through.
    pub(crate) fn open(&self) {
        self.state.send_modify(|state| state.is_open = true);
    }
}

/// Carries everything of a connection both ways, until one of them ends.
async fn carried(client: TcpStream, gateway: TcpStream, held: &str, state: watch::Sender<State>) {
    let ((mut from_client, mut to_client), (mut from_gateway, mut to_gateway)) =
        (client.into_split(), gateway.into_split());
    let (hold, mut is_held) = watch::channel(false);
    let requests = async {
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(read @ 1..) = from_client.read(&mut piece).await {
            if piece[..read].starts_with(held.as_bytes()) {
                state.send_modify(|state| state.held += 1);
                let _ = hold.send(true);
            }
            if to_gateway.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    };
    let answers = async {
        let (mut piece, mut opened) = (vec![0; PIECE_BYTES], state.subscribe());
        while let Ok(read @ 1..) = from_gateway.read(&mut piece).await {
            if *is_held.borrow_and_update() {
                let _ = opened.wait_for(|state| state.is_open).await;
            }
            if to_client.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = requests => {}
        () = answers => {}
    }
}
