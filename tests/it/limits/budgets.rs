//! What one client makes the gateway hold is its own affair: others go on, and so do honest clients that ask for much.

use bytes::Bytes;
use futures_util::future::{join_all, select_all};
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::figure;
use crate::support::client::Client;
use crate::support::http::Version;
use crate::support::image::{Image, OCI_MANIFEST, sha256};
use crate::support::{Dialect, Http, Organisation, Server, image, until};

/// A public image with one layer of this many bytes, and the path of that layer.
async fn public_layer(hub: &Server, bytes: usize) -> (Image, String) {
    let layer: Vec<u8> = (0..=250).cycle().take(bytes).collect();
    let image = Image::of(OCI_MANIFEST, &[&layer]);
    hub.actor("alice").docker().push("team/open/large:1.0", &image).await.done();
    (image, format!("/v2/p/team/open/large/blobs/{}", sha256(&layer)))
}

/// A client that leaves a window of so many bytes for each answer.
async fn client(hub: &Server, window_bytes: u32) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(hub.address()).await.expect("a connection");
    let mut builder = Builder::new();
    builder.initial_window_size(window_bytes).initial_connection_window_size(1 << 30);
    let (sender, connection) = builder.handshake(stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

/// The status and the body of an answer.
async fn get(sender: &SendRequest<Bytes>, path: &str) -> (u16, RecvStream) {
    let mut sender = sender.clone().ready().await.expect("room for a request");
    let request = Request::get(format!("http://localhost{path}")).body(()).expect("a request");
    let answer = sender.send_request(request, true).expect("sent").0.await.expect("an answer");
    (answer.status().as_u16(), answer.into_body())
}

/// All of a body, or why it ended before its time.
async fn all(body: &mut RecvStream) -> Result<Vec<u8>, Option<Reason>> {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.map_err(|error| error.reason())?;
        bytes.extend_from_slice(&data);
        let _ = body.flow_control().release_capacity(data.len());
    }
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_shared_out_is_shown() {
    const SHOWN: [&str; 15] = [
        "connections",
        "requests",
        "administration",
        "answer_bytes",
        "body_bytes",
        "window_bytes",
        "uploads",
        "upload_bytes",
        "renders",
        "document_bytes",
        "searches",
        "write_rows",
        "large_write_rows",
        "changes",
        "passwords",
    ];
    let hub = Server::start().await;
    for budget in SHOWN {
        for figures in ["held", "waiting", "refused_total"] {
            figure(&hub, &format!("wharfinger_budget_{figures}{{budget=\"{budget}\"}}")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_are_in_nobodys_way() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.budgets.requests_per_address_max = 32;
        config.budgets.stalled_secs = 1;
        (config.timeouts.write_idle_secs_max, config.timeouts.slow_grace_secs) = (300, 300);
    })
    .await;
    let (large, layer) = public_layer(&hub, 300_000).await;
    let lazy = client(&hub, 0).await;
    let mut held = join_all((0..32).map(|_| get(&lazy, &layer))).await;
    assert!(held.iter().all(|(status, _)| *status == 200));
    until("a piece of each is held", async || {
        figure(&hub, "wharfinger_budget_held{budget=\"answer_bytes\"}").await == 32 * (64 << 10)
    })
    .await;
    // Whoever has a name does not notice, from the same address.
    hub.actor("alice").docker().pull("team/open/large:1.0").await.gives(&large);
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    assert_eq!(figure(&hub, "wharfinger_requests_cut_total{reason=\"gave_way\"}").await, 0);
    // A stranger waits until some of them give way.
    let keen = client(&hub, 1 << 20).await;
    let (status, mut body) = get(&keen, &layer).await;
    assert_eq!((status, all(&mut body).await.map(|bytes| bytes.len())), (200, Ok(300_000)));
    assert!(figure(&hub, "wharfinger_requests_cut_total{reason=\"gave_way\"}").await >= 1);
    let (ended, ..) = select_all(held.iter_mut().map(|(_, body)| Box::pin(all(body)))).await;
    assert_eq!(ended, Err(Some(Reason::CANCEL)));
    drop((held, lazy, keen));
    until("everything is given back", async || {
        figure(&hub, "wharfinger_budget_held{budget=\"answer_bytes\"}").await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_layers_are_downloaded_at_once_over_one_connection() {
    let hub = Server::start().await;
    let (large, layer) = public_layer(&hub, 1_000_000).await;
    let sender = client(&hub, 1 << 20).await;
    let downloads = (0..100).map(|_| async {
        let (status, mut body) = get(&sender, &layer).await;
        (status, all(&mut body).await.expect("all of it") == large.layers[0])
    });
    assert!(join_all(downloads).await.into_iter().all(|got| got == (200, true)));
    assert_eq!(figure(&hub, "wharfinger_budget_refused_total{budget=\"requests\"}").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dozen_images_are_pushed_at_once_over_http2() {
    let hub = Server::start().await;
    let layer = vec![7; 2_000_000];
    let pushes = (0..12_u8).map(|number| {
        let mut layer = layer.clone();
        layer[0] = number;
        let pushed = Image::of(OCI_MANIFEST, &[&layer]);
        let http = Http::new(hub.address()).speaking(Version::Http2);
        let client = Client::new(http, Some(hub.login("alice")), Dialect::ALL[0]);
        async move { client.push(&format!("team/app/image{number}:1.0"), &pushed).await.done() }
    });
    join_all(pushes).await;
    until("the windows are given back", async || {
        figure(&hub, "wharfinger_budget_held{budget=\"window_bytes\"}").await == 0
    })
    .await;
}

/// From one of the addresses of this machine.
async fn from(address: &str, hub: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{address}:0").parse().expect("an address")).expect("one of ours");
    socket.connect(hub.address()).await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_of_two_addresses_are_kept() {
    let hub = Server::start().await;
    let request = format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", hub.address());
    let mut kept = Vec::new();
    for number in 0..1_000 {
        kept.push(from(if number % 2 == 0 { "127.0.0.1" } else { "127.0.0.2" }, &hub).await);
    }
    for _ in 0..2 {
        for connection in &mut kept {
            connection.write_all(request.as_bytes()).await.expect("taken");
        }
        for connection in &mut kept {
            let mut said = Vec::new();
            while !said.ends_with(b"alive\n") {
                assert_ne!(connection.read_buf(&mut said).await.expect("an answer"), 0, "closed");
            }
        }
    }
    assert_eq!(figure(&hub, "wharfinger_connections_cut_total{reason=\"idle\"}").await, 0);
}
