//! What is taken away is gone with the very next request, while checks run at full speed, whatever was presented.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokio::sync::watch;

use crate::support::client::basic;
use crate::support::raw::Raw;
use crate::support::{Ask, Folder, Http, Organisation, Server, image, on_both_databases, token, until};

mod in_flight;
mod restarts;
mod set_back;

on_both_databases!(
    a_revoked_token_is_refused,
    a_disabled_token_is_refused,
    a_suspended_person_is_refused,
    an_application_is_suspended_with_its_bearers,
    a_deleted_grant_is_gone,
    a_narrowed_grant_is_narrow,
    a_repository_made_private_is_private,
    a_dropped_connection_leaves_no_revoke_out_of_force,
);

const MANIFEST: &str = "/v2/p/team/app/web/manifests/1.0";
const PUBLIC: &str = "/v2/p/team/open/web/manifests/1.0";
/// Successes of each witness before the change, and refusals after it. Refused log-ins are throttled from 100 on.
const BEFORE: u64 = 20;
const AFTER: u32 = 8;

/// Somebody who asks the same thing again and again.
struct Witness {
    request: (Method, &'static str),
    authorization: Option<String>,
    /// The answer once the change is in force; `None` for bystanders, who must never be refused.
    refused_with: Option<u16>,
}

/// What the witnesses share.
#[derive(Default)]
struct Watch {
    in_force: watch::Sender<bool>,
    over: AtomicBool,
}

impl Witness {
    fn new(target: &'static str, authorization: impl Into<Option<String>>, refused_with: u16) -> Self {
        Self {
            request: (Method::GET, target),
            authorization: authorization.into(),
            refused_with: Some(refused_with),
        }
    }

    fn bystander(target: &'static str, authorization: impl Into<Option<String>>) -> Self {
        Self { request: (Method::GET, target), authorization: authorization.into(), refused_with: None }
    }

    fn publishing(mut self) -> Self {
        self.request = (
            Method::POST,
            "/v2/p/team/app/web/blobs/uploads/?mount=sha256:0000000000000000000000000000000000000000000000000000000000000000&from=p/team/app/web",
        );
        self
    }

    fn ask(&self) -> Ask {
        let ask = Ask::new(self.request.0.clone(), self.request.1);
        match &self.authorization {
            Some(value) => ask.authorization(value),
            None => ask,
        }
    }

    /// Asks until told to stop. A request that began after the change was acknowledged must be refused; one that was in
    /// flight may be either.
    async fn hammer(self, http: Http, watch: Arc<Watch>, counted: Arc<AtomicU64>) {
        let mut refusals = 0;
        while !watch.over.load(Ordering::SeqCst) && refusals < AFTER {
            let after = *watch.in_force.borrow();
            let status = http.send(self.ask()).await.status;
            counted.fetch_add(1, Ordering::SeqCst);
            match self.refused_with {
                None => assert!(status.is_success(), "a bystander was answered {status}"),
                Some(refusal) if after => {
                    assert_eq!(status, refusal, "{} after the change was in force", self.request.1);
                    refusals += 1;
                }
                Some(refusal) if status == refusal => {
                    // In force before it is acknowledged. Asking on until then would count as guessing, and end in 429.
                    let mut acknowledged = watch.in_force.subscribe();
                    acknowledged.wait_for(|in_force| *in_force).await.expect("the watch lives");
                }
                Some(_) => assert!(status.is_success(), "{status}"),
            }
        }
    }
}

/// Lets the witnesses ask at full speed, makes the change, and goes on until each has been refused often enough.
async fn while_asking(hub: &Server, witnesses: Vec<Witness>, change: impl AsyncFnOnce()) {
    let watch = Arc::new(Watch::default());
    let mut counters = Vec::new();
    let (mut crowd, mut bystanders) = (Vec::new(), Vec::new());
    for witness in witnesses {
        let counted = Arc::new(AtomicU64::new(0));
        counters.push(Arc::clone(&counted));
        let is_bystander = witness.refused_with.is_none();
        let task = tokio::spawn(witness.hammer(Http::new(hub.address()), Arc::clone(&watch), counted));
        if is_bystander { bystanders.push(task) } else { crowd.push(task) }
    }
    until("everybody has been served", async || {
        assert!(
            !crowd.iter().chain(&bystanders).any(tokio::task::JoinHandle::is_finished),
            "a witness gave up"
        );
        counters.iter().all(|counted| counted.load(Ordering::SeqCst) >= BEFORE)
    })
    .await;
    change().await;
    watch.in_force.send_replace(true);
    for task in join_all(crowd).await {
        task.expect("every request after the change was refused");
    }
    watch.over.store(true, Ordering::SeqCst);
    for task in join_all(bystanders).await {
        task.expect("bystanders were served throughout");
    }
}

async fn prepare(hub: &Server) {
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:1.0", &image("hello")).await.done();
    alice.docker().push("team/open/web:1.0", &image("hello")).await.done();
}

/// Somebody in all forms: Basic, the token as a bearer, the bearer of the token endpoint.
async fn in_every_form(hub: &Server, who: &str, target: &'static str, refused_with: u16) -> Vec<Witness> {
    let login = hub.login(who);
    let handle = hub.actor(who).bearer().await;
    let signatures = [basic(&login), format!("Bearer {}", login.secret), format!("Bearer {handle}")];
    signatures.into_iter().map(|value| Witness::new(target, value, refused_with)).collect()
}

fn bystanders(hub: &Server) -> Vec<Witness> {
    vec![Witness::bystander(MANIFEST, basic(&hub.login("alice"))), Witness::bystander(PUBLIC, None)]
}

async fn set_token_state(hub: &Server, who: &str, state: &str) {
    let id = token::id(&hub.login(who).secret).to_owned();
    let put = Ask::put(format!("/api/v1/tokens/{id}/state")).json(&json!({ "state": state }));
    hub.actor("alice").send(put).await.is(200);
}

async fn a_revoked_token_is_refused(hub: Server) {
    prepare(&hub).await;
    let mut witnesses = in_every_form(&hub, "alice/spare", MANIFEST, 401).await;
    // Wrong credentials are wrong where nobody needs any, too.
    witnesses.push(Witness::new(PUBLIC, basic(&hub.login("alice/spare")), 401));
    witnesses.push(Witness::new("/v2/", basic(&hub.login("alice/spare")), 401));
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || set_token_state(&hub, "alice/spare", "revoked").await).await;
}

async fn a_disabled_token_is_refused(hub: Server) {
    prepare(&hub).await;
    let mut witnesses = in_every_form(&hub, "alice/spare", MANIFEST, 401).await;
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || set_token_state(&hub, "alice/spare", "disabled").await).await;
}

async fn suspend(hub: &Server, who: &str) {
    let put = Ask::put(format!("/api/v1/principals/{who}/suspended")).json(&json!({ "suspended": true }));
    hub.admin().send(put).await.is(200);
}

async fn a_suspended_person_is_refused(hub: Server) {
    prepare(&hub).await;
    let mut witnesses = in_every_form(&hub, "pat", MANIFEST, 401).await;
    witnesses.push(Witness::new(MANIFEST, basic(&hub.login("pat/password")), 401));
    let behind_password = hub.actor("pat/password").bearer().await;
    witnesses.push(Witness::new(MANIFEST, format!("Bearer {behind_password}"), 401));
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || suspend(&hub, "member:pat").await).await;
    let put = Ask::put("/api/v1/principals/member:pat/suspended").json(&json!({ "suspended": false }));
    hub.admin().send(put).await.is(200);
    hub.actor("pat").send(Ask::get(MANIFEST)).await.is(200);
}

async fn an_application_is_suspended_with_its_bearers(hub: Server) {
    prepare(&hub).await;
    let mut witnesses = in_every_form(&hub, "robot", MANIFEST, 401).await;
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || suspend(&hub, "application:robot").await).await;
}

async fn a_deleted_grant_is_gone(hub: Server) {
    prepare(&hub).await;
    let mut witnesses = in_every_form(&hub, "rita", MANIFEST, 403).await;
    // Her credentials are as good as before, and what is public is public.
    witnesses.push(Witness::bystander(PUBLIC, basic(&hub.login("rita"))));
    witnesses.push(Witness::bystander("/v2/", basic(&hub.login("rita"))));
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || {
        let delete = Ask::delete("/api/v1/repositories/team/app/grants?to=member:rita");
        hub.admin().send(delete).await.is(200);
    })
    .await;
}

async fn a_narrowed_grant_is_narrow(hub: Server) {
    prepare(&hub).await;
    let bearer = hub.actor("pat").bearer().await;
    let mut witnesses = vec![
        Witness::new(MANIFEST, basic(&hub.login("pat")), 403).publishing(),
        Witness::new(MANIFEST, format!("Bearer {bearer}"), 403).publishing(),
        Witness::bystander(MANIFEST, format!("Bearer {bearer}")),
    ];
    witnesses.extend(bystanders(&hub));
    while_asking(&hub, witnesses, async || {
        let body = json!({ "to": "member:pat", "permissions": ["read"] });
        hub.admin().send(Ask::put("/api/v1/projects/team/grants").json(&body)).await.is(200);
    })
    .await;
}

async fn a_repository_made_private_is_private(hub: Server) {
    prepare(&hub).await;
    let nobody = hub.stranger().bearer().await;
    let mut witnesses = vec![
        Witness::new(PUBLIC, None, 401),
        Witness::new(PUBLIC, format!("Bearer {nobody}"), 401),
        Witness::new(PUBLIC, basic(&hub.login("bob")), 403),
        Witness::bystander(PUBLIC, basic(&hub.login("pat"))),
        Witness::bystander(MANIFEST, basic(&hub.login("alice"))),
    ];
    witnesses.extend(in_every_form(&hub, "bob", PUBLIC, 403).await);
    while_asking(&hub, witnesses, async || {
        let body = json!({ "visibility": "private" });
        hub.admin().send(Ask::put("/api/v1/repositories/team/open/visibility").json(&body)).await.is(200);
    })
    .await;
    let body = json!({ "visibility": "public" });
    hub.admin().send(Ask::put("/api/v1/repositories/team/open/visibility").json(&body)).await.is(200);
    hub.stranger().send(Ask::get(PUBLIC)).await.is(200);
}

/// An administrator who hangs up before the answer: what was written down is in force, what is in force was written down.
async fn a_dropped_connection_leaves_no_revoke_out_of_force(hub: Server) {
    const TOKENS: usize = 12;
    prepare(&hub).await;
    let alice = hub.actor("alice");
    let mut made = Vec::new();
    for number in 0..TOKENS {
        let body = json!({ "name": format!("short {number}") });
        let answer = alice.send(Ask::post("/api/v1/tokens").json(&body)).await.is(201).json();
        let secret = answer["secret"].as_str().expect("a secret").to_owned();
        let body = r#"{"state":"revoked"}"#;
        let request = format!(
            "PUT /api/v1/tokens/{}/state HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            token::id(&secret),
            hub.address(),
            basic(&hub.login("alice")),
            body.len(),
        );
        let mut raw = Raw::connect(hub.address()).await;
        raw.write(request.as_bytes()).await;
        drop(raw);
        made.push(secret);
    }
    for secret in &made {
        let used = async || hub.claiming("alice", secret).send(Ask::get("/v2/")).await.status.as_u16();
        let written = async || {
            let answer = alice.send(Ask::get("/api/v1/tokens?limit=100")).await.is(200).json();
            let rows = answer["items"].as_array().expect("rows").clone();
            // Revoked ones are not listed any more.
            rows.iter().any(|row| row["id"] == token::id(secret) && row["state"] == "active")
        };
        // Either the request was lost with its connection, or it was carried out; in the end both agree and stay so.
        until("row and matrix agree", async || {
            matches!((written().await, used().await), (true, 200) | (false, 401))
        })
        .await;
    }
}

/// There is no verb for it yet: the bootstrap file changes it at the next start, and no credential of before survives that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password_ends_what_the_old_one_began() {
    let team = |password| Organisation::empty().member("pat").password("pat", password);
    let hub = Server::on_disk(team("the first password"), Folder::new("password")).await;
    let old = hub.actor("pat/password");
    old.send(Ask::get("/v2/")).await.is(200);
    let bearer = old.bearer().await;
    let (_, folder) = hub.stop().await;

    let hub = Server::on_disk(team("another password"), folder).await;
    hub.actor("pat/password").send(Ask::get("/v2/")).await.is(200);
    hub.claiming("pat", "the first password").send(Ask::get("/v2/")).await.is(401);
    let behind = Ask::get("/v2/").authorization(&format!("Bearer {bearer}"));
    hub.stranger().send(behind).await.is(401);
}

/// The keys lie beside the data: a restart alone ends nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bearers_survive_a_restart_and_die_with_their_token() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("bearers")).await;
    let bearer = hub.actor("alice/spare").bearer().await;
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk(organisation, folder).await;
    let ask = || Ask::get("/v2/").authorization(&format!("Bearer {bearer}"));
    hub.stranger().send(ask()).await.is(200);
    set_token_state(&hub, "alice/spare", "revoked").await;
    hub.stranger().send(ask()).await.is(401);
}

/// A gateway that is always started with its file neither undoes what administrators took away since, nor trips over it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_away_stays_away_when_the_file_is_applied_again() {
    let hub = Server::on_disk(Organisation::team(), Folder::new("again")).await;
    set_token_state(&hub, "alice/spare", "revoked").await;
    set_token_state(&hub, "alice/reader", "disabled").await;
    suspend(&hub, "member:sue").await;
    let (organisation, folder) = hub.stop().await;
    let hub = Server::on_disk(organisation, folder).await;
    for who in ["alice/spare", "alice/reader", "sue"] {
        hub.actor(who).send(Ask::get("/v2/")).await.is(401);
    }
    hub.actor("alice").send(Ask::get("/v2/")).await.is(200);
}
