//! `connect`: limited tokens in the files that clients read, and back to the byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Desk, program};
use crate::support::organisation::{Login, Organisation};
use crate::support::process::{Launch, Process};
use crate::support::{Ask, Folder};

const SETTINGS: &str = "\u{feff}<settings>\r\n  <!-- OTHER -->\r\n  <servers>\r\n    <server><id>OTHER</id>\
                        <password>kept</password></server>\r\n  </servers>\r\n</settings>\r\n";
const CONFIG: &str = "{\n\t\"auths\": {\n\t\t\"OTHER\": {\n\t\t\t\"auth\": \"eDp5\"\n\t\t}\n\t}\n}\n";
const SOURCES: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <packageSources>\n    <add key=\"OTHER\" \
                       value=\"https://elsewhere.example\" />\n  </packageSources>\n</configuration>\n";

async fn packages(folder: &Folder) -> (Organisation, Process) {
    let organisation = Organisation::team().repository("team/packages", "nuget", "private", "");
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    (organisation, process)
}

/// The tokens that `connect` made, by their public ids.
fn tokens(desk: &Desk<'_>, program: &str) -> Vec<String> {
    let listed = desk.run("token list").succeeds().out;
    let ours = listed.lines().filter(|line| line.contains(&format!("  {program} team")));
    ours.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_program_is_connected_again_and_disconnected() {
    let folder = Folder::new("cli-connect");
    let (organisation, process) = packages(&folder).await;
    let alice = Desk::of("alice", &organisation, &process, &folder);
    for (program, node, file, before) in [
        ("docker", "--project team", ".docker/config.json", Some(CONFIG)),
        ("podman", "--project team", ".config/containers/auth.json", None),
        ("mvn", "--repository team/jars", ".m2/settings.xml", Some(SETTINGS)),
        ("gradle", "--repository team/jars", ".gradle/gradle.properties", Some("# OTHER\r\na=b")),
        ("sbt", "--repository team/jars", ".sbt/1.0/wharfinger-team-jars.credentials", None),
        ("dotnet", "--repository team/packages", ".nuget/NuGet/NuGet.Config", Some(SOURCES)),
        ("paket", "--repository team/packages", ".config/Paket/paket.config", None),
    ] {
        let path = folder.path("home").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        if let Some(before) = before {
            fs::write(&path, before).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("chmod");
        }
        let read = || fs::read_to_string(&path).ok();

        let said = alice.run(&format!("connect {program} {node} --push --dry-run")).succeeds();
        assert!(said.out.contains("+ ") && said.out.contains(file), "{said:?}");
        assert_eq!(read().as_deref(), before, "{program}");
        assert!(tokens(&alice, program).is_empty());

        let said = alice.run(&format!("connect {program} {node} --push")).succeeds();
        assert!(!said.out.contains("whfp_") && !said.err.contains("whfp_"), "{said:?}");
        let first = read().expect("a file");
        let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, if before.is_some() { 0o640 } else { 0o600 }, "{program}");
        let made = tokens(&alice, program);
        assert_eq!(made.len(), 1, "{program}");
        let limits = alice.run(&format!("token show {}", made[0])).succeeds().out;
        assert!(limits.contains("read,publish,overwrite"), "{limits}");

        // Again: another token in the same place, and the first is revoked.
        alice.run(&format!("connect {program} {node}")).succeeds();
        let second = read().expect("a file");
        assert_eq!(second.lines().count(), first.lines().count(), "{program}");
        let again = tokens(&alice, program);
        assert!(again.len() == 1 && again != made, "{program}: {again:?}");

        alice.run(&format!("connect {program} {node} --undo")).succeeds();
        assert_eq!(read().as_deref(), before, "{program}");
        assert!(tokens(&alice, program).is_empty(), "{program}");
        alice.run(&format!("connect {program} {node} --undo")).fails_with(6);
        let left = fs::read_dir(path.parent().expect("a folder")).expect("a folder");
        let left: Vec<PathBuf> = left.map(|entry| entry.expect("an entry").path()).collect();
        assert_eq!(left.len(), usize::from(before.is_some()), "{left:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_login_works_as_far_as_it_is_meant_to() {
    let folder = Folder::new("cli-connect-works");
    let (organisation, process) = packages(&folder).await;
    let alice = Desk::of("alice", &organisation, &process, &folder);
    alice.run("connect podman --repository team/app").succeeds();
    let file = folder.path("home/.config/containers/auth.json");
    let document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
    let auth = document["auths"][process.address.to_string()]["auth"].as_str().expect("a login").to_owned();
    let login = String::from_utf8(BASE64_STANDARD.decode(auth).expect("base64")).expect("UTF-8");
    let (name, secret) = login.split_once(':').expect("a name and a secret");
    let login = Login { name: name.to_owned(), secret: secret.to_owned() };
    let ask = async |path: &str| process.actor(login.clone()).send(Ask::get(path)).await.status.as_u16();
    assert_eq!(ask("/v2/p/team/app/web/tags/list").await, 404);
    assert_eq!(ask("/v2/p/team/frozen/web/tags/list").await, 403);

    // Somebody changed the file meanwhile: only our entry goes.
    let text = fs::read_to_string(&file).expect("a file").replace("\"auths\"", "\"more\": 1,\n\t\"auths\"");
    fs::write(&file, text).expect("written");
    alice.run("connect podman --repository team/app --undo").succeeds();
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.contains("\"more\": 1") && !text.contains(&process.address.to_string()), "{text}");
    assert_eq!(ask("/v2/p/team/app/web/tags/list").await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_in_one_file_go_in_any_order() {
    let folder = Folder::new("cli-connect-two");
    let (organisation, process) = packages(&folder).await;
    let alice = Desk::of("alice", &organisation, &process, &folder);
    let path = folder.path("home/.m2/settings.xml");
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    for order in [["team/jars", "other"], ["other", "team/jars"]] {
        fs::write(&path, SETTINGS).expect("a file");
        alice.run("connect mvn --repository team/jars").succeeds();
        alice.run("connect mvn --project other").succeeds();
        // And once more the first, over a file that another connection changed since.
        alice.run("connect mvn --repository team/jars").succeeds();
        for node in order {
            let flag = if node.contains('/') { "--repository" } else { "--project" };
            alice.run(&format!("connect mvn {flag} {node} --undo")).succeeds();
        }
        assert_eq!(fs::read_to_string(&path).expect("a file"), SETTINGS, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_somebody_elses_is_left_alone() {
    let folder = Folder::new("cli-connect-others");
    let (organisation, process) = packages(&folder).await;
    let alice = Desk::of("alice", &organisation, &process, &folder);
    let path = folder.path("home/.m2/settings.xml");
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(&path, SETTINGS.replace("OTHER</id>", "team-jars</id>")).expect("a file");
    let said = alice.run("connect mvn --repository team/jars").fails_with(7);
    assert!(said.err.contains("--id"), "{said:?}");
    assert!(tokens(&alice, "mvn").is_empty());
    alice.run("connect mvn --repository team/jars --id mine").succeeds();
    alice.run("connect mvn --repository team/jars --id mine --undo").succeeds();

    for broken in ["<settings>", "no XML", "<other/>"] {
        fs::write(&path, broken).expect("a file");
        alice.run("connect mvn --project team").fails_with(3);
        assert_eq!(fs::read_to_string(&path).expect("a file"), broken);
    }
    assert!(tokens(&alice, "mvn").is_empty());
    alice.run("connect dotnet").fails_with(2);
    alice.run("connect dotnet --repository team/jars").fails_with(2);
    alice.run("connect mvn --id a/b").fails_with(2);
    alice.run("connect mvn --repository team/absent").fails_with(5);
    // An application cannot make tokens for itself.
    let robot = Desk::of("robot", &organisation, &process, &folder);
    robot.run("connect mvn --project team").fails_with(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_helper_that_docker_uses_keeps_the_login() {
    let folder = Folder::new("cli-connect-helper");
    let (organisation, process) = packages(&folder).await;
    let alice = Desk::of("alice", &organisation, &process, &folder);
    program(
        &folder,
        "docker-credential-drawer",
        "#!/bin/sh\ncase $1 in store) cat > drawer ;; erase) rm drawer ;; esac\n",
    );
    let path = folder.path("home/.docker/config.json");
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    let config = "{\"credsStore\": \"drawer\"}";
    fs::write(&path, config).expect("a file");
    alice.run("connect docker").succeeds();
    let kept: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path("drawer")).expect("a secret")).expect("JSON");
    assert_eq!(
        (&kept["ServerURL"], &kept["Username"]),
        (&process.address.to_string().into(), &"alice".into())
    );
    assert_eq!(fs::read_to_string(&path).expect("a file"), config);
    alice.run("connect docker --undo").succeeds();
    assert!(!folder.path("drawer").is_file());
}
