//! A run that was cut short, and the one that goes on from there.

use super::shelf::{Page, Shelf};
use super::{Porter, lines, team};
use crate::support::{Folder, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_where_it_was_cut() {
    let hub = Server::with(team()).await;
    let folder = Folder::new("import-resume");
    let shelf = Shelf::start().await;
    shelf.lists("d/", &["a", "b", "c"]);
    shelf.is("d/a", "of a");
    shelf.is("d/b", "of b");
    shelf.put("d/c", Page::Fails(503));
    let alice = Porter { hub: &hub, folder: &folder, who: "alice" };
    let line = format!("import files {} --to to/files --resume run --parallel 1", shelf.url("d/"));
    let said = alice.run(&line).fails_with(8);
    assert_eq!(lines(&said)[1..], ["taken  a", "taken  b"]);
    // What was done is not even asked for.
    shelf.put("d/a", Page::Fails(500));
    shelf.is("d/c", "of c");
    let said = alice.run(&line).succeeds();
    assert_eq!(said.out, "taken  c\n1 taken (4 B), 0 the same, 0 refused, 2 done before\n");
    let other = format!("import files {} --to from/files --resume run", shelf.url("d/"));
    let said = alice.run(&other).fails_with(3);
    assert!(said.err.contains("of another run"), "{}", said.err);
}
