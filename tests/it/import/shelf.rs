//! A server of plain files: static feeds and trees that others serve, and what goes wrong with them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is at each path.
type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

/// An answer.
#[derive(Debug, Clone)]
pub(super) enum Page {
    /// This content.
    Is(Bytes),
    /// This status and nothing else.
    Fails(u16),
    /// The content, of which all but the last byte comes.
    Cut(Bytes),
    /// The content for who says this in `Authorization`; others are told what to say.
    Guarded { says: String, told: String, content: Bytes },
    /// Elsewhere.
    Moved(String),
}

/// A server on a port of its own, which ends with its test.
pub(super) struct Shelf {
    address: SocketAddr,
    pages: Pages,
    /// Every `Authorization` that came.
    heard: Heard,
}

type Heard = Arc<Mutex<Vec<String>>>;

impl Shelf {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let pages = Pages::default();
        let heard = Heard::default();
        let (served, hears) = (Arc::clone(&pages), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served), Arc::clone(&hears)));
            }
        });
        Self { address, pages, heard }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(super) fn put(&self, path: &str, page: Page) {
        self.pages.lock().expect("pages").insert(format!("/{path}"), page);
    }

    pub(super) fn is(&self, path: &str, content: impl Into<Bytes>) {
        self.put(path, Page::Is(content.into()));
    }

    /// What was said in `Authorization` so far.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("words").clone()
    }

    /// A page of links to these names, as Apache writes it.
    pub(super) fn lists(&self, path: &str, names: &[&str]) {
        let links: String = names.iter().map(|name| format!("<a href=\"{name}\">{name}</a>\n")).collect();
        self.is(path, format!("<html><h1>Index</h1><a href=\"../\">Parent Directory</a>\n{links}</html>"));
    }
}

async fn serve(mut stream: TcpStream, pages: Pages, heard: Heard) {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(read) => head.extend_from_slice(&piece[..read]),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    let said = head.lines().find_map(|line| line.strip_prefix("authorization: ")).map(str::to_owned);
    heard.lock().expect("words").extend(said.clone());
    let page = pages.lock().expect("pages").get(path).cloned().unwrap_or(Page::Fails(404));
    let nothing = Bytes::new();
    let (status, length, more, body) = match page {
        Page::Is(content) => (200, content.len(), String::new(), content),
        Page::Fails(status) => (status, 0, String::new(), nothing),
        Page::Cut(content) => (200, content.len(), String::new(), content.slice(..content.len() - 1)),
        Page::Guarded { says, content, .. } if said.as_ref() == Some(&says) => {
            (200, content.len(), String::new(), content)
        }
        Page::Guarded { told, .. } => (401, 0, format!("www-authenticate: {told}\r\n"), nothing),
        Page::Moved(to) => (307, 0, format!("location: {to}\r\n"), nothing),
    };
    let head =
        format!("HTTP/1.1 {status} Said\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    if method != "HEAD" {
        let _ = stream.write_all(&body).await;
    }
    let _ = stream.shutdown().await;
}
