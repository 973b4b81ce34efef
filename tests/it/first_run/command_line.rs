//! Every verb of the management, typed.

use serde_json::Value;

use super::{Folder, Launch, Shell};
use crate::support::organisation::{Login, Organisation};
use crate::support::{Ask, image, token};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_made_listed_disabled_and_revoked() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-tokens"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let alice = Shell { process: &process, folder: &folder, token: organisation.login("alice").secret };
    let ask = async |secret: &str, target: &str| {
        let login = Login { name: "alice".to_owned(), secret: secret.to_owned() };
        process.actor(login).send(Ask::get(target)).await.status.as_u16()
    };
    process
        .actor(organisation.login("alice"))
        .docker()
        .push("team/app/web:1.0", &image("hello"))
        .await
        .done();
    process
        .actor(organisation.login("alice"))
        .docker()
        .push("other/app/web:1.0", &image("hello"))
        .await
        .done();
    let (here, there) = ("/v2/p/team/app/web/manifests/1.0", "/v2/p/other/app/web/manifests/1.0");

    // The secret stands alone on standard output.
    let full = alice.run("token create laptop --full").succeeds().out.trim_end().to_owned();
    assert!(token::is_well_formed(&full), "{full}");
    assert_eq!((ask(&full, here).await, ask(&full, there).await), (200, 200));
    let limited =
        alice.run("token create ci --limit team/app=read --expires 2099-01-01T00:00:00Z").succeeds();
    let limited = limited.out.trim_end().to_owned();
    assert_eq!((ask(&limited, here).await, ask(&limited, there).await), (200, 403));

    let listed: Value = serde_json::from_str(&alice.run("token list -o json").succeeds().out).expect("JSON");
    let rows = listed.as_array().expect("rows");
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).expect("a row");
    assert_eq!(row("laptop")["id"], token::id(&full));
    assert_eq!(row("ci")["state"], "active");
    assert!(!listed.to_string().contains(&full[13..]));
    assert!(alice.run("token list").succeeds().out.contains("laptop"));

    alice.run(&format!("token disable {}", token::id(&full))).succeeds();
    assert_eq!(ask(&full, here).await, 401);
    alice.run(&format!("token revoke {}", token::id(&limited))).succeeds();
    assert_eq!(ask(&limited, here).await, 401);
    // Revoked is for good, and the tokens of others are not one's own.
    alice.run(&format!("token disable {}", token::id(&limited)));
    assert_eq!(ask(&limited, here).await, 401);
    alice.run(&format!("token revoke {}", token::id(&organisation.login("bob").secret))).fails_with(6);
    assert_eq!(process.actor(organisation.login("bob")).send(Ask::get("/v2/")).await.status, 200);
    alice.run("token list --of member:bob").fails_with(5);

    // A limited token makes nothing wider than itself.
    let reader = Shell { token: organisation.login("alice/reader").secret, ..alice };
    let wider = reader.run("token create wider --full");
    assert_ne!(wider.code, Some(0), "{wider:?}");
    let wider = reader.run("token create wider --limit other/app=read");
    assert_ne!(wider.code, Some(0), "{wider:?}");
    let wider = reader.run("token create wider --limit team/app=read,publish");
    assert_ne!(wider.code, Some(0), "{wider:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_applications_are_suspended_and_resumed() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-people"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let ask =
        async |who: &str| process.actor(organisation.login(who)).send(Ask::get("/v2/")).await.status.as_u16();
    for (who, principal) in [("sue", "member:sue"), ("robot", "application:robot")] {
        assert_eq!(ask(who).await, 200);
        root.run(&format!("principal suspend {principal}")).succeeds();
        assert_eq!(ask(who).await, 401);
        root.run(&format!("principal resume {principal}")).succeeds();
        assert_eq!(ask(who).await, 200);
    }
    // By client ID as well, because that is what a build log shows.
    root.run(&format!("principal suspend application:{}", organisation.login("robot").name)).succeeds();
    assert_eq!(ask("robot").await, 401);
    // Tokens of others, for who manages them.
    let made =
        root.run("token create second --full --of application:robot").succeeds().out.trim_end().to_owned();
    assert!(made.starts_with("whfa_"), "{made}");
    root.run("principal resume application:robot").succeeds();
    let login = Login { name: organisation.login("robot").name, secret: made.clone() };
    assert_eq!(process.actor(login.clone()).send(Ask::get("/v2/")).await.status, 200);
    root.run(&format!("token revoke {} --of application:robot", token::id(&made))).succeeds();
    assert_eq!(process.actor(login).send(Ask::get("/v2/")).await.status, 401);
    // The last administrator is not locked out.
    let said = root.run("principal suspend member:root");
    assert!(matches!(said.code, Some(5 | 7)), "{said:?}");
    assert_eq!(ask("root").await, 200);
    root.run("principal suspend member:nobody").fails_with(6);
    let sue = Shell { token: organisation.login("sue").secret, ..root };
    sue.run("principal suspend member:alice").fails_with(5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grants_and_visibility_change_with_the_next_request() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-grants"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let hello = image("hello");
    process.actor(organisation.login("alice")).docker().push("team/app/web:1.0", &hello).await.done();
    let bob = process.actor(organisation.login("bob"));
    let get = || Ask::get("/v2/p/team/app/web/manifests/1.0");

    root.run("grant put --to member:bob --role viewer --on team/app").succeeds();
    bob.send(get()).await.is(200);
    assert!(root.run("grant list --on team/app").succeeds().out.contains("member:bob"));
    bob.docker().push("team/app/web:2.0", &hello).await.refused_with(403);
    root.run("grant put --to member:bob --permissions read,publish --on team/app").succeeds();
    bob.docker().push("team/app/web:2.0", &hello).await.done();
    root.run("grant delete --to member:bob --on team/app").succeeds();
    bob.docker().push("team/app/web:3.0", &hello).await.refused_with(403);
    bob.send(get()).await.is(200);
    root.run("grant delete --to member:bob --role viewer --on team/app").succeeds();
    bob.send(get()).await.is(403);
    root.run("grant put --to team:everyone --role viewer --on team").succeeds();
    bob.send(get()).await.is(200);
    root.run("grant delete --to team:everyone --role viewer --on team").succeeds();
    bob.send(get()).await.is(403);
    root.run("grant put --to member:bob --permissions read --on team/app --expires 2020-01-01T00:00:00Z");
    bob.send(get()).await.is(403);

    process.stranger().send(get()).await.is(401);
    root.run("repository visibility team/app public").succeeds();
    process.stranger().send(get()).await.is(200);
    bob.send(get()).await.is(200);
    root.run("repository visibility team/app private").succeeds();
    process.stranger().send(get()).await.is(401);

    for (line, code) in [
        ("grant put --to member:absent --role viewer --on team/app", 7),
        ("grant put --to member:bob --role absent --on team/app", 7),
        // A repository that is not there looks like one that may not be touched, to everybody.
        ("grant put --to member:bob --role viewer --on team/absent", 5),
        ("repository visibility team/absent public", 5),
    ] {
        let said = root.run(line).fails_with(code);
        assert!(said.err.contains("wharfinger: "), "{line}: {said:?}");
    }
    // Nobody gives what they do not hold.
    let pat = Shell { token: organisation.login("pat").secret, ..root };
    pat.run("grant put --to member:bob --role viewer --on team/app").fails_with(5);
    pat.run("repository visibility team/app public").fails_with(5);
    bob.send(get()).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_tell_what_is_wrong() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-codes"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let shell = |token: &str| Shell { process: &process, folder: &folder, token: token.to_owned() };
    let alice = shell(&organisation.login("alice").secret);
    alice.run("me").succeeds();
    assert!(alice.run("me").out.contains("member:alice"));
    alice.run("nonsense").fails_with(2);
    alice.run("token create").fails_with(2);
    alice.run("token list --server nonsense").fails_with(2);
    shell(&token::generate('p')).run("me").fails_with(4);
    shell("").run("me").fails_with(4);
    alice.run("grant list --on /").fails_with(5);
    alice.run("token revoke 00000000").fails_with(6);
    alice.run("me --server http://127.0.0.1:1").fails_with(8);
    alice.run("healthcheck --server http://127.0.0.1:1").fails_with(8);
    let here = format!("healthcheck --server http://{}", process.address);
    alice.run(&here).succeeds();
    alice.run("--version").succeeds();
    alice.run("--help").succeeds();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_are_set_and_packages_looked_at() {
    let (organisation, folder) = (Organisation::team(), Folder::new("cli-packages"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let policy = || {
        let shown = root.run("repository show team/fresh -o json").succeeds().out;
        serde_json::from_str::<Value>(&shown).expect("JSON")["policy"].clone()
    };
    let create = "repository create team/fresh --format oci --policy immutable_tags=[\"v*\"]";
    root.run(&format!("{create} --dry-run")).succeeds();
    root.run(create).succeeds();
    assert_eq!(policy()["immutable_tags"], serde_json::json!(["v*"]));
    root.run("repository set team/fresh --policy delete_by_digest=only-if-one-tag").succeeds();
    root.run("repository set team/fresh --policy {\"sparse_indexes\":false}").succeeds();
    let all = serde_json::json!({
        "immutable_tags": ["v*"], "sparse_indexes": false, "delete_by_digest": "only-if-one-tag",
    });
    assert_eq!(policy(), all);
    let wrong = root.run("repository set team/fresh --policy immutable_tag=[]").fails_with(2);
    assert!(wrong.err.contains("did you mean `immutable_tags`?"), "{wrong:?}");
    root.run("repository set team/fresh --policy immutable_tags").fails_with(2);

    let pushed = image("hello");
    process.actor(organisation.login("alice")).docker().push("team/app/tools/web:1.0", &pushed).await.done();
    let alice = Shell { token: organisation.login("alice").secret, ..root };
    assert!(alice.run("package list team/app").succeeds().out.contains("tools/web"));
    assert!(alice.run("package show team/app tools/web").succeeds().out.contains("versions"));
    assert!(alice.run("version list team/app tools/web").succeeds().out.contains(&pushed.digest()));
    let by_digest = format!("version show team/app tools/web {}", pushed.digest());
    assert!(alice.run(&by_digest).succeeds().out.contains("listed"));
    assert!(alice.run("version files team/app tools/web 1.0").succeeds().out.contains("manifests/1.0"));
    alice.run("version show team/app tools/web 2.0").fails_with(6);
    let bob = Shell { token: organisation.login("bob").secret, ..alice };
    bob.run("package list team/app").fails_with(5);
}
