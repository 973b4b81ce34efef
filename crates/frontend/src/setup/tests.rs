use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use ::http::header::CONTENT_TYPE;
use ::http::{HeaderMap, HeaderValue, Method};
use auth::Secret;
use bytes::Bytes;
use domain::{Clock, Origin, RequestId, System, Timestamp};
use edge::{Body, PublicUrl};
use serde_json::{Value, json};
use storage::{Opened, Storage, StorageConfig};

use super::{Setup, WAIT_SECS, WRONG_CODES_MAX};
use crate::config::AuditSettings;
use crate::head::Head;
use crate::protocols::formats;
use crate::record::Record;

const CODE: &str = "abcdefg-hijklmn";

/// A clock that stands until it is told otherwise.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Room {
    setup: Setup,
    opened: Opened,
    clock: Arc<Hand>,
    done: Arc<AtomicU32>,
}

impl Room {
    async fn open() -> Self {
        let clock = Arc::new(Hand(1_700_000_000_000.into()));
        let opened = Storage::open(StorageConfig::in_memory(), formats(), Arc::<Hand>::clone(&clock));
        let opened = opened.await.expect("storage");
        let done = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&done);
        let setup = Setup::new(
            opened.directory.clone(),
            Arc::<Hand>::clone(&clock),
            Secret::new(CODE.to_owned()),
            System::mint("test"),
            move || {
                counted.fetch_add(1, Ordering::Relaxed);
            },
        );
        Self { setup, opened, clock, done }
    }

    async fn post(&self, body: Value) -> u16 {
        self.send(&Method::POST, Bytes::from(body.to_string())).await
    }

    async fn send(&self, method: &Method, body: Bytes) -> u16 {
        self.send_as(method, "application/json; charset=utf-8", body).await
    }

    async fn send_as(&self, method: &Method, kind: &'static str, body: Bytes) -> u16 {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let head = Head {
            method,
            mount: "/api",
            foreign: false,
            path: "/v1/setup",
            query: None,
            headers: &headers,
            public_url: PublicUrl::Fixed("https://hub.example"),
        };
        let origin = Arc::new(Origin { request: RequestId(1), address: None, agent: None });
        let mut record = Record::new(origin, AuditSettings::default());
        self.setup.serve(head, &mut Body::from(body), &mut record).await.status().as_u16()
    }

    async fn has_administrator(&self) -> bool {
        self.opened.directory.has_administrator(&System::mint("test")).await.expect("an answer")
    }
}

#[tokio::test]
async fn the_code_lets_one_in_once() {
    let room = Room::open().await;
    assert_eq!(room.post(json!({ "code": "wrong", "username": "mallory" })).await, 403);
    assert!(!room.has_administrator().await);
    assert_eq!(room.post(json!({ "code": CODE, "username": "ada" })).await, 201);
    assert!(room.has_administrator().await);
    assert_eq!(room.post(json!({ "code": CODE, "username": "bob" })).await, 403);
    assert_eq!(room.done.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_cannot_be_made_leaves_the_room_open() {
    let room = Room::open().await;
    for body in [
        json!({ "code": CODE, "username": "a b" }),
        json!({ "code": CODE, "username": "" }),
        json!({ "code": CODE, "username": "ada", "password": "eleven char" }),
        json!({ "code": CODE, "username": "ada", "project": "p" }),
        json!({ "code": CODE, "username": "ada", "projct": "x" }),
        json!({ "code": CODE }),
        json!([]),
    ] {
        assert_eq!(room.post(body.clone()).await, 400, "{body}");
    }
    assert_eq!(room.send(&Method::POST, Bytes::from(vec![b' '; 1 << 20])).await, 413);
    assert_eq!(room.send(&Method::GET, Bytes::new()).await, 405);
    for weak in ["password1234", "ada.lovelace"] {
        let body = json!({ "code": CODE, "username": "ada.lovelace", "password": weak });
        assert_eq!(room.post(body).await, 409, "{weak}");
    }
    assert!(!room.has_administrator().await);
    let body =
        json!({ "code": CODE, "username": "ada", "password": "long enough it is", "project": "first" });
    assert_eq!(room.post(body).await, 201);
}

#[tokio::test]
async fn strangers_who_guess_wait_and_who_knows_does_not() {
    let room = Room::open().await;
    for _ in 0..WRONG_CODES_MAX {
        assert_eq!(room.post(json!({ "code": "guess", "username": "mallory" })).await, 403);
    }
    assert_eq!(room.post(json!({ "code": "guess", "username": "mallory" })).await, 429);
    room.clock.0.fetch_add(i64::from(WAIT_SECS) * 1000, Ordering::Relaxed);
    assert_eq!(room.post(json!({ "code": "guess", "username": "mallory" })).await, 403);
    for _ in 0..WRONG_CODES_MAX {
        room.post(json!({ "code": "guess", "username": "mallory" })).await;
    }
    assert_eq!(room.post(json!({ "code": CODE, "username": "ada" })).await, 201);
}

#[tokio::test]
async fn a_form_of_another_page_sets_nothing_up() {
    let room = Room::open().await;
    let body = Bytes::from(json!({ "code": CODE, "username": "ada" }).to_string());
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        assert_eq!(room.send_as(&Method::POST, kind, body.clone()).await, 415, "{kind}");
    }
    assert!(!room.has_administrator().await);
    assert_eq!(room.send(&Method::POST, body).await, 201);
}
