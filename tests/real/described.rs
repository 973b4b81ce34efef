//! Schemathesis reads the description and asks what it allows and what it does not, as every kind of caller: what is answered must be
//! what is described. `WHARFINGER_TEST_SEED=N` asks otherwise, `WHARFINGER_TEST_DESCRIBED=SECS` for so long, shared between the callers;
//! the full tier takes ten minutes.

use super::{
    hub::repository_root,
    sandbox::{Sandbox, finish},
    wanted::{all_clients, apart, wanted},
};
use crate::support::{Organisation, Server, named_number};

/// Callers, of whom nobody is one.
const CALLERS: [&str; 6] = ["root", "lead", "alice/reader", "carol", "robot", ""];
/// Shared between the callers, in seconds; and in the full tier.
const SECS: u64 = 60;
const SECS_LONG: u64 = 600;
/// The same questions each time, so that a failure can be looked at.
const SEED: u64 = 1;
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
    let long = named_number("WHARFINGER_TEST_DESCRIBED").or_else(|| all_clients().then_some(SECS_LONG));
    let secs = long.unwrap_or(SECS) / CALLERS.len() as u64;
    let seed = named_number("WHARFINGER_TEST_SEED").unwrap_or(SEED).to_string();
    let mut found = Vec::new();
    for caller in CALLERS {
        // Each finds it as it was: an administrator who asks at random leaves little of it.
        let hub = Server::with(organisation()).await;
        let login = (!caller.is_empty()).then(|| hub.login(caller));
        let (address, seed) = (hub.address(), seed.clone());
        let run = tokio::task::spawn_blocking(move || {
            let sandbox = Sandbox::new("schemathesis");
            let mut python = sandbox.command("python3");
            let folder = repository_root().join("tests/real/described");
            python.env("PYTHONPATH", apart("WHARFINGER_TEST_SCHEMATHESIS"));
            // Else it is written beside the hooks, into the tree.
            python.env("PYTHONDONTWRITEBYTECODE", "1");
            python.env("SCHEMATHESIS_HOOKS", folder.join("hooks.py"));
            python.args(["-m", "schemathesis.cli", "--config-file"]).arg(folder.join("schemathesis.toml"));
            python.args([
                "run",
                "--no-color",
                "--seed",
                &seed,
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
        found.extend(run.await.is_err().then_some(caller));
        hub.stop().await;
    }
    assert!(found.is_empty(), "as {found:?}, WHARFINGER_TEST_SEED={seed}: what it found stands above");
}
