//! Others are told over HTTP of what happens: as a receiver sees it, and as whoever sets it up does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::process::run;
use crate::support::{Ask, Organisation, Server, image, until};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const HOOK: &str = "/api/v1/repositories/team/app/webhooks/ci";

/// A message, as it came.
#[derive(Debug, Clone)]
struct Message {
    id: String,
    timestamp: String,
    signature: String,
    head: String,
    body: String,
}

/// Takes messages on loopback and answers each with the next status that it was told, 204 for ever after.
struct Receiver {
    place: String,
    came: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    async fn answering(statuses: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let place = listener.local_addr().expect("an address").to_string();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (kept, mut statuses) =
            (Arc::clone(&came), statuses.iter().map(|one| (*one).to_owned()).collect::<VecDeque<_>>());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if let Some(message) = read(&mut stream).await {
                    kept.lock().expect("the list").push(message);
                }
                let status = statuses.pop_front().unwrap_or_else(|| "204 No Content".to_owned());
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { place, came }
    }

    fn came(&self) -> Vec<Message> {
        self.came.lock().expect("the list").clone()
    }

    fn url(&self) -> String {
        format!("http://{}/hooks?from=here", self.place)
    }

    /// A gateway whose configuration names it.
    async fn hub(&self) -> Server {
        let place = self.place.parse().expect("a place");
        Server::tuned(Organisation::team(), |config| config.outbound.private_targets.push(place)).await
    }
}

async fn read(stream: &mut TcpStream) -> Option<Message> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        if header("content-length").parse() == Ok(body.len()) {
            return Some(Message {
                id: header("webhook-id"),
                timestamp: header("webhook-timestamp"),
                signature: header("webhook-signature"),
                head: head.to_owned(),
                body: body.to_owned(),
            });
        }
    }
}

/// HMAC-SHA256 (RFC 2104), as a receiver without a library would write it.
fn signature(secret: &str, message: &Message) -> String {
    let mut key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("base64");
    key.resize(64, 0);
    let pad = |byte: u8| key.iter().map(|part| part ^ byte).collect::<Vec<u8>>();
    let signed = format!("{}.{}.{}", message.id, message.timestamp, message.body);
    let inner = Sha256::digest([pad(0x36), signed.into_bytes()].concat());
    format!("v1,{}", STANDARD.encode(Sha256::digest([pad(0x5c), inner.to_vec()].concat())))
}

fn wanted(url: &str, events: &[&str]) -> Value {
    json!({ "url": url, "events": events, "secret": SECRET })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_is_told_what_was_pushed_and_by_whom() {
    let receiver = Receiver::answering(&["500 Internal Server Error"]).await;
    let hub = receiver.hub().await;
    let made =
        hub.admin().send(Ask::put(HOOK).json(&wanted(&receiver.url(), &["package.published"]))).await.is(201);
    assert!(!made.to_string().contains("MfKQ"), "{made}");
    hub.actor("alice").docker().push("team/app/web:1.0", &image("hello")).await.done();
    let told = |message: &Message| {
        let body: Value = serde_json::from_str(&message.body).expect("JSON");
        (body["type"] == "package.published" && body["data"]["name"] == "1.0").then_some(body)
    };
    until("the tag is told", async || receiver.came().iter().any(|message| told(message).is_some())).await;
    let came = receiver.came();
    for message in &came {
        assert_eq!(message.signature, signature(SECRET, message), "{message:?}");
        assert!(message.head.starts_with("POST /hooks?from=here HTTP/1.1\r\n"), "{message:?}");
        assert!(!message.head.to_lowercase().contains("authorization"), "{message:?}");
    }
    let body = came.iter().find_map(told).expect("the tag");
    let data = &body["data"];
    assert_eq!((&data["repository"], &data["by"]), (&json!("team/app"), &json!("member:alice")));
    assert_eq!(
        (&data["format"], &data["kind"], &data["package"]),
        (&json!("oci"), &json!("tag"), &json!("web"))
    );
    // The one that was not taken is sent again, as the same.
    until("all arrived", async || {
        let shown = hub.admin().send(Ask::get(format!("{HOOK}/deliveries"))).await.is(200).json();
        let items = shown["items"].as_array().expect("items").clone();
        items.iter().all(|one| one["outcome"] == "delivered")
    })
    .await;
    let first = &receiver.came()[0];
    let again = receiver.came().iter().filter(|message| message.id == first.id).count();
    assert_eq!(again, 2, "{:?}", receiver.came());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_receiver_holds_up_no_other() {
    let (dead, alive) =
        (Receiver::answering(&["503 Service Unavailable"; 20]).await, Receiver::answering(&[]).await);
    let places = [&dead, &alive].map(|one| one.place.parse().expect("a place"));
    let hub =
        Server::tuned(Organisation::team(), |config| config.outbound.private_targets.extend(places)).await;
    for (name, receiver) in [("dead", &dead), ("alive", &alive)] {
        let path = format!("/api/v1/projects/team/webhooks/{name}");
        hub.admin().send(Ask::put(path).json(&wanted(&receiver.url(), &["audit"]))).await.is(201);
    }
    for _ in 0..3 {
        hub.admin()
            .send(Ask::post("/api/v1/projects/team/webhooks/alive/test").json(&json!({})))
            .await
            .is(200);
    }
    let tests = || {
        let body = |message: &Message| serde_json::from_str::<Value>(&message.body).expect("JSON");
        alive.came().iter().filter(|message| body(message)["type"] == "test").count()
    };
    until("the living one is told", async || tests() == 3).await;
    let shown = hub.admin().send(Ask::get("/api/v1/projects/team/webhooks/dead")).await.is(200).json();
    assert!(shown["about"]["waiting"].as_u64() > Some(0), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_of_administration_has_the_chain() {
    let receiver = Receiver::answering(&[]).await;
    let place = receiver.place.parse().expect("a place");
    let hub = Server::tuned(Organisation::team(), |config| config.outbound.private_targets.push(place)).await;
    let hook = "/api/v1/organisation/webhooks/record";
    hub.admin().send(Ask::put(hook).json(&wanted(&receiver.url(), &["audit"]))).await.is(201);
    let grant = json!({ "to": "member:bob", "permissions": ["read"] });
    hub.admin().send(Ask::put("/api/v1/projects/team/grants").json(&grant)).await.is(200);
    let head = hub.admin().send(Ask::get("/api/v1/organisation/audit/head")).await.is(200).json();
    let told = || {
        let bodies = receiver.came().into_iter();
        let mut bodies = bodies.map(|message| serde_json::from_str::<Value>(&message.body).expect("JSON"));
        bodies.find(|body| body["type"] == "grant.put")
    };
    until("the receiver is told", async || told().is_some()).await;
    let data = &told().expect("a message")["data"];
    assert_eq!((&data["sequence"], &data["chain"]), (&head["sequence"], &head["chain"]), "{data}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_go_nowhere_that_is_not_public() {
    let receiver = Receiver::answering(&[]).await;
    // The configuration names no place.
    let hub = Server::start().await;
    let places = [
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "http://ci.example.org/",
    ];
    for url in places.into_iter().chain([&*receiver.url()]) {
        let refused = hub.admin().send(Ask::put(HOOK).json(&wanted(url, &["audit"]))).await.is(409).json();
        assert_eq!(refused["code"], "rule", "{url}");
    }
    let odd =
        ["https://user:secret@example.org/", "https://example.org/#x", "ftp://example.org/", "example.org"];
    for url in odd {
        hub.admin().send(Ask::put(HOOK).json(&wanted(url, &["audit"]))).await.is(400);
    }
    // A name that leads inside is found out when it is sent to.
    let body = wanted("https://localhost/", &["package.published"]);
    hub.admin().send(Ask::put(HOOK).json(&body)).await.is(201);
    hub.admin().send(Ask::post(format!("{HOOK}/test")).json(&json!({}))).await.is(200);
    until("it was refused", async || {
        let shown = hub.admin().send(Ask::get(format!("{HOOK}/deliveries"))).await.is(200).json();
        shown["items"][0]["error"] == "the host leads to an address that is not public"
    })
    .await;
    assert!(receiver.came().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_set_a_repository_sees_no_webhook_of_it() {
    let hub = Server::start().await;
    let body = wanted("https://ci.example.org/", &["package.published"]);
    hub.admin().send(Ask::put(HOOK).json(&body)).await.is(201);
    for path in [HOOK.to_owned(), format!("{HOOK}/deliveries"), "/api/v1/organisation/webhooks".to_owned()] {
        hub.actor("bob").send(Ask::get(path)).await.is(403);
    }
    hub.actor("bob").send(Ask::put(HOOK).json(&body)).await.is(403);
    // The path names a node: at another one it is not there.
    hub.admin().send(Ask::get("/api/v1/projects/team/webhooks/ci")).await.is(404);
    // Without a secret it keeps the one it has; a new one needs one.
    let without = json!({ "url": "https://ci.example.org/", "events": ["package.published"] });
    let kept = hub.admin().send(Ask::put(HOOK).json(&without)).await.is(200);
    assert_eq!(kept.must_have("wharfinger-changed"), "false");
    let refused = hub.admin().send(Ask::put(format!("{HOOK}-2")).json(&without)).await.is(409).json();
    assert_eq!(refused["code"], "rule");
    // Tried only, it is neither made nor sent.
    hub.admin().send(Ask::put(format!("{HOOK}-2?dry_run=true")).json(&body)).await.is(200);
    hub.admin().send(Ask::get(format!("{HOOK}-2"))).await.is(404);
    hub.admin().send(Ask::delete(HOOK)).await.is(200);
    hub.admin().send(Ask::get(HOOK)).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_sets_one_up_and_tests_it() {
    let receiver = Receiver::answering(&["204 No Content", "410 Gone"]).await;
    let hub = receiver.hub().await;
    let (server, token) = (format!("http://{}", hub.address()), hub.login("root").secret.clone());
    let variables = [("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", &*token)];
    let folder = hub.folder().root().to_owned();
    let told = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        tokio::task::block_in_place(|| run(&folder, &words, &variables))
    };
    let url = receiver.url();
    let made = told(&format!(
        "webhook put ci --on team/app --url {url} --event package.published --event package.replaced"
    ));
    let secret = made.succeeds().out.lines().last().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let tested = told("webhook test ci --on team/app").succeeds();
    assert!(tested.out.starts_with("it arrived: 204"), "{}", tested.out);
    let message = receiver.came().first().cloned().expect("it came");
    assert_eq!(message.signature, signature(&secret, &message));
    let listed = told("webhook list --on team/app").succeeds();
    assert!(listed.out.contains("ci") && !listed.out.contains(&secret), "{}", listed.out);
    told("webhook put ci --on team/app --event package.removed").succeeds();
    // It wants no more.
    let over = told("webhook test ci --on team/app").fails_with(1);
    assert!(over.err.contains("wants no more"), "{}", over.err);
    let shown = told("webhook show ci --on team/app").succeeds();
    assert!(shown.out.contains("package.removed") && shown.out.contains("wants no more"), "{}", shown.out);
    told("webhook test ci --on team/app").fails_with(7);
    told("webhook put ci --on team/app --active true").succeeds();
    let deliveries = told("webhook deliveries ci --on team/app").succeeds();
    let number =
        deliveries.out.lines().last().and_then(|line| line.split(' ').next()).expect("a number").to_owned();
    told(&format!("webhook redeliver ci {number} --on team/app")).succeeds();
    until("it came again", async || receiver.came().iter().filter(|one| one.id == message.id).count() == 2)
        .await;
    told("webhook delete ci --on team/app").succeeds();
    told("webhook show ci --on team/app").fails_with(6);
}
