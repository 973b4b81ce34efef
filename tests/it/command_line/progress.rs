//! What is shown while something takes its time: a line or a bar at a terminal, and nothing of it anywhere else.

use std::process::{Child, Stdio};

use rusqlite::Connection;

use super::team;
use crate::support::detour::Detour;
use crate::support::process::{Process, command};
use crate::support::terminal::Terminal;
use crate::support::{Ask, Folder};

/// Somebody who asks by a detour, or none.
struct Asker<'f> {
    folder: &'f Folder,
    server: String,
    token: String,
}

impl Asker<'_> {
    /// At a terminal, if there can be one.
    fn at_a_terminal(&self, line: &str) -> Option<Terminal> {
        let variables = [("WHARFINGER_SERVER", &*self.server), ("WHARFINGER_TOKEN", &*self.token)];
        Terminal::start(self.folder.root(), line, &variables)
    }

    /// As a program does, which reads what is said.
    fn piped(&self, line: &str) -> Child {
        let mut command = command(self.folder.root());
        command.args(line.split_whitespace());
        command.env("WHARFINGER_SERVER", &self.server).env("WHARFINGER_TOKEN", &self.token);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
    }
}

/// What it said for programs: plain lines, and nothing beside them.
fn plain(child: Child) -> String {
    let output = child.wait_with_output().expect("an end");
    let (out, err) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (out, err) = (out.expect("UTF-8"), err.expect("UTF-8"));
    assert!(output.status.success() && err.is_empty(), "{out}\n{err}");
    assert!(!out.contains(|letter: char| letter.is_control() && letter != '\n'), "{out:?}");
    out
}

async fn asker<'f>(
    folder: &'f Folder,
    process: &Process,
    held: &'static str,
    token: String,
) -> (Detour, Asker<'f>) {
    let detour = Detour::to(process.address, held).await;
    let server = format!("http://{}", detour.address);
    (detour, Asker { folder, server, token })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_for_all_nodes_is_told_so() {
    let folder = Folder::new("cli-waiting");
    let (organisation, process) = team(&folder).await;
    let (detour, root) = asker(&folder, &process, "PUT ", organisation.login("root").secret).await;
    let line = "grant put --to member:bob --permissions read --on team --wait all";
    // It has waited for longer than the other one when that has something to say.
    let piped = root.piped(line);
    detour.holds(1).await;
    let Some(mut terminal) = root.at_a_terminal(line) else {
        detour.open();
        tokio::task::block_in_place(|| plain(piped));
        return;
    };
    tokio::task::block_in_place(|| terminal.shows("waiting until every node has it in force"));
    detour.open();
    let shown = tokio::task::block_in_place(|| terminal.ends());
    assert!(shown.contains("\u{1b}["), "the line is taken away at the end: {shown:?}");
    let out = tokio::task::block_in_place(|| plain(piped));
    let last = shown.lines().last().expect("a line");
    assert!(last.ends_with(out.trim_end()), "{shown:?} and {out:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_that_is_followed_has_a_bar() {
    let folder = Folder::new("cli-job");
    let (organisation, process) = team(&folder).await;
    let (_, root) = asker(&folder, &process, "nothing", organisation.login("root").secret).await;
    // Some other process is at it, until it no longer is.
    let database = Connection::open(folder.path("data/wharfinger.db")).expect("the database");
    let change = |sql: &str| {
        database.busy_timeout(std::time::Duration::from_secs(30)).expect("a time-out");
        database.execute(sql, []).expect("a change");
    };
    change(
        "INSERT INTO job (kind, state, done, total, sequence, chain, holder, fence, lease_until, created_by, created_at, \
         started_at) SELECT 'audit-verify', 'running', 2, 7, 2, chain, 1, 7, 9000000000000, 'member:root', 0, 0 \
         FROM audit WHERE sequence = 2",
    );
    let line = "job show 1 --follow";
    let Some(mut terminal) = root.at_a_terminal(line) else { return };
    let piped = root.piped(line);
    tokio::task::block_in_place(|| terminal.shows(" 2/7 events"));
    change("UPDATE job SET lease_until = 0 WHERE id = 1");
    let shown = tokio::task::block_in_place(|| terminal.ends());
    let out = tokio::task::block_in_place(|| plain(piped));
    assert!(out.contains("done") && !out.contains("2/7"), "{out}");
    assert!(shown.replace('\r', "").ends_with(&out), "{shown:?} and {out:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_has_a_bar() {
    let folder = Folder::new("cli-import");
    let (organisation, process) = team(&folder).await;
    let at = folder.path("m2/org/acme/rope/1.0");
    std::fs::create_dir_all(&at).expect("a folder");
    std::fs::write(at.join("rope-1.0.jar"), "a jar").expect("a file");
    let (detour, root) = asker(&folder, &process, "PUT /maven", organisation.login("root").secret).await;
    let line = "import maven m2 --to team/jars";
    let Some(mut terminal) = root.at_a_terminal(line) else { return };
    detour.holds(1).await;
    tokio::task::block_in_place(|| terminal.shows(" 0/1 "));
    detour.open();
    let shown = tokio::task::block_in_place(|| terminal.ends());
    assert!(
        shown.contains("taken  org/acme/rope/1.0/rope-1.0.jar") && shown.contains("\u{1b}["),
        "{shown:?}"
    );
    let jar = "/maven/p/team/jars/org/acme/rope/1.0/rope-1.0.jar";
    process.actor(organisation.login("root")).send(Ask::get(jar)).await.is(200);
    let out = tokio::task::block_in_place(|| plain(root.piped(line)));
    assert!(out.lines().last().is_some_and(|last| last.contains("1 the same, 0 refused")), "{out}");
}
