//! A gateway that always starts with its file does not undo what administrators did since.

use serde_json::json;

use crate::support::process::serve;
use crate::support::{Ask, Folder, Organisation, image};

const PUBLIC: &str = "/v2/p/team/open/web/manifests/1.0";
const OTHER: &str = "/v2/p/other/app/web/manifests/1.0";

fn organisation() -> Organisation {
    Organisation::team().member("dora").role("member:dora", "viewer", "other")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_opens_nothing_that_was_closed() {
    let (folder, organisation) = (Folder::new("restart"), organisation());
    let process = serve(&folder, &organisation).await;
    let actor =
        |process: &crate::support::process::Process, who: &str| process.actor(organisation.login(who));
    for repository in ["team/open", "other/app"] {
        actor(&process, "alice")
            .docker()
            .push(&format!("{repository}/web:1.0"), &image("hello"))
            .await
            .done();
    }
    process.stranger().send(Ask::get(PUBLIC)).await.is(200);
    actor(&process, "dora").send(Ask::get(OTHER)).await.is(200);
    let root = actor(&process, "root");
    let private = json!({ "visibility": "private" });
    root.send(Ask::put("/api/v1/repositories/team/open/visibility").json(&private)).await.is(200);
    root.send(Ask::delete("/api/v1/projects/other/grants?to=member:dora&role=viewer")).await.is(200);
    process.kill();

    let process = serve(&folder, &organisation).await;
    let log = process.log_with("bootstrap applied").await;
    for line in [
        "kept: visibility of repository team/open is private, the file says public; last changed by member:root",
        "kept: grant of viewer to member:dora on other was removed and stays so; last changed by member:root",
        "changed=0",
    ] {
        assert!(log.contains(line), "{line}\n{log}");
    }
    process.stranger().send(Ask::get(PUBLIC)).await.is(401);
    actor(&process, "dora").send(Ask::get(OTHER)).await.is(403);
    process.kill();

    // What the file takes away is taken away, and what it newly gives is given.
    let organisation =
        organisation.role("member:dora", "viewer", "team").repository("team/more", "oci", "public", "");
    let process = serve(&folder, &organisation).await;
    process.actor(organisation.login("dora")).send(Ask::get(PUBLIC)).await.is(200);
    process.stranger().send(Ask::get(PUBLIC)).await.is(401);
    process.kill();
}
