//! A database set back to a backup under a running gateway: version numbers and ids are handed out a second time, and nothing
//! that was known of the first time counts.

use serde_json::json;

use super::{MANIFEST, in_every_form, prepare, set_token_state};
use crate::support::{Ask, Folder, Organisation, Server, image, until};

/// Changes between the backup and the moment it is restored at.
const SINCE: u32 = 3;
const REVOKE: &str = "UPDATE token SET state = 2 WHERE name = 'spare'";

mod sqlite {
    use super::*;

    async fn hub() -> Server {
        Server::on_disk(Organisation::team(), Folder::new("set-back")).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_revoke_after_it_is_in_force() {
        super::a_revoke_after_it_is_in_force(hub().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_is_noticed_after_the_numbers_have_caught_up() {
        super::it_is_noticed_after_the_numbers_have_caught_up(hub().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn names_of_before_are_gone() {
        super::names_of_before_are_gone(hub().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn bearers_of_a_lost_password_are_over() {
        super::bearers_of_a_lost_password_are_over(hub().await).await;
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_revoke_after_it_is_in_force() {
        if let Some(hub) = Server::on_postgres(Organisation::team()).await {
            super::a_revoke_after_it_is_in_force(hub).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_is_noticed_after_the_numbers_have_caught_up() {
        if let Some(hub) = Server::on_postgres(Organisation::team()).await {
            super::it_is_noticed_after_the_numbers_have_caught_up(hub).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn names_of_before_are_gone() {
        if let Some(hub) = Server::on_postgres(Organisation::team()).await {
            super::names_of_before_are_gone(hub).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn bearers_of_a_lost_password_are_over() {
        if let Some(hub) = Server::on_postgres(Organisation::team()).await {
            super::bearers_of_a_lost_password_are_over(hub).await;
        }
    }
}

/// Makes some administrative changes.
async fn change(hub: &Server) {
    for number in 0..SINCE {
        let body = json!({ "name": format!("since {number}") });
        hub.actor("alice").send(Ask::post("/api/v1/tokens").json(&body)).await.is(201);
    }
}

async fn used(hub: &Server, who: &str) -> u16 {
    hub.actor(who).send(Ask::get(MANIFEST)).await.status.as_u16()
}

/// It draws a number that was in force before, of another change.
async fn a_revoke_after_it_is_in_force(hub: Server) {
    prepare(&hub).await;
    assert_eq!(used(&hub, "alice/spare").await, 200);
    let forms = in_every_form(&hub, "alice/spare", MANIFEST, 401).await;
    hub.back_up();
    change(&hub).await;
    hub.set_back("");
    set_token_state(&hub, "alice/spare", "revoked").await;
    for form in forms {
        hub.stranger().send(form.ask()).await.is(401);
    }
    assert_eq!(used(&hub, "alice").await, 200);
}

/// First by somebody who says that the history is another one, then without anybody saying so.
async fn it_is_noticed_after_the_numbers_have_caught_up(hub: Server) {
    prepare(&hub).await;
    hub.back_up();
    for said in ["epoch", "stamp"] {
        change(&hub).await;
        hub.set_back("");
        until("it is as in the backup", async || used(&hub, "alice/spare").await == 200).await;
        change(&hub).await;
        hub.set_back(&format!(
            "UPDATE policy_version SET version = version + {SINCE}, {said} = 4711; {REVOKE}"
        ));
        until("the revoke in the rows is found", async || used(&hub, "alice/spare").await == 401).await;
        assert_eq!(used(&hub, "alice").await, 200);
    }
}

async fn names_of_before_are_gone(hub: Server) {
    prepare(&hub).await;
    hub.back_up();
    let alice = hub.actor("alice");
    alice.docker().push("team/app/web:2.0", &image("later")).await.done();
    change(&hub).await;
    let later = || Ask::get("/v2/p/team/app/web/manifests/2.0");
    alice.send(later()).await.is(200);
    hub.set_back("");
    until("nobody remembers the name", async || alice.send(later()).await.status == 404).await;
    alice.send(Ask::get(MANIFEST)).await.is(200);
    alice.docker().push("team/app/web:2.0", &image("another")).await.done();
    alice.docker().pull("team/app/web:2.0").await.done();
}

/// Passwords are set as often after it as before, with other words each time.
async fn bearers_of_a_lost_password_are_over(hub: Server) {
    prepare(&hub).await;
    let set = async |password: &str| {
        let ask = Ask::put("/api/v1/people/member:pat/password")
            .json(&json!({ "password": password, "must_change": false }));
        hub.admin().send(ask).await.is(200);
    };
    let ask = async |bearer: &str| {
        let ask = Ask::get(MANIFEST).authorization(&format!("Bearer {bearer}"));
        hub.stranger().send(ask).await.status.as_u16()
    };
    hub.back_up();
    set("a phrase that is lost").await;
    let lost = hub.claiming("pat", "a phrase that is lost").bearer().await;
    let before = ask(&lost).await;
    assert_ne!(before, 401);
    hub.set_back("");
    set("a phrase that stays").await;
    assert_eq!(ask(&lost).await, 401);
    let kept = hub.claiming("pat", "a phrase that stays").bearer().await;
    assert_eq!(ask(&kept).await, before);
}
