use std::net::SocketAddr;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;

use super::*;
use crate::config::EdgeConfig;
use crate::testing::depot::Depot;
use crate::testing::{Answer, Pipes};

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), ServeError>>,
}

async fn serve(pipes: &Pipes<Depot>, tls: Option<Tls>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let (edge, service) = (Arc::clone(&pipes.edge), pipes.service.clone());
    let ended = tokio::spawn(edge.serve(service, listener, tls, stop.clone()));
    Served { address, stop, ended }
}

async fn get(address: SocketAddr, path: &str, headers: &str) -> Answer {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    connection.read_to_string(&mut said).await.unwrap();
    Answer::read(&said)
}

/// A connection on which one request was answered.
async fn kept(address: SocketAddr) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"alive\n") {
        assert_ne!(connection.read_buf(&mut said).await.unwrap(), 0);
    }
    connection
}

/// A connection whose request is never answered.
async fn busy(pipes: &Pipes<Depot>, address: SocketAddr) -> TcpStream {
    let before = pipes.edge.budgets.requests.held();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    while pipes.edge.budgets.requests.held() == before {
        tokio::task::yield_now().await;
    }
    connection
}

#[tokio::test]
async fn an_idle_connection_gives_way_to_a_new_one_and_a_busy_one_does_not() {
    let rows: [fn(&mut EdgeConfig); 2] =
        [|config| config.connections.per_address_max = 3, |config| config.connections.total_max = 3];
    for bound in rows {
        let mut config = EdgeConfig::default();
        bound(&mut config);
        let pipes = Pipes::depot_with(config);
        let served = serve(&pipes, None).await;
        let _busy = busy(&pipes, served.address).await;
        let mut silent = TcpStream::connect(served.address).await.unwrap();
        while pipes.edge.budgets.connections.held() < 2 {
            tokio::task::yield_now().await;
        }
        let mut idle = kept(served.address).await;
        let mut next = Vec::new();
        for oldest in [&mut silent, &mut idle] {
            assert_eq!(get(served.address, "/livez", "").await.status, 200);
            assert_eq!(oldest.read_to_end(&mut Vec::new()).await.unwrap(), 0, "closed");
            while pipes.edge.budgets.connections.held() > 2 {
                tokio::task::yield_now().await;
            }
            // The place of the one that came, was answered and went.
            next.push(kept(served.address).await);
        }
        assert_eq!(pipes.edge.metrics.idle_closed.get(), 2);
        assert_eq!(pipes.edge.metrics.turned_away.get(), 0);
    }
}

#[tokio::test]
async fn a_connection_that_there_is_no_place_for_is_closed_and_counted() {
    let mut config = EdgeConfig::default();
    config.connections.per_address_max = 2;
    let pipes = Pipes::depot_with(config);
    let served = serve(&pipes, None).await;
    let open = [busy(&pipes, served.address).await, busy(&pipes, served.address).await];
    let mut third = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(third.read_to_end(&mut Vec::new()).await.unwrap(), 0, "turned away");
    assert_eq!(pipes.edge.metrics.turned_away.get(), 1);
    drop(open);
    assert_eq!(get(served.address, "/livez", "").await.status, 200);
}

fn certificate(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// What a client that trusts `chain` alone and offers `alpn` gets: the protocol and the first bytes of the answer.
async fn handshake(
    address: SocketAddr,
    chain: &str,
    alpn: &[&[u8]],
) -> io::Result<(Option<Vec<u8>>, String)> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("hub.example").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    if agreed.as_deref() == Some(b"h2") {
        return Ok((agreed, String::new()));
    }
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut said = String::new();
    stream.read_to_string(&mut said).await?;
    Ok((agreed, said))
}

#[tokio::test]
async fn tls_with_a_certificate_that_changes() {
    let pipes = Pipes::depot();
    let ((chain, key), (next_chain, next_key)) = (certificate("hub.example"), certificate("hub.example"));
    let tls = Tls::new(chain.as_bytes(), key.as_bytes()).unwrap();
    let served = serve(&pipes, Some(tls.clone())).await;
    let (agreed, _) = handshake(served.address, &chain, &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(agreed.unwrap(), b"h2");
    let (agreed, said) = handshake(served.address, &chain, &[b"http/1.1"]).await.unwrap();
    assert_eq!(agreed.unwrap(), b"http/1.1");
    assert!(said.ends_with("alive\n"), "{said}");
    let (agreed, said) = handshake(served.address, &chain, &[]).await.unwrap();
    assert!(agreed.is_none() && said.ends_with("alive\n"), "{said}");

    assert!(handshake(served.address, &next_chain, &[]).await.is_err(), "not yet");
    tls.reload(next_chain.as_bytes(), next_key.as_bytes()).unwrap();
    assert!(handshake(served.address, &next_chain, &[]).await.is_ok());
    assert!(handshake(served.address, &chain, &[]).await.is_err(), "no longer");
    served.stop.cancel();
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_shakes_no_hands_is_dropped() {
    let mut config = EdgeConfig::default();
    config.timeouts.handshake_secs_max = 0;
    let pipes = Pipes::depot_with(config);
    let (chain, key) = certificate("hub.example");
    let served = serve(&pipes, Some(Tls::new(chain.as_bytes(), key.as_bytes()).unwrap())).await;
    let mut silent = TcpStream::connect(served.address).await.unwrap();
    assert_eq!(silent.read_to_end(&mut Vec::new()).await.unwrap(), 0);
}
