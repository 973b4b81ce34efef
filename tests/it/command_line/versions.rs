//! What becomes of versions, as it is typed.

use super::{Desk, team};
use crate::support::{Actor, Folder, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_are_found_pinned_and_deleted() {
    let folder = Folder::new("cli-versions");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    let done = |line: &str| {
        let said = root.run(line);
        assert_eq!(said.code, Some(0), "{line}: {}", said.err);
        said
    };
    let refused = |line: &str, code: i32, why: &str| {
        let said = root.run(line);
        assert_eq!(said.code, Some(code), "{line}: {} {}", said.out, said.err);
        assert!(said.err.contains(why), "{line}: {}", said.err);
    };
    done("repository create team/files --format files");
    let who = Actor::new(process.address, Some(organisation.login("root")));
    who.files("team/files").put("tool.txt", "bytes").await.is(201);
    assert_eq!(done("package search / --format files -q").out, "/\n");
    assert_eq!(done("version list team/files / -q").out, "tool.txt\n");
    done("version pin team/files / tool.txt --reason shipped --dry-run");
    assert!(done("version show team/files / tool.txt -o json").out.contains(r#""pinned": false"#));
    done("version pin team/files / tool.txt --reason shipped");
    assert!(done("version show team/files / tool.txt -o json").out.contains(r#""pin_reason": "shipped""#));
    refused("version delete team/files / tool.txt --confirm other.txt", 2, "nothing was deleted");
    refused("version delete team/files / tool.txt", 2, "--confirm tool.txt");
    refused("version delete team/files / tool.txt --confirm tool.txt", 7, "pinned");
    refused("repository delete team/files --confirm team/files", 7, "pinned");
    refused("version unlist team/files / tool.txt", 7, "listed as long as they are there");
    done("version unpin team/files / tool.txt");
    done("version delete team/files / tool.txt --dry-run");
    done("version delete team/files / tool.txt --confirm tool.txt");
    refused("version show team/files / tool.txt", 6, "does not exist");
    assert_eq!(done("tombstone list team/files -q").out, "");
    assert_eq!(done("advisory list team/files -q").out, "");
    until("a worker of all nodes", async || done("worker list -q").out.lines().any(|name| name == "trim"))
        .await;
    let release = done("version").out;
    assert!(release.starts_with("wharfinger "), "the word alone still says which release this is: {release}");
}
