//! Schemathesis reads the description and asks what it allows and what it does not, as every kind of caller: what is answered must be
//! what is described.

use super::{
    hub::repository_root,
    sandbox::{Sandbox, finish},
    wanted::{all_clients, apart, wanted},
};
use crate::support::{Organisation, Server};

/// Callers, of whom nobody is one.
const CALLERS: [&str; 6] = ["root", "lead", "alice/reader", "carol", "robot", ""];
/// Shared between the callers, in seconds; and in the full tier.
const SECS: u32 = 60;
const SECS_LONG: u32 = 600;
/// What would end the caller's own credential.
const LEFT_OUT: &str = "/tokens/|/suspended|/me/password|sessions";

fn organisation() -> Organisation {
    Organisation::team()
        .member("lead")
        .role("member:lead", "project-admin", "team")
        .external("collaborators", "carol")
        .role("collaborator:carol", "collaborator", "team")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_described_is_what_is_answered() {
    if !wanted(&["schemathesis"]) {
        return;
    }
    let secs = if all_clients() { SECS_LONG } else { SECS } / u32::try_from(CALLERS.len()).expect("few");
    for caller in CALLERS {
        // Each finds it as it was: an administrator who asks at random leaves little of it.
        let hub = Server::with(organisation()).await;
        let login = (!caller.is_empty()).then(|| hub.login(caller));
        let address = hub.address();
        let run = tokio::task::spawn_blocking(move || {
            let sandbox = Sandbox::new("schemathesis");
            let mut python = sandbox.command("python3");
            let settings = repository_root().join("tests/real/described/schemathesis.toml");
            python.env("PYTHONPATH", apart("WHARFINGER_TEST_SCHEMATHESIS"));
            python.args(["-m", "schemathesis.cli", "--config-file"]).arg(settings);
            python.args([
                "run",
                "--no-color",
                "--seed",
                "1",
                "--continue-on-failure",
                "--generation-database",
                "none",
            ]);
            python.args(["--max-time", &secs.to_string(), "--exclude-path-regex", LEFT_OUT]);
            if let Some(login) = login {
                python.args(["--auth", &format!("{}:{}", login.name, login.secret)]);
            }
            python.args([
                "--url",
                &format!("http://{address}/api/v1"),
                &format!("http://{address}/api/openapi.json"),
            ]);
            finish(&mut python, b"").succeeds();
        });
        run.await.unwrap_or_else(|_| panic!("as {caller:?}: what it found stands above"));
        hub.stop().await;
    }
}
