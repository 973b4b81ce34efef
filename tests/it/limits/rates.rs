//! How often one caller may ask the management: who asks too often is told when to come again, and others are not in the way.

use futures_util::future::join_all;
use serde_json::json;

use super::figure;
use crate::support::{Actor, Answer, Ask, Organisation, Server};

/// Requests that no machine takes as long for as it takes to earn as many turns.
const AT_ONCE: usize = 60;

/// So many at the same time: how many were answered, and one of the refusals.
async fn at_once(who: &Actor, ask: impl Fn() -> Ask) -> (usize, Option<Answer>) {
    let answers = join_all((0..AT_ONCE).map(|_| who.send(ask()))).await;
    let (refused, answered): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status.as_u16() == 429);
    (answered.len(), refused.into_iter().next())
}

fn told(refusal: Option<Answer>) {
    let refusal = refusal.expect("somebody was refused");
    assert_eq!(refusal.must_have("retry-after"), "1");
    assert_eq!(refusal.json()["code"], "throttled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_is_told_to_wait_and_others_are_answered() {
    let hub = Server::tuned(Organisation::team(), |config| {
        config.rates.reads_per_sec_max = 1;
        config.rates.changes_per_sec_max = 1;
        config.rates.changes_burst_max = 2;
    })
    .await;
    let (answered, refusal) = at_once(&hub.actor("alice"), || Ask::get("/api/v1/me")).await;
    assert!(answered >= 1);
    told(refusal);
    // Others have their own turns, changes are not counted as reads, and packages are not counted at all.
    hub.actor("pat").send(Ask::get("/api/v1/me")).await.is(200);
    let title = || Ask::put("/api/v1/me/title").json(&json!({ "title": "Alice" }));
    hub.actor("alice").send(title()).await.is(200);
    let (_, refusal) = at_once(&hub.actor("alice"), title).await;
    told(refusal);
    let (answered, _) = at_once(&hub.actor("alice"), || Ask::get("/v2/p/team/app/web/tags/list")).await;
    assert_eq!(answered, AT_ONCE);
    // Nobody in particular is counted by address, where a code is the proof.
    let guess = || {
        let code = json!({ "code": "whfi_absent", "password": "quite another phrase 7" });
        Ask::post("/api/v1/invitations/redeem").json(&code)
    };
    let (_, refusal) = at_once(&hub.stranger(), guess).await;
    told(refusal);
    // Who is behind the same address and says who they are is not kept waiting by it.
    hub.actor("sue").send(title()).await.is(200);
}

/// How often somebody had no turn left for this, and who is counted.
async fn shown(hub: &Server, rate: &str) -> (u64, u64) {
    let of = async |what: &str| figure(hub, &format!("wharfinger_rate_{what}{{rate=\"{rate}\"}}")).await;
    (of("refused_total").await, of("callers").await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metrics_show_who_is_refused_for_what() {
    let hub = Server::tuned(Organisation::team(), |config| config.rates.reads_per_sec_max = 1).await;
    for rate in ["changes", "reads", "new_projects", "candidates"] {
        assert_eq!(shown(&hub, rate).await.0, 0, "{rate}");
    }
    let alice = hub.actor("alice");
    let (answered, _) = at_once(&alice, || Ask::get("/api/v1/me")).await;
    let refused = (AT_ONCE - answered) as u64;
    alice.send(Ask::put("/api/v1/me/title").json(&json!({ "title": "Alice" }))).await.is(200);
    assert_eq!((refused > 0, shown(&hub, "reads").await), (true, (refused, 1)));
    assert_eq!(shown(&hub, "changes").await, (0, 1));
    assert_eq!(shown(&hub, "new_projects").await, (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn projects_are_not_made_by_the_dozen() {
    let hub =
        Server::tuned(Organisation::team(), |config| config.rates.new_projects_per_minute_max = 1).await;
    let root = hub.admin();
    let put = |key: &str| Ask::put(format!("/api/v1/projects/{key}")).json(&json!({}));
    // What is only tried, what fails and what is there already makes none.
    root.send(put("tried?dry_run=true")).await.is(200);
    root.send(put("missed").header("if-match", "\"absent\"")).await.is(412);
    root.send(put("team")).await.is(200);
    root.send(put("one")).await.is(201);
    let refused = root.send(put("two")).await.is(429);
    assert_eq!(refused.json()["code"], "throttled");
    let wait: u64 = refused.must_have("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    root.send(put("one")).await.is(200);
    root.send(Ask::get("/api/v1/projects/two")).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_are_asked_for_now_and_then() {
    let hub = Server::tuned(Organisation::team(), |config| config.rates.candidates_per_sec_max = 1).await;
    let ask = || Ask::get("/api/v1/projects/team/candidates?query=bo");
    let (answered, refusal) = at_once(&hub.admin(), ask).await;
    assert!(answered >= 1);
    told(refusal);
    hub.admin().send(Ask::get("/api/v1/projects/team/participants?query=bo")).await.is(200);
}
