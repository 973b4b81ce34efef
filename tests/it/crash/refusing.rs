//! A disk that refuses what is to be durable: nothing is acknowledged that it does not have, and the gateway ends.

use std::io::{Write as _, stderr};
use std::process::{Child, Command, Stdio};

use crate::support::image::sha256;
use crate::support::process::{Process, serve};
use crate::support::{Ask, Folder, Organisation, image, until};

/// What a supervisor is told, who starts the gateway anew.
const TRY_AGAIN: i32 = 75;

/// Whatever of these the gateway calls fails from now on, as on a disk that is dying. `None` and a line on standard error where
/// there is no `strace`, or nobody may use it.
fn refuse(process: &Process, calls: &str) -> Option<Tracing> {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:error=EIO"), "-p", &process.id().to_string()]);
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        let here = std::thread::current();
        let story = here.name().unwrap_or("a story");
        let _ = writeln!(stderr(), "NOT RUN {story}: there is no strace");
        return None;
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Some(Tracing(command.spawn().expect("strace starts")))
}

/// Killed with this value.
struct Tracing(Child);

impl Drop for Tracing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether every thread of a process is traced.
fn is_traced(id: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).expect("procfs");
    tasks.flatten().all(|task| {
        let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() != "0"))
    })
}

/// What a gateway does whose disk refuses some calls: ends as one that is to be started again, and the next one has what was
/// acknowledged and can be pushed to.
async fn ends_all_writing(calls: &str) {
    let folder = Folder::new("refusing");
    let organisation = Organisation::team();
    let mut process = serve(&folder, &organisation).await;
    let alice = process.actor(organisation.login("alice"));
    let before = image("before");
    alice.docker().push("team/app/web:1", &before).await.done();
    let Some(tracing) = refuse(&process, calls) else { return };
    until("the gateway is traced", async || is_traced(process.id())).await;
    // What follows is refused, or not answered at all.
    let after = image("after");
    let post = Ask::post(format!("/v2/p/team/app/web/blobs/uploads/?digest={}", sha256(&after.layers[0])));
    if let Ok(answer) = alice.try_send(post.body(after.layers[0].clone())).await {
        assert!(answer.status.is_server_error(), "{answer}");
    }
    let status = process.ended().await;
    drop(tracing);
    assert_eq!(status.code(), Some(TRY_AGAIN), "{}", process.log());
    assert!(process.log().contains("nothing is written any more"), "{}", process.log());

    let again = serve(&folder, &organisation).await;
    let alice = again.actor(organisation.login("alice"));
    alice.docker().pull("team/app/web:1").await.gives(&before);
    alice.docker().push("team/app/web:2", &after).await.done();
    alice.docker().pull("team/app/web:2").await.gives(&after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_disk_refuses_ends_all_writing() {
    // Of files and of the log of the rows; of folders.
    for calls in ["fdatasync", "fsync"] {
        ends_all_writing(calls).await;
    }
}
