//! What is refused, and in which words.

use super::shelf::{Page, Shelf};
use super::{Porter, lines, team, write};
use crate::support::maven::pom;
use crate::support::{Ask, Folder, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_publish_is_told_at_once_and_why() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-refused");
    write(&folder, "dist/a.txt", "a");
    for dry in ["", "--dry-run"] {
        let rita = Porter { hub: &hub, folder: &folder, who: "rita" };
        let said = rita.run(&format!("import files dist --to to/files {dry}")).fails_with(5);
        assert!(said.err.contains("publish") && said.err.contains("to/files"), "{}", said.err);
        assert_eq!(said.out, "");
    }
    let bob = Porter { hub: &hub, folder: &folder, who: "bob" };
    bob.run("import files dist --to to/files").fails_with(5);
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let said = alice.run("import maven dist --to to/files").fails_with(2);
    assert!(said.err.contains("a repository of the format files, not maven"), "{}", said.err);
    alice.run("import files nowhere --to to/files").fails_with(6);
    alice.run("import files http://user:secret@127.0.0.1/ --to to/files").fails_with(2);
    alice.run("import files http://files.example/ --source-user me --to to/files").fails_with(2);
    // Who one is does not cross the network in clear.
    let line = "import files http://files.example/ --to to/files";
    alice.run_with(line, &[("WHARFINGER_SOURCE_SECRET", "secret")]).fails_with(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_gateway_refuses_is_said_in_its_words_and_the_rest_goes_on() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-words");
    let at = "m2/org/acme/rope/1.0/rope-1.0";
    write(&folder, &format!("{at}.jar"), "a jar");
    write(&folder, &format!("{at}.pom"), pom("org.other", "rope", "1.0"));
    write(&folder, "m2/lost.jar", "x");
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let said = alice.run("import maven m2 --to to/jars").fails_with(1);
    let refused: Vec<&str> = lines(&said).into_iter().filter(|line| line.starts_with("refused  ")).collect();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[1].contains("400 Bad Request: "), "{refused:?}");
    hub.actor("alice").send(Ask::get("/maven/p/to/jars/org/acme/rope/1.0/rope-1.0.jar")).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_of_the_tree_that_does_not_fit_is_refused() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-corrupt");
    write(&folder, "m2/org/acme/rope/1.0/rope-1.0.jar", "");
    write(&folder, "m2/org/acme/rope/1.0/rope-1.0.jar.sha256", "0".repeat(64));
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    for dry in ["--dry-run", ""] {
        let said = alice.run(&format!("import maven m2 --to to/jars {dry}")).fails_with(1);
        assert!(said.out.starts_with("refused  org/acme/rope/1.0/rope-1.0.jar: "), "{}", said.out);
    }
    hub.actor("alice").send(Ask::get("/maven/p/to/jars/org/acme/rope/1.0/rope-1.0.jar")).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn content_that_breaks_off_is_never_there() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-cut");
    let shelf = Shelf::start().await;
    shelf.lists("d/", &["cut.bin"]);
    shelf.put("d/cut.bin", Page::Cut(vec![1; 1 << 20].into()));
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    alice.run(&format!("import files {} --to to/files", shelf.url("d/"))).fails_with(8);
    hub.actor("alice").files("to/files").get("cut.bin").await.is(404);
}
