//! Webhooks in files: the secret is where the file says, never in it and never in what is shown or exported.

use std::fs;

use serde_json::{Value, json};

use super::{Folder, Launch, Shell};
use crate::support::organisation::Organisation;
use crate::support::process::run;
use crate::support::{Ask, Server};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_SECRET: &str = "whsec_b25seSBmb3IgdHJ5aW5nIHRoaW5ncyBoZXJl";

const SHOP: &str = r#"
[[webhooks]]
name = "gone"
url = "https://hooks.example.org/gone"
events = ["package.removed"]
secret_file = "hook.secret"

[[projects]]
key = "shop"

[[projects.repositories]]
name = "images"
format = "oci"

[[projects.repositories.webhooks]]
name = "chat"
url = "https://hooks.example.org/chat"
events = ["package.published"]
active = false
secret_file = "hook.secret"

[[projects.webhooks]]
name = "ci"
url = "https://hooks.example.org/ci"
events = ["package.published", "package.replaced"]
secret_file = "hook.secret"
"#;

/// How a webhook is.
fn shown(shell: &Shell<'_>, name: &str, on: &str) -> Value {
    let said = shell.run(&format!("webhook show {name} --on {on} -o json")).succeeds();
    serde_json::from_str(&said.out).expect("a document")
}

fn fingerprint(shell: &Shell<'_>) -> Value {
    shown(shell, "ci", "shop")["about"]["secret_fingerprint"].clone()
}

/// What becomes of the secret of a webhook that a file names one for.
fn secrets_of_the_file_are_set(root: &Shell<'_>, write: &impl Fn(&str, &str)) {
    let first = fingerprint(root);
    // Another secret in the file is set, without a word of either; one that was made since is in the way.
    write("hook.secret", OTHER_SECRET);
    let said = root.run("apply shop.toml").succeeds().out;
    assert!(said.contains("~  webhook ci on shop") && said.contains("secret"), "{said}");
    assert!(!said.contains("whsec_"), "{said}");
    assert_ne!(fingerprint(root), first);
    root.run("webhook put ci --on shop --new-secret").succeeds();
    let refused = root.run("apply shop.toml").fails_with(7).out;
    assert!(refused.contains("secret") && refused.contains("--reopen"), "{refused}");
    root.run("apply shop.toml --reopen").succeeds();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_of_a_file_are_made_and_found_to_have_drifted() {
    let (organisation, folder) = (Organisation::empty(), Folder::new("apply-webhooks"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let write = |name: &str, text: &str| fs::write(folder.path(name), text).expect("a file");
    write("shop.toml", SHOP);
    write("hook.secret", &format!("{SECRET}\n"));
    let said = root.run("apply shop.toml --plan").succeeds().out;
    for line in ["+  webhook gone on /", "+  webhook ci on shop", "+  webhook chat on shop/images"] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("whsec_"), "{said}");
    assert_eq!(root.run("webhook show gone --on /").code, Some(6), "a plan makes nothing");
    root.run("apply shop.toml").succeeds();
    root.run("apply shop.toml --plan --exit-code").succeeds();
    let ci = shown(&root, "ci", "shop");
    assert_eq!(ci["url"], "https://hooks.example.org/ci");
    assert_eq!(ci["events"], json!(["package.published", "package.replaced"]));
    assert_eq!(shown(&root, "chat", "shop/images")["active"], false);

    // What goes further than the file says is set back; what goes less far is in the way.
    let event = "--event package.published --event package.replaced";
    root.run(&format!("webhook put ci --on shop {event} --event package.removed")).succeeds();
    let back = root.run("apply shop.toml").succeeds().out;
    assert!(back.contains("~  webhook ci on shop") && back.contains("events"), "{back}");
    for (change, field) in [
        ("--active false".to_owned(), "active"),
        ("--event package.published".to_owned(), "events"),
        ("--url https://hooks.example.org/elsewhere".to_owned(), "url"),
    ] {
        root.run(&format!("webhook put ci --on shop {change}")).succeeds();
        let refused = root.run("apply shop.toml").fails_with(7).out;
        assert!(
            refused.contains(field) && refused.contains("--reopen; last changed by member:root"),
            "{refused}"
        );
        root.run("apply shop.toml --reopen").succeeds();
        root.run("apply shop.toml --plan --exit-code").succeeds();
    }
    assert_eq!(shown(&root, "ci", "shop")["events"], ci["events"]);

    secrets_of_the_file_are_set(&root, &write);

    // Without one in the file it keeps the one that it has, and a new one is not made.
    let without = SHOP.replace("secret_file = \"hook.secret\"", "");
    write("shop.toml", &without);
    let before = fingerprint(&root);
    root.run("apply shop.toml --plan --exit-code").succeeds();
    assert_eq!(fingerprint(&root), before);
    let more = format!(
        "{without}\n[[projects.webhooks]]\nname = \"more\"\nurl = \"https://hooks.example.org/\"\nevents = [\"package.removed\"]\n"
    );
    write("more.toml", &more);
    let refused = root.run("apply more.toml").fails_with(7).err;
    assert!(refused.contains("webhook more on shop: a new webhook needs a secret"), "{refused}");

    // What others made stays, unless the file is the whole truth about it; what was removed stays so.
    write("hook.secret", SECRET);
    root.run("webhook put other --on shop --url https://hooks.example.org/other --event package.removed --secret-file hook.secret")
        .succeeds();
    root.run("apply shop.toml --plan --exit-code").succeeds();
    let whole = root.run("apply shop.toml --authoritative webhooks").succeeds().out;
    assert!(whole.contains("-  webhook other on shop"), "{whole}");
    root.run("webhook show other --on shop").fails_with(6);
    root.run("webhook delete ci --on shop").succeeds();
    write("shop.toml", SHOP);
    let refused = root.run("apply shop.toml").fails_with(7).out;
    assert!(refused.contains("!  webhook ci on shop") && refused.contains("--reopen"), "{refused}");
    root.run("apply shop.toml --reopen").succeeds();

    // What leaves the file goes where that is asked for.
    let less = SHOP.split("[[projects.webhooks]]").next().expect("the beginning");
    write("less.toml", less);
    let kept = root.run("apply less.toml --plan").succeeds().out;
    assert!(kept.contains("=  webhook ci on shop") && kept.contains("left the file"), "{kept}");
    let pruned = root.run("apply less.toml --prune").succeeds().out;
    assert!(pruned.contains("-  webhook ci on shop"), "{pruned}");
    root.run("webhook show ci --on shop").fails_with(6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_says_everything_of_webhooks_but_their_secrets() {
    let (organisation, folder) = (Organisation::empty(), Folder::new("export-webhooks"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    fs::write(folder.path("shop.toml"), SHOP).expect("a file");
    fs::write(folder.path("hook.secret"), SECRET).expect("a file");
    root.run("apply shop.toml").succeeds();
    let exported = root.run("export --token-hashes").succeeds().out;
    for line in [
        "[[webhooks]]",
        "[[projects.webhooks]]",
        "[[projects.repositories.webhooks]]",
        "active = false",
        "events = [\"package.published\", \"package.replaced\"]",
        "# secret_env = \"GONE_WEBHOOK_SECRET\"",
        "# secret_env = \"SHOP_CI_WEBHOOK_SECRET\"",
        "# secret_env = \"SHOP_IMAGES_CHAT_WEBHOOK_SECRET\"",
    ] {
        assert!(exported.contains(line), "{line}\n{exported}");
    }
    assert!(!exported.contains("whsec_") && !exported.contains("fingerprint"), "{exported}");
    let before = fingerprint(&root);
    fs::write(folder.path("all.toml"), &exported).expect("a file");
    root.run("apply all.toml --source export --plan --exit-code").succeeds();
    root.run("apply all.toml --source export").succeeds();
    assert_eq!(fingerprint(&root), before);
    let project = root.run("export --on shop").succeeds().out;
    assert!(project.contains("name = \"chat\"") && !project.contains("name = \"gone\""), "{project}");

    // Elsewhere each is new, so that its secret has to be there.
    let elsewhere = Folder::new("export-webhooks-there");
    fs::write(elsewhere.path("all.toml"), &exported).expect("a file");
    let data = elsewhere.path("data");
    let data = data.to_str().expect("a path");
    let serve = ["serve", "--bootstrap-only", "--bootstrap", "all.toml", "--data", data];
    let refused = run(elsewhere.root(), &serve, &[]).fails_with(3).err;
    let line = exported.lines().position(|line| line == "[[webhooks]]").expect("a line").saturating_add(1);
    let told = format!("all.toml:{line}: a new webhook needs `secret_env` or `secret_file`");
    assert!(refused.contains(&told), "{told}\n{refused}");
    fs::write(elsewhere.path("all.toml"), exported.replace("# secret_env", "secret_env")).expect("a file");
    let names = ["GONE_WEBHOOK_SECRET", "SHOP_CI_WEBHOOK_SECRET", "SHOP_IMAGES_CHAT_WEBHOOK_SECRET"];
    run(elsewhere.root(), &serve, &names.map(|name| (name, SECRET))).succeeds();
    let other = Launch::new(elsewhere.root()).start().await;
    let there = Shell { process: &other, folder: &elsewhere, token: root.token.clone() };
    assert_eq!(there.run("export --token-hashes").succeeds().out, exported);
    assert_eq!(fingerprint(&there), before);
}

/// The file that a gateway starts with undoes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_makes_webhooks_and_leaves_what_was_changed_since() {
    let (organisation, folder) = (Organisation::empty(), Folder::new("bootstrap-webhooks"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let token = organisation.login("root").secret;
    let file = folder.path("shop.toml");
    fs::write(&file, SHOP).expect("a file");
    fs::write(folder.path("hook.secret"), SECRET).expect("a file");
    process.kill();
    let process = Launch::new(folder.root()).bootstrap(&file, &[]).start().await;
    let root = Shell { process: &process, folder: &folder, token: token.clone() };
    let first = fingerprint(&root);
    root.run("webhook put ci --on shop --active false").succeeds();
    root.run("webhook delete chat --on shop/images").succeeds();
    process.kill();
    // Nor does it need the secret of one that is there, or was.
    fs::write(&file, SHOP.replace("secret_file = \"hook.secret\"", "").replace("/gone\"", "/other\""))
        .expect("a file");
    let process = Launch::new(folder.root()).bootstrap(&file, &[]).start().await;
    let root = Shell { process: &process, folder: &folder, token };
    assert_eq!(shown(&root, "ci", "shop")["active"], false);
    assert_eq!(fingerprint(&root), first);
    root.run("webhook show chat --on shop/images").fails_with(6);
    assert_eq!(shown(&root, "gone", "/")["url"], "https://hooks.example.org/other");
    let log = process.log_with("webhook chat on shop/images was removed").await;
    assert!(log.contains("active of webhook ci on shop is false, the file says true"), "{log}");
    process.kill();
    // Where no message can go is a mistake of the file.
    fs::write(&file, SHOP.replace("https://hooks.example.org/ci", "https://127.0.0.1/ci")).expect("a file");
    let path = file.display().to_string();
    let data = folder.path("data").display().to_string();
    let serve = ["serve", "--bootstrap-only", "--bootstrap", &path, "--data", &data];
    let refused = run(folder.root(), &serve, &[]).fails_with(3).err;
    assert!(refused.contains("shop.toml:22: no message can go to the address"), "{refused}");
}

/// Each line takes what the same change takes by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_of_a_plan_take_the_rights_that_they_take_elsewhere() {
    let organisation = Organisation::team().member("pia").role("member:pia", "project-admin", "team");
    let organisation = organisation.member("ada").may("member:ada", "access-manage", "team");
    let hub = Server::with(organisation).await;
    let hook =
        |events: &[&str], url: &str| json!({ "name": "ci", "url": url, "events": events, "secret": SECRET });
    let url = "https://hooks.example.org/ci";
    let on = |key: &str, hook: Value| json!({ "projects": [{ "key": key, "webhooks": [hook] }] });
    let plan = |document: Value| json!({ "source": "pias", "document": document });
    let ask = async |who: &str, document: Value| {
        hub.actor(who).send(Ask::post("/api/v1/plans").json(&plan(document))).await
    };
    let shown = ask("pia", on("team", hook(&["audit"], url))).await.is(200).json();
    let line = &shown["lines"][1];
    assert_eq!((&line["sign"], &line["field"]), (&json!("!"), &json!("events")), "{shown}");
    assert!(line["detail"].as_str().expect("words").contains("audit-view"), "{shown}");
    for (who, document) in [
        ("pia", json!({ "webhooks": [hook(&["package.removed"], url)] })),
        ("pia", on("other", hook(&["package.removed"], url))),
        ("ada", on("team", hook(&["package.removed"], url))),
    ] {
        let shown = ask(who, document).await.is(200).json();
        assert_eq!(
            (&shown["lines"][0]["sign"], &shown["lines"][0]["why"]),
            (&json!("!"), &json!("denied")),
            "{shown}"
        );
    }
    let refused =
        ask("pia", on("team", hook(&["package.removed"], "https://10.0.0.1/"))).await.is(409).json();
    let detail = refused["detail"].as_str().expect("words");
    assert!(
        detail.starts_with("/document/projects/0/webhooks/0: no message can go to the address"),
        "{detail}"
    );
    let mut wrong = hook(&["package.removed"], url);
    wrong["secret"] = json!("whsec_short");
    ask("pia", on("team", wrong)).await.is(400);

    let document = on("team", hook(&["package.removed"], url));
    let shown = ask("pia", document.clone()).await.is(200);
    assert!(!String::from_utf8_lossy(&shown.body).contains("whsec_"), "{shown}");
    let body = json!({ "plan": plan(document), "expect": shown.json()["digest"] });
    let done = hub.actor("pia").send(Ask::post("/api/v1/plans/apply").json(&body)).await.is(200);
    assert!(!String::from_utf8_lossy(&done.body).contains("whsec_"), "{done}");
    // Whoever may not see webhooks exports none: their addresses may be secrets.
    let export =
        async |who: &str| hub.actor(who).send(Ask::get("/api/v1/projects/team/export")).await.is(200).json();
    assert_eq!(
        export("pia").await["projects"][0]["webhooks"],
        json!([{ "name": "ci", "url": url, "events": ["package.removed"] }])
    );
    assert_eq!(export("ada").await["projects"][0].get("webhooks"), None);
}
