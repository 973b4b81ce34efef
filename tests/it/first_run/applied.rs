//! A file that is the truth: shown, applied, found to have drifted, exported.

use std::fs;

use serde_json::{Value, json};

use super::{Folder, Launch, Shell};
use crate::support::organisation::Organisation;
use crate::support::process::{Process, run, serve};
use crate::support::{Ask, Server};

const SHOP: &str = r#"
[[projects]]
key = "shop"
title = "The shop"
access = "closed"

[[projects.repositories]]
name = "open"
format = "oci"
visibility = "public"

[[projects.repositories]]
name = "jars"
format = "maven"

[[teams]]
name = "shopkeepers"
members = ["member:bob"]

[[grants]]
to = "team:shopkeepers"
role = "project-member"
on = "shop"

[[tests]]
who = "team:anyone"
on = "shop/jars"
may_not = ["read"]

[[tests]]
who = "member:bob"
on = "shop/jars"
may = ["read", "publish"]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_shown_applied_and_found_to_have_drifted() {
    let (organisation, folder) = (Organisation::team(), Folder::new("apply"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    fs::write(folder.path("shop.toml"), SHOP).expect("a file");
    let shown = root.run("apply shop.toml --plan").succeeds().out;
    for line in [
        "+  project shop",
        "+  repository shop/open",
        "+  grant of project-member to team:shopkeepers on shop",
        "! anyone gains read on shop/open",
        "! member:bob gains read publish overwrite delete-package repository-create on shop",
        "; widens: yes; tests: 2 passed; nothing applied",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    root.run("apply shop.toml --plan --exit-code").fails_with(10);
    assert_eq!(root.run("project show shop").code, Some(5), "a plan makes nothing");
    let applied = root.run("apply shop.toml").succeeds().out;
    assert!(applied.trim_end().ends_with("tests: 2 passed; applied"), "{applied}");
    let again = root.run("apply shop.toml --plan --exit-code").succeeds().out;
    assert_eq!(
        again.trim_end(),
        "0 to add, 0 to change, 0 to remove, 0 kept, 0 in the way; widens: no; tests: 2 passed; nothing applied"
    );
    // A closed door stays closed until somebody says otherwise.
    root.run("repository visibility shop/open private").succeeds();
    root.run("apply shop.toml --plan --exit-code").fails_with(10);
    let refused = root.run("apply shop.toml").fails_with(7);
    assert!(refused.out.contains("private -> public"), "{}", refused.out);
    assert!(refused.out.contains("--reopen; last changed by member:root on"), "{}", refused.out);
    assert!(refused.out.contains("nothing applied"), "{}", refused.out);
    root.run("apply shop.toml --reopen").succeeds();
    let document = root.run("apply shop.toml --plan -o json").succeeds().out;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!((&document["lines"], &document["counts"]["add"]), (&json!([]), &json!(0)));
    // What would break a test is not applied.
    fs::write(
        folder.path("open.toml"),
        SHOP.replace("format = \"maven\"", "format = \"maven\"\nvisibility = \"public\""),
    )
    .expect("a file");
    let broken = root.run("apply open.toml").fails_with(7);
    assert!(broken.out.contains("! test 1 fails: team:anyone may read on shop/jars"), "{}", broken.out);
    // A file that cannot be read says where, and a name that is nobody's does too.
    fs::write(
        folder.path("wrong.toml"),
        "[[grants]]\nto = \"member:bob\"\non = \"shop\"\nrolle = \"viewer\"\n",
    )
    .expect("a file");
    let wrong = root.run("apply wrong.toml").fails_with(3).err;
    assert!(wrong.contains("wrong.toml:4") && wrong.contains("did you mean `role`?"), "{wrong}");
    fs::write(
        folder.path("wrong.toml"),
        "[[grants]]\nto = \"member:nobody\"\non = \"shop\"\nrole = \"viewer\"\n",
    )
    .expect("a file");
    assert!(root.run("apply wrong.toml").fails_with(7).err.contains("member:nobody"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_applied_changes_nothing_and_elsewhere_makes_the_same() {
    let (organisation, folder) = (Organisation::team(), Folder::new("export"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    let exported = root.run("export --token-hashes").succeeds().out;
    assert!(!exported.contains("a password of pat") && !exported.contains("$argon2"), "{exported}");
    fs::write(folder.path("all.toml"), &exported).expect("a file");
    let same = root.run("apply all.toml --plan --exit-code").succeeds().out;
    assert!(same.starts_with("0 to add, 0 to change, 0 to remove, 0 kept, 0 in the way"), "{same}");
    let without = root.run("export").succeeds().out;
    assert!(without.contains("secret_env = \"ALICE_READER_TOKEN\""), "{without}");
    let project = root.run("export --on team").succeeds().out;
    assert!(project.contains("key = \"team\"") && !project.contains("[[members]]"), "{project}");
    // The same file makes the same on an empty gateway, before anything serves, and its tokens go on to work.
    let elsewhere = Folder::new("elsewhere");
    fs::write(elsewhere.path("all.toml"), &exported).expect("a file");
    let data = elsewhere.path("data");
    let data = data.to_str().expect("a path");
    let serve = ["serve", "--bootstrap-only", "--bootstrap", "all.toml", "--data", data];
    run(elsewhere.root(), &serve, &[]).succeeds();
    run(elsewhere.root(), &["serve", "--bootstrap-only", "--data", data], &[]).fails_with(2);
    let other = Launch::new(elsewhere.root()).start().await;
    let there = Shell { process: &other, folder: &elsewhere, token: root.token.clone() };
    assert_eq!(there.run("export --token-hashes").succeeds().out, exported);
}

/// Who vouches for machines, which machines get what, and what people call things.
const MACHINES: &str = r#"
[[issuers]]
name = "prod"
url = "https://kubernetes.default.svc"
kind = "kubernetes"
audiences = ["https://hub.example"]
jwks = { keys = [{ kty = "EC", crv = "P-256", kid = "one", x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" }] }

[[projects]]
key = "shop"
title = "The shop"
description = "What is sold.\nAsk bob."

[[projects.repositories]]
name = "images"
format = "oci"
description = "Everything that runs"

[[projects.publishers]]
name = "pull"
issuer = "prod"
claims = { sub = "system:serviceaccount:prod:web" }
on = ["shop/images"]
permissions = ["read"]
direct = true

[[projects.publishers]]
name = "push"
issuer = "prod"
application = "robot"
claims = { sub = "system:serviceaccount:ci:builder" }
permissions = ["read", "publish"]
minutes = 5

[[members]]
username = "dora"
title = "Dora of the shop"

[[applications]]
name = "robot"
title = "The robot"
client_id = "6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10"
requested = ["read", "publish"]
authorised = ["shop"]

[[teams]]
name = "shopkeepers"
title = "Those who keep the shop"
members = ["member:dora"]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_and_titles_stand_in_a_file_too() {
    let (organisation, folder) = (Organisation::empty(), Folder::new("apply-machines"));
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    let root = Shell { process: &process, folder: &folder, token: organisation.login("root").secret };
    fs::write(folder.path("shop.toml"), MACHINES).expect("a file");
    let shown = root.run("apply shop.toml").succeeds().out;
    for line in ["+  issuer prod", "+  publisher shop/pull", "+  publisher shop/push"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    root.run("apply shop.toml --plan --exit-code").succeeds();
    let publisher = root.run("publisher show shop/pull -o json").succeeds().out;
    let publisher: Value = serde_json::from_str(&publisher).expect("a document");
    assert_eq!(
        (&publisher["application"], &publisher["direct"], &publisher["minutes"]),
        (&json!("ci-shop-pull"), &json!(true), &json!(15))
    );
    let person = root.run("person show member:dora -o json").succeeds().out;
    assert!(person.contains("Dora of the shop"), "{person}");
    // Somebody lets it do more: the file says less, and takes that back without a word more.
    root.run("publisher put shop/pull --issuer prod --claim sub=system:serviceaccount:prod:web --permissions read,publish --direct --on shop/images")
        .succeeds();
    let back = root.run("apply shop.toml").succeeds().out;
    assert!(back.contains("permissions") && back.contains("read publish -> read"), "{back}");
    // Somebody lets it do less: the file would give more again, which has to be said.
    root.run("publisher put shop/pull --issuer prod --claim sub=system:serviceaccount:prod:web --direct --permissions read --on shop/images --minutes 1")
        .succeeds();
    root.run("publisher put shop/push --issuer prod --application robot --claim sub=system:serviceaccount:ci:builder --permissions read --minutes 5")
        .succeeds();
    let refused = root.run("apply shop.toml").fails_with(7).out;
    assert!(refused.contains("--reopen") && refused.contains("minutes"), "{refused}");
    root.run("apply shop.toml --reopen").succeeds();
    // What others made stays, unless the file is the whole truth about it.
    root.run("publisher put shop/other --issuer prod --claim sub=system:serviceaccount:prod:other --permissions read")
        .succeeds();
    root.run("apply shop.toml --plan --exit-code").succeeds();
    let whole = root.run("apply shop.toml --authoritative publishers --authoritative grants").succeeds().out;
    assert!(whole.contains("-  publisher shop/other") && !whole.contains("ci-shop-pull"), "{whole}");
    root.run("publisher show shop/other").fails_with(6);
    root.run("app show ci-shop-pull").succeeds();
    // An export says all of it, and nothing that comes with a publisher.
    let exported = root.run("export --token-hashes").succeeds().out;
    assert!(!exported.contains("ci-shop-pull"), "{exported}");
    for line in
        ["name = \"push\"", "minutes = 5", "direct = true", "title = \"Dora of the shop\"", "description = "]
    {
        assert!(exported.contains(line), "{line}\n{exported}");
    }
    fs::write(folder.path("all.toml"), &exported).expect("a file");
    root.run("apply all.toml --source export --plan --exit-code").succeeds();
    // What leaves the file goes where that is asked for.
    let without = MACHINES
        .split("[[projects.publishers]]")
        .next()
        .expect("the beginning")
        .replace("[[issuers]]", "[[issuers]] # ");
    fs::write(folder.path("less.toml"), without).expect("a file");
    let pruned = root
        .run("apply less.toml --prune --confirm-delete member:dora --confirm-delete application:robot")
        .succeeds()
        .out;
    assert!(
        pruned.contains("-  publisher shop/pull") && pruned.contains("-  publisher shop/push"),
        "{pruned}"
    );
    root.run("app show ci-shop-pull").fails_with(6);

    // Elsewhere it makes the same, before anything serves.
    let elsewhere = Folder::new("apply-machines-there");
    fs::write(elsewhere.path("all.toml"), &exported).expect("a file");
    let data = elsewhere.path("data");
    let data = data.to_str().expect("a path");
    run(elsewhere.root(), &["serve", "--bootstrap-only", "--bootstrap", "all.toml", "--data", data], &[])
        .succeeds();
    let other = Launch::new(elsewhere.root()).start().await;
    let there = Shell { process: &other, folder: &elsewhere, token: root.token.clone() };
    assert_eq!(there.run("export --token-hashes").succeeds().out, exported);
}

/// Nobody's right goes further in a plan than elsewhere, and a plan tells nobody what is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_takes_the_right_of_each_line() {
    let organisation = Organisation::team().member("pia").role("member:pia", "project-admin", "team");
    let organisation = organisation.team_of("auditors", "member:bob");
    let hub = Server::with(organisation).await;
    let plan = |document: Value| json!({ "source": "pias", "document": document });
    let grant = |to: &str, on: &str, role: &str| json!({ "to": to, "on": on, "role": role });
    let shown = async |who: &str, document: Value| {
        hub.actor(who).send(Ask::post("/api/v1/plans").json(&plan(document))).await.is(200).json()
    };
    let whys = |shown: &Value| -> Vec<String> {
        let lines = shown["lines"].as_array().expect("lines");
        lines.iter().map(|line| format!("{} {}", line["sign"], line["why"]).replace('"', "")).collect()
    };
    // Her own project.
    let own = json!({ "grants": [grant("member:bob", "team", "viewer")] });
    assert_eq!(whys(&shown("pia", own.clone()).await), ["+ asked"]);
    // Another's looks like one that is not there.
    for project in ["other", "nowhere"] {
        let denied = json!({
            "grants": [grant("member:bob", project, "viewer")],
            "projects": [{ "key": project, "repositories": [{ "name": "app", "format": "oci" }] }],
            "teams": [{ "name": "org-admins", "members": ["member:pia"] }],
            "members": [{ "username": "bob", "suspended": true }],
        });
        let shown = shown("pia", denied.clone()).await;
        assert_eq!(whys(&shown), ["! denied"; 4], "{shown}");
        assert_eq!((&shown["counts"]["denied"], &shown["effects"]), (&json!(4), &json!([])));
        for line in shown["lines"].as_array().expect("lines") {
            assert_eq!(
                (&line["before"], &line["after"], &line["last"]),
                (&json!(null), &json!(null), &json!(null))
            );
        }
        let body = json!({ "plan": plan(denied) });
        let refused =
            hub.actor("pia").send(Ask::post("/api/v1/plans/apply").json(&body)).await.is(403).json();
        assert_eq!((&refused["code"], &refused["plan"]["counts"]["denied"]), (&json!("denied"), &json!(4)));
    }
    // Nobody gives what they do not hold.
    let beyond = json!({
        "grants": [{ "to": "member:bob", "on": "team", "permissions": ["audit-view"] }],
    });
    let shown_beyond = shown("pia", beyond).await;
    assert_eq!(whys(&shown_beyond)[1..], ["! denied"], "{shown_beyond}");
    let detail = shown_beyond["lines"][1]["detail"].as_str().expect("words");
    assert!(detail.contains("which you do not hold there"), "{detail}");
    // Whoever is in no project may nothing, and whoever has not logged in is not asked.
    assert_eq!(whys(&shown("bob", own.clone()).await), ["! denied"]);
    hub.stranger().send(Ask::post("/api/v1/plans").json(&plan(own.clone()))).await.is(401);
    // Nor does a test ask what its author may not know, or an effect tell who is in a team.
    let test = |on: &str| json!({ "who": "member:alice", "on": on, "may": ["read"] });
    let asked =
        shown("pia", json!({ "tests": [test("other/app"), test("nowhere"), test("team/app")] })).await;
    let failed: Vec<&Value> =
        asked["failed"].as_array().expect("tests").iter().map(|one| &one["detail"]).collect();
    assert_eq!(failed, ["you may not ask this, or it does not exist"; 2], "{asked}");
    let to_team = json!({ "grants": [grant("team:auditors", "team", "viewer")] });
    let told = shown("pia", to_team.clone()).await;
    assert_eq!((&told["effects"], &told["more_effects"]), (&json!([]), &json!(true)), "{told}");
    assert_eq!(shown("root", to_team).await["effects"][0]["who"], "member:bob");
    // All or nothing, as it was shown.
    let digest = shown("pia", own.clone()).await["digest"].clone();
    let body = json!({ "plan": plan(own), "expect": "another" });
    let changed = hub.actor("pia").send(Ask::post("/api/v1/plans/apply").json(&body)).await.is(409).json();
    assert_eq!((&changed["code"], &changed["plan"]["digest"]), (&json!("plan-changed"), &digest));
    let body = json!({ "plan": body["plan"], "expect": digest });
    let done = hub.actor("pia").send(Ask::post("/api/v1/plans/apply").json(&body)).await.is(200).json();
    assert_eq!(done["applied"], true);
    hub.actor("bob").send(Ask::get("/v2/p/team/app/tags/list")).await;
    // A file is not the one that the gateway starts with.
    let body = json!({ "source": "bootstrap", "document": {} });
    hub.admin().send(Ask::post("/api/v1/plans").json(&body)).await.is(409);
    hub.actor("pia").send(Ask::get("/api/v1/export")).await.is(403);
    hub.actor("pia").send(Ask::get("/api/v1/projects/other/export")).await.is(403);
    let exported = hub.actor("pia").send(Ask::get("/api/v1/projects/team/export")).await.is(200).json();
    assert_eq!(exported["projects"][0]["key"], "team");
}

/// A plan is nowhere but with whoever asked for it: a gateway may be killed before it is applied, and has all of it or nothing where
/// it is killed meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_has_all_of_a_plan_or_nothing() {
    let (organisation, folder) = (Organisation::team(), Folder::new("apply-kill"));
    let projects: Vec<Value> = (0..40)
        .map(|one| json!({ "key": format!("many-{one}"), "repositories": [{ "name": "app", "format": "oci" }] }))
        .collect();
    let plan = json!({ "source": "many", "document": { "projects": projects } });
    let shown = async |process: &Process| {
        let root = process.actor(organisation.login("root"));
        root.send(Ask::post("/api/v1/plans").json(&plan)).await.is(200).json()
    };
    let process = serve(&folder, &organisation).await;
    let first = shown(&process).await;
    assert_eq!(first["counts"]["add"], 80);
    process.kill();
    let body = json!({ "plan": plan, "expect": first["digest"] });
    for answers in [0, 1, 20, 200, 2000] {
        let process = serve(&folder, &organisation).await;
        assert_eq!(shown(&process).await["digest"], first["digest"]);
        let (root, stranger) = (process.actor(organisation.login("root")), process.stranger());
        let others = async {
            for _ in 0..answers {
                stranger.send(Ask::get("/livez")).await;
            }
        };
        let applied = tokio::select! {
            applied = root.send(Ask::post("/api/v1/plans/apply").json(&body)) => Some(applied),
            () = others => None,
        };
        process.kill();
        let process = serve(&folder, &organisation).await;
        let now = shown(&process).await;
        process.kill();
        if now["counts"]["add"] == 0 {
            assert_eq!(now["lines"], json!([]));
            return;
        }
        assert_eq!((&now["counts"], &now["digest"]), (&first["counts"], &first["digest"]));
        assert!(applied.is_none(), "what was answered is lost");
    }
    let process = serve(&folder, &organisation).await;
    let done = process.actor(organisation.login("root"));
    assert_eq!(done.send(Ask::post("/api/v1/plans/apply").json(&body)).await.is(200).json()["applied"], true);
}
