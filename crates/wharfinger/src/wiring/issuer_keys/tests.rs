//! Against an issuer that says what it is told to, at a time that is moved by hand.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::advance;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
/// RFC 7517, A.1.
const X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

/// An issuer.
#[derive(Default)]
struct Said {
    asked: AtomicUsize,
    /// The ids of its keys; none if it fails.
    keys: Mutex<Vec<&'static str>>,
    /// Whether it answers only once it is told to.
    waits: Mutex<bool>,
    go: Notify,
}

impl Fetch for Arc<Said> {
    fn refusal(&self, _: &IssuerSource) -> Option<String> {
        None
    }

    fn fetch<'a>(&'a self, _: &'a IssuerSource) -> BoxFuture<'a, Result<KeySet, String>> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            if *self.waits.lock().unwrap() {
                self.go.notified().await;
            }
            let keys: Vec<Value> = self.keys.lock().unwrap().iter().map(|id| jwk(id)).collect();
            KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).map_err(|why| why.to_string())
        })
    }
}

fn jwk(id: &str) -> Value {
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": X, "y": Y })
}

fn source() -> IssuerSource {
    IssuerSource {
        id: SourceId::Machines(1),
        url: "https://issuer.example".into(),
        private: false,
        jwks: None,
    }
}

/// What is asked and who is.
fn house() -> (Arc<FetchedKeys<Arc<Said>>>, Arc<Said>) {
    let said = Arc::new(Said::default());
    *said.keys.lock().unwrap() = vec!["old"];
    (Arc::new(FetchedKeys::new(Arc::clone(&said))), said)
}

async fn has_key(keys: &FetchedKeys<Arc<Said>>, id: &str) -> Option<bool> {
    keys.keys(&source(), Some(id)).await.ok().map(|keys| keys.has(id))
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_anew_every_quarter_of_an_hour_and_without_an_answer_good_for_a_day() {
    let (keys, said) = house();
    assert_eq!(has_key(&keys, "old").await, Some(true));
    advance(FRESH - Duration::from_secs(1)).await;
    assert_eq!(keys.refresh().await, (0, 0));
    advance(Duration::from_secs(1)).await;
    assert_eq!(keys.refresh().await, (1, 0));
    assert_eq!(said.asked.load(Ordering::SeqCst), 2);
    // From now on it fails: asked again once in a minute, and the last good keys count for a day.
    said.keys.lock().unwrap().clear();
    advance(FRESH).await;
    assert_eq!(keys.refresh().await, (1, 1));
    assert_eq!(keys.refresh().await, (0, 0));
    advance(AGAIN).await;
    assert_eq!(keys.refresh().await, (1, 1));
    let so_far = FRESH + AGAIN;
    advance(GOOD - so_far - Duration::from_secs(1)).await;
    assert_eq!(has_key(&keys, "old").await, Some(true));
    advance(Duration::from_secs(1)).await;
    assert_eq!(has_key(&keys, "old").await, None, "too old");
    // It comes back, and is asked once a minute is over.
    said.keys.lock().unwrap().push("old");
    assert_eq!(has_key(&keys, "old").await, None);
    advance(MINUTE).await;
    assert_eq!(has_key(&keys, "old").await, Some(true));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_nobody_wanted_for_a_day_is_asked_no_more() {
    let (keys, said) = house();
    assert_eq!(has_key(&keys, "old").await, Some(true));
    advance(GOOD + Duration::from_secs(1)).await;
    assert_eq!(keys.refresh().await, (0, 0));
    assert_eq!((said.asked.load(Ordering::SeqCst), keys.kept.lock().unwrap().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_there_is_looked_for_once_in_a_minute() {
    let (keys, said) = house();
    assert_eq!(has_key(&keys, "old").await, Some(true));
    for _ in 0..3 {
        assert_eq!(has_key(&keys, "new").await, Some(false));
    }
    assert_eq!(said.asked.load(Ordering::SeqCst), 2);
    said.keys.lock().unwrap().push("new");
    advance(AGAIN).await;
    assert_eq!(has_key(&keys, "new").await, Some(true));
    assert_eq!(said.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn nobody_whose_key_is_known_waits_while_another_is_looked_for() {
    let (keys, said) = house();
    assert_eq!(has_key(&keys, "old").await, Some(true));
    *said.waits.lock().unwrap() = true;
    let looking: Vec<_> = (0..3)
        .map(|_| {
            let keys = Arc::clone(&keys);
            tokio::spawn(async move { has_key(&keys, "new").await })
        })
        .collect();
    while said.asked.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(has_key(&keys, "old").await, Some(true));
    assert!(looking.iter().all(|looking| !looking.is_finished()));
    said.keys.lock().unwrap().push("new");
    said.go.notify_one();
    for looking in looking {
        assert_eq!(looking.await.unwrap(), Some(true), "who waited takes what came");
    }
    assert_eq!(said.asked.load(Ordering::SeqCst), 2, "all by one fetch");
}
