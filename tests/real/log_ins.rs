//! Log-in by a provider of OpenID Connect that others wrote, in a real Chromium: our pages lead there and back under their own policies,
//! and what that provider issues is what we take.

use std::process::{Child, Command};

use serde_json::{Value, json};

use super::{
    hub::repository_root,
    sandbox::{Sandbox, finish},
    wanted::{apart, wanted},
};
use crate::support::{Ask, Organisation, Server, until};

const PROVIDER: &str = "/api/v1/organisation/login-providers/mock";
/// What stands in the log once it listens.
const LISTENS: &str = "Uvicorn running on ";

/// A provider, which ends with this value.
struct Provider {
    child: Child,
    url: String,
    _sandbox: Sandbox,
}

impl Provider {
    async fn start() -> Self {
        let sandbox = Sandbox::new("provider");
        let log = sandbox.path("log");
        let mut python: Command = sandbox.daemon("python3", &log);
        python.env("PYTHONPATH", apart("WHARFINGER_TEST_OIDC_PROVIDER")).env("NO_COLOR", "1");
        let grace = json!({ "sub": "g-7", "preferred_username": "Grace@corp.example", "name": "Grace", "groups": ["dev"] });
        python.args(["-m", "oidc_provider_mock", "--port", "0", "--user-claims", &grace.to_string()]);
        let child = python.spawn().expect("it starts");
        let listens = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains(LISTENS));
        until("the provider listens", async || listens()).await;
        let said = std::fs::read_to_string(&log).expect("a log");
        let url = said.split(LISTENS).nth(1).and_then(|rest| rest.split_whitespace().next());
        Self { child, url: url.expect("where it listens").to_owned(), _sandbox: sandbox }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody in front of a browser, whom the provider knows as this; where that led.
async fn logged_in(hub: &Server, subject: &'static str, options: &[&str]) -> Value {
    let address = hub.address();
    let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    let outcome = tokio::task::spawn_blocking(move || {
        let sandbox = Sandbox::new("log-in");
        let mut node = sandbox.command("node");
        node.env("NODE_MODULES", apart("WHARFINGER_TEST_NODE_MODULES"));
        node.arg(repository_root().join("tests/console/log_in.mjs"));
        finish(node.arg(format!("http://{address}")).arg(subject).args(options), b"")
    });
    let told = outcome.await.expect("the browser").text;
    let line = told.lines().find(|line| line.starts_with("{\"at\"")).unwrap_or_else(|| panic!("{told}"));
    let ended: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(ended["complaints"], json!([]), "{told}");
    ended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_log_in_by_a_provider_of_others() {
    if !wanted(&["chromium", "node", "playwright", "oidc-provider"]) {
        return;
    }
    let provider = Provider::start().await;
    let hub = Server::with(Organisation::team().team_of("crew", "member:sue")).await;
    let put = async |make: &str| {
        let body = json!({
            "title": "Mock", "issuer": provider.url, "client_id": "wharfinger", "client_secret": "any secret",
            "private": true, "make": make, "claims": { "groups": "groups" }, "groups": [{ "value": "dev", "team": "crew" }],
        });
        hub.admin().send(Ask::put(PROVIDER).json(&body)).await
    };
    put("never").await.is(201);
    hub.admin().send(Ask::post(format!("{PROVIDER}/test")).json(&json!({}))).await.is(200);

    let stranger = logged_in(&hub, "g-7", &[]).await;
    assert!(stranger["text"].as_str().expect("text").contains("Nobody here is linked"), "{stranger}");
    // pat links herself, and comes back by it, with script and without.
    let login = hub.login("pat/password");
    let linked = logged_in(&hub, "p-1", &["--link", &login.name, "--password", &login.secret]).await;
    assert_eq!(linked["at"], "/-/me?done=linked", "{linked}");
    for options in [&[][..], &["--no-script"]] {
        let back = logged_in(&hub, "p-1", options).await;
        assert_eq!(back["at"], "/p", "{back}");
        assert!(back["text"].as_str().expect("text").contains("pat"), "{back}");
        let cookies = back["cookies"].as_array().expect("cookies");
        assert!(cookies.contains(&json!("wharfinger-local true Lax")), "{back}");
        assert!(!back["cookies"].to_string().contains("log-in"), "what was pending is over: {back}");
    }

    put("member").await.is(200);
    let made = logged_in(&hub, "g-7", &[]).await;
    assert_eq!(made["at"], "/p", "{made}");
    let grace = hub.admin().send(Ask::get("/api/v1/people/member:grace")).await.is(200).json();
    assert_eq!((&grace["title"], &grace["about"]["teams"]), (&json!("Grace"), &json!(["team:crew"])));
    hub.stop().await;
}
