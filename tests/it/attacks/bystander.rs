//! Everybody else while an attack is on: a probe, a reader, a publisher, an administrator, each over connections of their own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use crate::support::apart::{Apart, apart};
use crate::support::dial::local;
use crate::support::organisation::Login;
use crate::support::{Actor, Ask, image};

/// Where they live.
const ADDRESS: std::net::IpAddr = local(7);
/// Longest wait for one answer, or for one push of some ten requests.
const STEP_MAX: Duration = Duration::from_secs(15);
/// Rounds begin no sooner after each other: everybody else is no flood.
const ROUND_EVERY: Duration = Duration::from_millis(50);
/// Rounds in which a revoked token is shown again; more of them would look like guessing.
const REVOKED_SHOWN: usize = 50;

/// What is done in each round, in this order.
pub(super) const STEPS: [&str; 6] = ["livez", "get", "push", "revoke", "suspend", "visibility"];

/// Those who do that, one round after the other, until they are told to stop or one of them is not served.
pub(super) struct Bystander {
    seen: Arc<Mutex<Seen>>,
    _doing: Apart<()>,
}

/// What has become of it so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) rounds: usize,
    /// Of each step.
    pub(super) slowest: [Duration; STEPS.len()],
    /// Why there were no more rounds.
    pub(super) failure: Option<String>,
}

/// The people.
#[derive(Clone)]
struct People {
    address: SocketAddr,
    alice: Login,
    root: Login,
}

impl Bystander {
    /// `alice` must be able to publish to `team/app`, where `web:1.0` is; `root` administers `member:bob`, `member:sue` and
    /// `team/shown`.
    pub(super) fn start(address: SocketAddr, alice: Login, root: Login) -> Self {
        let people = People { address, alice, root };
        let seen = Arc::new(Mutex::new(Seen::default()));
        let told = Arc::clone(&seen);
        let doing = apart(move || async move {
            let mut pace = interval(ROUND_EVERY);
            for round in 0_usize.. {
                pace.tick().await;
                for (step, name) in STEPS.into_iter().enumerate() {
                    // In a task of its own, so that a client's panic is this step's failure; it ends with the set.
                    let people = people.clone();
                    let mut doing = JoinSet::new();
                    doing.spawn(async move { people.step(step, round).await });
                    let outcome = timeout(STEP_MAX, doing.join_next()).await;
                    let failure = match outcome {
                        Ok(Some(Ok(Ok(took)))) => {
                            let mut seen = lock(&told);
                            seen.slowest[step] = seen.slowest[step].max(took);
                            continue;
                        }
                        Ok(Some(Ok(Err(failure)))) => failure,
                        Ok(Some(Err(panic))) => panic.to_string(),
                        Ok(None) | Err(_) => format!("not served within {STEP_MAX:?}"),
                    };
                    let mut seen = lock(&told);
                    seen.slowest[step] = STEP_MAX;
                    seen.failure = Some(format!("{name} in round {round}: {failure}"));
                    return;
                }
                lock(&told).rounds += 1;
            }
        });
        Self { seen, _doing: doing }
    }

    pub(super) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl People {
    fn actor(&self, login: Option<&Login>) -> Actor {
        Actor::new(self.address, login.cloned()).bound_to(ADDRESS)
    }

    async fn step(&self, step: usize, round: usize) -> Result<Duration, String> {
        let alice = self.actor(Some(&self.alice));
        match STEPS[step] {
            "livez" => timed(&self.actor(None), Ask::get("/livez")).await,
            "get" => timed(&alice, Ask::get("/v2/p/team/app/web/manifests/1.0")).await,
            "push" => {
                let pushed = image(&format!("round {round}"));
                let begun = Instant::now();
                alice.docker().push("team/app/other:1.0", &pushed).await.done();
                Ok(begun.elapsed())
            }
            "revoke" => self.revoke(round).await,
            "suspend" => {
                let target = "/api/v1/principals/member:sue/suspended";
                self.toggle(target, json!({ "suspended": true }), json!({ "suspended": false })).await
            }
            _ => {
                let target = "/api/v1/repositories/team/shown/visibility";
                self.toggle(target, json!({ "visibility": "private" }), json!({ "visibility": "public" }))
                    .await
            }
        }
    }

    /// A token is made, works, is revoked and works no longer.
    async fn revoke(&self, round: usize) -> Result<Duration, String> {
        let root = self.actor(Some(&self.root));
        let tokens = "/api/v1/principals/member:bob/tokens";
        let name = json!({ "name": format!("round {round}") });
        let made = root.send(Ask::post(tokens).json(&name)).await.is(201).json();
        let text = |field: &str| made[field].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let bob = self.actor(Some(&Login { name: "bob".to_owned(), secret: text("secret") }));
        bob.send(Ask::get("/v2/")).await.is(200);
        let state = Ask::put(format!("{tokens}/{}/state", text("id"))).json(&json!({ "state": "revoked" }));
        let took = timed(&root, state).await?;
        if round < REVOKED_SHOWN {
            bob.send(Ask::get("/v2/")).await.is(401);
        }
        Ok(took)
    }

    async fn toggle(&self, target: &str, there: Value, back: Value) -> Result<Duration, String> {
        let root = self.actor(Some(&self.root));
        let took = timed(&root, Ask::put(target).json(&there)).await?;
        Ok(took.max(timed(&root, Ask::put(target).json(&back)).await?))
    }
}

/// How long a request took that must succeed.
async fn timed(actor: &Actor, ask: Ask) -> Result<Duration, String> {
    let begun = Instant::now();
    let answer = actor.try_send(ask).await.map_err(|error| error.to_string())?;
    if answer.status.is_success() { Ok(begun.elapsed()) } else { Err(answer.to_string()) }
}
