//! Completion of names, as a shell asks for them.

use std::process::Stdio;

use tokio::time::Instant;

use super::{Desk, team};
use crate::support::process::command;
use crate::support::{Folder, process};

/// What the engine answers to the last word of a line, a candidate a line.
fn completed(desk: &Desk<'_>, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let mut asking = command(desk.folder.root());
    asking.arg("--").args(&words).env("HOME", desk.folder.path("home")).env("WHARFINGER_COMPLETE", "bash");
    asking.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string()).env("_CLAP_IFS", "\n");
    if let Some(token) = &desk.token {
        asking.env("WHARFINGER_TOKEN", token).env("WHARFINGER_SERVER", desk.server());
    }
    let output = asking.stdin(Stdio::null()).output().expect("the binary starts");
    assert!(output.status.success(), "{line}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_those_that_one_may_know() {
    let folder = Folder::new("cli-completion");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    for (line, names) in [
        ("wharfinger project sh", &["show"][..]),
        ("wharfinger project show t", &["team"]),
        ("wharfinger repository show team/f", &["team/frozen"]),
        ("wharfinger grant list --on team/fr", &["team/frozen"]),
        (
            "wharfinger grant list --on tea",
            &["team", "team/app", "team/dense", "team/frozen", "team/jars", "team/open"],
        ),
        ("wharfinger person show member:a", &["member:alice"]),
        ("wharfinger grant put --to application:", &["application:robot"]),
        ("wharfinger grant put --to team:org-a", &["team:org-admins"]),
        ("wharfinger grant put --on team --role project-", &["project-admin", "project-member"]),
        ("wharfinger grant put --permissions read,over", &["read,overwrite"]),
        ("wharfinger token create x --limit team/fr", &["team/frozen="]),
        ("wharfinger app show r", &["robot"]),
        ("wharfinger import oci layouts --to team/fr", &["team/frozen"]),
        ("wharfinger project create t", &[]),
        ("wharfinger person show team:", &[]),
    ] {
        let mut completed = completed(&root, line);
        completed.sort();
        assert_eq!(completed, names, "{line}");
    }
    let tokens = completed(&root, "wharfinger token revoke --of member:alice ");
    assert!(tokens.len() >= 4 && tokens.iter().all(|id| id.len() == 8 || id.starts_with('-')), "{tokens:?}");
    // What somebody may not see is not completed for them.
    let rita = Desk::of("rita", &organisation, &process, &folder);
    assert_eq!(
        completed(&rita, "wharfinger repository show team/"),
        ["team/app", "team/frozen", "team/open"]
    );
    assert!(completed(&rita, "wharfinger person show member:").is_empty());
    // Who adds people to a project is told whom, and need not see the directory.
    let adding = "wharfinger participant add team member:b";
    assert_eq!(completed(&root, adding), ["member:bob"]);
    assert!(completed(&rita, adding).is_empty());
    let stranger = Desk { token: None, ..rita };
    assert!(completed(&stranger, "wharfinger project show --server http://127.0.0.1:1 t").is_empty());
}

/// The next key is not a request again, and a gateway that does not answer is waited for no longer than a moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_kept_for_a_moment() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("cli-completion-kept");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    assert_eq!(completed(&root, "wharfinger project show t"), ["team"]);
    for entry in std::fs::read_dir(folder.path("home/.cache/wharfinger")).expect("a cache") {
        let entry = entry.expect("an entry");
        assert_eq!(entry.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        let secret = organisation.login("root").secret;
        assert!(!std::fs::read_to_string(entry.path()).expect("names").contains(&secret));
    }
    process.signal("STOP");
    let begun = Instant::now();
    assert_eq!(completed(&root, "wharfinger project show t"), ["team"]);
    assert!(completed(&root, "wharfinger team show rel").is_empty());
    // Nobody who presses a key waits until the command line gives up on a gateway, which is a minute.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    process.signal("CONT");
}

/// Bash takes a colon for the end of a word, and has to get what is behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bash_completes_behind_a_colon() {
    let folder = Folder::new("cli-completion-bash");
    let (organisation, process) = team(&folder).await;
    let script = process::run(folder.root(), &["completion", "bash"], &[]).succeeds().out;
    let typed = "COMP_LINE='wharfinger person show member:al' COMP_POINT=32\n\
                 COMP_WORDS=(wharfinger person show member : al) COMP_CWORD=5\n\
                 _wharfinger wharfinger al :\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n\
                 COMP_LINE='wharfinger project show ' COMP_POINT=24\n\
                 COMP_WORDS=(wharfinger project show '') COMP_CWORD=3\n\
                 _wharfinger wharfinger '' show\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let mut bash = std::process::Command::new("bash");
    bash.arg("-c").arg(format!("{script}\n{typed}")).current_dir(folder.root());
    bash.env("PATH", process::search_path(folder.root()));
    bash.env("HOME", folder.path("home")).env("WHARFINGER_TOKEN", organisation.login("root").secret);
    bash.env("WHARFINGER_SERVER", format!("http://{}", process.address));
    let output = bash.output().expect("bash");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(lines, ["alice", "other", "team"], "{}", String::from_utf8_lossy(&output.stderr));
}
