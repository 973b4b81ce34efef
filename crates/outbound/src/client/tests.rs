//! Against servers that lie: by their names, by where they send, by how long and how much they say.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Answer, Client, Limits, Request};
use crate::error::SendError;
use crate::resolve::{Resolve, Resolving};
use crate::target::Target;
use crate::trust::Trust;

/// Says one thing after the other, the last one for ever, and counts.
struct Lying {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Resolve for Lying {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed).min(self.answers.len().saturating_sub(1));
        let answer = self.answers.get(turn).cloned().ok_or_else(|| io::Error::other("no such name"));
        Box::pin(std::future::ready(answer))
    }
}

fn names(answers: &[&[&str]]) -> Arc<Lying> {
    let read = |list: &&[&str]| list.iter().map(|text| text.parse().expect("an address")).collect();
    Arc::new(Lying { answers: answers.iter().map(read).collect(), asked: AtomicUsize::new(0) })
}

fn client(names: Arc<Lying>, private: &[String]) -> Client {
    let private = private.iter().map(|text| text.parse().expect("a place")).collect();
    Client::new(names, Trust::default(), private, Limits { request_secs_max: 5, ..Limits::default() })
}

fn request(url: &str, answer_bytes_max: usize) -> Request {
    Request {
        method: Method::POST,
        target: Target::parse(url).expect("an address"),
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
        answer_bytes_max,
        private: None,
    }
}

/// A server on loopback that answers each connection with these bytes and then keeps it open; and how many came.
async fn server(answer: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(answer).await;
                // Until the other side has enough.
                while matches!(stream.read(&mut head).await, Ok(1..)) {}
            });
        }
    });
    (port, came)
}

async fn told(answer: &'static [u8], answer_bytes_max: usize) -> Result<Answer, SendError> {
    let (port, _) = server(answer).await;
    let client = client(names(&[]), &[format!("127.0.0.1:{port}")]);
    client.send(request(&format!("http://127.0.0.1:{port}/hooks"), answer_bytes_max)).await
}

#[tokio::test]
async fn an_answer_comes_back() {
    let answer = told(b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok", 16).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), &*answer.body), (202, &b"ok"[..]));
}

#[tokio::test]
async fn a_private_address_is_reached_only_at_a_place_that_is_named() {
    let (port, came) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let elsewhere = [format!("127.0.0.1:{}", port.wrapping_add(1).max(1)), format!("localhost:{port}")];
    let strict = client(names(&[]), &elsewhere);
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"] {
        let refused = strict.send(request(&format!("https://{host}:{port}/"), 0)).await;
        assert!(matches!(refused, Err(SendError::NotPublic)), "{host}: {refused:?}");
    }
    assert_eq!(came.load(Ordering::Relaxed), 0);
    let named = client(names(&[&["127.0.0.1"]]), &[format!("hooks.test:{port}")]);
    named.send(request(&format!("http://hooks.test:{port}/"), 0)).await.expect("it is named");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_whatever_else_it_leads_to() {
    let (port, came) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let inside: &[&[&str]] = &[&["127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1"]];
    let refused = client(names(inside), &[]).send(request(&format!("https://hooks.test:{port}/"), 0)).await;
    assert!(matches!(refused, Err(SendError::NotPublic)), "{refused:?}");
    assert_eq!(came.load(Ordering::Relaxed), 0);
}

/// Answers that change between look and use: there is one look.
#[tokio::test]
async fn a_name_is_looked_up_once() {
    let lying = names(&[&["10.0.0.1"], &["127.0.0.1"]]);
    let client = client(Arc::clone(&lying), &[]);
    let refused = client.send(request("https://rebinding.test/", 0)).await;
    assert!(matches!(refused, Err(SendError::NotPublic)), "{refused:?}");
    assert_eq!(lying.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn metadata_is_never_asked_even_where_it_is_named() {
    let place = "169.254.169.254:80".to_owned();
    let refused = client(names(&[]), &[place]).send(request("http://169.254.169.254/latest", 0)).await;
    assert!(matches!(refused, Err(SendError::NotPublic)), "{refused:?}");
}

#[tokio::test]
async fn nothing_goes_in_clear_to_a_place_that_is_not_named() {
    let refused = client(names(&[&["8.8.8.8"]]), &[]).send(request("http://hooks.test/", 0)).await;
    assert!(matches!(refused, Err(SendError::InClear)), "{refused:?}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let answer =
        told(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 0).await;
    assert_eq!(answer.expect("an answer").status.as_u16(), 302);
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_is_left() {
    let refused = told(b"HTTP/1.1 200 OK\r\n", 0).await;
    assert!(matches!(refused, Err(SendError::Slow)), "{refused:?}");
    let refused = told(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", 16).await;
    assert!(matches!(refused, Err(SendError::Slow)), "{refused:?}");
}

#[tokio::test]
async fn whoever_says_too_much_is_left() {
    let refused = told(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n01234567890123456", 16).await;
    assert!(matches!(refused, Err(SendError::TooLarge)), "{refused:?}");
    let endless: &'static [u8] =
        Box::leak([b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'a'; 1 << 20]].concat().into());
    let refused = told(endless, 16).await;
    assert!(matches!(refused, Err(SendError::Broken(_))), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    let refused = told(b"220 mail.test ESMTP\r\n", 0).await;
    assert!(matches!(refused, Err(SendError::Broken(_))), "{refused:?}");
}

#[tokio::test]
async fn whoever_cannot_prove_a_name_is_not_told_anything() {
    let certified = rcgen::generate_simple_self_signed(["hooks.test".to_owned()]).expect("a certificate");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certified.cert.der().clone()],
            rustls_pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key"),
        )
        .expect("a certificate");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let client = client(names(&[&["127.0.0.1"]]), &[format!("hooks.test:{port}")]);
    let refused = client.send(request(&format!("https://hooks.test:{port}/"), 0)).await;
    assert!(matches!(refused, Err(SendError::Tls(_) | SendError::Untrusting)), "{refused:?}");
}

/// What one request names is for that one: its own host and port, in clear only on this machine.
#[tokio::test]
async fn a_request_reaches_the_private_place_that_it_names_and_no_other() {
    let (port, came) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let client = client(names(&[&["10.0.0.1"]]), &[]);
    let here = format!("127.0.0.1:{port}");
    let naming = |url: &str, place: &str| Request {
        private: Some(place.parse().expect("a place")),
        ..request(url, 64)
    };
    client.send(naming(&format!("http://{here}/"), &here)).await.expect("it is named");
    for (url, place) in [
        (format!("http://{here}/"), "127.0.0.1:1"),
        (format!("https://{here}/"), "issuer.internal:443"),
        ("http://issuer.internal/".to_owned(), "issuer.internal:80"),
        ("https://169.254.169.254/".to_owned(), "169.254.169.254:443"),
    ] {
        let refused = client.send(naming(&url, place)).await.expect_err(&url);
        assert!(matches!(refused, SendError::NotPublic | SendError::InClear), "{url}: {refused}");
    }
    assert_eq!(came.load(Ordering::Relaxed), 1);
}
